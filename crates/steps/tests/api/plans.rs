//! What a deployment would do, as PlanDeployment tells it.

use expect_test::expect;
use fakes::Simulation;
use serde_json::{Value, json};

use super::{DESCRIBE_ALL, PLAN, check, pretty, with};
use crate::story::{request, world};

/// The plan of a deployment with a bit of everything.
fn planned() -> Value {
    let simulation = Simulation::new(world());
    simulation.world().provision("storefront", "live", 5);
    simulation.world().parameter("/shop/db/password", "there");
    let steps = json!([{"Weight": 10, "Hold": "5m"}, {"Weight": 50, "UntilContinued": {"Timeout": "1h"}}]);
    let hook = json!({"Function": "checks", "Timeout": "10m", "Parameters": ["/shop/db/password"]});
    let body = request(steps).hook("BeforeAllowTraffic", hook).alarms(&["errors"]).json();
    simulation.api(PLAN, body).body
}

#[test]
fn a_plan_shows_everything_that_would_happen() {
    let mut shown = planned();
    for other in ["steps", "hooks"] {
        assert!(shown["plan"][other].take() != Value::Null, "{other} are shown, too");
    }
    expect![[r#"
        {
          "plan": {
            "target": {
              "name": "storefront:live",
              "computePlatform": "Lambda",
              "function": "storefront",
              "alias": "live"
            },
            "from": "1",
            "to": "2",
            "strategy": "Steps",
            "strategyFrom": "AppSpec",
            "overruled": [],
            "startWeight": 0,
            "steps": null,
            "hooks": null,
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
        }"#]].assert_eq(&pretty(&shown));
}

#[test]
fn a_plan_shows_each_step_and_each_hook() {
    let shown = planned();
    expect![[r#"
        [
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
        ]"#]]
    .assert_eq(&pretty(&shown["plan"]["steps"]));
    expect![[r#"
        [
          {
            "event": "BeforeAllowTraffic",
            "function": "checks",
            "timeoutSeconds": 600,
            "parameters": [
              "/shop/db/password"
            ],
            "keepOutput": false
          }
        ]"#]]
    .assert_eq(&pretty(&shown["plan"]["hooks"]));
}

#[test]
fn a_plan_says_everything_that_speaks_against_it_and_touches_nothing() {
    let simulation = Simulation::new(world());
    let body = request("AllAtOnce").to(9).alarms(&["gone"]).json();
    expect![[r#"
        {
          "plan": {
            "target": {
              "name": "storefront:live",
              "computePlatform": "Lambda",
              "function": "storefront",
              "alias": "live"
            },
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
