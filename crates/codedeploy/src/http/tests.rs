use expect_test::{Expect, expect};

use serde_json::json;

use super::*;
use crate::cbor;
use crate::error::Code;

const JSON: &str = "application/x-amz-json-1.1";
const TARGET: (&str, &str) = ("X-Amz-Target", "CodeDeploy_20141006.GetDeployment");

fn post<'a>(headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Request<'a> {
    Request { method: "POST", path: "/", headers, body }
}

const SPEAKS_CBOR: (&str, &str) = ("Smithy-Protocol", "rpc-v2-cbor");
const PATH: &str = "/service/CodeDeploy_20141006/operation/GetDeployment";

fn rpc<'a>(path: &'a str, headers: &'a [(&'a str, &'a str)], body: &'a [u8]) -> Request<'a> {
    Request { method: "POST", path, headers, body }
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
        post(&[("smithy-protocol", "rpc-v2-protobuf")], b"{}"),
        expect![
            "UnknownOperationException: this endpoint does not speak the protocol rpc-v2-protobuf: it speaks AWS JSON 1.1 and rpc-v2-cbor"
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
fn with_cbor_the_path_names_the_operation_and_either_protocol_asks_the_same() {
    let kind = ("Content-Type", "application/cbor");
    let input = json!({"deploymentId": "d-A1B2C3D4E"});
    let asked = read(&post(&[TARGET], input.to_string().as_bytes()));
    for path in [
        PATH,
        "/v1/service/CodeDeploy_20141006/operation/GetDeployment",
        "/service/com.amazonaws.codedeploy.CodeDeploy_20141006/operation/GetDeployment",
    ] {
        for headers in [vec![SPEAKS_CBOR, kind], vec![("smithy-protocol", " rpc-v2-cbor")]] {
            assert_eq!(read(&rpc(path, &headers, &cbor::write(&input))), asked, "{path}");
        }
    }
    // Operations without input come with no body, and some clients write an input without members.
    for body in [&b""[..], b"\xa0", b"\xbf\xff"] {
        let read = read(&rpc("/service/Tideshift/operation/ListDeployments", &[SPEAKS_CBOR], body)).expect("a call");
        assert_eq!((read.target.as_str(), read.body), ("Tideshift.ListDeployments", json!({})));
    }
}

#[test]
fn a_request_in_cbor_that_is_no_call_says_what_is_wrong_with_it() {
    let spoken = [SPEAKS_CBOR];
    for path in
        ["/", "", "/service/CodeDeploy_20141006/operation/", "/service//operation/GetDeployment", "/operation/x"]
    {
        refused(
            rpc(path, &spoken, b""),
            expect![
                "UnknownOperationException: with rpc-v2-cbor the path names the operation: /service/CodeDeploy_20141006/operation/…"
            ],
        );
    }
    refused(
        rpc(PATH, &[SPEAKS_CBOR, TARGET], b""),
        expect!["SerializationException: with rpc-v2-cbor the path names the operation: leave out X-Amz-Target"],
    );
    refused(
        rpc(PATH, &[SPEAKS_CBOR, ("content-type", JSON)], b"{}"),
        expect![
            "SerializationException: with rpc-v2-cbor the body is application/cbor, not application/x-amz-json-1.1"
        ],
    );
    refused(
        rpc(PATH, &spoken, b"{}"),
        expect![
            "SerializationException: the body cannot be read as CBOR: at byte 0: the body ends in the middle of a value"
        ],
    );
    refused(
        rpc(PATH, &spoken, b"\x81\x01"),
        expect!["SerializationException: the body is CBOR, but not a map: an input is a map of its members"],
    );
    // Whether a member takes it is known when its operation reads it.
    let call = super::read(&rpc(PATH, &spoken, b"\xa1\x6cdeploymentId\x41\x00")).expect("a call");
    let wrong = crate::call::input::<crate::shapes::DeploymentIdInput>(&call.body).expect_err("bytes are no id");
    expect!["SerializationException: the body cannot be read as CBOR: at byte 14, in deploymentId: these are bytes, and no member of this API takes bytes"].assert_eq(&format!("{}: {}", wrong.code, wrong.message));
    refused(
        rpc(PATH, &spoken, &vec![0x9f; 100_000]),
        expect!["SerializationException: the body is nested deeper than 32 levels"],
    );
    refused(
        rpc(PATH, &spoken, &vec![0; MAX_BODY + 1]),
        expect!["SerializationException: the body is larger than 1048576 bytes"],
    );
    let get = Request { method: "GET", ..rpc(PATH, &spoken, b"") };
    refused(get, expect!["UnknownOperationException: an operation is called by POST, not GET"]);
}

#[test]
fn a_client_that_reads_only_cbor_is_answered_in_cbor_whatever_the_answer_is() {
    let written = |path: &str, reply: &Reply| {
        let response = write(&rpc(path, &[SPEAKS_CBOR], b"\xa0"), reply, "r");
        assert!(response.headers.contains(&("smithy-protocol", "rpc-v2-cbor".to_owned())));
        assert!(response.headers.contains(&("x-amzn-requestid", "r".to_owned())));
        let kind = response.headers.contains(&("content-type", "application/cbor".to_owned()));
        let body = kind.then(|| cbor::read(&response.body, 8).expect("CBOR"));
        (response.status, body)
    };
    let body = json!({"deploymentInfo": {"createTime": 1.5}});
    assert_eq!(written(PATH, &Reply { status: 200, body: body.clone() }), (200, Some(body)));
    let error = json!({"__type": "com.amazonaws.codedeploy#SerializationException",
        "message": "the body is nested deeper than 32 levels"});
    for path in [PATH, "/"] {
        assert_eq!(written(path, &Err(too_deep()).into()), (400, Some(error.clone())));
    }
    // What has no output has no body either, unless it is an error.
    let path = "/service/CodeDeploy_20141006/operation/ContinueDeployment";
    assert_eq!(written(path, &Reply { status: 200, body: json!({}) }), (200, None));
    assert_eq!(written(path, &Err(too_deep()).into()), (400, Some(error)));
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
    });
    for round in 0..100_000_u32 {
        let mut body = if round % 3 == 0 { cbor::write(&valid) } else { valid.to_string().into_bytes() };
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
        let request = if round % 3 == 0 { rpc(PATH, &[SPEAKS_CBOR], &body) } else { request };
        let reply: Reply = read(&request).map(|call| call.body).into();
        assert!([200, 400].contains(&reply.status));
        assert_eq!(write(&request, &reply, "r").status, reply.status);
    }
}
