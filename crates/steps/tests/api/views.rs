//! A deployment, as DescribeDeployment tells it.

use expect_test::expect;
use fakes::event;
use rollout::routing::Routing;
use serde_json::{Value, json};

use super::{DESCRIBE, pretty};
use crate::story::{created, request, world};

/// What is told of a deployment 90 seconds after it began.
fn described() -> Value {
    let (simulation, id) = created(world(), &request("Linear25PercentEvery1Minute").alarms(&["errors"]));
    simulation.run_until(90);
    simulation.api(DESCRIBE, json!({"deploymentId": id})).body
}

#[test]
fn describe_tells_how_far_a_deployment_is() {
    let mut shown = described();
    for other in ["plan", "events", "journal"] {
        assert!(shown[other].take() != Value::Null, "{other} is told, too");
    }
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
          "plan": null,
          "progress": {
            "weight": 50,
            "step": 2,
            "of": 4,
            "since": 1767355260.0,
            "nextAt": 1767355320.0,
            "awaitingContinue": false,
            "awaitingTermination": false
          },
          "limits": {
            "deploymentSeconds": 864000
          },
          "events": null,
          "alarms": [
            {
              "name": "errors",
              "state": "OK"
            }
          ],
          "error": null,
          "leftover": null,
          "journal": null
        }"#]]
    .assert_eq(&pretty(&shown));
}

#[test]
fn describe_tells_each_event_and_each_line_of_the_journal() {
    let shown = described();
    expect![[r#"
        {
          "name": "AllowTraffic",
          "status": "InProgress",
          "startTime": 1767355200.0,
          "endTime": null,
          "deadline": null,
          "message": null,
          "logTail": null
        }"#]]
    .assert_eq(&pretty(&shown["events"][1]));
    expect![[r#"
        [
          {
            "at": 1767355200.0,
            "key": "planned",
            "text": "planned: version 1 to version 2 in 4 steps, 3m at least",
            "status": "InProgress"
          },
          {
            "at": 1767355200.0,
            "key": "weight/025",
            "text": "25 % of the calls to version 2",
            "event": {
              "name": "AllowTraffic",
              "status": "InProgress"
            }
          },
          {
            "at": 1767355260.0,
            "key": "weight/050",
            "text": "50 % of the calls to version 2",
            "event": {
              "name": "AllowTraffic",
              "status": "InProgress"
            }
          }
        ]"#]]
    .assert_eq(&pretty(&shown["journal"]));
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
