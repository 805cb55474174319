//! Applications.

use serde_json::{Value, json};

use crate::client::Client;

#[test]
fn an_application_is_created_read_renamed_and_deleted() {
    let client = Client::new();
    let id = client.ok("CreateApplication", json!({"applicationName": "shop", "computePlatform": "Lambda"}));
    let named = |name: &str| json!({"applicationName": name});
    let read = client.ok("GetApplication", named("shop"))["application"].clone();
    assert_eq!(read["applicationId"], id["applicationId"]);
    assert_eq!(read["computePlatform"], "Lambda");
    assert_eq!(read["linkedToGitHub"], false);
    assert!(read["createTime"].is_f64());
    client.group(json!({}));
    let content = json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": "version: 0.0"}});
    client.ok("RegisterApplicationRevision", json!({"applicationName": "shop", "revision": content}));

    client.ok("UpdateApplication", json!({"applicationName": "shop", "newApplicationName": "store"}));
    let moved = client.ok("GetApplication", named("store"))["application"].clone();
    assert_eq!(moved["applicationId"], id["applicationId"], "a rename keeps the id");
    let groups = client.ok("ListDeploymentGroups", named("store"));
    assert_eq!(groups, json!({"applicationName": "store", "deploymentGroups": ["web"]}));
    let revision = client.ok("GetApplicationRevision", json!({"applicationName": "store", "revision": content}));
    assert_eq!(revision["revision"]["appSpecContent"]["content"], "version: 0.0");
    client.refuses("GetApplication", &[("ApplicationDoesNotExist", named("shop"))]);

    client.ok("DeleteApplication", named("store"));
    client.ok("DeleteApplication", named("store"));
    assert_eq!(client.ok("ListApplications", json!({})), json!({"applications": []}));
    client.application("Lambda");
    client.ok("UpdateApplication", json!({"applicationName": "shop", "newApplicationName": "store"}));
    assert_eq!(client.ok("ListDeploymentGroups", named("store"))["deploymentGroups"], json!([]), "groups went with it");
}

#[test]
fn what_is_wrong_with_an_application_has_its_own_error() {
    let client = Client::new();
    client.application("Server");
    client.refuses(
        "CreateApplication",
        &[
            ("ApplicationNameRequired", json!({})),
            ("ApplicationNameRequired", json!({"applicationName": ""})),
            ("ApplicationNameRequired", json!({"applicationName": null, "computePlatform": "Mainframe"})),
            ("InvalidApplicationName", json!({"applicationName": "a b"})),
            ("InvalidApplicationName", json!({"applicationName": "x".repeat(101)})),
            ("InvalidComputePlatform", json!({"applicationName": "shop", "computePlatform": "lambda"})),
            ("InvalidTagsToAdd", json!({"applicationName": "b", "tags": [{"Key": "", "Value": "x"}]})),
            ("InvalidTagsToAdd", json!({"applicationName": "b", "tags": [{"Key": "aws:x"}]})),
            ("InvalidTagsToAdd", json!({"applicationName": "b", "tags": [{"Key": "x"}, {"Key": "x"}]})),
            ("ApplicationAlreadyExists", json!({"applicationName": "shop"})),
            ("SerializationException", json!({"applicationName": ["shop"]})),
            ("SerializationException", json!([])),
        ],
    );
    client.refuses(
        "UpdateApplication",
        &[
            ("ApplicationNameRequired", json!({"newApplicationName": "x"})),
            ("InvalidApplicationName", json!({"applicationName": "shop", "newApplicationName": "a/b"})),
            ("ApplicationDoesNotExist", json!({"applicationName": "other", "newApplicationName": "x"})),
        ],
    );
    client.ok("CreateApplication", json!({"applicationName": "store"}));
    let clash = json!({"applicationName": "shop", "newApplicationName": "store"});
    client.refuses("UpdateApplication", &[("ApplicationAlreadyExists", clash)]);
    let many: Vec<String> = (0..101).map(|number| format!("app-{number}")).collect();
    client.refuses(
        "BatchGetApplications",
        &[
            ("ApplicationNameRequired", json!({"applicationNames": []})),
            ("BatchLimitExceeded", json!({"applicationNames": many})),
            ("InvalidApplicationName", json!({"applicationNames": ["shop", "a b"]})),
            ("ApplicationDoesNotExist", json!({"applicationNames": ["shop", "nobody"]})),
        ],
    );
    client.refuses("GetApplication", &[("ApplicationDoesNotExist", json!({"applicationName": "nobody"}))]);
    client.refuses("ListApplications", &[("InvalidNextToken", json!({"nextToken": "next"}))]);
}

#[test]
fn applications_are_listed_by_name_a_hundred_at_a_time() {
    let client = Client::new();
    for number in (0..250).rev() {
        client.ok("CreateApplication", json!({"applicationName": format!("app-{number:03}")}));
    }
    let (mut names, mut token, mut pages) = (Vec::new(), Value::Null, Vec::new());
    loop {
        let page = client.ok("ListApplications", json!({"nextToken": token}));
        let listed = page["applications"].as_array().unwrap().clone();
        pages.push(listed.len());
        names.extend(listed);
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(pages, [100, 100, 50]);
    assert!(names.is_sorted_by_key(|name| name.as_str().unwrap().to_owned()));
    assert_eq!(names.len(), 250);
}

#[test]
fn the_quota_of_applications_is_a_setting() {
    let mut client = Client::new();
    client.settings.quotas.applications = 1;
    client.application("Lambda");
    client.refuses("CreateApplication", &[("ApplicationLimitExceeded", json!({"applicationName": "second"}))]);
    client.settings.quotas.applications = 0;
    client.ok("DeleteApplication", json!({"applicationName": "shop"}));
    client.refuses("CreateApplication", &[("ApplicationLimitExceeded", json!({"applicationName": "first"}))]);
}
