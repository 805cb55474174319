//! How the traffic of an alias is settled; that of a service is in [`service`].

mod service;

use super::*;
use crate::code::ErrorCode;
use crate::deployment::{Change, Lease};
use crate::ending::Ending;
use crate::ids::{DeploymentId, Version};
use crate::platform::Platform;
use crate::progress::Position;
use crate::request::Labels;
use crate::testing::a_plan;
use crate::weight::Weight;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn v(number: u64) -> Version {
    Version::try_from(number).unwrap()
}

fn split(percent: u8) -> Routing {
    Routing::shifted(v(1), v(2), Weight::try_from(percent).unwrap())
}

fn stopping(rollback: Rollback, taken: Option<usize>, lease: Option<i64>) -> Deployment {
    let mut deployment =
        Deployment::new(DeploymentId::parse("d-TEST").unwrap(), Platform::Lambda, Labels::default(), NOW);
    deployment.progress.at = taken.map(|step| Position { step, since: NOW, continued: false });
    deployment.lease =
        lease.map(|second| Lease { step: Some(0), until: Timestamp::from_second(second).unwrap(), shared: false });
    deployment.apply(Change::Begin, NOW).unwrap();
    deployment.apply(Change::Interrupt(Ending::new(ErrorCode::ManualStop, "stop"), rollback), NOW).unwrap();
    deployment
}

#[track_caller]
fn check(deployment: Deployment, live: Option<Routing>, expected: Settle) {
    let plan = a_plan("Linear10PercentEvery1Minute");
    assert_eq!(settle(&plan, &deployment, &Live::alias(live.as_ref()), NOW), expected);
}

#[test]
fn a_split_is_put_back_at_once_even_while_a_write_may_be_on_its_way() {
    let home = Settle::Write(Routing::all_on(v(1)));
    check(stopping(Rollback::Restore, Some(2), None), Some(split(30)), home.clone());
    check(stopping(Rollback::Restore, Some(2), Some(20)), Some(split(30)), home.clone());
    check(stopping(Rollback::Restore, Some(9), None), Some(split(100)), home);
}

#[test]
fn an_alias_that_looks_untouched_is_written_where_a_write_may_be_on_its_way_however_late_it_comes() {
    for lease in [9, -1, -3_600] {
        check(stopping(Rollback::Restore, None, Some(lease)), Some(split(0)), Settle::Write(split(0)));
        check(stopping(Rollback::Leave, None, Some(lease)), Some(split(0)), Settle::Write(split(0)));
    }
    check(stopping(Rollback::Restore, None, None), Some(split(0)), Settle::Done(Traffic::Untouched));
}

#[test]
fn traffic_that_is_at_home_was_put_back_unless_it_was_to_stay_and_never_left() {
    let plan = a_plan("Linear10PercentEvery1Minute");
    let (home, live) = (plan.home(), Live::alias(Some(&plan.home())));
    let (left, restored) = (Traffic::Untouched, Traffic::Restored(v(1).into()));
    for (rollback, taken, expected) in [
        (Rollback::Leave, None, &left),
        // Somebody else put it back.
        (Rollback::Leave, Some(2), &restored),
        (Rollback::Restore, None, &restored),
        (Rollback::Restore, Some(2), &restored),
    ] {
        let deployment = stopping(rollback, taken, Some(-1));
        let written = written(&plan, &deployment, &live, &home, Fence::Revision, NOW);
        assert_eq!(written, Written::Done(expected.clone()), "{rollback:?} {taken:?}");
        assert_eq!(at_home(&plan, &deployment, HowHome::Found), *expected, "{rollback:?} {taken:?}");
    }
}

#[test]
fn of_an_alias_only_a_split_between_the_plans_own_two_versions_is_left_for_the_next_deployment() {
    let between = |from: u64, to: u64| Routing::shifted(v(from), v(to), Weight::try_from(40u8).unwrap());
    let plan = a_plan("Linear10PercentEvery1Minute");
    let mut begun_split = plan.clone();
    begun_split.shift_mut().start = between(1, 3);
    for (plan, live, left) in [
        (&plan, between(1, 2), true),
        (&plan, between(2, 1), true),
        (&plan, between(1, 3), false),
        (&plan, between(3, 1), false),
        (&plan, between(2, 3), false),
        (&plan, between(3, 4), false),
        (&plan, Routing::all_on(v(2)), false),
        (&plan, Routing::all_on(v(3)), false),
        // What was left behind before, and was not touched since.
        (&begun_split, between(1, 3), true),
        (&begun_split, between(2, 3), false),
    ] {
        let leaves = plan.leaves_behind(&Traffic::Foreign(Some(live.clone())));
        assert_eq!(leaves, left.then(|| live.clone()), "{live}");
    }
}

#[test]
fn a_write_is_the_fence_where_it_moved_the_revision_and_else_the_lease_is() {
    let plan = a_plan("Linear10PercentEvery1Minute");
    let deployment = stopping(Rollback::Restore, None, Some(9));
    let (live, home) = (Live::alias(Some(&split(0))), split(0));
    let after =
        |fence, second| written(&plan, &deployment, &live, &home, fence, Timestamp::from_second(second).unwrap());
    let restored = Written::Done(Traffic::Restored(v(1).into()));
    assert_eq!(after(Fence::Revision, 0), restored);
    assert_eq!(after(Fence::Lease, 0), Written::Wait(Seconds(1)), "an alias whose revision did not move");
    assert_eq!(after(Fence::Lease, 10), restored);
}

#[test]
fn with_rollback_switched_off_the_split_is_left_and_written_down() {
    check(stopping(Rollback::Leave, Some(2), None), Some(split(30)), Settle::Done(Traffic::Left(split(30))));
    let in_flight = stopping(Rollback::Leave, Some(2), Some(9));
    check(in_flight.clone(), Some(split(30)), Settle::Write(split(30)));
    let live = Live::alias(Some(&split(30)));
    let plan = a_plan("Linear10PercentEvery1Minute");
    let left = written(&plan, &in_flight, &live, &split(30), Fence::Revision, NOW);
    assert_eq!(left, Written::Done(Traffic::Left(split(30))), "fenced, and where it was");
    check(stopping(Rollback::Leave, None, None), Some(split(0)), Settle::Done(Traffic::Untouched));
}

#[test]
fn a_version_that_is_not_ours_is_never_overwritten() {
    let foreign = Routing::all_on(v(7));
    check(
        stopping(Rollback::Restore, Some(2), None),
        Some(foreign.clone()),
        Settle::Done(Traffic::Foreign(Some(foreign))),
    );
    let foreign = Routing::shifted(v(1), v(7), Weight::try_from(5u8).unwrap());
    check(
        stopping(Rollback::Restore, Some(2), None),
        Some(foreign.clone()),
        Settle::Done(Traffic::Foreign(Some(foreign))),
    );
    check(stopping(Rollback::Restore, Some(2), None), None, Settle::Done(Traffic::Foreign(None)));
}

#[test]
fn a_leftover_split_the_deployment_began_with_is_known_and_ended_by_a_rollback() {
    let mut plan = a_plan("Linear10PercentEvery1Minute");
    plan.shift_mut().start = Routing::shifted(v(1), v(7), Weight::try_from(50u8).unwrap());
    let deployment = stopping(Rollback::Restore, None, None);
    assert_eq!(
        settle(&plan, &deployment, &Live::alias(Some(&plan.shift().start)), NOW),
        Settle::Write(Routing::all_on(v(1)))
    );
    let done = Settle::Done(Traffic::Restored(v(1).into()));
    assert_eq!(
        settle(&plan, &deployment, &Live::alias(Some(&Routing::all_on(v(1)))), NOW),
        done,
        "asked again after the write"
    );
}

/// A deployment that ends because somebody else changed its target.
fn drifted(taken: Option<usize>, lease: Option<i64>) -> Deployment {
    let mut deployment = stopping(Rollback::Restore, taken, lease);
    if let Phase::Stopping { why, .. } = &mut deployment.phase {
        why.code = ErrorCode::Drift;
    }
    deployment
}

#[test]
fn a_change_by_hand_between_our_own_two_versions_is_left_alone_where_nothing_else_is_wrong() {
    let by_hand = [split(41), split(100), Routing::shifted(v(2), v(1), Weight::try_from(30u8).unwrap())];
    for routing in by_hand {
        let theirs = Settle::Done(Traffic::Foreign(Some(routing.clone())));
        check(drifted(Some(2), None), Some(routing.clone()), theirs.clone());
        check(drifted(Some(2), Some(9)), Some(routing.clone()), theirs);
        check(stopping(Rollback::Restore, Some(2), None), Some(routing), Settle::Write(split(0)));
    }
    let set_back = Traffic::Foreign(Some(split(0)));
    check(drifted(Some(2), None), Some(split(0)), Settle::Done(set_back.clone()));
    check(drifted(Some(2), None), Some(split(30)), Settle::Write(split(0)));
    let after = |live| {
        let (plan, live) = (a_plan("Linear10PercentEvery1Minute"), Live::alias(Some(&live)));
        written(&plan, &drifted(Some(2), Some(9)), &live, &split(0), Fence::Revision, NOW)
    };
    assert_eq!(after(split(0)), Written::Done(set_back), "the write was a fence");
    assert_eq!(
        after(split(30)),
        Written::Done(Traffic::Restored(v(1).into())),
        "it was as we left it, and we sent it home"
    );
}

#[test]
fn a_change_that_a_rollback_takes_back_is_named() {
    let plan = a_plan("Linear10PercentEvery1Minute");
    let overruled = |deployment: &Deployment, live: Routing| {
        plan.overruled(deployment, &Live::alias(Some(&live))).map(ToString::to_string)
    };
    let stopped = stopping(Rollback::Restore, Some(2), None);
    assert_eq!(overruled(&stopped, split(41)).as_deref(), Some("version 1 with 41 % on version 2"));
    for ours in [split(30), split(0)] {
        assert_eq!(overruled(&stopped, ours), None, "as we left it");
    }
    assert_eq!(overruled(&stopped, Routing::all_on(v(7))), None, "never put back");
}

#[test]
fn a_deployment_that_has_written_nothing_puts_nothing_back() {
    let live = Routing::all_on(v(2));
    for deployment in [stopping(Rollback::Restore, None, None), drifted(None, None)] {
        check(deployment, Some(live.clone()), Settle::Done(Traffic::Foreign(Some(live.clone()))));
    }
}

#[test]
fn a_deployment_that_never_began_touches_nothing_even_where_the_versions_look_like_its_own() {
    let mut deployment =
        Deployment::new(DeploymentId::parse("d-TEST").unwrap(), Platform::Lambda, Labels::default(), NOW);
    deployment.apply(Change::Interrupt(Ending::new(ErrorCode::ExecutionLost, "died"), Rollback::Restore), NOW).unwrap();
    check(deployment, Some(split(30)), Settle::Done(Traffic::Untouched));
}

#[test]
fn our_own_write_is_recognized_also_when_its_answer_was_lost() {
    let plan = a_plan("Linear10PercentEvery1Minute");
    let mut deployment = stopping(Rollback::Restore, Some(1), None);
    assert!(plan.recognizes(&deployment, &Live::alias(Some(&split(20)))));
    assert!(!plan.recognizes(&deployment, &Live::alias(Some(&split(30)))));
    deployment.lease = Some(Lease { step: Some(2), until: NOW, shared: false });
    assert!(plan.recognizes(&deployment, &Live::alias(Some(&split(30)))));
    assert!(!plan.recognizes(&deployment, &Live::alias(Some(&split(0)))));
}
