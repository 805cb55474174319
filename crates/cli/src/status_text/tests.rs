//! A deployment in words, in each of its states.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::*;
use crate::testing::{alias, at, berlin, noon, service_plan, task_sets};
use crate::view;

#[track_caller]
fn check(deployment: Value, expected: Expect) {
    let deployment: DeploymentView = view::read(&deployment).expect("a deployment");
    expected.assert_eq(&render(&deployment, noon(), &berlin(), |what| format!("tideshift {what}")));
}

pub(super) fn plan() -> Value {
    json!({
        "target": alias("storefront"), "from": "1", "to": "2", "strategy": "Linear", "startWeight": 0,
        "steps": [
            {"weight": 10, "holdSeconds": 300},
            {"weight": 50, "holdSeconds": 3600, "awaitContinue": true, "onTimeout": "Stop"},
            {"weight": 100, "holdSeconds": 60}
        ],
        "hooks": [], "alarms": ["errors"], "rollbackOn": [], "pollSeconds": 60, "totalSeconds": 3960
    })
}

#[test]
fn what_is_not_known_yet_is_said_with_what_it_keeps_waiting() {
    let doubts = json!([
        {"about": "alarms", "text": "the alarms could not be read at the last look, and it goes on for now: throttled"},
        {"about": "replacement", "text": "for the new task set, whose tasks are on their way: None of its tasks runs."},
    ]);
    let progress = json!({"weight": 10, "step": 1, "of": 3, "since": at(-60), "doubts": doubts});
    check(
        json!({"deploymentId": "d-1", "status": "InProgress", "phase": "Running", "plan": plan(), "progress": progress}),
        expect![[r#"
            d-1  InProgress
              storefront:live from version 1 to 2, Linear

              traffic   10 % on version 2 since 11:59:00
              unsure    the alarms could not be read at the last look, and it goes on for now: throttled
              waits     for the new task set, whose tasks are on their way: None of its tasks runs.
        "#]],
    );
}

#[test]
fn a_deployment_under_way_tells_what_comes_next() {
    check(
        json!({
            "deploymentId": "d-1", "status": "InProgress", "outcome": null, "description": "spring sale",
            "applicationName": "shop", "deploymentGroupName": "web",
            "startedBy": {"by": "Caller", "arn": "arn:aws:iam::123456789012:user/ada"},
            "createTime": at(-70) as f64 + 0.25, "startTime": at(-65), "completeTime": null, "plan": plan(),
            "progress": {"weight": 10, "step": 1, "of": 3, "since": at(-60), "nextAt": at(240), "awaitingContinue": false},
            "events": [
                {"name": "BeforeAllowTraffic", "status": "Succeeded", "startTime": at(-65), "endTime": at(-60), "message": null, "logTail": null},
                {"name": "AllowTraffic", "status": "InProgress", "startTime": at(-60), "endTime": null, "message": null, "logTail": null},
                {"name": "AfterAllowTraffic", "status": "Pending", "startTime": null, "endTime": null, "message": null, "logTail": null}
            ],
            "alarms": [{"name": "errors", "state": "OK"}], "error": null, "leftover": null,
            "journal": [{"at": at(-60), "text": "10 % to version 2"}]
        }),
        expect![[r#"
            d-1  InProgress
              storefront:live from version 1 to 2, Linear
              spring sale
              shop / web

              created   2026-07-14 11:58:50 +02:00
              started   2026-07-14 11:58:55 +02:00
              by        arn:aws:iam::123456789012:user/ada
              traffic   10 % on version 2 since 11:59:00; next 50 % at 12:04:00 (in 4m)

              events
                BeforeAllowTraffic Succeeded  11:58:55, 5s
                AllowTraffic       InProgress 11:59:00
                AfterAllowTraffic  Pending

              alarms
                OK                 errors

              journal
                2026-07-14 11:59:00 +02:00  10 % to version 2
        "#]],
    );
}

#[test]
fn a_paused_deployment_tells_how_to_go_on() {
    check(
        json!({
            "deploymentId": "d-1", "status": "Ready", "outcome": null, "plan": plan(),
            "progress": {"weight": 50, "step": 2, "of": 3, "since": at(-60), "nextAt": at(3540), "awaitingContinue": true},
            "events": [], "alarms": [], "error": null, "leftover": null, "journal": []
        }),
        expect![[r#"
            d-1  Ready
              storefront:live from version 1 to 2, Linear

              traffic   50 % on version 2 since 11:59:00; waits to be continued; stops at 12:59:00 (in 59m)

              It waits. Go on with: tideshift continue d-1
        "#]],
    );
}

#[test]
fn a_hold_that_a_person_has_ended_is_told_until_the_next_look_takes_the_next_step() {
    check(
        json!({
            "deploymentId": "d-1", "status": "InProgress", "outcome": null, "plan": plan(),
            "progress": {"weight": 10, "step": 1, "of": 3, "since": at(-60), "nextAt": null, "resumed": true},
        }),
        expect![[r#"
            d-1  InProgress
              storefront:live from version 1 to 2, Linear

              traffic   10 % on version 2 since 11:59:00; told to go on: 50 % comes with the next look
        "#]],
    );
}

#[test]
fn a_deployment_that_was_refused_tells_its_target_all_the_same() {
    check(
        json!({
            "deploymentId": "d-1", "status": "Failed", "outcome": "Failed", "completeTime": at(0),
            "asked": {"target": alias("storefront"), "to": "3"},
            "error": {"code": "TARGET_LOCKED", "message": "another deployment of storefront:live is running, d-2"}
        }),
        expect![[r#"
            d-1  Failed
              storefront:live to version 3

              ended     2026-07-14 12:00:00 +02:00
              error     TARGET_LOCKED: another deployment of storefront:live is running, d-2
        "#]],
    );
}

#[test]
fn what_ended_a_deployment_is_told_once() {
    let why = "the BeforeAllowTraffic hook check did not answer within 1m: it returned nothing (null)";
    let told = |error: String, event: &str, journal: &str| {
        let deployment: DeploymentView = view::read(&json!({
            "deploymentId": "d-1", "status": "Failed", "outcome": "Unresolved",
            "events": [{"name": "BeforeAllowTraffic", "status": "Failed", "message": event}],
            "error": {"code": "X", "message": error}, "journal": [{"at": at(0), "text": journal}]
        }))
        .expect("a deployment");
        render(&deployment, noon(), &berlin(), |what| what.to_owned())
    };
    let stopping = format!("stopping, putting the traffic back: TIMEOUT: {why}");
    for told in [
        told(why.to_owned(), why, &stopping),
        told(format!("The traffic could not be put back (denied) after this: {why}"), why, &stopping),
    ] {
        assert_eq!(told.matches("did not answer").count(), 1, "{told}");
        assert_eq!(told.matches("see the error above").count(), 2, "{told}");
    }
    let hook = "the BeforeAllowTraffic hook check failed: ValueError: no price";
    let told = told(hook.to_owned(), "ValueError: no price", &format!("stopping: HOOK_EXECUTION_FAILURE: {hook}"));
    assert_eq!(told.matches("no price").count(), 1, "{told}");
}

#[test]
fn what_somebody_else_has_changed_and_which_hook_is_waited_for_is_told() {
    check(
        json!({
            "deploymentId": "d-1", "status": "InProgress", "phase": "running", "createTime": at(-600), "plan": plan(),
            "progress": {"weight": 100, "step": 3, "of": 3, "since": at(-60), "nextAt": at(-60)},
            "events": [{"name": "AfterAllowTraffic", "status": "InProgress", "startTime": at(-60), "deadline": at(3540)}],
            "changed": "it is on version 3"
        }),
        expect![[r#"
            d-1  InProgress
              storefront:live from version 1 to 2, Linear

              created   2026-07-14 11:50:00 +02:00
              traffic   100 % on version 2 since 11:59:00; waits for the AfterAllowTraffic hook
              changed   it is on version 3: it ends with DRIFT when it looks next

              events
                AfterAllowTraffic InProgress 11:59:00, must answer by 12:59:00
        "#]],
    );
}

#[test]
fn a_failed_hook_shows_its_last_words() {
    check(
        json!({
            "deploymentId": "d-1", "status": "Failed", "outcome": "RolledBack", "createTime": at(-70), "completeTime": at(-10), "plan": plan(),
            "progress": {"weight": 0, "since": at(-10), "nextAt": null, "awaitingContinue": false},
            "events": [{
                "name": "BeforeAllowTraffic", "status": "Failed", "startTime": at(-65), "endTime": at(-12),
                "message": "the hook check threw ValueError", "logTail": "START\nTraceback\n  bad \u{1b}[31m"
            }],
            "alarms": [], "error": {"code": "HOOK_EXECUTION_FAILURE", "message": "BeforeAllowTraffic failed"}, "leftover": null, "journal": []
        }),
        expect![[r#"
            d-1  RolledBack
              storefront:live from version 1 to 2, Linear

              created   2026-07-14 11:58:50 +02:00
              ended     2026-07-14 11:59:50 +02:00
              traffic   0 % on version 2
              error     HOOK_EXECUTION_FAILURE: BeforeAllowTraffic failed

              events
                BeforeAllowTraffic Failed     11:58:55, 53s
                  the hook check threw ValueError
                  | START
                  | Traceback
                  |   bad �[31m
        "#]],
    );
}

#[test]
fn what_a_version_still_has_of_a_deployment_is_told_with_what_to_type() {
    check(
        json!({
            "deploymentId": "d-1", "status": "Succeeded", "outcome": "Succeeded", "plan": plan(), "progress": null,
            "events": [], "alarms": [], "journal": [],
            "leftWarm": {
                "function": "storefront", "version": "2", "concurrency": 5, "why": "refused: not allowed", "takeBack": "aws lambda …",
            },
        }),
        expect![[r#"
            d-1  Succeeded
              storefront:live from version 1 to 2, Linear

              left      version 2 still has 5 provisioned concurrent executions, which cost money (refused: not allowed): aws lambda …
        "#]],
    );
}

#[test]
fn what_was_left_and_what_to_do_is_told() {
    check(
        json!({
            "deploymentId": "d-1", "status": "Failed", "outcome": "Unresolved", "plan": plan(), "progress": null,
            "events": [], "alarms": [], "error": {"code": "UNRESOLVED", "message": null},
            "leftover": {"version": "1", "additionalVersion": "2", "additionalWeight": 50},
            "journal": (0..22).map(|n| json!({"at": at(n), "text": format!("try {n}")})).collect::<Vec<_>>()
        }),
        expect![[r#"
            d-1  Unresolved
              storefront:live from version 1 to 2, Linear

              error     UNRESOLVED
              left      50 % on version 2, the rest on version 1

              journal
                ... 2 earlier: --output json shows all
                2026-07-14 12:00:02 +02:00  try 2
                2026-07-14 12:00:03 +02:00  try 3
                2026-07-14 12:00:04 +02:00  try 4
                2026-07-14 12:00:05 +02:00  try 5
                2026-07-14 12:00:06 +02:00  try 6
                2026-07-14 12:00:07 +02:00  try 7
                2026-07-14 12:00:08 +02:00  try 8
                2026-07-14 12:00:09 +02:00  try 9
                2026-07-14 12:00:10 +02:00  try 10
                2026-07-14 12:00:11 +02:00  try 11
                2026-07-14 12:00:12 +02:00  try 12
                2026-07-14 12:00:13 +02:00  try 13
                2026-07-14 12:00:14 +02:00  try 14
                2026-07-14 12:00:15 +02:00  try 15
                2026-07-14 12:00:16 +02:00  try 16
                2026-07-14 12:00:17 +02:00  try 17
                2026-07-14 12:00:18 +02:00  try 18
                2026-07-14 12:00:19 +02:00  try 19
                2026-07-14 12:00:20 +02:00  try 20
                2026-07-14 12:00:21 +02:00  try 21

              It could not be brought to its end without a person. Finish it with: tideshift repair d-1
        "#]],
    );
}

#[test]
fn a_service_shows_both_task_sets() {
    check(
        json!({
            "deploymentId": "d-1", "status": "InProgress", "outcome": null, "plan": service_plan(json!({})),
            "progress": {"weight": 10, "since": at(-60), "nextAt": at(240)},
            "events": [
                {"name": "Install", "status": "Succeeded", "startTime": at(-160), "endTime": at(-65)},
                {"name": "AllowTraffic", "status": "InProgress", "startTime": at(-60)}
            ],
            "taskSets": task_sets(1, 10.0), "alarms": [], "error": null, "leftover": null, "journal": []
        }),
        expect![[r#"
            d-1  InProgress
              shop/web from task definition web:1 to web:2, Canary10Percent5Minutes

              traffic   10 % on the green task set (web:2) since 11:59:00; next 100 % at 12:04:00 (in 4m)

              events
                Install      Succeeded  11:57:20, 1m 35s
                AllowTraffic InProgress 11:59:00

              task sets
                Blue   PRIMARY    90 %  2 of 2 tasks run  web-blue             ecs-svc/Blue
                Green  ACTIVE     10 %  1 of 2 tasks run  web-green            ecs-svc/Green
        "#]],
    );
}

#[test]
fn a_service_that_has_moved_tells_how_long_the_old_task_set_is_kept() {
    check(
        json!({
            "deploymentId": "d-1", "status": "InProgress", "outcome": null, "plan": service_plan(json!({})),
            "progress": {"weight": 100, "since": at(-60), "nextAt": at(1740), "awaitingTermination": true},
            "events": [], "taskSets": task_sets(2, 100.0), "alarms": [], "error": null, "leftover": null, "journal": []
        }),
        expect![[r#"
            d-1  InProgress
              shop/web from task definition web:1 to web:2, Canary10Percent5Minutes

              traffic   100 % on the green task set (web:2) since 11:59:00; the old task set is removed at 12:29:00 (in 29m), or once continued

              task sets
                Blue   PRIMARY     0 %  2 of 2 tasks run  web-blue             ecs-svc/Blue
                Green  ACTIVE    100 %  2 of 2 tasks run  web-green            ecs-svc/Green

              The old task set is kept in case the traffic has to go back. Remove it now with: tideshift continue d-1 --termination
        "#]],
    );
}

#[test]
fn a_split_left_between_target_groups_names_them() {
    let arn = |name: &str| format!("arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/{name}/0123");
    let gone = json!([{"identifer": "ecs-svc/Blue", "taskSetLabel": "Blue", "desiredCount": 0}]);
    check(
        json!({
            "deploymentId": "d-1", "status": "Stopped", "outcome": "Stopped", "plan": service_plan(json!({})), "taskSets": gone,
            "leftover": {"version": arn("web-blue"), "additionalVersion": arn("web-green"), "additionalWeight": 10},
            "leftNow": "it forwards at 2 places: to target group web-blue; to target group docs",
        }),
        expect![[r#"
            d-1  Stopped
              shop/web from task definition web:1 to web:2, Canary10Percent5Minutes

              left      10 % on target group web-green, the rest on target group web-blue
              now       it forwards at 2 places: to target group web-blue; to target group docs

              task sets
                Blue   gone

              Calls stay where they were left until the next deployment, which takes that over.
        "#]],
    );
}

#[test]
fn every_ending_is_shown_whatever_became_of_the_traffic() {
    let routings = [
        json!(null),
        json!({"version": "1", "additionalVersion": "2", "additionalWeight": 50}),
        json!({"version": "3", "additionalVersion": null, "additionalWeight": null}),
    ];
    for (outcome, leftover) in
        Outcome::ALL.into_iter().flat_map(|outcome| routings.iter().map(move |left| (outcome, left)))
    {
        let view: DeploymentView = view::read(&json!({
            "deploymentId": "d-1", "status": "Failed", "outcome": outcome, "plan": plan(), "leftover": leftover,
            "progress": {"weight": 0, "since": null, "nextAt": null}, "error": {"code": "DRIFT", "message": null},
        }))
        .expect("a deployment");
        let text = render(&view, noon(), &berlin(), |what| format!("tideshift {what}"));
        assert!(text.starts_with(&format!("d-1  {outcome}\n")), "{text}");
        assert_eq!(text.contains("everything on version 3"), leftover["version"] == "3", "{text}");
    }
}
