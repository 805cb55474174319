//! What hooks answer, in all the ways they can.

mod callbacks;

use expect_test::expect;
use fakes::World;
use rollout::code::ErrorCode;
use serde_json::{Value, json};
use steps::ports::Called;

use crate::story::{Request, check, created, ended, request, world};

fn before() -> Request {
    request("AllAtOnce").hook("BeforeAllowTraffic", "checks")
}

fn after() -> Request {
    request("AllAtOnce").hook("AfterAllowTraffic", "smoke-test")
}

fn answering(name: &str, answer: Value) -> World {
    let world = world();
    world.hook(name, move |_| Called::Returned(answer.clone()));
    world
}

fn threw() -> Called {
    Called::Threw {
        kind: "AssertionError".to_owned(),
        message: "the page has no price".to_owned(),
        log_tail: "GET /\nno price\n".to_owned(),
    }
}

#[test]
fn a_hook_that_refuses_before_any_traffic_leaves_the_alias_alone() {
    let world = answering("checks", json!({"status": "Failed", "message": "3 of 9 checks failed"}));
    check(
        world,
        &before(),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  checks is called for BeforeAllowTraffic
                0s  d-1: stopping before any traffic was moved: HOOK_EXECUTION_FAILURE: the BeforeAllowTraffic hook checks failed: 3 of 9 checks failed
                0s  d-1: traffic: no call ever went to the new version
                0s  d-1: ended: Failed, HOOK_EXECUTION_FAILURE
                0s  execution d-1 ends: FAILED HOOK_EXECUTION_FAILURE
            Failed, HOOK_EXECUTION_FAILURE; the alias is version 1; the lock is free
            BeforeAllowTraffic Failed, AllowTraffic Skipped, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_hook_that_refuses_after_the_traffic_puts_it_back() {
    let world = answering("smoke-test", json!({"hookStatus": "FAILED"}));
    check(
        world,
        &after(),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  storefront:live is pointed at version 2
                0s  d-1: 100 % of the calls to version 2
                0s  smoke-test is called for AfterAllowTraffic
                0s  d-1: stopping, putting the traffic back: HOOK_EXECUTION_FAILURE: the AfterAllowTraffic hook smoke-test failed: the hook returned Failed
                0s  storefront:live is pointed at version 1
                0s  d-1: traffic: put back, every call goes to version 1
                0s  d-1: ended: RolledBack, HOOK_EXECUTION_FAILURE
                0s  execution d-1 ends: FAILED HOOK_EXECUTION_FAILURE
            RolledBack, HOOK_EXECUTION_FAILURE; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Failed
        "#]],
    );
}

#[test]
fn a_hook_that_throws_fails_with_the_end_of_its_log() {
    let world = world();
    world.hook("smoke-test", |_| threw());
    let (simulation, id) = check(
        world,
        &after(),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  storefront:live is pointed at version 2
                0s  d-1: 100 % of the calls to version 2
                0s  smoke-test is called for AfterAllowTraffic
                0s  d-1: stopping, putting the traffic back: HOOK_EXECUTION_FAILURE: the AfterAllowTraffic hook smoke-test failed: AssertionError: the page has no price
                0s  storefront:live is pointed at version 1
                0s  d-1: traffic: put back, every call goes to version 1
                0s  d-1: ended: RolledBack, HOOK_EXECUTION_FAILURE
                0s  execution d-1 ends: FAILED HOOK_EXECUTION_FAILURE
            RolledBack, HOOK_EXECUTION_FAILURE; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Failed
        "#]],
    );
    let deployment = simulation.world().deployment(&id).unwrap();
    let said = deployment.events.events()[2].diagnostics.clone().unwrap();
    expect![[r#"
        Diagnostics {
            message: "AssertionError: the page has no price",
            log_tail: "GET /\nno price\n",
        }
    "#]]
    .assert_debug_eq(&said);
}

#[test]
fn a_hook_that_never_answers_runs_out_of_time() {
    let world = answering("checks", json!(null));
    let hook = json!({"Function": "checks", "Timeout": "5m"});
    let request = request("AllAtOnce").hook("BeforeAllowTraffic", hook);
    check(
        world,
        &request,
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  checks is called for BeforeAllowTraffic
              300s  d-1: stopping before any traffic was moved: TIMEOUT: the BeforeAllowTraffic hook checks did not answer within 5m: it returned nothing (null) after 0s, which is no answer, and it did not call back; to answer, return {"status": "Succeeded"} or {"status": "Failed"}, or call PutLifecycleEventHookExecutionStatus; its log: log group /aws/lambda/checks, unless the function has another, request c6af9ac6-7b61-11e6-9a41-93e8deadbeef
              300s  d-1: traffic: no call ever went to the new version
              300s  d-1: ended: Failed, TIMEOUT
              300s  execution d-1 ends: FAILED TIMEOUT
            Failed, TIMEOUT; the alias is version 1; the lock is free
            BeforeAllowTraffic Failed, AllowTraffic Skipped, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_hook_in_progress_is_called_again_with_what_it_asked_to_be_handed() {
    let (world, mut calls) = (world(), 0);
    world.hook("checks", move |payload| {
        calls += 1;
        assert_eq!(payload.get("HookDetails").is_some(), calls > 1);
        Called::Returned(match calls {
            1 | 2 => json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 20, "hookDetails": {"job": calls}}),
            _ => json!({"hookStatus": "SUCCEEDED"}),
        })
    });
    check(
        world,
        &before(),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  checks is called for BeforeAllowTraffic
                0s  d-1: the BeforeAllowTraffic hook is in progress, called again in 20s
               20s  checks is called for BeforeAllowTraffic
               20s  d-1: the BeforeAllowTraffic hook is in progress, called again in 20s
               40s  checks is called for BeforeAllowTraffic
               40s  storefront:live is pointed at version 2
               40s  d-1: 100 % of the calls to version 2
               40s  d-1: committed: past the point of no return
               40s  d-1: ended: Succeeded
               40s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_hook_that_is_in_progress_for_ever_runs_out_of_time() {
    let world = answering("checks", json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 100}));
    let hook = json!({"Function": "checks", "Timeout": "4m"});
    let request = request("AllAtOnce").hook("BeforeAllowTraffic", hook);
    check(
        world,
        &request,
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  checks is called for BeforeAllowTraffic
                0s  d-1: the BeforeAllowTraffic hook is in progress, called again in 1m 40s
              100s  checks is called for BeforeAllowTraffic
              100s  d-1: the BeforeAllowTraffic hook is in progress, called again in 1m 40s
              200s  checks is called for BeforeAllowTraffic
              200s  d-1: the BeforeAllowTraffic hook is in progress, called again in 40s
              240s  d-1: stopping before any traffic was moved: TIMEOUT: the BeforeAllowTraffic hook checks was still in progress after 4m and 3 calls: let it end sooner, or give it a longer Timeout; its log: log group /aws/lambda/checks, unless the function has another
              240s  d-1: traffic: no call ever went to the new version
              240s  d-1: ended: Failed, TIMEOUT
              240s  execution d-1 ends: FAILED TIMEOUT
            Failed, TIMEOUT; the alias is version 1; the lock is free
            BeforeAllowTraffic Failed, AllowTraffic Skipped, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_hook_that_asks_every_second_stays_within_the_history() {
    let world = answering("checks", json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 1}));
    let (simulation, id) = created(world, &before());
    simulation.run();
    let calls = simulation.world().hook_calls().len() as u64;
    assert!(calls <= rollout::budget::MAX_HOOK_CALLS, "{calls}");
    assert!(ended(&simulation, &id).starts_with("Failed, TIMEOUT"));
}

#[test]
fn a_hook_that_leaves_more_for_its_next_call_than_is_kept_fails_with_the_size() {
    let ended_with = |bytes: usize| {
        let left = json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 5, "hookDetails": "x".repeat(bytes)});
        let hook = json!({"Function": "checks", "Timeout": "1m"});
        let (simulation, id) =
            created(answering("checks", left), &request("AllAtOnce").hook("BeforeAllowTraffic", hook));
        simulation.run();
        simulation.world().deployment(&id).unwrap().phase.why().unwrap().clone()
    };
    assert_eq!(ended_with(200_000).code, ErrorCode::Timeout);
    let refused = ended_with(300_000);
    assert_eq!(refused.code, ErrorCode::HookExecutionFailure);
    expect!["the BeforeAllowTraffic hook checks failed: the hook left hookDetails of 293 KB for its next call, and 256 KB are kept at most; keep them elsewhere, as in S3, and leave the key"].assert_eq(&refused.message);
}

#[test]
fn a_hook_is_told_everything_about_the_deployment() {
    let world = world();
    world.parameter("/shop/db/password", "hunter2-hunter2");
    let hook = json!({"Function": "checks", "Timeout": "10m", "Parameters": ["/shop/db/password"]});
    let (simulation, _) = created(world, &request("AllAtOnce").hook("BeforeAllowTraffic", hook));
    simulation.run();
    let calls = simulation.world().hook_calls();
    expect![[r#"
        {
          "DeploymentId": "d-1",
          "LifecycleEventHookExecutionId": "hook-run-2",
          "LifecycleEvent": "BeforeAllowTraffic",
          "FunctionName": "storefront",
          "Alias": "live",
          "CurrentVersion": "1",
          "TargetVersion": "2",
          "Weight": 0,
          "Deadline": "2026-01-02T12:10:00Z",
          "Parameters": {
            "/shop/db/password": "hunter2-hunter2"
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&calls[0].1).unwrap());
}

#[test]
fn a_hook_that_returned_no_answer_is_told_by_its_kind_while_it_is_waited_for_and_when_its_time_is_over() {
    let hook = json!({"Function": "checks", "Timeout": "5m"});
    let request = request("AllAtOnce").hook("BeforeAllowTraffic", hook);
    let (simulation, id) = created(answering("checks", json!({"statusCode": 200, "body": "hunter2"})), &request);
    simulation.run_until(60);
    let shown = || simulation.api("Tideshift.DescribeDeployment", json!({"deploymentId": id})).body;
    let waiting = shown()["events"][0].clone();
    assert_eq!(waiting["deadline"].as_f64(), waiting["startTime"].as_f64().map(|began| began + 300.0));
    let expected = "it returned an object as HTTP has it (statusCode), without a status after 0s, which is no answer: it may still \
                    call PutLifecycleEventHookExecutionStatus";
    assert_eq!(waiting["message"], expected);
    simulation.run();
    let over = shown();
    expect![[r#"the BeforeAllowTraffic hook checks did not answer within 5m: it returned an object as HTTP has it (statusCode), without a status after 0s, which is no answer, and it did not call back; to answer, return {"status": "Succeeded"} or {"status": "Failed"}, or call PutLifecycleEventHookExecutionStatus; its log: log group /aws/lambda/checks, unless the function has another, request c6af9ac6-7b61-11e6-9a41-93e8deadbeef"#]].assert_eq(over["error"]["message"].as_str().unwrap());
    assert_eq!(over["events"][0]["deadline"], json!(null));
    assert!(!over.to_string().contains("hunter2"));
}

#[test]
fn answers_that_contradict_each_other_and_a_delay_that_is_none_name_the_hook_and_what_to_write() {
    let told = [
        json!({"status": "Succeeded", "hookStatus": "FAILED"}),
        json!({"status": "InProgress", "callBackDelay": "soon"}),
    ];
    let told = told.map(|returned| {
        let request = request("AllAtOnce").hook("BeforeAllowTraffic", "checks");
        let (simulation, id) = created(answering("checks", returned), &request);
        simulation.run();
        simulation.world().deployment(&id).unwrap().phase.why().unwrap().message.clone()
    });
    expect![[r#"
        the BeforeAllowTraffic hook checks failed: the hook returned a status and a hookStatus that contradict each other; return one of them
        the BeforeAllowTraffic hook checks failed: the hook returned IN_PROGRESS with a callBackDelay that is no whole number of seconds; write a number, like 30, or leave it out"#]].assert_eq(&told.join("\n"));
}

#[test]
fn a_wait_may_be_failed_without_saying_why() {
    let failure: steps::rollback::Failure = serde_json::from_str(r#"{"Error": null, "Cause": null}"#).unwrap();
    assert_eq!((failure.error.as_str(), failure.cause.as_str()), ("", ""));
    let failure: steps::rollback::Failure = serde_json::from_str(r#"{"Error": "Mine"}"#).unwrap();
    assert_eq!((failure.error.as_str(), failure.cause.as_str()), ("Mine", ""));
}
