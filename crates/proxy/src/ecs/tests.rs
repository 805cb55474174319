//! A proxy that serves ECS too, spoken to over a socket as clients do.

use std::sync::Mutex;

use codedeploy::cbor;
use serde_json::{Value, json};

use super::{Answered, Ecs, Sent};
use crate::tests::{Proxy, exchanged, listening, post, rpc, send};
use crate::{Invoke, Invoked, Served, Unreached};

const DESCRIBE: &str = "AmazonEC2ContainerServiceV20141113.DescribeServices";

/// A stack that knows one group, of the service `web`, or cannot say.
struct Stack {
    reachable: bool,
    asked: Mutex<Vec<Value>>,
}

impl Invoke for Stack {
    async fn invoke(&self, payload: Vec<u8>) -> Result<Invoked, Unreached> {
        let call: Value = serde_json::from_slice(&payload).expect("a call");
        self.asked.lock().expect("no panic").push(call.clone());
        if !self.reachable {
            return Err(Unreached::new(
                503,
                "ServiceUnavailable",
                "tideshift-api could not be reached: it took too long",
            ));
        }
        let services = call["body"]["ecsServices"].as_array().cloned().unwrap_or_default();
        let web = services.into_iter().filter(|service| service["serviceName"] == "arn:service/shop/web");
        let owned = web.map(|mut service| {
            service["applicationName"] = "shop".into();
            service["deploymentGroupName"] = "web".into();
            service
        });
        let answer = json!({"status": 200, "body": {"ecsServices": owned.collect::<Vec<_>>()}});
        Ok(Invoked { payload: answer.to_string().into_bytes(), request_id: None })
    }
}

/// An ECS that answers the same to everything.
struct Always {
    answer: Answered,
    sent: Mutex<Vec<Sent>>,
}

impl Ecs for Always {
    async fn send(&self, request: Sent) -> Result<Answered, Unreached> {
        self.sent.lock().expect("no panic").push(request);
        Ok(self.answer.clone())
    }
}

async fn start(reachable: bool, status: u16, body: Vec<u8>) -> Proxy<Stack, Always> {
    let headers = [
        ("x-amzn-RequestId", "from-ecs"),
        ("content-type", "application/x-amz-json-1.1"),
        ("content-length", "7"),
        ("connection", "close"),
        ("set-cookie", "a=b"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let ecs = Always { answer: Answered { status, headers, body }, sent: Mutex::default() };
    listening(Served { stack: Stack { reachable, asked: Mutex::default() }, ecs: Some(ecs) }).await
}

fn sent(proxy: &Proxy<Stack, Always>) -> Vec<Sent> {
    proxy.served.ecs.as_ref().expect("ECS").sent.lock().expect("no panic").clone()
}

fn asked(proxy: &Proxy<Stack, Always>) -> Vec<Value> {
    proxy.served.stack.asked.lock().expect("no panic").clone()
}

fn services() -> Value {
    let service = |name: &str, kind: &str| {
        json!({
            "serviceArn": format!("arn:service/shop/{name}"),
            "clusterArn": "arn:cluster/shop",
            "deploymentController": {"type": kind},
        })
    };
    json!({"services": [service("web", "EXTERNAL"), service("mail", "EXTERNAL"), service("cart", "ECS")]})
}

fn kinds(answer: &Value) -> Vec<&str> {
    let services = answer["services"].as_array().expect("services").iter();
    services.map(|service| service["deploymentController"]["type"].as_str().unwrap_or_default()).collect()
}

#[tokio::test]
async fn a_request_goes_to_ecs_without_its_signature_and_the_answer_comes_back_as_it_is() {
    let body = br#"{"taskDefinition":{"registeredAt":1.785934812345678901E9}}"#;
    let proxy = start(true, 200, body.to_vec()).await;
    let head = format!(
        "{}content-type: application/x-amz-json-1.1\r\nuser-agent: aws-sdk-js/3\r\nx-amz-user-agent: aws-sdk-js/3\r\n\
         X-Amz-Date: 20260728T120000Z\r\nx-amz-content-sha256: e3b0\r\nx-amz-security-token: token\r\n\
         authorization: AWS4-HMAC-SHA256 Credential=AKIA/20260728/eu-west-1/ecs/aws4_request\r\ncookie: a=b\r\n\
         origin: https://shop.example\r\nx-forwarded-for: 10.0.0.1\r\n",
        post(proxy.port, "AmazonEC2ContainerServiceV20141113.RegisterTaskDefinition")
    );
    let (head, answer) = exchanged(proxy.port, &head, br#"{"family":"web"}"#).await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("x-amzn-requestid: from-ecs"), "{head}");
    assert!(head.contains(&format!("content-length: {}\r\n", body.len())) && !head.contains("set-cookie"), "{head}");
    assert_eq!(answer, body);
    let [Sent { path, headers, body }] = &sent(&proxy)[..] else { panic!("one request") };
    assert_eq!((path.as_str(), &body[..]), ("/", &br#"{"family":"web"}"#[..]));
    let names: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x-amz-target", "content-type", "user-agent", "x-amz-user-agent", "x-tideshift-proxy"]);
    assert_eq!(asked(&proxy), [Value::Null; 0], "the stack has nothing to do with it");
}

#[tokio::test]
async fn services_with_a_group_in_the_stack_are_shown_as_codedeploys_in_either_protocol() {
    let proxy = start(true, 200, services().to_string().into_bytes()).await;
    let (_, answer) = send(proxy.port, &post(proxy.port, DESCRIBE), b"{}").await;
    let answer: Value = serde_json::from_str(&answer).expect("JSON");
    assert_eq!(kinds(&answer), ["CODE_DEPLOY", "EXTERNAL", "ECS"]);
    let [call] = &asked(&proxy)[..] else { panic!("one call") };
    assert_eq!(call["target"], "Tideshift.DescribeServiceGroups");
    assert_eq!(call["body"]["ecsServices"].as_array().map(Vec::len), Some(2), "of the two that it is about");

    let proxy = start(true, 200, cbor::write(&services())).await;
    let (_, answer) = exchanged(proxy.port, &rpc(proxy.port, DESCRIBE), b"\xa0").await;
    assert_eq!(kinds(&cbor::read(&answer, 8).expect("CBOR")), ["CODE_DEPLOY", "EXTERNAL", "ECS"]);
    let [Sent { path, headers, .. }] = &sent(&proxy)[..] else { panic!("one request") };
    assert_eq!(path, "/service/AmazonEC2ContainerServiceV20141113/operation/DescribeServices");
    assert!(headers.contains(&("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned())), "{headers:?}");
}

#[tokio::test]
async fn answers_to_other_operations_and_errors_are_never_changed() {
    let body = services().to_string();
    for (target, status) in
        [("AmazonEC2ContainerServiceV20141113.DescribeServiceRevisions", 200), (DESCRIBE, 400), (DESCRIBE, 500)]
    {
        let proxy = start(true, status, body.clone().into_bytes()).await;
        let (head, answer) = send(proxy.port, &post(proxy.port, target), b"{}").await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{head}");
        assert_eq!((answer, asked(&proxy).len()), (body.clone(), 0), "{target} {status}");
        assert_eq!(sent(&proxy).len(), 1, "tried once");
    }
}

#[tokio::test]
async fn a_controller_that_cannot_be_told_is_an_error_in_either_protocol() {
    let proxy = start(false, 200, services().to_string().into_bytes()).await;
    let (head, answer) = send(proxy.port, &post(proxy.port, DESCRIBE), b"{}").await;
    assert!(head.starts_with("HTTP/1.1 503") && head.contains("x-amzn-errortype: ServiceUnavailable"), "{head}");
    assert!(answer.contains("deployment group in the Tideshift stack could not be read"), "{answer}");
    assert!(!answer.contains("EXTERNAL"), "{answer}");

    let proxy = start(false, 200, cbor::write(&services())).await;
    let (head, answer) = exchanged(proxy.port, &rpc(proxy.port, DESCRIBE), b"\xa0").await;
    assert!(head.starts_with("HTTP/1.1 503") && head.contains("smithy-protocol: rpc-v2-cbor"), "{head}");
    let answer = cbor::read(&answer, 8).expect("CBOR");
    assert!(answer["message"].as_str().is_some_and(|message| message.contains("it took too long")), "{answer}");

    let proxy = start(true, 200, b"<html>".to_vec()).await;
    let (head, answer) = send(proxy.port, &post(proxy.port, DESCRIBE), b"{}").await;
    assert!(head.starts_with("HTTP/1.1 500") && answer.contains("cannot be read"), "{head}{answer}");
}

#[tokio::test]
async fn what_a_proxy_sent_is_not_sent_on_by_another_one() {
    let proxy = start(true, 200, Vec::new()).await;
    let head = format!("{}X-Tideshift-Proxy: ecs\r\n", post(proxy.port, DESCRIBE));
    let (head, answer) = send(proxy.port, &head, b"{}").await;
    assert!(
        head.starts_with("HTTP/1.1 400") && answer.contains("unset it where the proxy is started"),
        "{head}{answer}"
    );
    assert_eq!(sent(&proxy), []);
}

#[tokio::test]
async fn codedeploy_is_served_beside_it() {
    let proxy = start(true, 200, Vec::new()).await;
    let (head, _) = send(proxy.port, &post(proxy.port, "CodeDeploy_20141006.GetDeploymentGroup"), b"{}").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(asked(&proxy)[0]["target"], "CodeDeploy_20141006.GetDeploymentGroup");
    assert_eq!(sent(&proxy), []);
}

#[tokio::test]
async fn a_web_page_reaches_ecs_no_more_than_codedeploy() {
    let proxy = start(true, 200, services().to_string().into_bytes()).await;
    for host in
        [format!("shop.example:{}", proxy.port), "127.0.0.1".to_owned(), format!("127.0.0.1:{}", proxy.port ^ 1)]
    {
        let head = format!("POST / HTTP/1.1\r\nhost: {host}\r\nx-amz-target: {DESCRIBE}\r\n");
        assert!(send(proxy.port, &head, b"{}").await.0.starts_with("HTTP/1.1 403"), "{host}");
    }
    // What a page may send to another's address without asking that first: no header of its own.
    let path = "/service/AmazonEC2ContainerServiceV20141113/operation/DescribeServices";
    let head = format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\ncontent-type: text/plain\r\n", proxy.port);
    assert!(send(proxy.port, &head, b"").await.0.starts_with("HTTP/1.1 400"));
    assert_eq!(sent(&proxy), []);
}

#[tokio::test]
async fn what_is_larger_than_any_request_does_not_get_to_ecs() {
    let proxy = start(true, 200, Vec::new()).await;
    let (head, body) = send(proxy.port, &post(proxy.port, DESCRIBE), &vec![b' '; 10 << 20]).await;
    assert!(head.starts_with("HTTP/1.1 400") && body.contains("SerializationException"), "{head}{body}");
    assert_eq!(sent(&proxy), []);
}

#[tokio::test]
async fn a_proxy_without_ecs_says_how_to_start_one_with_it() {
    let stack = Stack { reachable: true, asked: Mutex::default() };
    let proxy = listening(Served::codedeploy(stack)).await;
    let (head, body) = send(proxy.port, &post(proxy.port, DESCRIBE), b"{}").await;
    assert!(head.starts_with("HTTP/1.1 400") && head.contains("x-amzn-errortype: UnknownOperationException"), "{head}");
    assert!(body.contains("start it with `tideshift proxy --ecs`"), "{body}");
    let (_, answer) = exchanged(proxy.port, &rpc(proxy.port, DESCRIBE), b"\xa0").await;
    let answer = cbor::read(&answer, 8).expect("CBOR");
    assert!(answer["message"].as_str().is_some_and(|message| message.contains("--ecs")), "{answer}");
    assert_eq!(proxy.served.stack.asked.lock().expect("no panic").len(), 0);
}
