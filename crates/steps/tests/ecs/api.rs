//! What clients see of a deployment to a service.

use expect_test::expect;
use rollout::ids::DeploymentId;
use serde_json::{Value, json};

use super::{created, deploy, world};

const SHOWN: [&str; 5] =
    ["status", "computePlatform", "deploymentStyle", "blueGreenDeploymentConfiguration", "loadBalancerInfo"];

fn get(simulation: &fakes::Simulation, operation: &str, body: Value) -> Value {
    let reply = simulation.api(&format!("CodeDeploy_20141006.{operation}"), body);
    assert_eq!(reply.status, 200, "{operation}: {}", reply.body);
    reply.body
}

fn target(simulation: &fakes::Simulation, id: &DeploymentId) -> Value {
    let body = json!({"deploymentId": id, "targetId": "shop:web"});
    get(simulation, "GetDeploymentTarget", body)["deploymentTarget"].clone()
}

#[test]
fn a_deployment_to_a_service_has_one_target_that_shows_both_task_sets() {
    let (simulation, id) = created(world(), &deploy("Canary10Percent5Minutes"));
    simulation.run_until(100);
    let listed = get(&simulation, "ListDeploymentTargets", json!({"deploymentId": id}));
    assert_eq!(listed, json!({"targetIds": ["shop:web"]}));
    let shown = target(&simulation, &id);
    assert_eq!(shown["deploymentTargetType"], "ECSTarget");
    assert_eq!(shown["ecsTarget"]["status"], "InProgress");
    expect![[r#"
        [
          {
            "identifer": "ecs-svc/1",
            "desiredCount": 2,
            "pendingCount": 0,
            "runningCount": 2,
            "status": "PRIMARY",
            "trafficWeight": 90.0,
            "targetGroup": {
              "name": "web-blue"
            },
            "taskSetLabel": "Blue"
          },
          {
            "identifer": "ecs-svc/2",
            "desiredCount": 2,
            "pendingCount": 0,
            "runningCount": 2,
            "status": "ACTIVE",
            "trafficWeight": 10.0,
            "targetGroup": {
              "name": "web-green"
            },
            "taskSetLabel": "Green"
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&shown["ecsTarget"]["taskSetsInfo"]).unwrap());
}

#[test]
fn a_target_shows_its_blue_task_set_alone_before_the_green_one_is_made() {
    let (simulation, id) = created(world(), &deploy("AllAtOnce").hook("BeforeInstall", "slow"));
    simulation.world().hook("slow", |_| steps::ports::Called::Returned(Value::Null));
    simulation.run_until(100);
    let sets = target(&simulation, &id)["ecsTarget"]["taskSetsInfo"].clone();
    assert_eq!(sets.as_array().map(Vec::len), Some(1), "{sets}");
    assert_eq!((&sets[0]["taskSetLabel"], &sets[0]["trafficWeight"]), (&json!("Blue"), &json!(100.0)));
}

#[test]
fn the_target_has_succeeded_while_the_deployment_still_keeps_the_old_task_set() {
    let (simulation, id) = created(world(), &deploy("AllAtOnce").keeps(30));
    simulation.run_until(600);
    let status = || get(&simulation, "GetDeployment", json!({"deploymentId": id}))["deploymentInfo"]["status"].clone();
    let shown = target(&simulation, &id);
    assert_eq!((shown["ecsTarget"]["status"].clone(), status()), (json!("Succeeded"), json!("InProgress")));
    let sets = shown["ecsTarget"]["taskSetsInfo"].clone();
    assert_eq!((&sets[0]["status"], &sets[1]["status"]), (&json!("ACTIVE"), &json!("PRIMARY")), "{sets}");
    simulation.run();
    assert_eq!(status(), "Succeeded");
    let sets = target(&simulation, &id)["ecsTarget"]["taskSetsInfo"].clone();
    assert_eq!((&sets[0]["trafficWeight"], &sets[1]["trafficWeight"]), (&json!(0.0), &json!(100.0)), "{sets}");
}

#[test]
fn a_service_is_counted_when_its_deployment_is_over() {
    let (simulation, id) = created(world(), &deploy("AllAtOnce").keeps(30));
    let overview = || {
        get(&simulation, "GetDeployment", json!({"deploymentId": id}))["deploymentInfo"]["deploymentOverview"].clone()
    };
    simulation.run_until(600);
    assert_eq!(overview(), Value::Null);
    simulation.run();
    assert_eq!(overview()["Succeeded"], 1, "{}", overview());
}

#[test]
fn a_deployment_shows_the_settings_of_its_group() {
    let (simulation, id) = created(world(), &deploy("AllAtOnce").tested().ready(60).keeps(30));
    simulation.run_until(100);
    let info = get(&simulation, "GetDeployment", json!({"deploymentId": id}))["deploymentInfo"].clone();
    let shown: Value = SHOWN.iter().map(|member| ((*member).to_owned(), info[*member].clone())).collect();
    expect![[r#"
        {
          "status": "Ready",
          "computePlatform": "ECS",
          "deploymentStyle": {
            "deploymentType": "BLUE_GREEN",
            "deploymentOption": "WITH_TRAFFIC_CONTROL"
          },
          "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {
              "action": "TERMINATE",
              "terminationWaitTimeInMinutes": 30
            },
            "deploymentReadyOption": {
              "actionOnTimeout": "STOP_DEPLOYMENT",
              "waitTimeInMinutes": 60
            }
          },
          "loadBalancerInfo": {
            "targetGroupPairInfoList": [
              {
                "targetGroups": [
                  {
                    "name": "web-blue"
                  },
                  {
                    "name": "web-green"
                  }
                ],
                "prodTrafficRoute": {
                  "listenerArns": [
                    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod"
                  ]
                },
                "testTrafficRoute": {
                  "listenerArns": [
                    "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/test"
                  ]
                }
              }
            ]
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&shown).unwrap());
}

#[test]
fn the_rollback_is_shown_as_a_deployment_of_its_own() {
    let (simulation, id) = created(world(), &deploy("Canary10Percent5Minutes"));
    simulation.at(100, fakes::event::stop(&id, None));
    simulation.run();
    let info = get(&simulation, "GetDeployment", json!({"deploymentId": id}))["deploymentInfo"].clone();
    let twin = info["rollbackInfo"]["rollbackDeploymentId"].clone();
    let shown = get(&simulation, "GetDeployment", json!({"deploymentId": twin}))["deploymentInfo"].clone();
    assert_eq!((&shown["creator"], &shown["status"]), (&json!("codeDeployRollback"), &json!("Succeeded")));
    assert_eq!(shown["computePlatform"], "ECS");
    let listed = get(&simulation, "ListDeploymentTargets", json!({"deploymentId": twin}));
    assert_eq!(listed, json!({"targetIds": ["shop:web"]}));
}

#[test]
fn the_rollback_of_a_service_shows_the_traffic_where_it_went() {
    let (simulation, id) = created(world(), &deploy("Canary10Percent5Minutes"));
    simulation.at(100, fakes::event::stop(&id, None));
    simulation.run();
    let undone = simulation.api("Tideshift.DescribeDeployment", json!({"deploymentId": id})).body;
    let twin = undone["rolledBackBy"].clone();
    let shown = simulation.api("Tideshift.DescribeDeployment", json!({"deploymentId": twin})).body;
    let sets: Vec<_> =
        shown["taskSets"].as_array().unwrap().iter().map(|set| (&set["taskSetLabel"], &set["trafficWeight"])).collect();
    assert_eq!(sets, [(&json!("Blue"), &json!(100.0))]);
    assert_eq!((&shown["plan"]["from"], &shown["plan"]["to"]), (&json!("web:2"), &json!("web:1")));
    let error = json!({"code": "MANUAL_STOP", "message": "The deployment was stopped by a user"});
    assert_eq!(shown["rollbackOf"], json!({"deploymentId": id, "error": error}));
}

#[test]
fn a_service_shows_what_is_live_there() {
    let (simulation, id) = created(world(), &deploy("Canary10Percent5Minutes"));
    simulation.run_until(100);
    let shown = simulation.api("Tideshift.DescribeTarget", json!({"target": "shop/web"})).body;
    let sets: Vec<_> =
        shown["taskSets"].as_array().unwrap().iter().map(|set| (&set["taskDefinition"], &set["weight"])).collect();
    assert_eq!(sets, [(&json!("web:1"), &json!(90)), (&json!("web:2"), &json!(10))]);
    assert_eq!((&shown["active"], &shown["live"]["additionalWeight"]), (&json!(id), &json!(10)));
    simulation.run();
    let shown = simulation.api("Tideshift.DescribeTarget", json!({"target": "shop/web"})).body;
    assert_eq!((&shown["active"], &shown["lastGood"]["revision"]), (&Value::Null, &json!("web:2")), "{shown:#}");
}

#[test]
fn a_description_shows_the_plan_of_a_deployment_to_a_service() {
    let (simulation, id) = created(world(), &deploy("Canary10Percent5Minutes").tested());
    simulation.run_until(100);
    let reply = simulation.api("Tideshift.DescribeDeployment", json!({"deploymentId": id}));
    expect![[r#"
        {
          "target": {
            "name": "shop/web",
            "computePlatform": "ECS",
            "cluster": "shop",
            "service": "web"
          },
          "from": "web:1",
          "to": "web:2",
          "pair": {
            "blue": {
              "taskSet": "ecs-svc/1",
              "targetGroup": "web-blue"
            },
            "green": {
              "targetGroup": "web-green"
            }
          },
          "strategy": "Canary10Percent5Minutes",
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
              "weight": 100,
              "holdSeconds": 0,
              "awaitContinue": false,
              "onTimeout": null
            }
          ],
          "hooks": [],
          "alarms": [],
          "rollbackOn": [
            "DEPLOYMENT_FAILURE",
            "DEPLOYMENT_STOP_ON_ALARM",
            "DEPLOYMENT_STOP_ON_REQUEST"
          ],
          "pollSeconds": 60,
          "watchedSeconds": 20,
          "terminationSeconds": 0,
          "totalSeconds": 320
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&reply.body["plan"]).unwrap());
}

#[test]
fn a_description_tells_how_far_a_deployment_to_a_service_is() {
    let (simulation, id) = created(world(), &deploy("Canary10Percent5Minutes").tested());
    simulation.run_until(100);
    let reply = simulation.api("Tideshift.DescribeDeployment", json!({"deploymentId": id}));
    let shown = json!({"progress": reply.body["progress"], "status": reply.body["status"]});
    expect![[r#"
        {
          "progress": {
            "weight": 10,
            "step": 1,
            "of": 2,
            "since": 1767355229.0,
            "nextAt": 1767355529.0,
            "awaitingContinue": false,
            "awaitingTermination": false
          },
          "status": "InProgress"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&shown).unwrap());
}
