//! The stories a deployment may have.

use proptest::prelude::*;

use super::*;
use crate::code::ErrorCode;
use crate::event::LifecycleEvent;
use crate::ids::Version;
use crate::request::RollbackRules;

fn why() -> Ending {
    Ending::new(ErrorCode::AlarmActive, "an alarm")
}

fn changes() -> Vec<Change> {
    vec![
        Change::Begin,
        Change::NothingToDo,
        Change::Refuse(why()),
        Change::Interrupt(why(), Rollback::Restore),
        Change::Commit,
        Change::Settle(Traffic::Restored(Version::try_from(1).unwrap().into())),
        Change::Finish,
        Change::GiveUp("denied".into()),
        Change::Repair,
    ]
}

fn story(changes: &[Change]) -> Result<Phase, OutOfOrder> {
    changes.iter().try_fold(Phase::Created, |phase, change| phase.after(change.clone()))
}

#[test]
fn commit_and_interrupt_race_for_one_transition_and_the_loser_changes_nothing() {
    let committed = [Change::Begin, Change::Commit];
    let late = [Change::Begin, Change::Commit, Change::Interrupt(why(), Rollback::Restore)];
    assert!(story(&committed).is_ok());
    assert_eq!(story(&late).unwrap_err().to_string(), "a deployment that is committing does not take interrupt");
    let late = [Change::Begin, Change::Interrupt(why(), Rollback::Restore), Change::Commit];
    assert_eq!(story(&late).unwrap_err().to_string(), "a deployment that is stopping does not take commit");
}

#[test]
fn an_unresolved_deployment_can_be_repaired_and_then_ends_as_it_should_have() {
    let end = story(&[
        Change::Begin,
        Change::Interrupt(why(), Rollback::Restore),
        Change::GiveUp("denied".into()),
        Change::Repair,
        Change::Settle(Traffic::Restored(Version::try_from(1).unwrap().into())),
        Change::Finish,
    ])
    .unwrap();
    assert_eq!((end.status(), end.outcome()), (Status::Stopped, Some(Outcome::RolledBack)));
}

#[test]
fn a_final_deployment_takes_nothing_but_a_repair() {
    for end in [&[Change::NothingToDo][..], &[Change::Refuse(why())]] {
        let phase = story(end).unwrap();
        assert!(phase.is_final());
        for change in changes() {
            assert!(phase.after(change).is_err());
        }
    }
}

#[test]
fn a_lease_is_alive_until_its_last_moment_has_passed() {
    let now = Timestamp::from_second(100).unwrap();
    let lease = |second| Lease { step: Some(0), until: Timestamp::from_second(second).unwrap(), shared: false };
    assert_eq!(lease(120).left(now), Seconds(21));
    assert_eq!(lease(100).left(now), Seconds(1));
    assert_eq!(lease(99).left(now), Seconds(0));
}

#[test]
fn a_deployment_to_a_service_has_its_own_events_and_its_rollback_shows_them_too() {
    let now = Timestamp::UNIX_EPOCH;
    let id = DeploymentId::parse("d-TEST").unwrap();
    let mut deployment = Deployment::new(id, Platform::Ecs, Labels::default(), now);
    for change in
        [Change::Begin, Change::Interrupt(why(), Rollback::Restore), Change::Settle(Traffic::Untouched), Change::Finish]
    {
        deployment.apply(change, now).unwrap();
    }
    let rollback = deployment.rollback(None).unwrap();
    for deployment in [&deployment, &rollback] {
        let events: Vec<LifecycleEvent> = deployment.events.events().iter().map(|record| record.event).collect();
        assert_eq!((events.as_slice(), deployment.platform), (LifecycleEvent::ECS, Platform::Ecs));
    }
}

#[test]
fn where_nothing_had_moved_a_rollback_is_shown_if_that_was_what_was_asked_for() {
    let rules = |enabled: bool| {
        let mut plan = crate::testing::a_service_plan("ECSAllAtOnce");
        plan.rollback = if enabled { RollbackRules::default() } else { RollbackRules::never() };
        plan
    };
    for (asked, enabled, shown) in [
        (Rollback::Restore, true, true),
        (Rollback::Restore, false, true),
        (Rollback::Leave, true, false),
        (Rollback::Leave, false, false),
    ] {
        let now = Timestamp::UNIX_EPOCH;
        let id = DeploymentId::parse("d-TEST").unwrap();
        let mut deployment = Deployment::new(id, Platform::Ecs, Labels::default(), now);
        for change in [Change::Begin, Change::Interrupt(why(), asked), Change::Settle(Traffic::Untouched)] {
            deployment.apply(change, now).unwrap();
        }
        assert_eq!(deployment.rollback(Some(&rules(enabled))).is_some(), shown, "{asked:?}, rules {enabled}");
    }
}

#[test]
fn a_task_set_that_is_yet_to_be_made_has_no_share_of_what_was_left_behind_in_its_place() {
    let mut plan = crate::testing::a_service_plan("ECSLinear10PercentEvery1Minutes");
    plan.shift_mut().start = plan.routing_at(3);
    assert!(plan.shift().start.is_split());
    let id = DeploymentId::parse("d-TEST").unwrap();
    let mut deployment = Deployment::new(id, Platform::Ecs, Labels::default(), Timestamp::UNIX_EPOCH);
    deployment.apply(Change::Begin, Timestamp::UNIX_EPOCH).unwrap();
    assert_eq!(deployment.weight(&plan), Some(Weight::ZERO));
}

#[test]
fn work_that_moves_no_traffic_leaves_a_deployment_untouched() {
    let mut deployment = Deployment::new(
        DeploymentId::parse("d-TEST").unwrap(),
        Platform::Ecs,
        Labels::default(),
        Timestamp::UNIX_EPOCH,
    );
    let lease = |step| Some(Lease { step, until: Timestamp::UNIX_EPOCH, shared: false });
    deployment.lease = lease(None);
    assert!(!deployment.touched());
    deployment.lease = lease(Some(0));
    assert!(deployment.touched());
}

proptest! {
    #[test]
    fn every_story_either_stays_open_or_ends_for_good(picks in proptest::collection::vec(0usize..9, 1..30)) {
        let changes = changes();
        let mut deployment = Deployment::new(DeploymentId::parse("d-TEST").unwrap(), Platform::Lambda, Labels::default(), Timestamp::UNIX_EPOCH);
        for pick in picks {
            let before = deployment.clone();
            if deployment.apply(changes[pick].clone(), Timestamp::UNIX_EPOCH).is_err() {
                prop_assert_eq!(&before, &deployment, "a refused change leaves no trace");
            }
            prop_assert_eq!(deployment.phase.is_final(), deployment.phase.outcome().is_some());
            prop_assert_eq!(deployment.phase.is_final(), deployment.completed.is_some());
        }
    }

    #[test]
    fn a_record_survives_its_journey_through_json(picks in proptest::collection::vec(0usize..9, 0..10)) {
        let changes = changes();
        let mut deployment = Deployment::new(DeploymentId::parse("d-TEST").unwrap(), Platform::Lambda, Labels::default(), Timestamp::UNIX_EPOCH);
        for pick in picks {
            let _ = deployment.apply(changes[pick].clone(), Timestamp::UNIX_EPOCH);
        }
        let text = serde_json::to_string(&deployment).unwrap();
        prop_assert_eq!(serde_json::from_str::<Deployment>(&text).unwrap(), deployment);
    }
}

#[test]
fn a_lease_that_was_taken_over_from_an_attempt_that_may_be_at_work_is_not_given_back() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let id = DeploymentId::parse("d-TEST").unwrap();
    let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), at(0));
    deployment.take_lease(Some(0), at(0));
    deployment.give_back_lease();
    assert_eq!(deployment.lease, None, "nobody else was at work");
    deployment.take_lease(Some(0), at(0));
    deployment.take_lease(Some(0), at(5));
    deployment.give_back_lease();
    assert_eq!(deployment.lease.as_ref().map(|lease| lease.until), Some(at(25)), "the first attempt may still write");
    deployment.take_lease(Some(1), at(30));
    deployment.give_back_lease();
    assert_eq!(deployment.lease, None, "what ran out is over");
}

#[test]
fn a_service_keeps_a_lease_that_was_never_given_back_however_long_ago_it_ran_out() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let id = DeploymentId::parse("d-TEST").unwrap();
    let mut deployment = Deployment::new(id, Platform::Ecs, Labels::default(), at(0));
    deployment.take_lease(Some(0), at(0));
    for (step, second) in [(0, 5), (1, 300), (2, 900)] {
        deployment.take_lease(Some(step), at(second));
        deployment.give_back_lease();
        let until = deployment.lease.as_ref().map(|lease| (lease.step, lease.until));
        assert_eq!(until, Some((Some(step), at(second + 20))), "the first write may still arrive");
    }
    deployment.take_lease(None, at(960));
    deployment.give_back_lease();
    assert_eq!(deployment.lease.as_ref().and_then(|lease| lease.step), Some(2), "also while the primary is switched");
}
