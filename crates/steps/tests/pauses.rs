//! Steps that wait for a person.

use expect_test::expect;
use fakes::event;
use serde_json::{Value, json};

use crate::story::{check, created, request, world};

fn pause(on_timeout: &str) -> Value {
    json!([{"Weight": 20, "UntilContinued": {"Timeout": "10m", "OnTimeout": on_timeout}}])
}

#[test]
fn a_person_lets_a_paused_deployment_continue() {
    check(
        world(),
        &request(pause("Stop")),
        |simulation, id| simulation.at(90, event::resume(id)),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, with waits of 10m at most
                0s  storefront:live is pointed at version 1 with 20 % on version 2
                0s  d-1: 20 % of the calls to version 2
               90s  d-1: continued by a person
               90s  CodeDeploy_20141006.ContinueDeployment answers 200
               90s  storefront:live is pointed at version 2
               90s  d-1: 100 % of the calls to version 2
               90s  d-1: committed: past the point of no return
               90s  d-1: ended: Succeeded
               90s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_pause_that_nobody_continues_stops_the_deployment() {
    check(
        world(),
        &request(pause("Stop")),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, with waits of 10m at most
                0s  storefront:live is pointed at version 1 with 20 % on version 2
                0s  d-1: 20 % of the calls to version 2
              600s  d-1: stopping, putting the traffic back: MANUAL_STOP: The deployment timed out while waiting for a notification to continue. This time out period is 10 minutes.
              600s  storefront:live is pointed at version 1
              600s  d-1: traffic: put back, every call goes to version 1
              600s  d-1: ended: RolledBack, MANUAL_STOP
              600s  execution d-1 ends: FAILED MANUAL_STOP
            RolledBack, MANUAL_STOP; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_pause_may_also_end_by_itself() {
    check(
        world(),
        &request(pause("Continue")),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, with waits of 10m at most
                0s  storefront:live is pointed at version 1 with 20 % on version 2
                0s  d-1: 20 % of the calls to version 2
              600s  storefront:live is pointed at version 2
              600s  d-1: 100 % of the calls to version 2
              600s  d-1: committed: past the point of no return
              600s  d-1: ended: Succeeded
              600s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn an_alarm_is_looked_at_also_while_a_person_is_waited_for() {
    let request = request(pause("Continue")).alarms(&["errors"]);
    check(
        world(),
        &request,
        |simulation, _| simulation.at(90, event::silent_alarm("errors")),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, with waits of 10m at most
                0s  storefront:live is pointed at version 1 with 20 % on version 2
                0s  d-1: 20 % of the calls to version 2
               90s  alarm errors goes to ALARM, silently
              120s  d-1: stopping, putting the traffic back: ALARM_ACTIVE: One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <errors>; CloudWatch says of errors: Threshold Crossed: 7 is more than 5
              120s  storefront:live is pointed at version 1
              120s  d-1: traffic: put back, every call goes to version 1
              120s  d-1: ended: RolledBack, ALARM_ACTIVE
              120s  execution d-1 ends: FAILED ALARM_ACTIVE
            RolledBack, ALARM_ACTIVE; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn nobody_can_continue_what_does_not_wait() {
    let meanwhile = |simulation: &fakes::Simulation, id: &rollout::ids::DeploymentId| {
        simulation.at(90, event::resume(id));
    };
    check(
        world(),
        &request("Canary10Percent5Minutes"),
        meanwhile,
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 5m at least
                0s  storefront:live is pointed at version 1 with 10 % on version 2
                0s  d-1: 10 % of the calls to version 2
               90s  CodeDeploy_20141006.ContinueDeployment answers 400
              300s  storefront:live is pointed at version 2
              300s  d-1: 100 % of the calls to version 2
              300s  d-1: committed: past the point of no return
              300s  d-1: ended: Succeeded
              300s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_person_ends_a_hold_before_its_time_and_it_is_heard_at_once() {
    check(
        world(),
        &request("Canary20Percent10Minutes"),
        |simulation, id| {
            simulation.at(90, event::skip_hold(id));
            simulation.at(91, event::skip_hold(id));
        },
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 10m at least
                0s  storefront:live is pointed at version 1 with 20 % on version 2
                0s  d-1: 20 % of the calls to version 2
               90s  d-1: continued by a person
               90s  CodeDeploy_20141006.ContinueDeployment answers 200
               90s  storefront:live is pointed at version 2
               90s  d-1: 100 % of the calls to version 2
               90s  d-1: committed: past the point of no return
               90s  d-1: ended: Succeeded
               90s  execution d-1 ends: SUCCEEDED
               91s  CodeDeploy_20141006.ContinueDeployment answers 400
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn where_alarms_are_looked_at_a_hold_that_a_person_ends_is_over_with_the_next_look() {
    let request = request("Canary20Percent10Minutes").alarms(&["errors"]);
    check(
        world(),
        &request,
        |simulation, id| simulation.at(90, event::skip_hold(id)),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 10m at least
                0s  storefront:live is pointed at version 1 with 20 % on version 2
                0s  d-1: 20 % of the calls to version 2
               90s  d-1: continued by a person
               90s  CodeDeploy_20141006.ContinueDeployment answers 200
              120s  storefront:live is pointed at version 2
              120s  d-1: 100 % of the calls to version 2
              120s  d-1: committed: past the point of no return
              120s  d-1: ended: Succeeded
              120s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_hold_that_was_skipped_is_shown_until_the_next_look_and_skipping_it_again_says_that_it_was_ordered() {
    let (simulation, id) = created(world(), &request("Canary20Percent10Minutes").alarms(&["errors"]));
    simulation.at(90, event::skip_hold(&id));
    let progress = || {
        let shown =
            simulation.api("Tideshift.DescribeDeployment", json!({"deploymentId": id})).body["progress"].clone();
        (shown["resumed"].clone(), shown["nextAt"].is_null())
    };
    simulation.run_until(89);
    assert_eq!(progress(), (json!(null), false));
    simulation.run_until(100);
    assert_eq!(progress(), (json!(true), true), "its time does not count any more");
    let again = json!({"deploymentId": id, "skipHold": true});
    let again = simulation.api("CodeDeploy_20141006.ContinueDeployment", again);
    assert_eq!(again.status, 400);
    let told = again.body["message"].as_str().unwrap();
    assert_eq!(told, "That was ordered already: the next look takes the next step");
    simulation.run();
    assert_eq!(progress(), (json!(null), true));
}

#[test]
fn a_hold_that_is_not_there_is_not_skipped() {
    check(
        world(),
        &request(pause("Stop")),
        |simulation, id| {
            simulation.at(90, event::skip_hold(id));
            simulation.at(100, event::resume(id));
        },
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, with waits of 10m at most
                0s  storefront:live is pointed at version 1 with 20 % on version 2
                0s  d-1: 20 % of the calls to version 2
               90s  CodeDeploy_20141006.ContinueDeployment answers 400
              100s  d-1: continued by a person
              100s  CodeDeploy_20141006.ContinueDeployment answers 200
              100s  storefront:live is pointed at version 2
              100s  d-1: 100 % of the calls to version 2
              100s  d-1: committed: past the point of no return
              100s  d-1: ended: Succeeded
              100s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}
