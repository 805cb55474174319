//! The server, spoken to over a socket as clients do.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use codedeploy::cbor;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};

use crate::{Ecs, Invoke, Invoked, Nowhere, Served, Unreached, listen, serve};

/// Answers with what it was asked; knows some ways to fail.
struct Echo {
    asked: AtomicU32,
    arrived: AtomicU32,
    go: watch::Receiver<bool>,
}

impl Invoke for Echo {
    async fn invoke(&self, payload: Vec<u8>) -> Result<Invoked, Unreached> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let call: Value = serde_json::from_slice(&payload).expect("a call");
        let answer = match call["target"].as_str().unwrap_or_default() {
            "Tideshift.Denied" => return Err(Unreached::new(400, "AccessDeniedException", "no")),
            "Tideshift.Odd" => json!("no reply"),
            "Tideshift.Slow" => {
                self.arrived.fetch_add(1, Ordering::Relaxed);
                self.go.clone().wait_for(|go| *go).await.expect("the test goes on");
                json!({ "status": 200, "body": {} })
            }
            _ => json!({ "status": 200, "body": call }),
        };
        Ok(Invoked { payload: answer.to_string().into_bytes(), request_id: Some("r-1".to_owned()) })
    }
}

/// A proxy that listens, until `stop` is said or dropped.
pub(crate) struct Proxy<I, E> {
    pub(crate) port: u16,
    pub(crate) served: Arc<Served<I, E>>,
    stop: oneshot::Sender<()>,
    serving: tokio::task::JoinHandle<()>,
}

pub(crate) async fn listening<I: Invoke, E: Ecs>(served: Served<I, E>) -> Proxy<I, E> {
    let listener = listen(0).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (stop, stopped) = oneshot::channel();
    let stopped = async { drop(stopped.await) };
    let served = Arc::new(served);
    let serving = tokio::spawn(serve(listener, Arc::clone(&served), json!({ "ok": true }), stopped));
    Proxy { port, served, stop, serving }
}

async fn start() -> Proxy<Echo, Nowhere> {
    start_slow().await.0
}

/// With what lets slow calls go on.
async fn start_slow() -> (Proxy<Echo, Nowhere>, watch::Sender<bool>) {
    let (go, waiting) = watch::channel(false);
    let echo = Echo { asked: AtomicU32::new(0), arrived: AtomicU32::new(0), go: waiting };
    (listening(Served::codedeploy(echo)).await, go)
}

pub(crate) async fn send(port: u16, head: &str, body: &[u8]) -> (String, String) {
    let (head, body) = exchanged(port, head, body).await;
    (head, String::from_utf8(body).expect("text"))
}

pub(crate) async fn exchanged(port: u16, head: &str, body: &[u8]) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    let head = format!("{head}connection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.expect("the head is sent");
    stream.write_all(body).await.expect("the body is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head and a body");
    let body = answer.split_off(end + 4);
    (String::from_utf8(answer).expect("text"), body)
}

pub(crate) fn post(port: u16, target: &str) -> String {
    format!("POST / HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nx-amz-target: {target}\r\n")
}

#[tokio::test]
async fn a_call_is_forwarded_and_its_reply_comes_back_with_lambdas_request_id() {
    let proxy = start().await;
    let (head, body) =
        send(proxy.port, &post(proxy.port, "CodeDeploy_20141006.GetDeployment"), br#"{"deploymentId":"d-1"}"#).await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("x-amzn-requestid: r-1"), "{head}");
    let body: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(body, json!({"target": "CodeDeploy_20141006.GetDeployment", "body": {"deploymentId": "d-1"}}));
}

/// A request in CBOR, as the SDKs send it that take the first protocol of the model's list.
pub(crate) fn rpc(port: u16, target: &str) -> String {
    let path = target.replacen('.', "/operation/", 1);
    format!(
        "POST /service/{path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nsmithy-protocol: rpc-v2-cbor\r\naccept: application/cbor\r\n"
    )
}

#[tokio::test]
async fn a_call_in_cbor_is_forwarded_as_the_same_call_and_answered_in_cbor() {
    let proxy = start().await;
    let input = json!({"deploymentId": "d-1", "createTimeRange": {"start": 1.5}});
    let head = format!("{}content-type: application/cbor\r\n", rpc(proxy.port, "CodeDeploy_20141006.GetDeployment"));
    let (head, body) = exchanged(proxy.port, &head, &cbor::write(&input)).await;
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("x-amzn-requestid: r-1"), "{head}");
    assert!(head.contains("smithy-protocol: rpc-v2-cbor") && head.contains("content-type: application/cbor"), "{head}");
    let body = cbor::read(&body, 8).expect("CBOR");
    assert_eq!(body, json!({"target": "CodeDeploy_20141006.GetDeployment", "body": input}));
}

#[tokio::test]
async fn what_keeps_a_call_in_cbor_from_the_function_is_told_in_cbor() {
    let proxy = start().await;
    for (target, body, status, code) in [
        ("Tideshift.Denied", &b""[..], 400, "AccessDeniedException"),
        ("Tideshift.Odd", b"\xa0", 500, "InternalFailure"),
        ("Tideshift.Any", b"{", 400, "SerializationException"),
        ("Tideshift.Any", &vec![0; 10 << 20], 400, "SerializationException"),
        ("", b"", 400, "UnknownOperationException"),
    ] {
        let (head, body) = exchanged(proxy.port, &rpc(proxy.port, target), body).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{target}: {head}");
        assert!(head.contains("content-type: application/cbor"), "{target}: {head}");
        let body = cbor::read(&body, 8).expect("CBOR");
        assert_eq!(body["__type"], format!("com.amazonaws.codedeploy#{code}"), "{target}");
        assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{target}");
    }
}

#[tokio::test]
async fn what_keeps_a_call_from_the_function_is_an_error_a_client_knows() {
    let proxy = start().await;
    for (target, body, status, code) in [
        ("Tideshift.Denied", &b"{}"[..], 400, "AccessDeniedException"),
        ("Tideshift.Odd", b"{}", 500, "InternalFailure"),
        ("Tideshift.Any", b"{", 400, "SerializationException"),
        ("Tideshift.Any", &vec![b' '; 10 << 20], 400, "SerializationException"),
        ("", b"{}", 400, "UnknownOperationException"),
    ] {
        let (head, body) = send(proxy.port, &post(proxy.port, target), body).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}")), "{target}: {head}");
        assert!(head.contains(&format!("x-amzn-errortype: {code}")) && body.contains(code), "{target}: {head}\n{body}");
    }
}

#[tokio::test]
async fn it_tells_whether_it_is_there() {
    let proxy = start().await;
    let (head, body) = send(proxy.port, &format!("GET / HTTP/1.1\r\nhost: LocalHost:{}\r\n", proxy.port), b"").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body, "{\"ok\":true}\n");
}

#[tokio::test]
async fn a_client_of_another_service_is_told_which_endpoint_to_set_under_any_name_of_this_machine() {
    let proxy = start().await;
    let port = proxy.port;
    for host in ["127.0.0.1", "0.0.0.0"] {
        for (method, service) in [("GET", "s3"), ("POST", "lambda"), ("POST", "sts")] {
            let signed =
                format!("AWS4-HMAC-SHA256 Credential=AKID/20260714/eu-west-1/{service}/aws4_request, Signature=0");
            let head = format!("{method} / HTTP/1.1\r\nhost: {host}:{port}\r\nauthorization: {signed}\r\n");
            let (head, body) = send(port, &head, b"").await;
            assert!(head.starts_with("HTTP/1.1 400"), "{head}");
            assert!(body.contains(&format!("is for {service}: set AWS_ENDPOINT_URL_CODEDEPLOY instead")), "{body}");
        }
        let head = format!(
            "POST / HTTP/1.1\r\nhost: {host}:{port}\r\nx-tideshift-proxy: ecs\r\nx-amz-target: Tideshift.Any\r\n"
        );
        let (head, body) = send(port, &head, b"{}").await;
        assert!(head.starts_with("HTTP/1.1 400") && body.contains("sends a proxy to a proxy"), "{head}{body}");
    }
    assert_eq!(proxy.served.stack.asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_web_page_that_points_its_own_name_here_is_refused() {
    let proxy = start().await;
    let port = proxy.port;
    let here = format!("host: 127.0.0.1:{port}");
    let wrong = port ^ 1;
    for (target, hosts) in [
        ("/", vec![format!("host: shop.example:{port}")]),
        ("/", vec!["host: 127.0.0.1:evil".to_owned()]),
        ("/", vec![format!("host: 127.0.0.1:evil:{port}")]),
        ("/", vec![format!("host: 127.0.0.1:{port}.shop.example")]),
        ("/", vec![format!("host: 127.0.0.1.shop.example:{port}")]),
        ("/", vec![format!("host: 127.0.0.1.:{port}")]),
        ("/", vec![format!("host: localhost.:{port}")]),
        ("/", vec![format!("host: 127.0.0.1@shop.example:{port}")]),
        ("/", vec![format!("host: shop.example:1@127.0.0.1:{port}")]),
        ("/", vec![format!("host: [::1]:{port}")]),
        ("/", vec![format!("host: [::ffff:127.0.0.1]:{port}")]),
        ("/", vec![format!("host: 127.1:{port}")]),
        ("/", vec![format!("host: 2130706433:{port}")]),
        ("/", vec![format!("host: 127.0.0.1:{wrong}")]),
        ("/", vec![format!("host: 127.0.0.1:0{port}")]),
        ("/", vec!["host: 127.0.0.1".to_owned()]),
        ("/", vec!["host: 127.0.0.1:".to_owned()]),
        ("/", vec!["host:".to_owned()]),
        ("/", vec![]),
        ("/", vec![here.clone(), format!("host: shop.example:{port}")]),
        ("/", vec![here.clone(), here.clone()]),
        ("http://shop.example/", vec![here.clone()]),
        (&format!("http://shop.example:{port}/"), vec![here.clone()]),
        (&format!("http://127.0.0.1:{port}@shop.example/"), vec![here.clone()]),
    ] {
        let hosts = hosts.iter().map(|host| format!("{host}\r\n")).collect::<String>();
        for method in ["POST", "GET"] {
            let head = format!("{method} {target} HTTP/1.1\r\n{hosts}x-amz-target: Tideshift.ListDeployments\r\n");
            let (answer, body) = send(port, &head, b"{}").await;
            let refused = answer.starts_with("HTTP/1.1 403") || answer.starts_with("HTTP/1.1 400");
            assert!(refused && !body.contains("ListDeployments") && !body.contains("\"ok\""), "{head}{answer}\n{body}");
        }
    }
    assert_eq!(proxy.served.stack.asked.load(Ordering::Relaxed), 0);
    let absolute = format!("POST http://127.0.0.1:{port}/ HTTP/1.1\r\n{here}\r\nx-amz-target: Tideshift.Any\r\n");
    assert!(send(port, &absolute, b"{}").await.0.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn calls_under_way_are_answered_when_it_is_stopped_and_none_waits_for_another() {
    let (proxy, go) = start_slow().await;
    let head = post(proxy.port, "Tideshift.Slow");
    let calls: Vec<_> = (0..50)
        .map(|_| {
            let (port, head) = (proxy.port, head.clone());
            tokio::spawn(async move { send(port, &head, b"{}").await })
        })
        .collect();
    while proxy.served.stack.arrived.load(Ordering::Relaxed) < 50 {
        tokio::task::yield_now().await;
    }
    proxy.stop.send(()).expect("it is still there");
    tokio::task::yield_now().await;
    go.send_replace(true);
    for call in calls {
        let (head, _) = call.await.expect("an answer");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    }
    proxy.serving.await.expect("it ends");
    assert!(TcpStream::connect(("127.0.0.1", proxy.port)).await.is_err(), "nobody listens any more");
}
