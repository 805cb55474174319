//! A deployment that is refused.

use expect_test::expect;
use serde_json::{Value, json};

use super::{DEPLOY, planned, ran};
use crate::testing::Script;

fn refusals() -> Value {
    json!([{"code": "AlarmActive", "message": "alarm errors is in ALARM"}, {"code": "TargetLocked", "message": "d-7 is under way"}])
}

#[tokio::test]
async fn a_refused_deployment_is_never_started() {
    expect![[r#"
        11 Refused
        asked: [PlanDeployment]
        out:
        err:
        Refused for 2 reasons; nothing was started:
          AlarmActive: alarm errors is in ALARM
          TargetLocked: d-7 is under way
    "#]]
    .assert_eq(&ran(&Script::new([Ok(planned(refusals()))]), DEPLOY).await);
}

#[tokio::test]
async fn a_refused_deployment_is_a_document_with_its_refusals_in_json() {
    let refusals = refusals();
    expect![[r#"
        11 Refused
        asked: [PlanDeployment]
        out:
        {
          "plan": {
            "target": {
              "name": "f:live",
              "computePlatform": "Lambda",
              "function": "f",
              "alias": "live"
            },
            "from": "1",
            "to": "2",
            "strategy": "AllAtOnce",
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
            "alarms": [],
            "rollbackOn": [],
            "pollSeconds": 60,
            "totalSeconds": 0
          },
          "refusals": [
            {
              "code": "AlarmActive",
              "message": "alarm errors is in ALARM"
            },
            {
              "code": "TargetLocked",
              "message": "d-7 is under way"
            }
          ],
          "notes": [
            "f has provisioned concurrency"
          ],
          "error": {
            "code": "AlarmActive",
            "message": "alarm errors is in ALARM; d-7 is under way"
          }
        }
        err:
    "#]]
    .assert_eq(&ran(&Script::new([Ok(planned(refusals))]), &format!("{DEPLOY} --output json")).await);
}

#[tokio::test]
async fn an_alarm_whose_name_may_be_two_is_shown_as_two() {
    let missing = |name: &str| json!([{"code": "AlarmMissing", "message": format!("these alarms do not exist (any more): <{name}>; create them")}]);
    let tip = "A comma is part of an alarm's name. If errors,latency are several, write --alarm errors --alarm latency";
    let flags = "--function f --alias live --to-version 2";
    for command in ["deploy", "plan"] {
        let line = format!("{command} {flags} --alarm errors,latency");
        let told = ran(&Script::new([Ok(planned(missing("errors,latency")))]), &line).await;
        assert!(told.contains(tip), "{told}");
    }
    let told = ran(&Script::new([Ok(planned(missing("errors")))]), &format!("deploy {flags} --alarm errors")).await;
    assert!(!told.contains("A comma"), "{told}");
}
