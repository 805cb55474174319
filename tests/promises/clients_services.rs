//! Clients that know services of CodeDeploy's, and nothing of Tideshift: boto3, and `aws ecs deploy`.

use std::path::PathBuf;

use harness::deployment::Subject;
use harness::shop::Shop;
use harness::stack::{call, root};
use harness::{OrStop, stop, story};
use local::sample::service::{CLUSTER, CONTAINER, CONTAINER_PORT};
use serde_json::json;

use crate::clients::proxy;
use crate::clients_boto3::{CBOR, both, module, python, stock};

fn pair(shop: &Shop) -> [String; 2] {
    ["blue", "green"].map(|colour| format!("{}-{colour}", shop.name()))
}

/// Runs the suite's module about services, with more in its environment.
async fn services(more: &[(&str, &str)]) {
    let shop = Shop::new().await;
    let (groups, container) = (pair(&shop).join(","), format!("{CONTAINER}:{CONTAINER_PORT}"));
    let environment = [
        ("SUITE_CLUSTER", CLUSTER),
        ("SUITE_SERVICE", shop.name()),
        ("SUITE_TARGET_GROUPS", groups.as_str()),
        ("SUITE_LISTENER", shop.sample.production_listener.as_str()),
        ("SUITE_TEST_LISTENER", shop.sample.test_listener.as_str()),
        ("SUITE_CONTAINER", container.as_str()),
    ];
    module("services", &[&environment[..], more].concat()).await;
}

#[test]
fn a_stock_client_deploys_continues_and_stops_services() {
    story(services(&[]));
}

#[test]
fn a_client_that_speaks_cbor_deploys_continues_and_stops_services() {
    story(services(&[CBOR]));
}

/// What `aws ecs deploy` looks for: an application and a group called after the service.
pub(crate) async fn named_as_aws_expects(shop: &Shop) {
    let suffix = format!("{CLUSTER}-{}", shop.name());
    let application = format!("AppECS-{suffix}");
    let named = json!({"applicationName": application, "computePlatform": "ECS"});
    call("CodeDeploy_20141006.CreateApplication", &named).await;
    let group = json!({
        "applicationName": application,
        "deploymentGroupName": format!("DgpECS-{suffix}"),
        "serviceRoleArn": "arn:aws:iam::123456789012:role/deployer",
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "ecsServices": [{"clusterName": CLUSTER, "serviceName": shop.name()}],
        "loadBalancerInfo": {"targetGroupPairInfoList": [{
            "targetGroups": pair(shop).map(|name| json!({"name": name})),
            "prodTrafficRoute": {"listenerArns": [shop.sample.production_listener]},
        }]},
    });
    call("CodeDeploy_20141006.CreateDeploymentGroup", &group).await;
}

/// A file for a program to read, in a folder of this story's own.
fn file(shop: &Shop, name: &str, text: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("tideshift-{}-{}", std::process::id(), shop.name()));
    std::fs::create_dir_all(&folder).or_stop("a folder");
    let path = folder.join(name);
    std::fs::write(&path, text).or_stop("a file");
    path
}

/// Runs `aws ecs deploy` on the good revision, as a team would, with CodeDeploy somewhere else where that is said; gives what
/// it said.
async fn aws_ecs_deploy(shop: &Shop, codedeploy: Option<&str>) -> String {
    named_as_aws_expects(shop).await;
    let definition = file(shop, "task-definition.json", &shop.task_definition(2).await.to_string());
    // As AWS's own documentation has it, in its own case.
    let appspec = format!(
        "version: 0.0\nresources:\n  - TargetService:\n      type: AWS::ECS::Service\n      properties:\n        \
             taskDefinition: <TASK_DEFINITION>\n        loadBalancerInfo:\n          containerName: {CONTAINER}\n          \
             containerPort: {CONTAINER_PORT}\n"
    );
    let appspec = file(shop, "appspec.yaml", &appspec);
    let aws = python().await.with_file_name("aws");
    let mut deploy = stock(aws).await;
    deploy.current_dir(root()).args(["ecs", "deploy", "--cluster", CLUSTER, "--service", shop.name()]);
    deploy.arg("--task-definition").arg(&definition).arg("--codedeploy-appspec").arg(&appspec);
    if let Some(codedeploy) = codedeploy {
        // What answered is only told so.
        deploy.arg("--debug").env("AWS_ENDPOINT_URL_CODEDEPLOY", codedeploy);
    }
    let said = deploy.output().await.or_stop("aws runs");
    if !said.status.success() {
        stop(&format!("aws ecs deploy: {}\n{}", said.status, both(&said)));
    }
    let said = both(&said);
    for words in ["Successfully registered new ECS task definition", "Successfully deployed"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // The sample has four revisions; this one is new.
    assert_eq!(shop.revisions().await, ["5"], "{said}");
    assert_eq!(shop.traffic().await, "green", "{said}");
    std::fs::remove_dir_all(definition.parent().or_stop("the folder")).or_stop("the folder goes");
    said
}

#[test]
fn aws_ecs_deploy_registers_deploys_and_waits_unchanged() {
    story(async {
        aws_ecs_deploy(&Shop::new().await, None).await;
    });
}

#[test]
fn aws_ecs_deploy_finds_codedeploy_behind_the_proxy_and_the_rest_where_it_is() {
    story(async {
        let (_proxy, endpoint) = proxy().await;
        let said = aws_ecs_deploy(&Shop::new().await, Some(&endpoint)).await;
        assert!(said.contains("'tideshift-proxy'"), "{said}");
    });
}
