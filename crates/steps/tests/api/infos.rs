//! A deployment in CodeDeploy's own shapes.

use expect_test::expect;
use fakes::{Fault, Simulation, event};
use rollout::ids::DeploymentId;
use serde_json::json;

use super::{DESCRIBE, GET, pretty};
use crate::story::{created, request, world};

/// A deployment of a group, 60 seconds after it began.
fn of_a_group() -> (Simulation, DeploymentId) {
    let mut body = request("Canary10Percent5Minutes").json();
    body["applicationName"] = json!("shop");
    body["deploymentGroupName"] = json!("production");
    body["description"] = json!("new prices");
    let simulation = Simulation::new(world());
    let shop = json!({"applicationName": "shop", "computePlatform": "Lambda"});
    simulation.api("CodeDeploy_20141006.CreateApplication", shop);
    let role = "arn:aws:iam::123456789012:role/deploy";
    let group = json!({"applicationName": "shop", "deploymentGroupName": "production", "serviceRoleArn": role});
    simulation.api("CodeDeploy_20141006.CreateDeploymentGroup", group);
    let id = simulation.create(body);
    simulation.run_until(60);
    (simulation, id)
}

#[test]
fn get_shows_a_deployment_as_codedeploy_does_while_it_runs() {
    let (simulation, id) = of_a_group();
    expect![[r#"
        {
          "deploymentInfo": {
            "applicationName": "shop",
            "deploymentGroupName": "production",
            "deploymentConfigName": "Canary10Percent5Minutes",
            "deploymentId": "d-1",
            "revision": {
              "revisionType": "AppSpecContent",
              "appSpecContent": {
                "sha256": "90f6f3517b6fc56f2a93489da1d40aaa53a8ffc9921b3c174604d64e3dfb5d36"
              }
            },
            "status": "InProgress",
            "createTime": 1767355200.0,
            "startTime": 1767355200.0,
            "deploymentOverview": {
              "Pending": 0,
              "InProgress": 1,
              "Succeeded": 0,
              "Failed": 0,
              "Skipped": 0,
              "Ready": 0
            },
            "description": "new prices",
            "creator": "user",
            "ignoreApplicationStopFailures": false,
            "updateOutdatedInstancesOnly": false,
            "deploymentStyle": {
              "deploymentType": "BLUE_GREEN",
              "deploymentOption": "WITH_TRAFFIC_CONTROL"
            },
            "instanceTerminationWaitTimeStarted": false,
            "computePlatform": "Lambda"
          }
        }"#]]
    .assert_eq(&pretty(&simulation.api(GET, json!({"deploymentId": id})).body));
}

#[test]
fn get_shows_a_deployment_that_was_stopped_as_codedeploy_does() {
    let (simulation, id) = of_a_group();
    simulation.happens(event::stop(&id, None));
    simulation.run();
    expect![[r#"
        {
          "deploymentInfo": {
            "applicationName": "shop",
            "deploymentGroupName": "production",
            "deploymentConfigName": "Canary10Percent5Minutes",
            "deploymentId": "d-1",
            "revision": {
              "revisionType": "AppSpecContent",
              "appSpecContent": {
                "sha256": "90f6f3517b6fc56f2a93489da1d40aaa53a8ffc9921b3c174604d64e3dfb5d36"
              }
            },
            "status": "Stopped",
            "errorInformation": {
              "code": "MANUAL_STOP",
              "message": "The deployment was stopped by a user"
            },
            "createTime": 1767355200.0,
            "startTime": 1767355200.0,
            "completeTime": 1767355260.0,
            "deploymentOverview": {
              "Pending": 0,
              "InProgress": 0,
              "Succeeded": 0,
              "Failed": 1,
              "Skipped": 0,
              "Ready": 0
            },
            "description": "new prices",
            "creator": "user",
            "ignoreApplicationStopFailures": false,
            "updateOutdatedInstancesOnly": false,
            "rollbackInfo": {
              "rollbackDeploymentId": "d-0G60VUEI6",
              "rollbackMessage": "Deployment d-1 terminated. Automatic rollback is triggered with a DeploymentId d-0G60VUEI6."
            },
            "deploymentStyle": {
              "deploymentType": "BLUE_GREEN",
              "deploymentOption": "WITH_TRAFFIC_CONTROL"
            },
            "instanceTerminationWaitTimeStarted": false,
            "computePlatform": "Lambda"
          }
        }"#]].assert_eq(&pretty(&simulation.api(GET, json!({"deploymentId": id})).body));
}

#[test]
fn a_split_that_was_left_is_told_with_the_reason_that_it_was_left_for() {
    let left = |rollback: serde_json::Value, stop: Option<bool>| {
        let mut body = request("Linear25PercentEvery1Minute").json();
        body["autoRollbackConfiguration"] = rollback;
        let simulation = Simulation::new(world());
        let id = simulation.create(body);
        simulation.at(70, event::stop(&id, stop));
        simulation.run();
        let shown = simulation.api(GET, json!({"deploymentId": id})).body;
        shown["deploymentInfo"]["rollbackInfo"]["rollbackMessage"].as_str().unwrap().to_owned()
    };
    let told = [
        left(json!({"enabled": false}), None),
        left(json!({"enabled": true, "events": ["DEPLOYMENT_FAILURE"]}), None),
        left(json!({"enabled": true, "events": ["DEPLOYMENT_STOP_ON_REQUEST"]}), Some(false)),
    ];
    expect![[r#"
        Automatic rollback is switched off: the traffic was left where it was.
        Automatic rollback is on, but not after DEPLOYMENT_STOP_ON_REQUEST: the traffic was left where it was.
        The stop asked for no rollback: the traffic was left where it was."#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn hooks_that_did_not_run_since_there_was_nothing_to_do_are_skipped() {
    let (simulation, id) = created(world(), &request("AllAtOnce").to(1).hook("BeforeAllowTraffic", "checks"));
    simulation.run();
    let shown = simulation.api(DESCRIBE, json!({"deploymentId": id})).body;
    assert_eq!(shown["outcome"], "Succeeded");
    let statuses: Vec<_> = shown["events"].as_array().unwrap().iter().map(|event| &event["status"]).collect();
    assert_eq!(statuses, ["Skipped"; 3]);
    assert!(simulation.world().hook_calls().is_empty());
}

#[test]
fn a_deployment_whose_traffic_could_not_be_put_back_says_so_to_every_client() {
    let (simulation, id) = created(world(), &request("Linear40PercentEvery1Minute"));
    simulation.at(70, event::instant(|simulation| simulation.world().faults.always("point", Fault::Denied)));
    simulation.at(71, event::stop(&id, None));
    simulation.run();
    let sentence = "The traffic could not be put back (refused: point is not allowed): finish the job with: tideshift \
                    repair d-1";
    let call = |operation: &str, body| simulation.api(&format!("CodeDeploy_20141006.{operation}"), body).body;
    let one = call("GetDeployment", json!({"deploymentId": id}))["deploymentInfo"].clone();
    let many = call("BatchGetDeployments", json!({"deploymentIds": [id]}))["deploymentsInfo"][0].clone();
    assert_eq!(one, many);
    assert_eq!(one["status"], "Failed");
    let error = &one["errorInformation"];
    assert_eq!(error["code"], "INTERNAL_ERROR");
    let whole = format!("{sentence}. The deployment ended because of this: The deployment was stopped by a user");
    assert_eq!(error["message"], whole);
    assert!(codedeploy::values::ERROR_CODE.has(error["code"].as_str().unwrap()));
    assert_eq!(one["rollbackInfo"]["rollbackMessage"], sentence);
    let asked = json!({"deploymentId": id, "targetIds": ["storefront:live"]});
    let target = call("BatchGetDeploymentTargets", asked)["deploymentTargets"][0]["lambdaTarget"].clone();
    assert_eq!(target["status"], "Failed");
    let diagnostics = &target["lifecycleEvents"][1]["diagnostics"];
    assert!(diagnostics["message"].as_str().unwrap().starts_with(sentence), "{diagnostics}");
    let failed = call("ListDeployments", json!({"includeOnlyStatuses": ["Failed"]}));
    assert_eq!(failed["deployments"], json!([id]));

    // Once it is repaired, it shows what ended it.
    simulation.world().faults.heal();
    simulation.api("Tideshift.RepairDeployment", json!({"deploymentId": id}));
    simulation.run();
    let repaired = call("GetDeployment", json!({"deploymentId": id}))["deploymentInfo"]["errorInformation"].clone();
    assert_eq!(repaired["code"], "MANUAL_STOP");
}
