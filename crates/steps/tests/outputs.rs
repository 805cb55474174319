//! What an execution puts out, for whoever started it: one object, whichever way it came to a good end.

use expect_test::{Expect, expect};
use fakes::Simulation;
use fakes::event;
use serde_json::Value;

use crate::ecs;
use crate::story::{created, request, world};

/// What an execution put out, in lines.
#[track_caller]
fn puts_out(simulation: &Simulation, id: &str, expected: Expect) {
    let output = simulation.output(id).unwrap_or(Value::Null);
    expected.assert_eq(&format!("{output:#}"));
}

#[test]
fn a_deployment_of_an_alias_puts_out_what_it_moved_how_far_and_how_long_it_took() {
    let (simulation, id) = created(world(), &request("Canary10Percent5Minutes"));
    simulation.run();
    puts_out(
        &simulation,
        id.as_str(),
        expect![[r#"
        {
          "deploymentId": "d-1",
          "outcome": "Succeeded",
          "status": "Succeeded",
          "error": null,
          "cause": null,
          "target": {
            "name": "storefront:live",
            "computePlatform": "Lambda",
            "function": "storefront",
            "alias": "live"
          },
          "from": "1",
          "to": "2",
          "weights": {
            "1": 0,
            "2": 100
          },
          "started": "2026-01-02T12:00:00Z",
          "completed": "2026-01-02T12:05:00Z",
          "durationSeconds": 300,
          "console": "https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/arn:aws:states:eu-central-1:123456789012:execution:tideshift-lambda:d-1"
        }"#]],
    );
}

#[test]
fn a_deployment_of_a_service_puts_out_its_task_definitions_and_task_sets() {
    let (simulation, id) = ecs::created(ecs::world(), &ecs::deploy("Canary10Percent1Minute"));
    simulation.run();
    puts_out(
        &simulation,
        id.as_str(),
        expect![[r#"
        {
          "deploymentId": "d-1",
          "outcome": "Succeeded",
          "status": "Succeeded",
          "error": null,
          "cause": null,
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
          "weights": {
            "web:1": 0,
            "web:2": 100
          },
          "started": "2026-01-02T12:00:00Z",
          "completed": "2026-01-02T12:02:07Z",
          "durationSeconds": 127,
          "console": "https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/arn:aws:states:eu-central-1:123456789012:execution:tideshift-ecs:d-1"
        }"#]],
    );
}

#[test]
fn a_deployment_that_had_nothing_to_do_puts_out_the_same_object() {
    let (simulation, id) = created(world(), &request("AllAtOnce").to(1));
    simulation.run();
    puts_out(
        &simulation,
        id.as_str(),
        expect![[r#"
        {
          "deploymentId": "d-1",
          "outcome": "Succeeded",
          "status": "Succeeded",
          "error": null,
          "cause": null,
          "target": {
            "name": "storefront:live",
            "computePlatform": "Lambda",
            "function": "storefront",
            "alias": "live"
          },
          "from": "1",
          "to": "1",
          "weights": {
            "1": 100
          },
          "started": "2026-01-02T12:00:00Z",
          "completed": "2026-01-02T12:00:00Z",
          "durationSeconds": 0,
          "console": "https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/arn:aws:states:eu-central-1:123456789012:execution:tideshift-lambda:d-1"
        }"#]],
    );
}

#[test]
fn an_execution_that_was_started_by_hand_puts_out_the_same_object() {
    let (simulation, _) = created(world(), &request("AllAtOnce").to(1));
    simulation.run();
    simulation.start("release-42", request("AllAtOnce").json());
    simulation.run();
    let output = simulation.output("release-42").unwrap();
    assert_eq!((&output["deploymentId"], &output["status"]), (&"release-42".into(), &"Succeeded".into()));
    assert_eq!((&output["from"], &output["to"]), (&"1".into(), &"2".into()));
}

#[test]
fn a_failure_is_the_executions_with_its_name_and_its_cause() {
    let (simulation, id) = created(world(), &request("Canary10Percent5Minutes").alarms(&["errors"]));
    simulation.at(60, event::alarm("errors"));
    simulation.run();
    assert_eq!(simulation.execution(id.as_str()).unwrap(), "FAILED ALARM_ACTIVE");
    assert_eq!(simulation.output(id.as_str()), None);
}
