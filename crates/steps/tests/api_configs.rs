//! Deployment configurations.

use serde_json::{Value, json};

use crate::client::{Client, group, with};

fn canary(percent: i64, minutes: i64) -> Value {
    json!({
        "deploymentConfigName": "careful",
        "computePlatform": "Lambda",
        "trafficRoutingConfig": {
            "type": "TimeBasedCanary",
            "timeBasedCanary": {"canaryPercentage": percent, "canaryInterval": minutes},
        },
    })
}

#[test]
fn the_predefined_ones_are_there_and_cannot_be_touched() {
    let client = Client::new();
    let listed = client.ok("ListDeploymentConfigs", json!({}));
    assert_eq!(listed["deploymentConfigsList"].as_array().unwrap().len(), 17);
    let one = json!({"deploymentConfigName": "CodeDeployDefault.OneAtATime"});
    let info = client.ok("GetDeploymentConfig", one.clone())["deploymentConfigInfo"].clone();
    assert_eq!(info["deploymentConfigId"], "00000000-0000-0000-0000-000000000001");
    assert_eq!(info["minimumHealthyHosts"], json!({"type": "MOST_CONCURRENCY", "value": 1}));
    let canary_10 = json!({"deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes"});
    let info = client.ok("GetDeploymentConfig", canary_10)["deploymentConfigInfo"].clone();
    let routing = json!({
        "type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 5},
    });
    assert_eq!((&info["trafficRoutingConfig"], &info["computePlatform"]), (&routing, &json!("Lambda")));
    client.refuses("DeleteDeploymentConfig", &[("InvalidOperation", one)]);
    client.refuses(
        "CreateDeploymentConfig",
        &[
            (
                "DeploymentConfigAlreadyExists",
                with(canary(10, 5), json!({"deploymentConfigName": "CodeDeployDefault.LambdaAllAtOnce"})),
            ),
            (
                "InvalidDeploymentConfigName",
                with(canary(10, 5), json!({"deploymentConfigName": "CodeDeployDefault.Mine"})),
            ),
        ],
    );
}

#[test]
fn a_custom_one_is_kept_as_it_was_written() {
    let client = Client::new();
    let id = client.ok("CreateDeploymentConfig", canary(25, 30))["deploymentConfigId"].clone();
    let named = json!({"deploymentConfigName": "careful"});
    let info = client.ok("GetDeploymentConfig", named.clone())["deploymentConfigInfo"].clone();
    assert_eq!(info["deploymentConfigId"], id);
    assert_eq!(info["trafficRoutingConfig"], canary(25, 30)["trafficRoutingConfig"]);
    client.refuses("CreateDeploymentConfig", &[("DeploymentConfigAlreadyExists", canary(1, 1))]);
    let listed = client.ok("ListDeploymentConfigs", json!({}))["deploymentConfigsList"].clone();
    assert_eq!(listed.as_array().unwrap().last(), Some(&json!("careful")));
    client.ok("DeleteDeploymentConfig", named.clone());
    client.ok("DeleteDeploymentConfig", named.clone());
    client.refuses("GetDeploymentConfig", &[("DeploymentConfigDoesNotExist", named)]);
    let hosts = json!({"deploymentConfigName": "half", "minimumHealthyHosts": {"type": "FLEET_PERCENT", "value": 50},
        "zonalConfig": {"monitorDurationInSeconds": 60, "minimumHealthyHostsPerZone": {"type": "HOST_COUNT", "value": 1}}});
    client.ok("CreateDeploymentConfig", hosts);
}

#[test]
fn what_is_wrong_with_a_configuration_has_its_own_error() {
    let client = Client::new();
    let server = |members: Value| with(json!({"deploymentConfigName": "half"}), members);
    let healthy = |kind: &str, value: i64| json!({"type": kind, "value": value});
    let routing = |routing: Value| with(canary(10, 5), json!({"trafficRoutingConfig": routing}));
    let linear = |percent: i64, minutes: i64| json!({"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": percent, "linearInterval": minutes}});
    let traffic = "InvalidTrafficRoutingConfiguration";
    client.refuses(
        "CreateDeploymentConfig",
        &[
            ("DeploymentConfigNameRequired", json!({})),
            ("InvalidDeploymentConfigName", server(json!({"deploymentConfigName": "ä"}))),
            ("InvalidComputePlatform", with(canary(1, 1), json!({"computePlatform": "EC2"}))),
            ("InvalidMinimumHealthyHostValue", server(json!({}))),
            ("InvalidMinimumHealthyHostValue", server(json!({"minimumHealthyHosts": healthy("HOST_COUNT", -1)}))),
            ("InvalidMinimumHealthyHostValue", server(json!({"minimumHealthyHosts": healthy("FLEET_PERCENT", 100)}))),
            ("InvalidMinimumHealthyHostValue", server(json!({"minimumHealthyHosts": healthy("MOST_CONCURRENCY", 1)}))),
            ("InvalidMinimumHealthyHostValue", with(canary(1, 1), json!({"minimumHealthyHosts": {"value": 0}}))),
            (
                "InvalidZonalDeploymentConfiguration",
                server(json!({
                    "minimumHealthyHosts": healthy("HOST_COUNT", 1), "zonalConfig": {"monitorDurationInSeconds": -1},
                })),
            ),
            (
                "InvalidZonalDeploymentConfiguration",
                with(canary(1, 1), json!({"zonalConfig": {"monitorDurationInSeconds": 0}})),
            ),
            (traffic, server(json!({"trafficRoutingConfig": linear(10, 1)}))),
            (traffic, json!({"deploymentConfigName": "x", "computePlatform": "ECS"})),
            (traffic, canary(0, 5)),
            (traffic, canary(100, 5)),
            (traffic, canary(-1, 5)),
            (traffic, canary(10, 0)),
            (traffic, canary(10, 2_881)),
            (traffic, canary(10, i64::MAX)),
            (traffic, routing(linear(1, 30))),
            (traffic, routing(json!({"type": "TimeBasedLinear"}))),
            (traffic, routing(json!({"type": "Sudden"}))),
            (traffic, routing(json!({}))),
            (traffic, routing(with(linear(10, 1), json!({"timeBasedCanary": {"canaryInterval": 1}})))),
            ("SerializationException", canary(10, 5).as_object().map(|_| json!({"deploymentConfigName": 1})).unwrap()),
        ],
    );
    client.ok("CreateDeploymentConfig", routing(linear(1, 29)));
    client.refuses("GetDeploymentConfig", &[("DeploymentConfigDoesNotExist", json!({"deploymentConfigName": "x"}))]);
    client.refuses("DeleteDeploymentConfig", &[("DeploymentConfigNameRequired", json!({}))]);
    client.refuses("ListDeploymentConfigs", &[("InvalidNextToken", json!({"nextToken": "e30"}))]);
}

#[test]
fn a_configuration_that_a_group_uses_stays() {
    let client = Client::new();
    client.ok("CreateDeploymentConfig", canary(10, 5));
    client.application("Lambda").group(json!({"deploymentConfigName": "careful"}));
    let named = json!({"deploymentConfigName": "careful"});
    client.refuses("DeleteDeploymentConfig", &[("DeploymentConfigInUse", named.clone())]);
    let update =
        |members: Value| with(json!({"applicationName": "shop", "currentDeploymentGroupName": "web"}), members);
    client.ok("UpdateDeploymentGroup", update(json!({"newDeploymentGroupName": "site"})));
    client.refuses("DeleteDeploymentConfig", &[("DeploymentConfigInUse", named.clone())]);
    client.ok("UpdateApplication", json!({"applicationName": "shop", "newApplicationName": "store"}));
    client.refuses("DeleteDeploymentConfig", &[("DeploymentConfigInUse", named.clone())]);
    client.ok("DeleteApplication", json!({"applicationName": "store"}));
    client.ok("DeleteDeploymentConfig", named);
    client.application("Lambda");
    let gone = group(json!({"deploymentConfigName": "careful"}));
    client.refuses("CreateDeploymentGroup", &[("DeploymentConfigDoesNotExist", gone)]);
}
