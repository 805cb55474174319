//! The doors of the api: what an event of any of them asks, and the answer in the form that door wants.
//!
//! A direct invoke hands over the call itself, a Function URL an HTTP request (payload 2.0). What is neither is answered
//! too, as a call that cannot be read: a failed invocation would look like a fault of ours, and be tried again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codedeploy::call::{Call, Reply};
use codedeploy::error::{ApiError, Code};
use codedeploy::http::{self, Request};
use rollout::starter::{CallerArn, Starter};
use serde::Deserialize;
use serde_json::{Value, json};

/// An event, understood.
pub(crate) struct Asked {
    /// What is to be answered, unless it is refused already.
    pub(crate) call: Result<Call, ApiError>,
    /// Who asks, as far as the door knows.
    pub(crate) caller: Starter,
    door: Door,
}

enum Door {
    Direct,
    Url(Url),
}

/// What is needed of a Function URL's event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Url {
    #[serde(default)]
    headers: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    raw_path: String,
    request_context: Context,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
struct Context {
    http: Http,
    #[serde(default)]
    authorizer: Option<Authorizer>,
}

/// Lambda's own word, after it has checked the signature.
#[derive(Deserialize)]
struct Authorizer {
    iam: Identity,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Identity {
    user_arn: String,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

/// Reads an event.
pub(crate) fn read(event: &str) -> Asked {
    // An event that is nested deeper than a parser goes is no call, either.
    let event = match serde_json::from_str::<Value>(event) {
        Ok(event) => event,
        Err(_) => return Asked { call: Err(http::too_deep()), caller: Starter::Invocation, door: Door::Direct },
    };
    if event["requestContext"]["http"]["method"].is_string()
        && let Ok(url) = Url::deserialize(&event)
    {
        let call = url.with(http::read);
        let caller = url.caller();
        return Asked { call, caller, door: Door::Url(url) };
    }
    let call = if event["target"].is_string() {
        Call::deserialize(event).map_err(|error| ApiError::new(Code::SerializationException, error.to_string()))
    } else {
        let message = r#"a direct invoke is {"target":"CodeDeploy_20141006.…","body":{…}}"#;
        Err(ApiError::new(Code::UnknownOperationException, message))
    };
    Asked { call, caller: Starter::Invocation, door: Door::Direct }
}

impl Asked {
    /// The answer in this door's form.
    pub(crate) fn answer(&self, reply: &Reply, request_id: &str) -> Value {
        match &self.door {
            Door::Direct => json!({ "status": reply.status, "body": reply.body }),
            Door::Url(url) => url.with(|request| {
                let response = http::write(request, reply, request_id);
                let headers = response.headers.into_iter().map(|(name, value)| (name.to_owned(), value.into()));
                let headers = Value::Object(headers.collect());
                match String::from_utf8(response.body) {
                    Ok(body) => json!({ "statusCode": response.status, "headers": headers, "body": body }),
                    Err(binary) => json!({
                        "statusCode": response.status,
                        "headers": headers,
                        "body": STANDARD.encode(binary.as_bytes()),
                        "isBase64Encoded": true,
                    }),
                }
            }),
        }
    }
}

impl Url {
    /// Who signed the request, as Lambda says in the event of a URL.
    fn caller(&self) -> Starter {
        let arn = self.request_context.authorizer.as_ref().map(|authorizer| authorizer.iam.user_arn.as_str());
        match arn.map(CallerArn::parse) {
            Some(Ok(arn)) => Starter::Caller { arn },
            Some(Err(_)) | None => Starter::Invocation,
        }
    }

    /// Lends itself as a request.
    fn with<T>(&self, use_it: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let text = self.body.as_deref().unwrap_or_default();
        // What is not the Base64 it says it is, is no body either.
        let decoded = self.is_base64_encoded.then(|| STANDARD.decode(text).unwrap_or_else(|_| vec![0xff]));
        let body = decoded.as_deref().unwrap_or(text.as_bytes());
        use_it(&Request { method: &self.request_context.http.method, path: &self.raw_path, headers: &headers, body })
    }
}

#[cfg(test)]
mod tests {
    use codedeploy::cbor;

    use super::*;

    fn url(method: &str, body: &str, base64: bool) -> String {
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": "/",
            "rawQueryString": "",
            "headers": {"x-amz-target": "CodeDeploy_20141006.GetDeployment", "content-type": "application/x-amz-json-1.1"},
            "requestContext": {
                "accountId": "111122223333",
                "http": {"method": method, "path": "/", "protocol": "HTTP/1.1"},
                "requestId": "e1",
            },
            "body": body,
            "isBase64Encoded": base64,
        })
        .to_string()
    }

    fn refusal(event: &str) -> String {
        match read(event).call {
            Ok(call) => format!("{call:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn both_doors_ask_the_same_and_each_is_answered_in_its_form() {
        let direct =
            json!({"target": "CodeDeploy_20141006.GetDeployment", "body": {"deploymentId": "d-1"}}).to_string();
        let plain = url("POST", r#"{"deploymentId":"d-1"}"#, false);
        let encoded = url("POST", &STANDARD.encode(r#"{"deploymentId":"d-1"}"#), true);
        let wanted = read(&direct).call.expect("a call");
        for event in [&plain, &encoded] {
            assert_eq!(read(event).call.as_ref(), Ok(&wanted));
        }
        let reply = Reply { status: 200, body: json!({"a": 1}) };
        assert_eq!(read(&direct).answer(&reply, "r-1"), json!({"status": 200, "body": {"a": 1}}));
        let wanted = json!({
            "statusCode": 200,
            "headers": {"content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "r-1"},
            "body": r#"{"a":1}"#,
        });
        assert_eq!(read(&plain).answer(&reply, "r-1"), wanted);
    }

    #[test]
    fn a_function_url_takes_cbor_too_and_answers_in_it() {
        let input = json!({"deploymentId": "d-1"});
        let mut event: Value =
            serde_json::from_str(&url("POST", &STANDARD.encode(cbor::write(&input)), true)).expect("an event");
        event["rawPath"] = "/service/CodeDeploy_20141006/operation/GetDeployment".into();
        event["headers"] = json!({"smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor"});
        let asked = read(&event.to_string());
        let wanted = Call { target: "CodeDeploy_20141006.GetDeployment".to_owned(), body: input };
        assert_eq!(asked.call, Ok(wanted));
        let info = json!({"deploymentInfo": {"createTime": 1_704_067_200.5}});
        let answer = asked.answer(&Reply { status: 200, body: info.clone() }, "r-1");
        assert_eq!((&answer["statusCode"], &answer["isBase64Encoded"]), (&json!(200), &json!(true)));
        assert_eq!(answer["headers"]["smithy-protocol"], "rpc-v2-cbor");
        let body = STANDARD.decode(answer["body"].as_str().expect("a body")).expect("Base64");
        assert_eq!(cbor::read(&body, 8), Ok(info));
        event["body"] = STANDARD.encode(b"\xa1\x01").into();
        assert!(refusal(&event.to_string()).starts_with("SerializationException: the body cannot be read as CBOR"));
        // An operation without input has no body at all.
        event["rawPath"] = "/service/CodeDeploy_20141006/operation/ListApplications".into();
        event["headers"] = json!({"smithy-protocol": "rpc-v2-cbor"});
        event.as_object_mut().expect("an object").remove("body");
        assert_eq!(read(&event.to_string()).call.map(|call| call.body), Ok(json!({})));
    }

    #[test]
    fn who_signed_a_request_is_known_and_who_invoked_the_function_is_not() {
        let mut event: Value = serde_json::from_str(&url("POST", "{}", false)).expect("an event");
        assert_eq!(read(&event.to_string()).caller, Starter::Invocation);
        let arn = "arn:aws:sts::111122223333:assumed-role/deployer/ci";
        event["requestContext"]["authorizer"] = json!({"iam": {"userArn": arn, "userId": "AROA:ci"}});
        let arn = CallerArn::parse(arn).expect("an ARN");
        assert_eq!(read(&event.to_string()).caller, Starter::Caller { arn });
        let direct =
            json!({"target": "CodeDeploy_20141006.GetDeployment", "body": {}, "userArn": "arn:aws:iam::1:root"});
        assert_eq!(read(&direct.to_string()).caller, Starter::Invocation);
    }

    #[test]
    fn what_no_door_knows_is_refused_and_never_a_failure() {
        let table = [
            ("null", "UnknownOperationException"),
            ("[1]", "UnknownOperationException"),
            (r#"{"target":7}"#, "UnknownOperationException"),
            (r#"{"target":"Tideshift.ListDeployments","body":{}}"#, "Call {"),
            (&url("GET", "", false), "UnknownOperationException"),
            (&url("POST", "{", false), "SerializationException"),
            (&url("POST", "not base64!", true), "SerializationException: the body is not UTF-8"),
            (&"[".repeat(100_000), "SerializationException"),
        ];
        for (event, expected) in table {
            assert!(refusal(event).starts_with(expected), "{event:.80}: {}", refusal(event));
        }
    }
}
