//! Tags by ARN, and what there is nothing of.

use serde_json::{Value, json};

use crate::client::Client;

fn arn(resource: &str) -> String {
    format!("arn:aws:codedeploy:eu-central-1:123456789012:{resource}")
}

#[test]
fn tags_are_set_replaced_and_removed_by_arn() {
    let client = Client::new();
    client.application("Lambda").group(json!({}));
    for resource in ["application:shop", "deploymentgroup:shop/web"] {
        let tags = || client.ok("ListTagsForResource", json!({"ResourceArn": arn(resource)}))["Tags"].clone();
        let tag = |key: &str, value: &str| json!({"Key": key, "Value": value});
        let set = |tags: Value| client.ok("TagResource", json!({"ResourceArn": arn(resource), "Tags": tags}));
        set(json!([tag("a", "1"), tag("b", "2")]));
        set(json!([tag("a", "3")]));
        assert_eq!(tags(), json!([tag("b", "2"), tag("a", "3")]));
        client.ok("UntagResource", json!({"ResourceArn": arn(resource), "TagKeys": ["a", "absent"]}));
        assert_eq!(tags(), json!([tag("b", "2")]));
    }
    let nobody = json!({"ResourceArn": arn("application:nobody")});
    assert_eq!(client.ok("ListTagsForResource", nobody), json!({"Tags": []}));
}

#[test]
fn what_is_wrong_with_tags_has_its_own_error() {
    let client = Client::new();
    client.application("Lambda");
    let tag = |resource: &str, tags: Value| json!({"ResourceArn": arn(resource), "Tags": tags});
    let one = json!([{"Key": "a", "Value": "b"}]);
    let many: Vec<Value> = (0..51).map(|number| json!({"Key": format!("k{number}")})).collect();
    client.refuses(
        "TagResource",
        &[
            ("ResourceArnRequired", json!({"Tags": one})),
            ("ResourceArnRequired", json!({"resourceArn": arn("application:shop"), "tags": one})),
            ("InvalidArn", json!({"ResourceArn": "shop", "Tags": one})),
            ("InvalidArn", tag("application:a b", one.clone())),
            ("ArnNotSupported", tag("deploymentconfig:careful", one.clone())),
            ("ArnNotSupported", tag("instance/host", one.clone())),
            ("TagRequired", tag("application:shop", json!([]))),
            ("InvalidTagsToAdd", tag("application:shop", json!([{"Key": "x".repeat(129)}]))),
            ("InvalidTagsToAdd", tag("application:shop", json!([{"Key": "x", "Value": "x".repeat(257)}]))),
            ("InvalidTagsToAdd", tag("application:shop", json!(many))),
            ("ApplicationDoesNotExist", tag("application:nobody", one.clone())),
            ("ApplicationDoesNotExist", tag("deploymentgroup:nobody/web", one.clone())),
            ("DeploymentGroupDoesNotExist", tag("deploymentgroup:shop/web", one.clone())),
        ],
    );
    client.refuses("UntagResource", &[("TagRequired", json!({"ResourceArn": arn("application:shop")}))]);
    client.refuses("ListTagsForResource", &[("InvalidArn", json!({"ResourceArn": arn("pipeline:x")}))]);
}

#[test]
fn there_are_no_connections_to_git_hub_and_no_resources_of_stacks() {
    let client = Client::new();
    assert_eq!(client.ok("ListGitHubAccountTokenNames", json!({})), json!({"tokenNameList": []}));
    client.refuses("ListGitHubAccountTokenNames", &[("InvalidNextToken", json!({"nextToken": "x"}))]);
    client.refuses(
        "DeleteGitHubAccountToken",
        &[
            ("GitHubAccountTokenNameRequired", json!({})),
            ("InvalidGitHubAccountTokenName", json!({"tokenName": "a b"})),
            ("GitHubAccountTokenDoesNotExist", json!({"tokenName": "mine"})),
        ],
    );
    assert_eq!(client.ok("DeleteResourcesByExternalId", json!({"externalId": "stack"})), json!({}));
}

#[test]
fn no_operation_is_unknown() {
    let client = Client::new();
    let unknown: Vec<&str> = codedeploy::operation::Operation::TABLE
        .iter()
        .filter(|row| row.0 == "CodeDeploy_20141006")
        .filter(|row| client.call(row.1, json!({})).body["__type"] == "UnknownOperationException")
        .map(|row| row.1)
        .collect();
    expect_test::expect![[r#"
        []
    "#]]
    .assert_debug_eq(&unknown);
    client.refuses("Fly", &[("UnknownOperationException", json!({}))]);
}
