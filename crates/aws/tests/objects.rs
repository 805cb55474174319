//! Objects in S3, over HTTP as it goes over the wire: the errors are told by their status, and their body is XML.

use std::sync::{Arc, Mutex};

use aws_smithy_http_client::test_util::infallible_client_fn;
use aws_smithy_types::body::SdkBody;
use serde_json::Value;
use steps::ports::{Object, ObjectRef, PortError, ReadObjects};

use crate::wire::{Service, account, fine};

/// A request as it arrived: where it went, and which eTag it wanted.
type Asked = (String, Option<String>);

/// S3 that gives one answer: a status, an eTag and a version, and a body.
async fn read(place: &ObjectRef, limit: usize, status: u16, body: &'static str) -> (Asked, Result<Object, PortError>) {
    let asked = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&asked);
    let client = infallible_client_fn(move |request| {
        let wanted = request.headers().get("if-match").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        *seen.lock().unwrap() = Some((request.uri().to_string(), wanted));
        let answer =
            http::Response::builder().status(status).header("etag", "\"abc\"").header("x-amz-version-id", "v7");
        answer.body(SdkBody::from(body)).unwrap()
    });
    let config = Service::answering(|_| fine(Value::Null)).config.into_builder().http_client(client);
    let found = account(&config.build()).object(place, limit).await;
    let asked = asked.lock().unwrap().take().unwrap();
    (asked, found)
}

fn place() -> ObjectRef {
    ObjectRef { bucket: "specs".to_owned(), key: "shop/app spec.yaml".to_owned(), version: None, e_tag: None }
}

#[tokio::test]
async fn an_object_is_read_with_its_etag_and_version() {
    let (asked, found) = read(&place(), 64, 200, "version: 0.0").await;
    assert!(asked.0.starts_with("https://specs.s3.eu-central-1.amazonaws.com/shop/app%20spec.yaml"), "{}", asked.0);
    assert_eq!(asked.1, None);
    let [e_tag, version] = ["abc", "v7"].map(|text| Some(text.to_owned()));
    assert_eq!(found, Ok(Object::Read { bytes: b"version: 0.0".to_vec(), e_tag, version }));
}

#[tokio::test]
async fn a_version_and_an_etag_are_asked_for() {
    let place = ObjectRef { version: Some("v3".to_owned()), e_tag: Some("abc".to_owned()), ..place() };
    let (asked, _) = read(&place, 64, 200, "").await;
    assert!(asked.0.contains("versionId=v3"), "{}", asked.0);
    assert_eq!(asked.1.as_deref(), Some("\"abc\""));
}

#[tokio::test]
async fn an_object_with_another_etag_is_told_from_one_that_is_missing() {
    let place = ObjectRef { e_tag: Some("abd".to_owned()), ..place() };
    let (_, found) = read(&place, 64, 412, "<Error><Code>PreconditionFailed</Code></Error>").await;
    assert_eq!(found, Ok(Object::Other));
}

#[tokio::test]
async fn an_object_that_is_too_long_is_not_taken() {
    assert_eq!(read(&place(), 12, 200, "version: 0.0\n").await.1, Ok(Object::Longer));
    assert!(matches!(read(&place(), 13, 200, "version: 0.0\n").await.1, Ok(Object::Read { .. })));
}

#[tokio::test]
async fn errors_of_s3_are_told_by_what_can_be_done_about_them() {
    let missing: fn(&PortError) -> bool = |error| matches!(error, PortError::Missing(_));
    let denied: fn(&PortError) -> bool = |error| matches!(error, PortError::Denied(_));
    let busy: fn(&PortError) -> bool = |error| matches!(error, PortError::Passing(_));
    for (status, body, is) in [
        (404, "<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>", missing),
        (404, "<Error><Code>NoSuchBucket</Code><Message>gone</Message></Error>", missing),
        (404, "<Error><Code>NoSuchVersion</Code><Message>gone</Message></Error>", missing),
        (403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>", denied),
        (400, "<Error><Code>InvalidArgument</Code><Message>no such version id</Message></Error>", denied),
        (301, "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>", denied),
        (400, "<Error><Code>ExpiredToken</Code><Message>old</Message></Error>", busy),
        (503, "<Error><Code>SlowDown</Code><Message>slow</Message></Error>", busy),
        (500, "<Error><Code>InternalError</Code><Message>ours</Message></Error>", busy),
        (500, "", busy),
    ] {
        let error = read(&place(), 64, status, body).await.1.unwrap_err();
        assert!(is(&error), "{status} {body}: {error:?}");
    }
}
