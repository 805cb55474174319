//! Revisions.

use rollout::seconds::Seconds;
use serde_json::{Value, json};

use crate::client::{Client, with};

fn text(content: &str) -> Value {
    json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": content}})
}

fn s3(key: &str) -> Value {
    json!({"revisionType": "S3", "s3Location": {"bucket": "specs", "key": key, "bundleType": "YAML", "eTag": "\"abc\""}})
}

fn shop(members: Value) -> Value {
    with(json!({"applicationName": "shop"}), members)
}

#[test]
fn a_revision_is_registered_and_read_by_its_digest() {
    let client = Client::new();
    client.application("Lambda");
    client.ok("RegisterApplicationRevision", shop(json!({"revision": text("version: 0.0"), "description": "first"})));
    client.ok("RegisterApplicationRevision", shop(json!({"revision": s3("a.yaml")})));
    client.ok("RegisterApplicationRevision", shop(json!({"revision": s3("a.yaml"), "description": "again"})));
    let digest = steps::revisions::sha256("version: 0.0");
    let short = json!({"revisionType": "AppSpecContent", "appSpecContent": {"sha256": digest}});
    let read = client.ok("GetApplicationRevision", shop(json!({"revision": short})));
    assert_eq!(read["revision"]["appSpecContent"], json!({"content": "version: 0.0", "sha256": digest}));
    assert_eq!(read["revisionInfo"]["description"], "first");
    assert!(read["revisionInfo"]["registerTime"].is_f64());
    let unquoted = with(s3("a.yaml"), json!({}));
    let read = client.ok("GetApplicationRevision", shop(json!({"revision": unquoted})));
    assert_eq!(read["revision"]["s3Location"]["eTag"], "abc");
    assert_eq!(read["revisionInfo"]["description"], "again");
    let batch = shop(json!({"revisions": [short, s3("nobody")]}));
    let batch = client.ok("BatchGetApplicationRevisions", batch);
    assert_eq!(batch["revisions"].as_array().unwrap().len(), 1);
    assert_eq!(batch["errorMessage"], "1 of the revisions are not registered with shop");
}

#[test]
fn revisions_are_listed_in_the_order_and_selection_asked_for() {
    let client = Client::new();
    client.application("Lambda");
    for number in 0..130 {
        client.ok("RegisterApplicationRevision", shop(json!({"revision": s3(&format!("r-{number:03}"))})));
        client.world.clock.advance(Seconds(1));
    }
    client.ok("RegisterApplicationRevision", shop(json!({"revision": text("version: 0.0")})));
    let keys = |page: &Value| -> Vec<String> {
        let keys = page["revisions"].as_array().unwrap().iter().map(|revision| revision["s3Location"]["key"].clone());
        keys.map(|key| key.as_str().unwrap_or("text").to_owned()).collect()
    };
    let first = client.ok("ListApplicationRevisions", shop(json!({})));
    assert_eq!((keys(&first)[0].as_str(), keys(&first).len()), ("r-000", 100));
    let rest = client.ok("ListApplicationRevisions", shop(json!({"nextToken": first["nextToken"]})));
    assert_eq!((keys(&rest).len(), keys(&rest).last().unwrap().as_str()), (31, "text"));
    assert!(rest.get("nextToken").is_none());
    assert!(rest["revisions"][30]["appSpecContent"].get("content").is_none(), "a listing has no texts");
    let last = client.ok("ListApplicationRevisions", shop(json!({"sortOrder": "descending"})));
    assert_eq!(keys(&last)[0], "text");
    let more = json!({"sortOrder": "descending", "nextToken": last["nextToken"]});
    assert_eq!(keys(&client.ok("ListApplicationRevisions", shop(more))).last().unwrap(), "r-000");
    let some = client.ok("ListApplicationRevisions", shop(json!({"s3Bucket": "specs", "s3KeyPrefix": "r-01"})));
    assert_eq!(keys(&some).len(), 10);
    assert_eq!(keys(&client.ok("ListApplicationRevisions", shop(json!({"s3Bucket": "other"})))).len(), 0);
    assert_eq!(keys(&client.ok("ListApplicationRevisions", shop(json!({"deployed": "include"})))).len(), 0);
}

/// A revision of the application `shop`.
fn revision(revision: Value) -> Value {
    shop(json!({"revision": revision}))
}

fn git_hub() -> Value {
    json!({"revisionType": "GitHub", "gitHubLocation": {"repository": "a/b", "commitId": "a".repeat(40)}})
}

#[test]
fn what_is_wrong_with_a_revision_has_its_own_error() {
    let client = Client::new();
    client.application("Lambda");
    let wrong = json!({"revisionType": "String", "string": {"content": "a", "sha256": "0".repeat(64)}});
    client.refuses(
        "RegisterApplicationRevision",
        &[
            ("ApplicationNameRequired", json!({})),
            ("RevisionRequired", shop(json!({}))),
            ("RevisionRequired", revision(json!({}))),
            ("InvalidRevision", revision(json!({"revisionType": "Tape"}))),
            ("InvalidRevision", revision(json!({"revisionType": "S3"}))),
            ("InvalidRevision", revision(json!({"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k"}}))),
            ("InvalidRevision", revision(json!({"revisionType": "AppSpecContent", "string": {"content": "x"}}))),
            (
                "InvalidRevision",
                revision(json!({"revisionType": "AppSpecContent", "appSpecContent": {"sha256": "0".repeat(64)}})),
            ),
            ("InvalidRevision", revision(wrong)),
            ("InvalidRevision", revision(text(&"x".repeat(65 * 1_024)))),
            ("InvalidRevision", revision(git_hub())),
            ("InvalidRevision", revision(json!({"revisionType": "S3", "s3": {}}))),
            ("SerializationException", revision(json!({"revisionType": "S3", "s3Location": "b/k"}))),
            ("DescriptionTooLong", with(revision(s3("k")), json!({"description": "x".repeat(1_001)}))),
            ("ApplicationDoesNotExist", json!({"applicationName": "nobody", "revision": s3("k")})),
        ],
    );
    let zip = json!({"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k", "bundleType": "zip"}});
    assert_eq!(
        client.refused("RegisterApplicationRevision", revision(zip)).1,
        "BundleType must be either YAML or JSON"
    );
}

#[test]
fn what_is_wrong_with_a_question_about_revisions_has_its_own_error() {
    let client = Client::new();
    client.application("Lambda");
    client.refuses(
        "GetApplicationRevision",
        &[("RevisionRequired", shop(json!({}))), ("RevisionDoesNotExist", revision(git_hub()))],
    );
    client.refuses(
        "BatchGetApplicationRevisions",
        &[
            ("RevisionRequired", shop(json!({"revisions": []}))),
            ("InvalidRevision", shop(json!({"revisions": [null]}))),
            ("BatchLimitExceeded", shop(json!({"revisions": vec![s3("k"); 101]}))),
        ],
    );
    client.refuses(
        "ListApplicationRevisions",
        &[
            ("InvalidSortBy", shop(json!({"sortBy": "name"}))),
            ("InvalidSortOrder", shop(json!({"sortOrder": "up"}))),
            ("InvalidDeployedStateFilter", shop(json!({"deployed": "yes"}))),
            ("InvalidBucketNameFilter", shop(json!({"s3Bucket": "b".repeat(256)}))),
            ("InvalidKeyPrefixFilter", shop(json!({"s3Bucket": "b", "s3KeyPrefix": "k".repeat(1_025)}))),
            ("BucketNameFilterRequired", shop(json!({"s3KeyPrefix": "k"}))),
            ("InvalidNextToken", shop(json!({"nextToken": "k"}))),
            ("ApplicationDoesNotExist", json!({"applicationName": "nobody"})),
        ],
    );
}
