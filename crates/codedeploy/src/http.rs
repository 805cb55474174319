//! A call as it travels in HTTP, in AWS's JSON protocol 1.1: the front doors share it, and none of them knows an operation.
//!
//! Nothing here waits or talks. A request that is no call becomes the error a client expects, always HTTP 400: clients retry
//! what is a 5xx, and a malformed request stays malformed.

use serde_json::{Value, json};

use crate::call::{Call, Reply};
use crate::error::{ApiError, Code};

/// More than any valid request: the longest member is an AppSpec, which is refused long before it is this long. Below what
/// Lambda takes as a payload, also when all of it has to be escaped.
pub const MAX_BODY: usize = 1024 * 1024;

/// The deepest nesting of a body; the deepest input of the API has 6 levels. Well below where JSON parsers on the way give up,
/// which would look like a fault of ours.
pub const MAX_DEPTH: usize = 32;

/// Longer than any operation's name with its prefix.
const MAX_TARGET: usize = 256;

const JSON: &str = "application/x-amz-json-1.1";
const CBOR: &str = "application/cbor";
const CBOR_PROTOCOL: &str = "rpc-v2-cbor";

/// A request, as any HTTP server has it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `POST`.
    pub method: &'a str,
    /// Names in any case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, without any transfer encoding.
    pub body: &'a [u8],
}

impl Request<'_> {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Whether the client speaks the CBOR protocol, and reads no other.
    fn is_cbor(&self) -> bool {
        self.header("smithy-protocol") == Some(CBOR_PROTOCOL)
    }
}

/// A response, for any HTTP server to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Reads a request. Which operation it is, and whether there is such a one, is for the dispatcher.
pub fn read(request: &Request<'_>) -> Result<Call, ApiError> {
    if request.is_cbor() {
        return Err(unreadable("this endpoint speaks AWS JSON 1.1, not CBOR: choose the protocol json in the client"));
    }
    if request.method != "POST" {
        let method: String = request.method.chars().take(20).collect();
        return Err(unknown(&format!("an operation is called by POST, not {method}")));
    }
    let target = match request.header("x-amz-target") {
        None | Some("") => return Err(unknown("the header X-Amz-Target is missing: it names the operation")),
        Some(target) if target.len() > MAX_TARGET => return Err(unknown("no operation has so long a name")),
        Some(target) => target.to_owned(),
    };
    Ok(Call { target, body: body(request.body)? })
}

fn body(bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.len() > MAX_BODY {
        return Err(too_large());
    }
    if bytes.trim_ascii().is_empty() {
        return Ok(json!({}));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| unreadable(&format!("the body is not UTF-8: {error}")))?;
    let value = serde_json::from_str(text).map_err(|error| unreadable(&format!("the body is not JSON: {error}")))?;
    if deeper(&value, MAX_DEPTH) { Err(too_deep()) } else { Ok(value) }
}

/// Whether lists and objects are nested deeper than so many levels. A parsed value is never deeper than the parser goes.
pub(crate) fn deeper(value: &Value, levels: usize) -> bool {
    let inner = |value: &Value| levels == 0 || deeper(value, levels - 1);
    match value {
        Value::Array(list) => levels == 0 || list.iter().any(inner),
        Value::Object(members) => levels == 0 || members.values().any(inner),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// What a server says that would not read a body to its end.
pub fn too_large() -> ApiError {
    unreadable(&format!("the body is larger than {MAX_BODY} bytes"))
}

/// What is said of a body that is nested too deep.
pub fn too_deep() -> ApiError {
    unreadable(&format!("the body is nested deeper than {MAX_DEPTH} levels"))
}

fn unreadable(message: &str) -> ApiError {
    ApiError::new(Code::SerializationException, message)
}

fn unknown(message: &str) -> ApiError {
    ApiError::new(Code::UnknownOperationException, message)
}

/// Writes a response to a request: an error is said in the body, where most clients look, and in a header, where some do.
pub fn write(request: &Request<'_>, reply: &Reply, request_id: &str) -> Response {
    let mut headers = vec![("x-amzn-requestid", request_id.to_owned())];
    let code = reply.body["__type"].as_str().filter(|_| reply.status >= 300);
    if let Some(code) = code {
        headers.push(("x-amzn-errortype", code.to_owned()));
    }
    let body = if request.is_cbor() {
        headers.push(("content-type", CBOR.to_owned()));
        headers.push(("smithy-protocol", CBOR_PROTOCOL.to_owned()));
        cbor_error(code.unwrap_or_default(), reply.body["message"].as_str().unwrap_or_default())
    } else {
        headers.push(("content-type", JSON.to_owned()));
        reply.body.to_string().into_bytes()
    };
    Response { status: reply.status, headers, body }
}

/// `{"__type", "message"}` in CBOR, so that a client that reads nothing else sees why it is refused.
fn cbor_error(code: &str, message: &str) -> Vec<u8> {
    const MAP_OF_TWO: u8 = 0xa2;
    const TEXT_WITH_LENGTH_IN_TWO_BYTES: u8 = 0x79;
    let mut bytes = vec![MAP_OF_TWO];
    for text in ["__type", code, "message", message] {
        let length = u16::try_from(text.len()).unwrap_or(0);
        bytes.push(TEXT_WITH_LENGTH_IN_TWO_BYTES);
        bytes.extend(length.to_be_bytes());
        bytes.extend(&text.as_bytes()[..usize::from(length)]);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    const TARGET: (&str, &str) = ("X-Amz-Target", "CodeDeploy_20141006.GetDeployment");

    fn post<'a>(headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Request<'a> {
        Request { method: "POST", headers, body }
    }

    #[track_caller]
    fn refused(request: Request<'_>, expected: Expect) {
        let error = read(&request).expect_err("no call");
        assert_eq!(error.status(), 400);
        expected.assert_eq(&error.to_string());
    }

    #[test]
    fn a_call_is_read_whatever_the_case_of_its_headers_and_its_content_type() {
        for headers in [
            vec![TARGET],
            vec![("x-amz-target", " CodeDeploy_20141006.GetDeployment "), ("content-type", JSON)],
            vec![("X-AMZ-TARGET", TARGET.1), ("Content-Type", "application/json; charset=utf-8")],
        ] {
            let call = read(&post(&headers, br#"{"deploymentId":"d-A1B2C3D4E"}"#)).expect("a call");
            assert_eq!((call.target.as_str(), &call.body["deploymentId"]), (TARGET.1, &json!("d-A1B2C3D4E")));
        }
    }

    #[test]
    fn no_body_is_an_operation_without_input() {
        for body in ["", " \r\n"] {
            assert_eq!(read(&post(&[TARGET], body.as_bytes())).expect("a call").body, json!({}));
        }
    }

    #[test]
    fn a_request_that_is_no_call_says_what_is_wrong_with_it() {
        let get = Request { method: "GET", ..post(&[TARGET], b"") };
        refused(get, expect!["UnknownOperationException: an operation is called by POST, not GET"]);
        refused(
            post(&[], b"{}"),
            expect!["UnknownOperationException: the header X-Amz-Target is missing: it names the operation"],
        );
        let long = "x".repeat(257);
        refused(
            post(&[("x-amz-target", &long)], b"{}"),
            expect!["UnknownOperationException: no operation has so long a name"],
        );
        refused(
            post(&[TARGET], b"{\"a\":\xff}"),
            expect!["SerializationException: the body is not UTF-8: invalid utf-8 sequence of 1 bytes from index 5"],
        );
        refused(
            post(&[TARGET], b"{deploymentId}"),
            expect!["SerializationException: the body is not JSON: key must be a string at line 1 column 2"],
        );
        refused(
            post(&[TARGET], &vec![b' '; MAX_BODY + 1]),
            expect!["SerializationException: the body is larger than 1048576 bytes"],
        );
        refused(
            post(&[("smithy-protocol", "rpc-v2-cbor")], b"\xa0"),
            expect![
                "SerializationException: this endpoint speaks AWS JSON 1.1, not CBOR: choose the protocol json in the client"
            ],
        );
    }

    #[test]
    fn nesting_is_allowed_up_to_a_limit_and_refused_however_deep_it_goes() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(&post(&[TARGET], nested(MAX_DEPTH).as_bytes())).is_ok());
        for levels in [MAX_DEPTH + 1, 127, 128, 100_000] {
            let error = read(&post(&[TARGET], nested(levels).as_bytes())).expect_err("too deep");
            assert_eq!(error.code, Code::SerializationException, "{levels}");
        }
    }

    #[test]
    fn a_reply_has_the_request_id_and_an_error_is_named_twice() {
        let request = post(&[TARGET], b"{}");
        let answered = write(&request, &Reply { status: 200, body: json!({"deploymentId": "d-1"}) }, "r-1");
        expect![[r#"
            Response {
                status: 200,
                headers: [
                    (
                        "x-amzn-requestid",
                        "r-1",
                    ),
                    (
                        "content-type",
                        "application/x-amz-json-1.1",
                    ),
                ],
                body: [
                    123,
                    125,
                ],
            }
        "#]]
        .assert_debug_eq(&Response { body: b"{}".to_vec(), ..answered.clone() });
        assert_eq!(answered.body, br#"{"deploymentId":"d-1"}"#);
        let refused = write(&request, &Err(too_deep()).into(), "r-2");
        assert_eq!(refused.status, 400);
        assert!(refused.headers.contains(&("x-amzn-errortype", "SerializationException".to_owned())));
        assert!(refused.body.starts_with(br#"{"__type":"SerializationException","message":"#));
    }

    #[test]
    fn a_client_that_reads_only_cbor_is_told_so_in_cbor() {
        let request = post(&[("smithy-protocol", "rpc-v2-cbor")], b"\xa0");
        let response = write(&request, &read(&request).map(|_| json!({})).into(), "r");
        assert!(response.headers.contains(&("smithy-protocol", "rpc-v2-cbor".to_owned())));
        assert!(
            response.body.starts_with(b"\xa2\x79\x00\x06__type\x79\x00\x16SerializationException\x79\x00\x07message")
        );
    }

    /// Half of them valid requests with a few bytes changed, half of them noise.
    #[test]
    fn no_request_is_answered_by_a_fault_of_ours() {
        let mut random = fastrand::Rng::with_seed(20_141_006);
        let valid = json!({
            "applicationName": "shop",
            "deploymentGroupName": "live",
            "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": "version: 0.0\nü"}},
            "createTimeRange": {"start": 1_704_067_200.5},
            "instanceNames": [null, true, -1e300, "\u{1f680}"],
        })
        .to_string();
        for round in 0..100_000_u32 {
            let mut body = valid.clone().into_bytes();
            if round % 2 == 0 {
                for _ in 0..random.usize(0..4) {
                    let at = random.usize(0..body.len());
                    body[at] = random.u8(..);
                }
                body.truncate(random.usize(0..=body.len()));
            } else {
                let length = random.usize(0..40);
                body = std::iter::repeat_with(|| random.u8(..)).take(length).collect();
            }
            let name: String = std::iter::repeat_with(|| random.char(..)).take(3).collect();
            let length = random.usize(0..9);
            let target: String = std::iter::repeat_with(|| random.char(' '..)).take(length).collect();
            let request = post(if random.bool() { &[TARGET] } else { &[] }, &body);
            let odd = [(name.as_str(), target.as_str()), ("X-Amz-Target", target.as_str())];
            let request = if random.u8(0..4) == 0 { Request { headers: &odd, ..request } } else { request };
            let reply: Reply = read(&request).map(|call| call.body).into();
            assert!([200, 400].contains(&reply.status));
            assert_eq!(write(&request, &reply, "r").status, reply.status);
        }
    }
}
