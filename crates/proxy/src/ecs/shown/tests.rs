use codedeploy::cbor;
use codedeploy::protocol::Protocol::{self, Cbor, Json};
use minicbor::data::IanaTag;
use minicbor::{Decoder, Encoder};
use serde_json::{Value, json};

use super::{External, by_code_deploy, external};

/// An answer with services of so many kinds, each with members before and after the one that matters.
fn answer(kinds: &[&str]) -> Value {
    let service = |(number, kind): (usize, &&str)| {
        json!({
            "serviceArn": format!("arn:aws:ecs:eu-west-1:111122223333:service/shop/web-{number}"),
            "serviceName": format!("web-{number}"),
            "clusterArn": "arn:aws:ecs:eu-west-1:111122223333:cluster/shop",
            "launchType": "EXTERNAL",
            "taskSets": [{"id": "ecs-svc/1", "launchType": "EXTERNAL", "deploymentController": {"type": "EXTERNAL"}}],
            "deploymentController": {"type": kind},
            "events": [{"id": "1", "message": "{\"deploymentController\": {\"type\": \"EXTERNAL\"}} – grøn"}],
        })
    };
    let services: Vec<Value> = kinds.iter().enumerate().map(service).collect();
    json!({"services": services, "failures": [{"arn": "web-9", "reason": "MISSING"}]})
}

/// In each protocol.
fn written(answer: &Value) -> [(Protocol, Vec<u8>); 2] {
    [(Json, format!("{answer:#}").into_bytes()), (Cbor, cbor::write(answer))]
}

fn read(protocol: Protocol, bytes: &[u8]) -> Value {
    match protocol {
        Json => serde_json::from_slice(bytes).expect("JSON"),
        Cbor => cbor::read(bytes, 16).expect("CBOR"),
    }
}

fn numbers(found: &[External]) -> Vec<&str> {
    found.iter().map(|found| found.service.rsplit('-').next().unwrap_or_default()).collect()
}

#[test]
fn only_services_that_are_deployed_by_others_are_found_with_their_arns() {
    for (protocol, bytes) in written(&answer(&["ECS", "EXTERNAL", "CODE_DEPLOY", "EXTERNAL"])) {
        let found = external(protocol, &bytes).expect("an answer");
        assert_eq!(numbers(&found), ["1", "3"], "{protocol:?}");
        assert_eq!(found[0].cluster, "arn:aws:ecs:eu-west-1:111122223333:cluster/shop");
        assert_eq!(found[0].service, "arn:aws:ecs:eu-west-1:111122223333:service/shop/web-1");
    }
}

#[test]
fn services_with_a_group_are_shown_as_codedeploys_and_nothing_else_is_another() {
    let before = answer(&["ECS", "EXTERNAL", "EXTERNAL", "EXTERNAL"]);
    let mut wanted = before.clone();
    for number in [1, 3] {
        wanted["services"][number]["deploymentController"]["type"] = "CODE_DEPLOY".into();
    }
    for (protocol, bytes) in written(&before) {
        let mut ours = external(protocol, &bytes).expect("an answer");
        ours.remove(1);
        let changed = by_code_deploy(protocol, &bytes, &ours);
        assert_eq!(read(protocol, &changed), wanted, "{protocol:?}");
        assert_eq!(changed.len(), bytes.len() + 2 * 3, "three letters more in two places");
        assert_eq!(by_code_deploy(protocol, &bytes, &[]), bytes, "{protocol:?}");
    }
}

#[test]
fn an_answer_without_such_services_is_read_and_stays() {
    for nothing in [
        json!({}),
        json!({"services": []}),
        json!({"failures": [{"arn": "arn:aws:ecs:eu-west-1:111122223333:service/shop/web", "reason": "MISSING"}]}),
        json!({"services": [{"serviceName": "web"}]}),
        json!({"services": [{"serviceName": "web", "deploymentController": {}}]}),
    ] {
        for (protocol, bytes) in written(&nothing) {
            assert_eq!(external(protocol, &bytes), Ok(vec![]), "{protocol:?} {nothing}");
        }
    }
    let null = br#"{"services": [{"deploymentController": null}, {"deploymentController": {"type": null}}], "failures": null}"#;
    assert_eq!(external(Json, null), Ok(vec![]));
}

/// What ECS's numbers and moments look like must not change on the way.
#[test]
fn a_moment_and_a_number_keep_their_bytes() {
    let json = br#"{"services":[{"serviceArn":"s","clusterArn":"c","deploymentController":{"type":"EXTERNAL"},"createdAt":1.785934812345678901E9,"desiredCount":18446744073709551616}]}"#;
    let ours = external(Json, json).expect("an answer");
    let changed = by_code_deploy(Json, json, &ours);
    assert_eq!(String::from_utf8_lossy(&changed), String::from_utf8_lossy(json).replace("EXTERNAL", "CODE_DEPLOY"));

    let mut encoder = Encoder::new(Vec::new());
    // Without lengths, as a server writes that does not know them ahead.
    encoder.begin_map().and_then(|e| e.str("services")).and_then(|e| e.begin_array()).expect("a vector");
    encoder.begin_map().and_then(|e| e.str("createdAt")).and_then(|e| e.tag(IanaTag::Timestamp)).expect("a vector");
    encoder.f64(1_785_934_812.5).and_then(|e| e.str("blob")).and_then(|e| e.bytes(b"\xff")).expect("a vector");
    encoder.str("serviceArn").and_then(|e| e.str("s")).and_then(|e| e.str("clusterArn")).expect("a vector");
    encoder.begin_str().and_then(|e| e.str("c")).and_then(|e| e.str("d")).and_then(|e| e.end()).expect("a vector");
    encoder.str("deploymentController").and_then(|e| e.map(1)).and_then(|e| e.str("type")).expect("a vector");
    let head = encoder.writer().clone();
    encoder.str("EXTERNAL").and_then(|e| e.end()).and_then(|e| e.end()).and_then(|e| e.end()).expect("a vector");
    let bytes = encoder.into_writer();
    let ours = external(Cbor, &bytes).expect("an answer");
    assert_eq!((ours[0].cluster.as_str(), ours[0].service.as_str()), ("cd", "s"));
    let changed = by_code_deploy(Cbor, &bytes, &ours);
    let word = b"\x6bCODE_DEPLOY";
    assert_eq!(changed, [&head[..], word, b"\xff\xff\xff"].concat());
    Decoder::new(&changed).skip().expect("still one value");
}

#[test]
fn what_cannot_be_read_is_an_error_and_not_taken_for_an_answer_without_services() {
    let nameless = json!({"services": [{"serviceName": "web", "deploymentController": {"type": "EXTERNAL"}}]});
    let mut odd = written(&nameless).to_vec();
    odd.extend([(Json, b"".to_vec()), (Json, b"<html>".to_vec()), (Json, b"{\"services\": {}}".to_vec())]);
    odd.extend([(Cbor, b"".to_vec()), (Cbor, b"{}".to_vec()), (Cbor, cbor::write(&json!({"services": {}})))]);
    // As JSON may write it, and ECS never does.
    let escaped =
        r#"{"services":[{"serviceArn":"s","clusterArn":"c","deploymentController":{"type":"\u0045XTERNAL"}}]}"#;
    odd.push((Json, escaped.as_bytes().to_vec()));
    for (protocol, bytes) in odd {
        let unreached = external(protocol, &bytes).expect_err("no answer");
        assert_eq!((unreached.status, unreached.code.as_str()), (500, "InternalFailure"));
        assert!(unreached.message.contains("ECS answers to DescribeServices cannot be read"), "{}", unreached.message);
    }
}
