//! On-premises instances, and the instances of a deployment, of which there are none.

use serde_json::{Value, json};

use crate::client::Client;

const USER: &str = "arn:aws:iam::123456789012:user/host-1";
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/host/one";

fn host(name: &str) -> Value {
    json!({"instanceName": name})
}

#[test]
fn an_instance_is_registered_tagged_listed_and_deregistered() {
    let client = Client::new();
    client.ok("RegisterOnPremisesInstance", json!({"instanceName": "host-1", "iamUserArn": USER}));
    client.ok("RegisterOnPremisesInstance", json!({"instanceName": "host-2", "iamSessionArn": SESSION}));
    let tags = json!([{"Key": "role", "Value": "web"}]);
    client.ok("AddTagsToOnPremisesInstances", json!({"instanceNames": ["host-1", "host-2"], "tags": tags}));
    let other = json!({"instanceNames": ["host-2"], "tags": [{"Key": "role", "Value": "db"}]});
    client.ok("AddTagsToOnPremisesInstances", other);
    let info = client.ok("GetOnPremisesInstance", host("host-1"))["instanceInfo"].clone();
    assert_eq!((&info["iamUserArn"], &info["tags"]), (&json!(USER), &tags));
    let arn = info["instanceArn"].as_str().unwrap();
    assert!(arn.starts_with("arn:aws:codedeploy:eu-central-1:123456789012:instance/host-1_"), "{arn}");

    let list = |members: Value| client.ok("ListOnPremisesInstances", members)["instanceNames"].clone();
    assert_eq!(list(json!({})), json!(["host-1", "host-2"]));
    let web = json!({"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"});
    assert_eq!(list(json!({"tagFilters": [web]})), json!(["host-1"]));
    assert_eq!(list(json!({"tagFilters": [{"Key": "role", "Type": "KEY_ONLY"}]})), json!(["host-1", "host-2"]));
    client.ok("RemoveTagsFromOnPremisesInstances", json!({"instanceNames": ["host-1", "host-2"], "tags": tags}));
    assert_eq!(list(json!({"tagFilters": [{"Key": "role", "Type": "KEY_ONLY"}]})), json!(["host-2"]));

    client.ok("DeregisterOnPremisesInstance", host("host-1"));
    client.ok("DeregisterOnPremisesInstance", host("host-1"));
    client.ok("DeregisterOnPremisesInstance", host("nobody"));
    assert_eq!(list(json!({"registrationStatus": "Registered"})), json!(["host-2"]));
    assert_eq!(list(json!({"registrationStatus": "Deregistered"})), json!(["host-1"]));
    let batch = client.ok("BatchGetOnPremisesInstances", json!({"instanceNames": ["host-1", "nobody"]}));
    assert!(batch["instanceInfos"][0]["deregisterTime"].is_f64());
    assert_eq!(batch["instanceInfos"].as_array().unwrap().len(), 1);
    client.ok("RegisterOnPremisesInstance", json!({"instanceName": "host-1", "iamUserArn": USER}));
    assert_eq!(list(json!({"registrationStatus": "Deregistered"})), json!([]));
}

#[test]
fn what_is_wrong_with_an_instance_has_its_own_error() {
    let client = Client::new();
    client.ok("RegisterOnPremisesInstance", json!({"instanceName": "host-1", "iamUserArn": USER}));
    client.ok("RegisterOnPremisesInstance", json!({"instanceName": "host-2", "iamSessionArn": SESSION}));
    client.refuses(
        "RegisterOnPremisesInstance",
        &[
            ("InstanceNameRequired", json!({})),
            ("InvalidInstanceName", json!({"instanceName": "i-0123"})),
            ("InvalidInstanceName", json!({"instanceName": "a b"})),
            ("IamArnRequired", host("x")),
            ("MultipleIamArnsProvided", json!({"instanceName": "x", "iamUserArn": USER, "iamSessionArn": SESSION})),
            ("IamArnRequired", json!({"instanceName": "x", "iamUserArn": "", "iamSessionArn": null})),
            ("InvalidIamUserArn", json!({"instanceName": "x", "iamUserArn": SESSION})),
            ("InvalidIamSessionArn", json!({"instanceName": "x", "iamSessionArn": USER})),
            ("InstanceNameAlreadyRegistered", json!({"instanceName": "host-1", "iamUserArn": USER})),
            ("IamUserArnAlreadyRegistered", json!({"instanceName": "x", "iamUserArn": USER})),
            ("IamSessionArnAlreadyRegistered", json!({"instanceName": "x", "iamSessionArn": SESSION})),
        ],
    );
    let tags = |names: Value, tags: Value| json!({"instanceNames": names, "tags": tags});
    let eleven: Vec<Value> = (0..11).map(|number| json!({"Key": format!("k{number}")})).collect();
    for operation in ["AddTagsToOnPremisesInstances", "RemoveTagsFromOnPremisesInstances"] {
        client.refuses(
            operation,
            &[
                ("InstanceNameRequired", tags(json!([]), json!([]))),
                ("TagRequired", tags(json!(["host-1"]), json!([]))),
                ("InvalidInstanceName", tags(json!(["a b"]), json!([{"Key": "k"}]))),
                ("InvalidTag", tags(json!(["host-1"]), json!([{}]))),
                ("InstanceLimitExceeded", tags(json!(vec!["host-1"; 101]), json!([{"Key": "k"}]))),
                ("InstanceNotRegistered", tags(json!(["host-1", "nobody"]), json!([{"Key": "k"}]))),
            ],
        );
    }
    client.refuses("AddTagsToOnPremisesInstances", &[("TagLimitExceeded", tags(json!(["host-1"]), json!(eleven)))]);
    let many = json!({"instanceNames": vec!["x"; 101]});
    client.refuses("BatchGetOnPremisesInstances", &[("InstanceNameRequired", json!({})), ("BatchLimitExceeded", many)]);
    client.refuses("GetOnPremisesInstance", &[("InstanceNotRegistered", host("nobody"))]);
    client.refuses(
        "ListOnPremisesInstances",
        &[
            ("InvalidRegistrationStatus", json!({"registrationStatus": "Gone"})),
            ("InvalidTagFilter", json!({"tagFilters": [{"Type": "KEY"}]})),
            ("InvalidTagFilter", json!({"tagFilters": [null]})),
            ("InvalidNextToken", json!({"nextToken": "x"})),
        ],
    );
}

#[test]
fn a_lambda_deployment_has_no_instances() {
    let client = Client::new();
    let request = crate::story::request("AllAtOnce").json();
    let id = client.ok("CreateDeployment", request)["deploymentId"].clone();
    let about = |members: Value| crate::client::with(json!({"deploymentId": id}), members);
    client.refuses(
        "ListDeploymentInstances",
        &[
            ("DeploymentIdRequired", json!({})),
            ("DeploymentDoesNotExist", json!({"deploymentId": "d-NOBODY000"})),
            ("InvalidInstanceStatus", about(json!({"instanceStatusFilter": ["Gone"]}))),
            ("InvalidInstanceType", about(json!({"instanceTypeFilter": ["Red"]}))),
            ("InvalidComputePlatform", about(json!({}))),
        ],
    );
    client.refuses(
        "GetDeploymentInstance",
        &[
            ("DeploymentIdRequired", json!({"instanceId": "i-1"})),
            ("InstanceIdRequired", about(json!({}))),
            ("InvalidComputePlatform", about(json!({"instanceId": "i-1"}))),
        ],
    );
    client.refuses(
        "BatchGetDeploymentInstances",
        &[
            ("InstanceIdRequired", about(json!({"instanceIds": []}))),
            ("BatchLimitExceeded", about(json!({"instanceIds": vec!["i-1"; 101]}))),
            ("InvalidComputePlatform", about(json!({"instanceIds": ["i-1"]}))),
        ],
    );
}
