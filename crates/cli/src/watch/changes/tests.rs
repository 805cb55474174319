//! What is told between two looks.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;
use crate::testing::{alias, at, berlin, noon, service_plan, task_sets};
use crate::view;

fn look(changed: Value) -> DeploymentView {
    let mut deployment = json!({
        "deploymentId": "d-1", "status": "InProgress", "outcome": null,
        "plan": {
            "target": alias("storefront"), "from": "1", "to": "2", "strategy": "Steps", "startWeight": 0,
            "steps": [
                {"weight": 10, "holdSeconds": 60},
                {"weight": 50, "holdSeconds": 3600, "awaitContinue": true, "onTimeout": "Stop"},
                {"weight": 100, "holdSeconds": 0}
            ],
            "hooks": [{"event": "BeforeAllowTraffic", "function": "check", "timeoutSeconds": 60}], "alarms": ["errors"], "totalSeconds": 3660
        },
        "progress": {"weight": 0, "awaitingContinue": false}, "events": [], "alarms": [{"name": "errors", "state": "OK"}],
        "error": null, "leftover": null, "journal": []
    });
    if let Value::Object(changed) = changed {
        for (name, value) in changed {
            deployment[name] = value;
        }
    }
    view::read(&deployment).expect("a deployment")
}

/// The lines of a whole story, told look by look.
#[track_caller]
fn check(looks: &[Value], expected: Expect) {
    let mut before: Option<DeploymentView> = None;
    let mut told = String::new();
    for changed in looks {
        let after = look(changed.clone());
        for change in changes(before.as_ref(), &after, noon(), &berlin()) {
            _ = writeln!(told, "{} {}", clock(change.at, &berlin()), change.text);
        }
        told.push_str("--\n");
        before = Some(after);
    }
    told.push_str(&last_sentence(before.as_ref().expect("a look")));
    expected.assert_eq(&told);
}

#[test]
fn pauses_that_follow_each_other_are_told_each_and_what_somebody_else_changed_is_no_step() {
    let paused = |weight: u8, since: i64| json!({"weight": weight, "since": at(since), "nextAt": at(since + 60), "awaitingContinue": true});
    check(
        &[
            json!({"status": "Ready", "progress": paused(10, -9)}),
            json!({"status": "Ready", "progress": paused(50, -2)}),
            json!({"progress": {"weight": 75, "since": at(-2), "awaitingContinue": false},
                   "error": {"code": "DRIFT", "message": "changed by somebody else"}}),
        ],
        expect![[r#"
            11:59:51 d-1: storefront:live from version 1 to 2, Steps
            11:59:51 10 % of the traffic is on version 2
            12:00:00 alarm errors: OK
            12:00:00 paused at 10 %, waits to be continued; stops at 12:00:51 (in 51s)
            --
            11:59:58 traffic 10 % to 50 % on version 2
            12:00:00 paused at 50 %, waits to be continued; stops at 12:00:58 (in 58s)
            --
            12:00:00 traffic is found with 75 % on version 2
            12:00:00 stopping: DRIFT: changed by somebody else
            --
            d-1 InProgress: DRIFT: changed by somebody else
        "#]],
    );
}

#[test]
fn a_hold_that_somebody_skips_is_told_before_the_next_look_takes_the_next_step() {
    let held = |resumed: bool| json!({"progress": {"weight": 10, "since": at(-9), "resumed": resumed}});
    check(
        &[held(false), held(true), held(true), json!({"progress": {"weight": 50, "since": at(-1)}})],
        expect![[r#"
            11:59:51 d-1: storefront:live from version 1 to 2, Steps
            11:59:51 10 % of the traffic is on version 2
            12:00:00 alarm errors: OK
            --
            12:00:00 told to go on: 50 % comes with the next look
            --
            --
            11:59:59 traffic 10 % to 50 % on version 2
            --
            d-1 InProgress
        "#]],
    );
}

#[test]
fn a_hook_that_returned_no_answer_is_told_while_it_is_waited_for_and_the_reason_of_its_end_once() {
    let hook = |status: &str, message: Option<&str>, end: Option<i64>| json!([{"name": "BeforeAllowTraffic", "status": status, "startTime": at(-60), "endTime": end, "message": message}]);
    let awaited = Some("it returned nothing (null) after 1s, which is no answer: it may still call");
    let why = "the BeforeAllowTraffic hook check did not answer within 1m: it returned nothing (null) after 1s";
    let over = json!({"code": "TIMEOUT", "message": why});
    check(
        &[
            json!({"events": hook("InProgress", None, None)}),
            json!({"events": hook("InProgress", awaited, None)}),
            json!({"events": hook("InProgress", awaited, None)}),
            json!({"events": hook("Failed", Some(why), Some(at(0))), "error": over}),
            json!({"events": hook("Failed", Some(why), Some(at(0))), "error": over, "outcome": "RolledBack"}),
        ],
        expect![[r#"
            11:59:00 d-1: storefront:live from version 1 to 2, Steps
            11:59:00 BeforeAllowTraffic started
            12:00:00 alarm errors: OK
            --
            12:00:00 BeforeAllowTraffic: it returned nothing (null) after 1s, which is no answer: it may still call
            --
            --
            12:00:00 BeforeAllowTraffic failed after 1m: the BeforeAllowTraffic hook check did not answer within 1m: it returned nothing (null) after 1s
            12:00:00 stopping: TIMEOUT
            --
            12:00:00 over: RolledBack
            --
            d-1 RolledBack: TIMEOUT: the BeforeAllowTraffic hook check did not answer within 1m: it returned nothing (null) after 1s
        "#]],
    );
}

#[test]
fn a_healthy_story_is_told_once_each() {
    let before = json!({"name": "BeforeAllowTraffic", "status": "InProgress", "startTime": at(-20)});
    let done = json!({"name": "BeforeAllowTraffic", "status": "Succeeded", "startTime": at(-20), "endTime": at(-15)});
    check(
        &[
            json!({"plan": null, "status": "Created", "progress": {"weight": null, "step": 0, "of": 0, "awaitingContinue": false}, "alarms": []}),
            json!({"events": [before]}),
            json!({"events": [before]}),
            json!({"events": [done], "progress": {"weight": 10, "since": at(-14), "nextAt": at(46), "awaitingContinue": false}}),
            json!({"events": [done], "status": "Ready", "progress": {"weight": 50, "since": at(-1), "nextAt": at(3599), "awaitingContinue": true}}),
            json!({"events": [done], "progress": {"weight": 50, "since": at(-1), "awaitingContinue": false}}),
            json!({"events": [done], "status": "Succeeded", "outcome": "Succeeded", "completeTime": at(5),
                   "progress": {"weight": 100, "since": at(4), "awaitingContinue": false},
                   "alarms": [{"name": "errors", "state": "UNKNOWN"}]}),
        ],
        expect![[r#"
            --
            11:59:40 d-1: storefront:live from version 1 to 2, Steps
            11:59:40 BeforeAllowTraffic started
            12:00:00 alarm errors: OK
            --
            --
            11:59:45 BeforeAllowTraffic succeeded after 5s
            11:59:46 traffic 0 % to 10 % on version 2; next 50 % at 12:00:46 (in 46s)
            --
            11:59:59 traffic 10 % to 50 % on version 2
            12:00:00 paused at 50 %, waits to be continued; stops at 12:59:59 (in 59m 59s)
            --
            12:00:00 continued
            --
            12:00:04 traffic 50 % to 100 % on version 2
            12:00:05 over: Succeeded
            --
            d-1 Succeeded
        "#]],
    );
}

#[test]
fn the_story_of_a_service_tells_its_task_sets() {
    let plan = service_plan(json!({"readySeconds": 3600}));
    let event = |status: &str, end: Option<i64>| json!([{"name": "Install", "status": status, "startTime": at(-90), "endTime": end}]);
    let (running, done) = (event("InProgress", None), event("Succeeded", Some(at(-30))));
    let step = |weight: u64, more: &str| {
        let mut progress = json!({"weight": weight, "since": at(-10)});
        if !more.is_empty() {
            progress[more] = json!(true);
        }
        progress
    };
    check(
        &[
            json!({"plan": plan, "alarms": [], "events": running}),
            json!({"plan": plan, "alarms": [], "events": running, "taskSets": task_sets(0, 0.0)}),
            json!({"plan": plan, "alarms": [], "events": running, "taskSets": task_sets(2, 0.0)}),
            json!({"plan": plan, "alarms": [], "events": done, "taskSets": task_sets(2, 0.0), "status": "Ready",
                   "progress": {"weight": 0, "awaitingContinue": true}}),
            json!({"plan": plan, "alarms": [], "events": done, "taskSets": task_sets(2, 100.0), "progress": step(100, "awaitingTermination")}),
            json!({"plan": plan, "alarms": [], "events": done, "taskSets": task_sets(2, 100.0), "progress": step(100, "")}),
            json!({"plan": plan, "alarms": [], "events": done, "progress": step(100, ""), "status": "Succeeded", "outcome": "Succeeded"}),
        ],
        expect![[r#"
            11:58:30 d-1: shop/web from task definition web:1 to web:2, Canary10Percent5Minutes
            11:58:30 Install started
            --
            12:00:00 green task set: 0 of 2 tasks run
            --
            12:00:00 green task set: 2 of 2 tasks run
            --
            11:59:30 Install succeeded after 1m
            12:00:00 paused at 0 %, waits to be continued
            --
            11:59:50 traffic 0 % to 100 % on the green task set (web:2)
            12:00:00 continued
            12:00:00 all traffic has moved; the old task set is kept for 30m
            --
            --
            12:00:00 over: Succeeded
            --
            d-1 Succeeded
        "#]],
    );
}

#[test]
fn a_watch_that_joins_in_the_middle_begins_with_what_is() {
    check(
        &[
            json!({"progress": {"weight": 50, "since": at(-100), "nextAt": at(20)}}),
            json!({"progress": {"weight": 100, "since": at(0)}}),
        ],
        expect![[r#"
            11:58:20 d-1: storefront:live from version 1 to 2, Steps
            11:58:20 50 % of the traffic is on version 2; next 100 % at 12:00:20 (in 20s)
            12:00:00 alarm errors: OK
            --
            12:00:00 traffic 50 % to 100 % on version 2
            --
            d-1 InProgress
        "#]],
    );
}

#[test]
fn the_removal_of_the_task_set_that_lost_is_shown() {
    let plan = service_plan(json!({"terminationSeconds": 0}));
    let progress = json!({"weight": 100, "since": at(-10)});
    let mut gone = task_sets(2, 100.0);
    gone[0] = json!({"identifer": "ecs-svc/Blue", "taskSetLabel": "Blue", "runningCount": 0});
    let mut drains = task_sets(2, 100.0);
    drains[0]["runningCount"] = json!(1);
    let look = |phase: &str, sets: Value| json!({"plan": plan, "alarms": [], "phase": phase, "taskSets": sets, "progress": progress});
    check(
        &[
            look("running", task_sets(2, 100.0)),
            look("committing", task_sets(2, 100.0)),
            look("committing", drains),
            look("committing", gone),
        ],
        expect![[r#"
            11:59:50 d-1: shop/web from task definition web:1 to web:2, Canary10Percent5Minutes
            11:59:50 100 % of the traffic is on the green task set (web:2); the new task set is watched with all of the traffic, then the old one is removed
            12:00:00 green task set: 2 of 2 tasks run
            --
            12:00:00 the old task set is being removed: 2 tasks still run
            --
            12:00:00 the old task set is being removed: 1 task still runs
            --
            12:00:00 the old task set is gone
            --
            d-1 InProgress
        "#]],
    );
    let error = json!({"code": "ALARM_ACTIVE", "message": "alarm errors is in ALARM"});
    let back = |sets: Value| {
        let progress = json!({"weight": 0, "since": at(-10)});
        json!({"plan": plan, "alarms": [], "phase": "settled", "taskSets": sets, "progress": progress, "error": error})
    };
    check(
        &[back(task_sets(2, 0.0)), back(task_sets(0, 0.0))],
        expect![[r#"
        12:00:00 d-1: shop/web from task definition web:1 to web:2, Canary10Percent5Minutes
        12:00:00 stopping: ALARM_ACTIVE: alarm errors is in ALARM
        12:00:00 the green task set is being removed: 2 tasks still run
        --
        12:00:00 the green task set is being removed
        --
        d-1 InProgress: ALARM_ACTIVE: alarm errors is in ALARM
    "#]],
    );
}

#[test]
fn the_way_back_begins_at_all_of_it_where_that_was_moved_between_two_looks() {
    let moved = json!({"weight": 20, "since": at(0), "nextAt": at(5), "awaitingContinue": false});
    let events = json!([{"name": "AllowTraffic", "status": "Succeeded", "startTime": at(0), "endTime": at(6)}]);
    let home = json!({"weight": 0, "since": at(7)});
    check(
        &[
            json!({"progress": moved}),
            json!({"progress": home, "events": events, "error": {"code": "HOOK_EXECUTION_FAILURE", "message": "no"}}),
        ],
        expect![[r#"
            12:00:00 d-1: storefront:live from version 1 to 2, Steps
            12:00:00 20 % of the traffic is on version 2; next 50 % at 12:00:05 (in 5s)
            12:00:00 alarm errors: OK
            --
            12:00:00 traffic back: 100 % to 0 % on version 2
            12:00:06 AllowTraffic succeeded after 6s
            12:00:00 stopping: HOOK_EXECUTION_FAILURE: no
            --
            d-1 InProgress: HOOK_EXECUTION_FAILURE: no
        "#]],
    );
}

#[test]
fn an_alarm_and_the_way_back_are_told() {
    let moved = json!({"weight": 10, "since": at(-14), "nextAt": at(46), "awaitingContinue": false});
    let error = json!({"code": "ALARM_ACTIVE", "message": "alarm errors is in ALARM"});
    check(
        &[
            json!({"progress": moved}),
            json!({"progress": moved, "alarms": [{"name": "errors", "state": "ALARM"}]}),
            json!({"progress": moved, "alarms": [{"name": "errors", "state": "ALARM"}], "error": error}),
            json!({"progress": {"weight": 0, "since": at(0)}, "alarms": [{"name": "errors", "state": "ALARM"}], "error": error,
                   "status": "Failed", "outcome": "RolledBack", "completeTime": at(1)}),
        ],
        expect![[r#"
            11:59:46 d-1: storefront:live from version 1 to 2, Steps
            11:59:46 10 % of the traffic is on version 2; next 50 % at 12:00:46 (in 46s)
            12:00:00 alarm errors: OK
            --
            12:00:00 alarm errors: OK to ALARM
            --
            12:00:00 stopping: ALARM_ACTIVE: alarm errors is in ALARM
            --
            12:00:00 traffic back: 10 % to 0 % on version 2
            12:00:01 over: RolledBack
            --
            d-1 RolledBack: ALARM_ACTIVE: alarm errors is in ALARM
        "#]],
    );
}

#[test]
fn a_failed_hook_is_told_with_its_message() {
    check(
        &[json!({
            "events": [{"name": "BeforeAllowTraffic", "status": "Failed", "startTime": at(-20), "endTime": at(-15), "message": "password is too old"}],
            "error": {"code": "HOOK_EXECUTION_FAILURE", "message": "BeforeAllowTraffic failed"},
            "status": "Failed", "outcome": "Failed"
        })],
        expect![[r#"
            11:59:45 d-1: storefront:live from version 1 to 2, Steps
            11:59:45 BeforeAllowTraffic failed after 5s: password is too old
            12:00:00 over: Failed
            --
            d-1 Failed: HOOK_EXECUTION_FAILURE: BeforeAllowTraffic failed
        "#]],
    );
}

#[test]
fn a_split_left_behind_is_told_at_the_end() {
    check(
        &[json!({
            "status": "Stopped", "outcome": "Stopped", "error": {"code": "MANUAL_STOP", "message": "stopped by a user"},
            "progress": {"weight": 50, "since": at(-3)},
            "leftover": {"version": "1", "additionalVersion": "2", "additionalWeight": 50}
        })],
        expect![[r#"
            11:59:57 d-1: storefront:live from version 1 to 2, Steps
            11:59:57 50 % of the traffic is on version 2
            12:00:00 over: Stopped
            --
            d-1 Stopped: MANUAL_STOP: stopped by a user; left 50 % on version 2, the rest on version 1
        "#]],
    );
}

#[test]
fn a_task_set_that_does_not_come_is_told_with_the_time_after_which_the_stack_gives_it_up() {
    let told = |limits: Value| {
        let view = look(json!({"progress": {"trouble": "no capacity"}, "limits": limits}));
        crate::status_text::advice(&view, |what| format!("tideshift {what}")).expect("advice")
    };
    expect![[r#"
        All calls stay where they are; it fails 30m after Install began. Stop it now with: tideshift stop d-1
        All calls stay where they are. Stop it now with: tideshift stop d-1"#]]
    .assert_eq(&[json!({"deploymentSeconds": 60, "installSeconds": 1800}), Value::Null].map(told).join("\n"));
}
