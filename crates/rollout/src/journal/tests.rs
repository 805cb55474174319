//! What lines tell and mean, and which of them a record implies.

use crate::ending::{Ending, Rollback, Traffic};
use crate::event::LifecycleEvent;
use crate::seconds::Seconds;
use crate::weight::Weight;
use std::collections::BTreeSet;
use std::fmt::Write as _;

use expect_test::expect;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::*;
use crate::code::ErrorCode;
use crate::deployment::{Before, Change, Deployment};
use crate::hooks::{Returned, Unanswered};
use crate::ids::{DeploymentId, ExecutionArn};
use crate::lifecycle::EventStatus;
use crate::plan::Plan;
use crate::platform::Platform;
use crate::progress::Position;
use crate::request::Labels;
use crate::testing::a_plan;
use crate::warm::Warm;

/// How many kinds of lines there are.
const KINDS: usize = 37;

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

/// A line of each kind.
fn every() -> Vec<Entry> {
    let why = json!({"code": "ALARM_ACTIVE", "message": "why"});
    let (version, event, routing) = ("2", "BeforeAllowTraffic", json!({"primary": "3"}));
    let kinds = [
        json!({"what": "Planned", "from": "1", "to": "2", "steps": 2, "total": 300}),
        json!({"what": "NothingToDo", "version": version}),
        json!({"what": "Refused", "why": {"code": "INVALID_REVISION", "message": "why"}}),
        json!({"what": "WeightSet", "version": version, "weight": 10}),
        json!({"what": "Warming", "version": version, "concurrency": 5}),
        json!({"what": "Warmed", "version": version}),
        json!({"what": "Cooled", "version": version}),
        json!({"what": "NotCooled", "version": version, "why": "no"}),
        json!({"what": "NotYetWarm", "version": version}),
        json!({"what": "WarmthChanged", "version": version, "given": 5, "found": 9}),
        json!({"what": "CooledLate", "version": version}),
        json!({"what": "LeftoverSentHome", "to": "1"}),
        json!({"what": "TaskSetCreated", "taskSet": "ecs-svc/2"}),
        json!({"what": "TaskSetLate", "why": "no room"}),
        json!({"what": "TaskSetReady", "taskSet": "ecs-svc/2"}),
        json!({"what": "TestTrafficMoved"}),
        json!({"what": "PrimarySwitched", "taskSet": "ecs-svc/2"}),
        json!({"what": "TaskSetRemoved", "taskSet": "ecs-svc/1"}),
        json!({"what": "NotCleared", "why": "no"}),
        json!({"what": "TaskSetKept", "taskSet": "ecs-svc/1"}),
        json!({"what": "TaskSetBroughtBack", "taskSet": "ecs-svc/1"}),
        json!({"what": "TaskSetRefilled", "taskSet": "ecs-svc/1"}),
        json!({"what": "TaskSetNeededAgain", "taskSet": "ecs-svc/1"}),
        json!({"what": "LateWriteUndone", "places": 1}),
        json!({"what": "HookAsksAgain", "event": event, "after": 20}),
        json!({"what": "HookUnanswered", "event": event}),
        json!({"what": "HookAnsweredTwice", "event": event, "then": "no"}),
        json!({"what": "Interrupted", "why": why, "rollback": "Restore"}),
        json!({"what": "Continued"}),
        json!({"what": "Committed"}),
        json!({"what": "TrafficSettled", "traffic": "Untouched"}),
        json!({"what": "Ended", "outcome": "RolledBack", "code": "ALARM_ACTIVE"}),
        json!({"what": "Overruled", "found": routing}),
        json!({"what": "TestOverruled", "found": routing}),
        json!({"what": "GivenUp", "cannot": "denied"}),
        json!({"what": "Recovering", "attempt": 2}),
        json!({"what": "Abandoned", "job": "1-2", "sign": "Silent"}),
    ];
    kinds.map(|kind| serde_json::from_value(kind.clone()).unwrap_or_else(|error| panic!("{kind}: {error}"))).to_vec()
}

#[test]
fn each_kind_of_line_has_a_key_that_says_what_it_tells_and_a_meaning() {
    let mut table = String::new();
    let mut kinds = BTreeSet::new();
    for entry in every() {
        let Meaning { status, event } = entry.means();
        let status = status.map(|status| format!(", the deployment is {}", status.as_str()));
        let event = event.map(|(event, status)| format!(", {event} is {}", status.as_str()));
        let line = Line { at: at(5), nth: 0, entry };
        kinds.insert(serde_json::to_value(&line).unwrap()["what"].to_string());
        writeln!(table, "{}{}{}", line.key(), status.unwrap_or_default(), event.unwrap_or_default()).unwrap();
    }
    expect![[r#"
        planned, the deployment is InProgress
        nothing-to-do, the deployment is Succeeded
        refused, the deployment is Failed
        weight/010, AllowTraffic is InProgress
        warming
        warmed
        cooled
        not-cooled/08b35907b5589afa
        not-yet-warm
        warmth-changed/9
        cooled-late/00000000005000000000
        leftover-sent-home
        task-set-created/ecs-svc/2, Install is InProgress
        task-set-late/e681fc206a0346e5, Install is InProgress
        task-set-ready/ecs-svc/2, Install is Succeeded
        test-traffic-moved, AllowTestTraffic is Succeeded
        primary/ecs-svc/2
        task-set-removed/ecs-svc/1
        not-cleared/08b35907b5589afa
        task-set-kept/ecs-svc/1
        task-set-brought-back/ecs-svc/1
        task-set-refilled/00000000005000000000
        task-set-needed-again/00000000005000000000
        late-write-undone/00000000005000000000
        hook-again/BeforeAllowTraffic, BeforeAllowTraffic is InProgress
        hook-unanswered/BeforeAllowTraffic, BeforeAllowTraffic is InProgress
        hook-answered-twice/BeforeAllowTraffic, BeforeAllowTraffic is Succeeded
        interrupted, the deployment is InProgress
        continued, the deployment is InProgress
        committed, the deployment is InProgress
        settled, the deployment is InProgress
        ended, the deployment is Stopped
        overruled/706eb306152dff92
        test-overruled/706eb306152dff92
        given-up/ae36324e0a5783d6, the deployment is Failed
        recovering/2, the deployment is InProgress
        abandoned
    "#]]
    .assert_eq(&table);
    assert_eq!((every().len(), kinds.len()), (KINDS, KINDS), "one of each kind");
    assert!(every().iter().all(|entry| !entry.to_string().is_empty()), "each says something");
}

#[test]
fn lines_of_one_kind_are_told_apart_by_their_number_or_their_moment() {
    let key = |entry: &Entry, nth, second| Line { at: at(second), nth, entry: entry.clone() }.key().to_string();
    for entry in every() {
        let by_moment = key(&entry, 0, 5) != key(&entry, 0, 6);
        let each_time = matches!(
            entry,
            Entry::CooledLate { .. }
                | Entry::TaskSetRefilled { .. }
                | Entry::TaskSetNeededAgain { .. }
                | Entry::LateWriteUndone { .. }
        );
        assert_eq!(by_moment, each_time, "{entry}");
        assert!(each_time || key(&entry, 0, 5) != key(&entry, 1, 5), "{entry}");
    }
}

/// A deployment to version 2 that warms it, with its changes a second apart.
fn after(changes: &[Change]) -> (Deployment, Plan) {
    let mut deployment =
        Deployment::new(DeploymentId::parse("d-1").unwrap(), Platform::Lambda, Labels::default(), at(0));
    for (change, second) in changes.iter().zip(1..) {
        deployment.apply(change.clone(), at(second)).unwrap();
    }
    let mut plan = a_plan("Canary10Percent5Minutes");
    plan.shift_mut().warm = Some(Warm { concurrency: 5 });
    (deployment, plan)
}

/// What is due, in order.
fn told((deployment, plan): (&Deployment, &Plan)) -> String {
    let mut told = String::new();
    for line in in_order(due(deployment, Some(plan))) {
        writeln!(told, "{}s {}: {}", line.at.as_second(), line.key(), line.entry).unwrap();
    }
    told
}

fn interrupt(code: ErrorCode) -> Change {
    Change::Interrupt(Ending::new(code, "why"), Rollback::Restore)
}

#[test]
fn a_record_implies_each_decision_with_its_moment() {
    let (mut deployment, plan) = after(&[Change::Begin]);
    deployment.progress.warming = Some(at(2));
    deployment.progress.at = Some(Position { step: 1, since: at(4), continued: true });
    deployment.decided.continued = vec![at(3), at(5)];
    deployment.events.begin(LifecycleEvent::AfterAllowTraffic, at(6));
    let lost = Unanswered { returned: Returned::Lost, at: at(6), call: None };
    deployment.events.await_answer(LifecycleEvent::AfterAllowTraffic, lost);
    deployment.apply(Change::Commit, at(7)).unwrap();
    let execution = ExecutionArn::parse("arn:aws:states:eu-central-1:123456789012:execution:machine:d-1").unwrap();
    deployment.recover(execution, Before::Dead, at(8));
    deployment.apply(Change::Finish, at(9)).unwrap();
    expect![[r#"
        1s planned: planned: version 1 to version 2 in 2 steps, 5m at least
        2s warming: Lambda is asked for 5 provisioned concurrent executions of version 2
        3s continued: continued by a person
        4s weight/100: 100 % of the calls to version 2
        5s continued/1: continued by a person
        6s hook-unanswered/AfterAllowTraffic: no answer of the AfterAllowTraffic hook was heard: it may have run and is not called again, its status is waited for
        7s committed: committed: past the point of no return
        8s recovering/1: recovery 1 started
        9s ended/1: ended: Succeeded
    "#]].assert_eq(&told((&deployment, &plan)));
}

#[test]
fn each_way_to_end_has_its_lines() {
    let settle = |traffic| Change::Settle(traffic);
    let home = || Traffic::Restored(a_plan("AllAtOnce").shift().from.clone());
    let ways = [
        vec![Change::Refuse(Ending::new(ErrorCode::InvalidRevision, "why"))],
        vec![interrupt(ErrorCode::ManualStop), settle(Traffic::Untouched), Change::Finish],
        vec![Change::Begin, interrupt(ErrorCode::AlarmActive), settle(home()), Change::Finish],
        vec![Change::Begin, interrupt(ErrorCode::AlarmActive), Change::GiveUp("denied".to_owned())],
    ];
    let told = ways.map(|changes| {
        let (deployment, plan) = after(&changes);
        told((&deployment, &plan))
    });
    expect![[r#"
        1s refused: refused: why

        1s interrupted: stopping before any traffic was moved: MANUAL_STOP: why
        2s settled: traffic: no call ever went to the new version
        3s ended/1: ended: Stopped, MANUAL_STOP

        1s planned: planned: version 1 to version 2 in 2 steps, 5m at least
        2s interrupted: stopping before any traffic was moved: ALARM_ACTIVE: why
        3s settled: traffic: put back, every call goes to version 1
        4s ended/1: ended: RolledBack, ALARM_ACTIVE

        1s planned: planned: version 1 to version 2 in 2 steps, 5m at least
        2s interrupted: stopping before any traffic was moved: ALARM_ACTIVE: why
        3s given-up/ae36324e0a5783d6: unresolved, a person is needed: denied
    "#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn what_is_decided_again_has_a_line_of_its_own_and_what_was_before_keeps_its_key_and_its_moment() {
    let again = Change::Reopen(Ending::new(ErrorCode::Drift, "moved"), Rollback::Leave);
    let (deployment, plan) = after(&[Change::Begin, Change::Commit, again]);
    let reopened = told((&deployment, &plan));
    let (deployment, plan) = after(&[
        Change::Begin,
        interrupt(ErrorCode::AlarmActive),
        Change::GiveUp("denied".to_owned()),
        Change::Repair,
        Change::GiveUp("denied".to_owned()),
        Change::Repair,
        Change::Settle(Traffic::Untouched),
        Change::Settle(Traffic::Untouched),
        Change::Settle(Traffic::Foreign(None)),
    ]);
    let repaired = told((&deployment, &plan));
    let (deployment, plan) =
        after(&[Change::Begin, Change::Commit, Change::Finish, Change::Disturb("late".to_owned()), Change::Finish]);
    let disturbed = told((&deployment, &plan));
    let next = Line::of(&deployment, Entry::GivenUp { cannot: "late".to_owned() }, at(9));
    assert_eq!(next.nth, 1, "the first one was told before the record counted it");
    expect![[r#"
        1s planned: planned: version 1 to version 2 in 2 steps, 5m at least
        2s committed: committed: past the point of no return
        3s interrupted/1: stopping before any traffic was moved: DRIFT: moved

        1s planned: planned: version 1 to version 2 in 2 steps, 5m at least
        2s interrupted: stopping before any traffic was moved: ALARM_ACTIVE: why
        9s settled/1: traffic: the target no longer exists, or sends all calls elsewhere (to $LATEST, to other target groups); it was not touched

        1s planned: planned: version 1 to version 2 in 2 steps, 5m at least
        2s committed: committed: past the point of no return
        5s ended/2: ended: Succeeded
    "#]].assert_eq(&[reopened, repaired, disturbed].join("\n"));
}

#[test]
fn a_deployment_with_nothing_to_do_and_one_that_shows_a_rollback_have_no_more_than_that() {
    let (deployment, mut plan) = after(&[Change::NothingToDo]);
    plan.shift_mut().steps.clear();
    assert_eq!(told((&deployment, &plan)), "1s nothing-to-do: nothing to do: every call goes to version 2 already\n");
    let (deployment, plan) =
        after(&[Change::Begin, interrupt(ErrorCode::AlarmActive), Change::Settle(Traffic::Untouched), Change::Finish]);
    let twin = deployment.rollback(Some(&plan)).unwrap();
    assert_eq!(due(&twin, Some(&plan)), []);
}

#[test]
fn an_attempt_that_gives_up_and_one_that_finds_it_given_up_tell_the_same() {
    let given_up = Entry::GivenUp { cannot: "denied".to_owned() };
    let (mut deployment, _) = after(&[Change::Begin, interrupt(ErrorCode::AlarmActive)]);
    let before = Line::of(&deployment, given_up.clone(), at(3)).key();
    deployment.apply(Change::GiveUp("denied".to_owned()), at(4)).unwrap();
    assert_eq!(Line::of(&deployment, given_up.clone(), at(5)).key(), before);
    deployment.apply(Change::Repair, at(6)).unwrap();
    assert_ne!(Line::of(&deployment, given_up, at(7)).key(), before);
}

#[test]
fn each_call_of_a_hook_is_told_once() {
    let (mut deployment, _) = after(&[Change::Begin]);
    let event = LifecycleEvent::BeforeAllowTraffic;
    let again = |deployment: &Deployment| {
        Line::of(deployment, Entry::HookAsksAgain { event, after: Seconds(20) }, at(3)).key().to_string()
    };
    deployment.events.begin(event, at(2));
    assert_eq!(again(&deployment), "hook-again/BeforeAllowTraffic/1");
    deployment.events.begin(event, at(22));
    assert_eq!(again(&deployment), "hook-again/BeforeAllowTraffic/2");
    assert!(deployment.events.end(event, EventStatus::Succeeded, None, at(23)));
}

#[test]
fn lines_of_older_code_are_read_beside_newer_ones_which_tell_nothing_twice() {
    let line = |second, entry: &Entry| Line { at: at(second), nth: 0, entry: entry.clone() };
    let weight = |percent| Entry::WeightSet {
        version: a_plan("AllAtOnce").shift().to.clone(),
        weight: Weight::clamped(percent),
    };
    let older = vec![line(1, &weight(10)), line(2, &weight(10)), line(4, &Entry::Committed)];
    let newer = vec![line(3, &weight(100)), line(5, &weight(10)), line(6, &Entry::Committed)];
    let expected =
        [line(1, &weight(10)), line(2, &weight(10)), line(3, &weight(100)), line(4, &Entry::Committed)].to_vec();
    assert_eq!(merged(older, newer), expected, "what older code told twice stays so");
    assert_eq!(missing(vec![line(9, &weight(10)), line(9, &weight(50))], &expected), [line(9, &weight(50))]);
}
