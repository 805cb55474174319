//! How the traffic of an alias is settled; that of a service is in [`service`].

mod service;

use super::*;
use crate::deployment::{Change, Lease};
use crate::ending::{Ending, ErrorCode};
use crate::ids::{DeploymentId, Version};
use crate::progress::Position;
use crate::request::Labels;
use crate::strategy::Platform;
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
fn an_alias_that_looks_untouched_is_watched_until_no_write_can_arrive_any_more() {
    check(stopping(Rollback::Restore, None, Some(9)), Some(split(0)), Settle::Wait(Seconds(10)));
    check(stopping(Rollback::Restore, None, Some(-1)), Some(split(0)), Settle::Done(Traffic::Restored(v(1).into())));
    check(stopping(Rollback::Restore, None, None), Some(split(0)), Settle::Done(Traffic::Untouched));
}

#[test]
fn with_rollback_switched_off_the_split_is_left_and_written_down() {
    check(stopping(Rollback::Leave, Some(2), None), Some(split(30)), Settle::Done(Traffic::Left(split(30))));
    check(stopping(Rollback::Leave, Some(2), Some(9)), Some(split(30)), Settle::Wait(Seconds(10)));
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
    plan.start = Routing::shifted(v(1), v(7), Weight::try_from(50u8).unwrap());
    let deployment = stopping(Rollback::Restore, None, None);
    assert_eq!(settle(&plan, &deployment, &Live::alias(Some(&plan.start)), NOW), Settle::Write(Routing::all_on(v(1))));
    let done = Settle::Done(Traffic::Restored(v(1).into()));
    assert_eq!(
        settle(&plan, &deployment, &Live::alias(Some(&Routing::all_on(v(1)))), NOW),
        done,
        "asked again after the write"
    );
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
