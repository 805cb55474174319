//! What clients see: plans before anything moves, deployments while they run and after.

use expect_test::expect;
use fakes::{Fault, Simulation, event};
use rollout::routing::Routing;
use serde_json::{Value, json};

use super::{DESCRIBE, DESCRIBE_ALL, GET, PLAN, check, pretty, with};
use crate::story::{created, request, world};

#[test]
fn a_plan_shows_everything_that_would_happen() {
    let simulation = Simulation::new(world());
    simulation.world().provision("storefront", "live", 5);
    simulation.world().parameter("/shop/db/password", "there");
    let steps = json!([{"Weight": 10, "Hold": "5m"}, {"Weight": 50, "UntilContinued": {"Timeout": "1h"}}]);
    let hook = json!({"Function": "checks", "Timeout": "10m", "Parameters": ["/shop/db/password"]});
    let body = request(steps).hook("BeforeAllowTraffic", hook).alarms(&["errors"]).json();
    expect![[r#"
        {
          "plan": {
            "computePlatform": "Lambda",
            "target": "storefront:live",
            "function": "storefront",
            "alias": "live",
            "from": "1",
            "to": "2",
            "strategy": "Steps",
            "strategyFrom": "AppSpec",
            "overruled": [],
            "startWeight": 0,
            "steps": [
              {
                "weight": 10,
                "holdSeconds": 300,
                "awaitContinue": false,
                "onTimeout": null
              },
              {
                "weight": 50,
                "holdSeconds": 3600,
                "awaitContinue": true,
                "onTimeout": "Stop"
              },
              {
                "weight": 100,
                "holdSeconds": 0,
                "awaitContinue": false,
                "onTimeout": null
              }
            ],
            "hooks": [
              {
                "event": "BeforeAllowTraffic",
                "function": "checks",
                "timeoutSeconds": 600,
                "parameters": [
                  "/shop/db/password"
                ],
                "keepOutput": false
              }
            ],
            "alarms": [
              "errors"
            ],
            "rollbackOn": [
              "DEPLOYMENT_FAILURE",
              "DEPLOYMENT_STOP_ON_ALARM",
              "DEPLOYMENT_STOP_ON_REQUEST"
            ],
            "pollSeconds": 60,
            "totalSeconds": 3900
          },
          "refusals": [],
          "notes": [
            "storefront:live has 5 provisioned concurrent executions: while traffic shifts, Lambda divides them between both versions by weight, and when the alias moves to version 2 it allocates them anew, so some calls may start cold"
          ]
        }"#]].assert_eq(&pretty(&simulation.api(PLAN, body).body));
}

#[test]
fn a_plan_says_everything_that_speaks_against_it_and_touches_nothing() {
    let simulation = Simulation::new(world());
    let body = request("AllAtOnce").to(9).alarms(&["gone"]).json();
    expect![[r#"
        {
          "plan": {
            "computePlatform": "Lambda",
            "target": "storefront:live",
            "function": "storefront",
            "alias": "live",
            "from": "1",
            "to": "9",
            "strategy": "AllAtOnce",
            "strategyFrom": "AppSpec",
            "overruled": [],
            "startWeight": 0,
            "steps": [
              {
                "weight": 100,
                "holdSeconds": 0,
                "awaitContinue": false,
                "onTimeout": null
              }
            ],
            "hooks": [],
            "alarms": [
              "gone"
            ],
            "rollbackOn": [
              "DEPLOYMENT_FAILURE",
              "DEPLOYMENT_STOP_ON_ALARM",
              "DEPLOYMENT_STOP_ON_REQUEST"
            ],
            "pollSeconds": 60,
            "totalSeconds": 0
          },
          "refusals": [
            {
              "code": "VersionMissing",
              "message": "the function storefront has no version 9; publish it first: aws lambda publish-version --function-name storefront"
            },
            {
              "code": "AlarmMissing",
              "message": "these alarms do not exist (any more): <gone>; create them, or set ignorePollAlarmFailure (--ignore-alarm-poll-failure on the command line)"
            }
          ],
          "notes": []
        }"#]].assert_eq(&pretty(&simulation.api(PLAN, body).body));
    assert_eq!(simulation.api(DESCRIBE_ALL, json!({})).body["deployments"], json!([]));
    assert!(simulation.world().lock_of("storefront", "live").owner.is_none());
}

#[test]
fn a_plan_of_an_appspec_that_is_wrong_is_an_error() {
    let content = json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": "version: 0.0"}});
    check(
        PLAN,
        [with("revision", content)],
        expect!["400 InvalidRevisionException: line 1, Resources: missing: write a list with the function to move"],
    );
}

#[test]
fn get_shows_a_deployment_as_codedeploy_does_while_it_runs_and_after() {
    let body = {
        let mut body = request("Canary10Percent5Minutes").json();
        body["applicationName"] = json!("shop");
        body["deploymentGroupName"] = json!("production");
        body["description"] = json!("new prices");
        body
    };
    let simulation = Simulation::new(world());
    let shop = json!({"applicationName": "shop", "computePlatform": "Lambda"});
    simulation.api("CodeDeploy_20141006.CreateApplication", shop);
    let role = "arn:aws:iam::123456789012:role/deploy";
    let group = json!({"applicationName": "shop", "deploymentGroupName": "production", "serviceRoleArn": role});
    simulation.api("CodeDeploy_20141006.CreateDeploymentGroup", group);
    let id = simulation.create(body);
    simulation.run_until(60);
    let running = simulation.api(GET, json!({"deploymentId": id})).body;
    simulation.happens(event::stop(&id, None));
    simulation.run();
    let stopped = simulation.api(GET, json!({"deploymentId": id})).body;
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
        }
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
        }"#]]
    .assert_eq(&format!("{}\n{}", pretty(&running), pretty(&stopped)));
}

#[test]
fn describe_tells_how_far_a_deployment_is() {
    let (simulation, id) = created(world(), &request("Linear25PercentEvery1Minute").alarms(&["errors"]));
    simulation.run_until(90);
    expect![[r#"
        {
          "deploymentId": "d-1",
          "status": "InProgress",
          "outcome": null,
          "phase": "running",
          "description": null,
          "startedBy": {
            "by": "Invocation"
          },
          "execution": "arn:aws:states:eu-central-1:123456789012:execution:tideshift-lambda:d-1",
          "rollbackOf": null,
          "rolledBackBy": null,
          "applicationName": null,
          "deploymentGroupName": null,
          "createTime": 1767355200.0,
          "startTime": 1767355200.0,
          "completeTime": null,
          "plan": {
            "computePlatform": "Lambda",
            "target": "storefront:live",
            "function": "storefront",
            "alias": "live",
            "from": "1",
            "to": "2",
            "strategy": "Linear25PercentEvery1Minute",
            "strategyFrom": "AppSpec",
            "overruled": [],
            "startWeight": 0,
            "steps": [
              {
                "weight": 25,
                "holdSeconds": 60,
                "awaitContinue": false,
                "onTimeout": null
              },
              {
                "weight": 50,
                "holdSeconds": 60,
                "awaitContinue": false,
                "onTimeout": null
              },
              {
                "weight": 75,
                "holdSeconds": 60,
                "awaitContinue": false,
                "onTimeout": null
              },
              {
                "weight": 100,
                "holdSeconds": 0,
                "awaitContinue": false,
                "onTimeout": null
              }
            ],
            "hooks": [],
            "alarms": [
              "errors"
            ],
            "rollbackOn": [
              "DEPLOYMENT_FAILURE",
              "DEPLOYMENT_STOP_ON_ALARM",
              "DEPLOYMENT_STOP_ON_REQUEST"
            ],
            "pollSeconds": 60,
            "totalSeconds": 180
          },
          "progress": {
            "weight": 50,
            "step": 2,
            "of": 4,
            "since": 1767355260.0,
            "nextAt": 1767355320.0,
            "awaitingContinue": false,
            "awaitingTermination": false
          },
          "events": [
            {
              "name": "BeforeAllowTraffic",
              "status": "Succeeded",
              "startTime": 1767355200.0,
              "endTime": 1767355200.0,
              "deadline": null,
              "message": null,
              "logTail": null
            },
            {
              "name": "AllowTraffic",
              "status": "InProgress",
              "startTime": 1767355200.0,
              "endTime": null,
              "deadline": null,
              "message": null,
              "logTail": null
            },
            {
              "name": "AfterAllowTraffic",
              "status": "Pending",
              "startTime": null,
              "endTime": null,
              "deadline": null,
              "message": null,
              "logTail": null
            }
          ],
          "alarms": [
            {
              "name": "errors",
              "state": "OK"
            }
          ],
          "error": null,
          "leftover": null,
          "journal": [
            {
              "at": 1767355200.0,
              "text": "planned: version 1 to version 2 in 4 steps, 3m at least"
            },
            {
              "at": 1767355200.0,
              "text": "25 % of the calls to version 2"
            },
            {
              "at": 1767355260.0,
              "text": "50 % of the calls to version 2"
            }
          ]
        }"#]]
    .assert_eq(&pretty(&simulation.api(DESCRIBE, json!({"deploymentId": id})).body));
}

#[test]
fn describe_tells_of_a_change_by_somebody_else_where_it_is_asked_to_look() {
    let (simulation, id) = created(world(), &request("Linear25PercentEvery1Minute"));
    simulation.run_until(70);
    let changed =
        |look: bool| simulation.api(DESCRIBE, json!({"deploymentId": id, "look": look})).body["changed"].clone();
    assert_eq!(changed(true), Value::Null, "it is as the deployment left it");
    simulation.world().point("storefront", "live", Routing::all_on(fakes::world::v(3)));
    assert_eq!((changed(false), changed(true)), (Value::Null, json!("it is on version 3")));
    simulation.run();
    assert_eq!(changed(true), Value::Null, "over, with DRIFT");
}

#[test]
fn a_split_that_is_somebody_elses_to_end_is_told_as_such() {
    let (simulation, id) = created(world(), &request("Canary10Percent5Minutes"));
    let theirs = Routing::shifted(fakes::world::v(3), fakes::world::v(2), rollout::weight::Weight::clamped(40));
    simulation.at(70, event::pointed(theirs));
    simulation.at(80, event::stop(&id, None));
    simulation.run();
    let shown = simulation.api(DESCRIBE, json!({"deploymentId": id})).body;
    assert_eq!((&shown["leftover"]["version"], &shown["leftToOthers"]), (&json!("3"), &json!(true)), "{shown}");
    let next = simulation.api("Tideshift.PlanDeployment", request("AllAtOnce").json()).body;
    assert_eq!(next["refusals"][0]["code"], "AliasAlreadySplit", "{next}");
    assert_eq!(next["notes"], json!([]), "nothing is said of a start that it refuses");
}

#[test]
fn describe_tells_what_was_left_behind() {
    let (simulation, id) = created(world(), &request("Linear25PercentEvery1Minute"));
    simulation.at(70, event::stop(&id, Some(false)));
    simulation.run();
    let shown = simulation.api(DESCRIBE, json!({"deploymentId": id})).body;
    let parts = json!({
        "status": shown["status"], "outcome": shown["outcome"], "progress": shown["progress"],
        "error": shown["error"], "leftover": shown["leftover"],
    });
    expect![[r#"
        {
          "status": "Stopped",
          "outcome": "Stopped",
          "progress": {
            "weight": 50,
            "step": 2,
            "of": 4,
            "since": 1767355260.0,
            "nextAt": null,
            "awaitingContinue": false,
            "awaitingTermination": false
          },
          "error": {
            "code": "MANUAL_STOP",
            "message": "The deployment was stopped by a user"
          },
          "leftover": {
            "version": "1",
            "additionalVersion": "2",
            "additionalWeight": 50
          }
        }"#]]
    .assert_eq(&pretty(&parts));
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
