//! How the traffic of a service is settled, whose listeners have no revision.

mod tested;

use super::*;
use crate::event::LifecycleEvent;
use crate::lifecycle::EventStatus;
use crate::testing::a_service_plan;
use crate::testing::service::{a_service_deployment, blue, deployment_id, group, on_green};

fn stopping(rollback: Rollback, taken: Option<usize>, lease: Option<Option<usize>>) -> Deployment {
    let mut deployment = a_service_deployment();
    deployment.progress.at = taken.map(|step| Position { step, since: NOW, continued: false });
    deployment.lease = lease.map(|step| Lease { step, until: Timestamp::from_second(9).unwrap(), shared: false });
    deployment.apply(Change::Interrupt(Ending::new(ErrorCode::ManualStop, "stop"), rollback), NOW).unwrap();
    deployment
}

/// Its test traffic was sent to the new task set.
fn sent(mut deployment: Deployment) -> Deployment {
    deployment.progress.created = Some(NOW);
    deployment.events.begin(LifecycleEvent::AllowTestTraffic, NOW);
    deployment.events.end(LifecycleEvent::AllowTestTraffic, EventStatus::Succeeded, None, NOW);
    deployment
}

fn live(production: &[Routing], test: &[Routing]) -> Live {
    let tested = |now: &Routing| Tested { now: now.clone(), home: home() };
    Live::Routes { production: production.to_vec(), test: test.iter().map(tested).collect() }
}

/// Of a service without a test listener, if nothing else is said.
fn plan() -> Plan {
    let mut plan = a_service_plan("ECSLinear10PercentEvery1Minutes");
    if let crate::target::Target::EcsService(service) = &mut plan.target {
        service.test_routes.clear();
    }
    plan
}

fn home() -> Routing {
    on_green(0)
}

#[track_caller]
fn check(deployment: &Deployment, live: &Live, expected: Settle) {
    assert_eq!(settle(&plan(), deployment, live, NOW), expected);
}

#[test]
fn a_split_at_any_of_the_places_is_put_back_at_once() {
    let write = Settle::Write(home());
    let deployment = sent(stopping(Rollback::Restore, Some(2), None));
    check(&deployment, &live(&[on_green(30)], &[]), write.clone());
    check(&deployment, &live(&[home(), on_green(30)], &[]), write.clone());
    check(&deployment, &live(&[on_green(100)], &[on_green(100)]), write.clone());
    check(&stopping(Rollback::Restore, Some(2), Some(Some(3))), &live(&[on_green(30)], &[]), write);
}

#[test]
fn after_its_own_write_a_rollback_waits_for_a_late_one_that_nothing_else_fences() {
    let deployment = stopping(Rollback::Restore, Some(2), Some(Some(3)));
    let after = |deployment: &Deployment, now| {
        written(&plan(), deployment, &live(&[on_green(30)], &[]), &home(), Fence::Lease, now)
    };
    assert_eq!(after(&deployment, NOW), Written::Wait(LOOK));
    let later = Timestamp::from_second(11).unwrap();
    assert_eq!(after(&deployment, later), Written::Done(Traffic::Restored(blue().into())));
    let restored = Settle::Done(Traffic::Restored(blue().into()));
    assert_eq!(settle(&plan(), &deployment, &live(&[home()], &[]), later), restored, "nothing came late");
    let late = live(&[on_green(40)], &[]);
    assert_eq!(settle(&plan(), &deployment, &late, later), Settle::Write(home()), "it came late");
    let alone = after(&stopping(Rollback::Restore, Some(2), None), NOW);
    assert_eq!(alone, Written::Done(Traffic::Restored(blue().into())), "nothing is on its way");
}

#[test]
fn work_that_moves_no_production_traffic_is_waited_for_too() {
    let deployment = stopping(Rollback::Restore, None, Some(None));
    check(&deployment, &live(&[home()], &[home()]), Settle::Wait(LOOK));
    let later = Timestamp::from_second(11).unwrap();
    let done = settle(&plan(), &deployment, &live(&[home()], &[home()]), later);
    assert_eq!(done, Settle::Done(Traffic::Untouched), "it moved none");
}

#[test]
fn a_stop_before_anything_moved_leaves_everything_as_it_is() {
    let deployment = stopping(Rollback::Restore, None, None);
    check(&deployment, &live(&[home(), home()], &[home()]), Settle::Done(Traffic::Untouched));
}

#[test]
fn with_rollback_switched_off_a_split_is_left_and_its_test_traffic_with_it() {
    let left = live(&[on_green(30)], &[on_green(100)]);
    let deployment = stopping(Rollback::Leave, Some(2), None);
    check(&deployment, &left, Settle::Done(Traffic::Left(on_green(30))));
    check(&stopping(Rollback::Leave, Some(2), Some(Some(3))), &left, Settle::Wait(LOOK));
    let torn = live(&[home(), on_green(30)], &[]);
    check(&deployment, &torn, Settle::Done(Traffic::Left(on_green(30))));
}

#[test]
fn a_third_target_group_in_production_is_never_overwritten() {
    let foreign = Routing::all_on(group("other"));
    let deployment = stopping(Rollback::Restore, Some(2), None);
    let theirs = Settle::Done(Traffic::Foreign(Some(foreign.clone())));
    check(&deployment, &live(std::slice::from_ref(&foreign), &[on_green(100)]), Settle::Write(home()));
    check(&deployment, &live(&[foreign], &[home()]), theirs);
    check(&deployment, &Live::Gone { test: Vec::new() }, Settle::Done(Traffic::Foreign(None)));
}

#[test]
fn test_traffic_goes_back_also_where_the_listener_of_production_was_deleted() {
    let deployment = stopping(Rollback::Restore, Some(2), None);
    let gone = |now: Routing| Live::Gone { test: vec![Tested { now, home: home() }] };
    check(&deployment, &gone(on_green(100)), Settle::Write(home()));
    let after = written(&plan(), &deployment, &gone(on_green(100)), &home(), Fence::Lease, NOW);
    assert_eq!(after, Written::Look, "it is not called put back");
    check(&deployment, &gone(home()), Settle::Done(Traffic::Foreign(None)));
    check(&deployment, &gone(Routing::all_on(group("other"))), Settle::Done(Traffic::Foreign(None)));
}

#[test]
fn a_place_that_somebody_else_changed_keeps_the_others_not_split() {
    let foreign = || Routing::all_on(group("other"));
    let theirs = || Settle::Done(Traffic::Foreign(Some(foreign())));
    let deployment = stopping(Rollback::Restore, Some(2), None);
    check(&deployment, &live(&[on_green(30), foreign()], &[]), Settle::Write(home()));
    check(&deployment, &live(&[home(), foreign()], &[]), theirs());
    let in_flight = stopping(Rollback::Restore, Some(2), Some(Some(3)));
    check(&in_flight, &live(&[home(), foreign()], &[]), Settle::Wait(LOOK));
    check(&stopping(Rollback::Leave, Some(2), None), &live(&[on_green(30), foreign()], &[]), theirs());
    let shared = live(&[on_green(30), foreign()], &[]);
    let after = written(&plan(), &deployment, &shared, &home(), Fence::Lease, NOW);
    assert_eq!(after, Written::Look, "how it ends is theirs to say");
}

#[test]
fn on_drift_alone_a_place_that_somebody_moved_is_left_and_the_others_are_put_back() {
    let mut deployment = stopping(Rollback::Restore, Some(2), None);
    if let Phase::Stopping { why, .. } = &mut deployment.phase {
        why.code = ErrorCode::Drift;
    }
    for moved in [on_green(70), on_green(100)] {
        check(&deployment, &live(&[on_green(30), moved.clone()], &[]), Settle::Write(home()));
        check(&deployment, &live(&[home(), moved.clone()], &[]), Settle::Done(Traffic::Foreign(Some(moved))));
    }
}

#[test]
fn test_traffic_that_somebody_else_changed_keeps_no_production_traffic_split() {
    let foreign = || Routing::all_on(group("other"));
    let deployment = stopping(Rollback::Restore, Some(2), None);
    check(&deployment, &live(&[on_green(30)], &[foreign()]), Settle::Write(home()));
    let restored = Settle::Done(Traffic::Restored(blue().into()));
    check(&deployment, &live(&[home()], &[foreign()]), restored);
}

#[test]
fn a_deployment_that_never_began_touches_no_listener() {
    let mut deployment = Deployment::new(deployment_id(), Platform::Ecs, Labels::default(), NOW);
    let why = Ending::new(ErrorCode::ExecutionLost, "died");
    deployment.apply(Change::Interrupt(why, Rollback::Restore), NOW).unwrap();
    check(&deployment, &live(&[on_green(30)], &[on_green(100)]), Settle::Done(Traffic::Untouched));
}

fn running(taken: Option<usize>, lease: Option<Option<usize>>) -> Deployment {
    let mut deployment = a_service_deployment();
    deployment.progress.at = taken.map(|step| Position { step, since: NOW, continued: false });
    deployment.lease = lease.map(|step| Lease { step, until: NOW, shared: false });
    deployment
}

#[test]
fn places_torn_between_two_steps_are_recognized_while_the_second_is_taken() {
    let plan = plan();
    let torn = live(&[on_green(20), on_green(30)], &[]);
    assert!(plan.recognizes(&running(Some(1), Some(Some(2))), &torn));
    assert!(!plan.recognizes(&running(Some(1), None), &torn), "no step is being taken");
    assert!(!plan.recognizes(&running(Some(1), Some(None)), &torn), "other work is done");
    assert!(!plan.recognizes(&running(Some(1), Some(Some(2))), &live(&[on_green(20), on_green(40)], &[])));
}

#[test]
fn a_place_that_forwards_to_the_pair_no_more_is_somebody_elses_doing() {
    let mut plan = plan();
    let deployment = running(Some(1), None);
    if let crate::target::Target::EcsService(service) = &mut plan.target {
        service.routes = ["2", "rule/1"].map(|id| crate::ids::RouteId::parse(id).unwrap()).to_vec();
    }
    assert!(plan.recognizes(&deployment, &live(&[on_green(20), on_green(20)], &[])));
    assert!(!plan.recognizes(&deployment, &live(&[on_green(20)], &[])));
    assert!(!plan.recognizes(&deployment, &Live::Gone { test: Vec::new() }));
}

#[test]
fn a_leftover_split_is_recognized_before_and_after_it_is_ended() {
    let mut plan = plan();
    plan.shift_mut().start = on_green(35);
    let begun = running(None, Some(None));
    assert!(plan.recognizes(&begun, &live(&[on_green(35)], &[home()])));
    assert!(plan.recognizes(&begun, &live(&[home(), on_green(35)], &[home()])));
    assert!(plan.recognizes(&begun, &live(&[home()], &[home()])));
    assert!(!plan.recognizes(&begun, &live(&[on_green(36)], &[home()])));
    assert!(!plan.recognizes(&running(Some(0), None), &live(&[on_green(35)], &[])), "the first step is taken");
    let stopped = stopping(Rollback::Restore, None, None);
    assert_eq!(settle(&plan, &stopped, &live(&[on_green(35)], &[]), NOW), Settle::Write(home()));
}

#[test]
fn a_write_of_an_earlier_step_that_was_never_answered_is_ours_when_it_arrives_and_is_written_over() {
    let plan = plan();
    let mut deployment = a_service_deployment();
    deployment.progress.at = Some(Position { step: 2, since: NOW, continued: false });
    let lease = |shared| Some(Lease { step: Some(2), until: NOW, shared });
    let places = |weights: &[u8]| Live::Routes {
        production: weights.iter().map(|weight| on_green(*weight)).collect(),
        test: Vec::new(),
    };
    for (weights, late) in [(&[30, 30, 30][..], 0), (&[10, 30, 20], 2), (&[20, 20, 20], 3)] {
        let live = places(weights);
        deployment.lease = lease(true);
        assert!(plan.recognizes(&deployment, &live), "{weights:?}");
        let expected = (late > 0).then(|| Overtaken { to: on_green(30), places: late, of_test: 0 });
        assert_eq!(plan.overtaken(&deployment, &live), expected, "{weights:?}");
        deployment.lease = lease(false);
        assert_eq!(plan.recognizes(&deployment, &live), late == 0, "nothing was on its way: {weights:?}");
        assert_eq!(plan.overtaken(&deployment, &live), None);
    }
    deployment.lease = lease(true);
    assert!(!plan.recognizes(&deployment, &places(&[30, 30, 15])), "a weight of somebody else's");
    assert!(!plan.recognizes(&deployment, &places(&[30, 30, 40])), "a step that was not taken yet");
}
