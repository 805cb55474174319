//! Hooks that answer by callback, or could have, since the answer of their call was lost.

use expect_test::{Expect, expect};
use fakes::{Fault, event};
use rollout::deployment::Phase;
use serde_json::{Value, json};

use super::{after, answering};
use crate::story::{created, ended, request, told};

#[track_caller]
fn check_callback(event: event::Event, expected: Expect) {
    let (simulation, id) = created(answering("smoke-test", json!("validating")), &after());
    simulation.at(40, event);
    simulation.run();
    expected.assert_eq(&told(&simulation, &id));
}

fn id() -> rollout::ids::DeploymentId {
    rollout::ids::DeploymentId::parse("d-1").unwrap()
}

#[test]
fn a_hook_calls_back_that_it_succeeded() {
    check_callback(
        event::hook_status(&id(), "Succeeded"),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  storefront:live is pointed at version 2
                0s  d-1: 100 % of the calls to version 2
                0s  smoke-test is called for AfterAllowTraffic
               40s  CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus answers 200
               40s  d-1: committed: past the point of no return
               40s  d-1: ended: Succeeded
               40s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_hook_calls_back_that_it_failed() {
    check_callback(
        event::hook_status(&id(), "Failed"),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  storefront:live is pointed at version 2
                0s  d-1: 100 % of the calls to version 2
                0s  smoke-test is called for AfterAllowTraffic
               40s  d-1: stopping, putting the traffic back: HOOK_EXECUTION_FAILURE: the AfterAllowTraffic hook smoke-test failed: it called back with Failed
               40s  CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus answers 200
               40s  storefront:live is pointed at version 1
               40s  d-1: traffic: put back, every call goes to version 1
               40s  d-1: ended: RolledBack, HOOK_EXECUTION_FAILURE
               40s  execution d-1 ends: FAILED HOOK_EXECUTION_FAILURE
            RolledBack, HOOK_EXECUTION_FAILURE; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Failed
        "#]],
    );
}

#[test]
fn whoever_ends_the_wait_for_a_hook_adds_nothing_to_the_data_but_a_time() {
    for output in [json!({"again": null, "more": "words"}), json!({"again": "soon"})] {
        let (simulation, id) = created(answering("smoke-test", json!(null)), &after());
        simulation.at(40, event::wait_ended(output.clone()));
        simulation.run();
        assert!(ended(&simulation, &id).starts_with("Succeeded"), "{output}: {}", told(&simulation, &id));
    }
}

#[test]
fn a_time_to_wait_that_is_none_stops_the_deployment() {
    for again in [json!(0), json!(-1), json!(86_401), json!(1e300)] {
        let (simulation, id) = created(answering("smoke-test", json!(null)), &after());
        simulation.at(40, event::wait_ended(json!({"again": again})));
        simulation.run();
        let ended = ended(&simulation, &id);
        assert!(ended.starts_with("RolledBack, HOOK_EXECUTION_FAILURE"), "{again}: {}", told(&simulation, &id));
    }
}

/// The callback comes while the function is still being called, and what it returns then comes too late.
fn called_back_first(status: &str, returned: Value) -> (String, String) {
    let calls_until_the_hook = {
        let (simulation, _) = created(answering("smoke-test", returned.clone()), &after());
        simulation.run();
        let calls = simulation.world().faults.calls();
        calls.iter().position(|call| *call == "call").unwrap() + 1
    };
    let (simulation, id) = created(answering("smoke-test", returned), &after());
    simulation.before_call(calls_until_the_hook + 1, event::hook_status(&id, status));
    simulation.run();
    (ended(&simulation, &id), simulation.world().story())
}

/// The answer of the hook's call is lost, and so many seconds later something happens.
#[track_caller]
fn check_unanswered(returned: Value, after_seconds: i64, happens: Option<event::Event>, expected: Expect) {
    let hook = json!({"Function": "smoke-test", "Timeout": "5m"});
    let request = request("AllAtOnce").hook("AfterAllowTraffic", hook);
    let (simulation, id) = created(answering("smoke-test", returned), &request);
    simulation.world().faults.always("call", Fault::Lost);
    if let Some(event) = happens {
        simulation.at(after_seconds, event);
    }
    simulation.run();
    assert_eq!(simulation.world().hook_calls().len(), 1, "it is called once");
    expected.assert_eq(&told(&simulation, &id));
}

#[test]
fn a_hook_whose_answer_was_lost_is_not_called_again_and_may_call_back() {
    check_unanswered(
        json!(null),
        40,
        Some(event::hook_status(&id(), "Succeeded")),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  storefront:live is pointed at version 2
                0s  d-1: 100 % of the calls to version 2
                0s  smoke-test is called for AfterAllowTraffic
                0s  d-1: no answer of the AfterAllowTraffic hook was heard: it may have run and is not called again, its status is waited for
               40s  CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus answers 200
               40s  d-1: committed: past the point of no return
               40s  d-1: ended: Succeeded
               40s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_hook_whose_answer_was_lost_runs_out_of_time_if_it_does_not_call_back() {
    check_unanswered(
        json!({"status": "Succeeded"}),
        0,
        None,
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  storefront:live is pointed at version 2
                0s  d-1: 100 % of the calls to version 2
                0s  smoke-test is called for AfterAllowTraffic
                0s  d-1: no answer of the AfterAllowTraffic hook was heard: it may have run and is not called again, its status is waited for
              300s  d-1: stopping, putting the traffic back: TIMEOUT: the AfterAllowTraffic hook smoke-test did not answer within 5m: what its call returned was lost after 0s, so it was not called again, and it did not call back; to answer, return {"status": "Succeeded"} or {"status": "Failed"}, or call PutLifecycleEventHookExecutionStatus; its log: log group /aws/lambda/smoke-test, unless the function has another
              300s  storefront:live is pointed at version 1
              300s  d-1: traffic: put back, every call goes to version 1
              300s  d-1: ended: RolledBack, TIMEOUT
              300s  execution d-1 ends: FAILED TIMEOUT
            RolledBack, TIMEOUT; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Failed
        "#]],
    );
}

#[test]
fn the_first_answer_of_a_hook_counts() {
    let (yes, told) = called_back_first("Succeeded", json!({"status": "Failed", "message": "2 of 9 checks"}));
    assert!(yes.starts_with("Succeeded; the alias is version 2"), "{yes}");
    let second = "hook had called back with Succeeded, which counts; then it failed: 2 of 9 checks";
    assert!(told.contains(second), "{told}");
    let asks = json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 5});
    let (yes, told) = called_back_first("Succeeded", asks.clone());
    assert!(yes.starts_with("Succeeded; the alias is version 2"), "{yes}");
    assert!(!told.contains("called again"), "{told}");
    let (no, told) = called_back_first("Failed", asks);
    assert!(no.starts_with("RolledBack, HOOK_EXECUTION_FAILURE; the alias is version 1"), "{no}");
    assert!(!told.contains("called again"), "{told}");
    let (no, _) = called_back_first("Failed", json!({"status": "Succeeded"}));
    assert!(no.starts_with("RolledBack, HOOK_EXECUTION_FAILURE; the alias is version 1"), "{no}");
}

#[test]
fn a_hook_that_returned_no_answer_and_calls_back_is_content() {
    let request = request("AllAtOnce").hook("BeforeAllowTraffic", "checks");
    let (simulation, id) = created(answering("checks", json!({"Status": "Succeeded"})), &request);
    simulation.at(30, event::hook_status(&id, "Succeeded"));
    simulation.run();
    assert_eq!(simulation.world().deployment(&id).unwrap().phase, Phase::Succeeded);
}
