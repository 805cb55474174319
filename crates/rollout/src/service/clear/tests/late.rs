//! Writes and removals that were never answered, and arrive late.

use jiff::SignedDuration;

use super::*;
use crate::service::clear::unanswered::LANDING;

/// A deployment that was stopped while a write was on its way, taken at the epoch: of this step, or of no step.
fn with_a_write_on_its_way(traffic: Traffic, step: Option<usize>) -> Deployment {
    let mut deployment = settled(traffic);
    let until = NOW + SignedDuration::from(Lease::LENGTH);
    deployment.lease = Some(Lease { step, until, shared: false });
    deployment
}

/// Its test traffic was being sent to the new task set.
fn with_test_traffic(mut deployment: Deployment) -> Deployment {
    deployment.events.begin(LifecycleEvent::AllowTestTraffic, NOW);
    deployment
}

#[test]
fn a_write_of_ours_that_arrives_after_the_rollback_is_undone() {
    let sets = [old(Role::Primary), new(Role::Active)];
    let percent = |green_weight| vec![(blue(), 100 - green_weight), (green(), green_weight)];
    let places = |last: &str, places: &[usize]| {
        let id = |place: &usize| RouteId::parse(&format!("{last}-{place}")).unwrap();
        (listener(last), places.iter().map(id).collect::<Vec<_>>())
    };
    let deployment = with_a_write_on_its_way(Traffic::Restored(blue().into()), Some(1));
    for (first, second, found) in [(20, 20, &[1, 2][..]), (0, 20, &[2]), (10, 0, &[1])] {
        let mut world = world(blue(), &sets);
        world.production = vec![percent(first), percent(second)];
        for second in [0, 24, 59, 61, 600] {
            let decided = decide_at(&deployment, &world, 2, at(second));
            assert_eq!(decided, Clear::PutBack(Side::Home, vec![places("2", found)]), "{second} s");
        }
        let decided = decide_at(&deployment, &world, LOOKS, at(600));
        assert!(matches!(decided, Clear::Keep(_, Some(Traffic::Foreign(_)))), "no fight goes on for ever: {decided:?}");
        let foreign = with_a_write_on_its_way(Traffic::Foreign(None), Some(1));
        let decided = decide_at(&foreign, &world, 2, at(61));
        assert!(matches!(decided, Clear::Keep(_, None)), "that is nothing of ours: {decided:?}");
    }
    let mut world = world(blue(), &sets);
    world.test = vec![on(green(), blue())];
    let deployment = with_test_traffic(with_a_write_on_its_way(Traffic::Untouched, None));
    assert_eq!(decide_at(&deployment, &world, 0, at(24)), Clear::PutBack(Side::Home, vec![places("3", &[1])]));
}

#[test]
fn after_a_success_the_old_task_set_stays_until_no_write_of_an_earlier_step_can_arrive() {
    let sets = [old(Role::Active), new(Role::Primary)];
    let mut deployment = committed();
    let until = NOW + SignedDuration::from(Lease::LENGTH);
    deployment.lease = Some(Lease { step: Some(2), until, shared: true });
    let latest = (Lease::LENGTH.0 + LATEST.0).cast_signed();
    for second in [0, 20, latest - 1] {
        let waits = decide_at(&deployment, &world(green(), &sets), 2, at(second));
        assert!(matches!(waits, Clear::Wait(_)), "{second} s: {waits:?}");
    }
    let over = decide_at(&deployment, &world(green(), &sets), 2, at(latest));
    assert_eq!(over, Clear::ScaleToZero(old(Role::Active).id));
    let mut arrived = world(green(), &sets);
    arrived.production[0] = vec![(blue(), 90), (green(), 10)];
    let id = RouteId::parse("2-1").unwrap();
    for second in [0, 59, 600] {
        let decided = decide_at(&deployment, &arrived, 2, at(second));
        let back = Clear::PutBack(Side::Green, vec![(listener("2"), vec![id.clone()])]);
        assert_eq!(decided, back, "{second} s");
    }
    deployment.lease = None;
    let theirs = decide_at(&deployment, &arrived, 2, at(0));
    assert_eq!(sent_back(theirs).0, ErrorCode::Drift, "without a write on its way it is somebody else's");
}

#[test]
fn a_deployment_does_not_end_while_a_removal_that_was_not_answered_may_still_be_carried_out() {
    let mut deployment = restored();
    deployment.progress.removing.insert(old(Role::Primary).id, NOW);
    let latest = (Lease::LENGTH.0 + LATEST.0).cast_signed();
    let decided = |sets: &[TaskSet], second| decide_at(&deployment, &world(blue(), sets), 3, at(second));
    assert_eq!(decided(&[old(Role::Primary)], 0), Clear::Wait(LANDING));
    assert_eq!(decided(&[old(Role::Primary)], latest - 2), Clear::Wait(Seconds(2)));
    assert_eq!(decided(&[old(Role::Primary)], latest), Clear::Done);
    let emptied = [empty(old(Role::Primary))];
    assert_eq!(sent_back(decided(&emptied, 5)).2, Rollback::Restore, "it was carried out, and is undone");
    let others = [old(Role::Primary), new(Role::Active)];
    assert!(matches!(decided(&others, 0), Clear::ScaleToZero(_)), "the loser goes meanwhile");
}

#[test]
fn calls_that_a_late_write_sends_to_nothing_go_to_the_task_set_that_won() {
    let sets = [new(Role::Primary)];
    let mut arrived = world(green(), &sets);
    arrived.production[1] = vec![(blue(), 70), (green(), 30)];
    let mut deployment = committed();
    assert_eq!(decide(&deployment, &arrived, 0), Clear::Done, "somebody else's, and nothing is left to be removed");
    let second = (listener("2"), vec![RouteId::parse("2-2").unwrap()]);
    let green_again = Clear::PutBack(Side::Green, vec![second]);
    deployment.lease = Some(Lease { step: Some(2), until: NOW, shared: true });
    assert_eq!(decide(&deployment, &arrived, 0), green_again, "its own write");
    deployment.lease = None;
    deployment.apply(Change::Finish, NOW).unwrap();
    deployment.apply(Change::Disturb("another's".to_owned()), NOW).unwrap();
    assert_eq!(deployment.phase, Phase::Committing);
    assert_eq!(decide(&deployment, &arrived, 0), green_again, "an older deployment's");
    assert_eq!(decide(&deployment, &world(green(), &sets), 1), Clear::Done);
    assert_eq!(decide(&deployment, &arrived, LOOKS), Clear::Done, "nobody tries for ever");
}

#[test]
fn a_place_behind_a_task_set_of_somebody_elses_is_left_alone_while_the_removal_looks() {
    let theirs = |role| a_task_set(77, role, green());
    let deployment = with_a_write_on_its_way(Traffic::Restored(blue().into()), Some(1));
    let latest = (Lease::LENGTH.0 + LATEST.0).cast_signed();
    let decided = |set: TaskSet, second| {
        let mut world = world(blue(), &[old(Role::Primary), set]);
        world.production[0] = vec![(blue(), 80), (green(), 20)];
        decide_at(&deployment, &world, 2, at(second))
    };
    for second in [0, 24, latest - 1] {
        let waits = decided(theirs(Role::Active), second);
        assert!(matches!(waits, Clear::Wait(_)), "what comes later may be ours: {waits:?}");
    }
    assert_eq!(decided(theirs(Role::Active), latest), Clear::Done, "their calls are theirs");
    for gone in [theirs(Role::Draining), TaskSet { target_group: Some(group("other")), ..theirs(Role::Active) }] {
        for second in [0, latest] {
            let decided = decided(gone.clone(), second);
            assert!(matches!(decided, Clear::PutBack(..)), "behind nobody it is ours: {decided:?}");
        }
    }
}

#[test]
fn a_weight_that_no_write_of_ours_can_have_left_is_somebody_elses() {
    let mut world = world(blue(), &[old(Role::Primary), new(Role::Active)]);
    let deployment = with_a_write_on_its_way(Traffic::Restored(blue().into()), Some(1));
    for weight in [30, 33, 100] {
        world.production[0] = vec![(blue(), 100 - weight), (green(), weight)];
        let decided = decide_at(&deployment, &world, 0, at(24));
        assert!(matches!(decided, Clear::Keep(_, Some(Traffic::Foreign(_)))), "{weight} %: {decided:?}");
    }
}

#[test]
fn the_new_task_set_stays_as_long_as_a_write_may_arrive() {
    let deployment = with_a_write_on_its_way(Traffic::Restored(blue().into()), Some(0));
    let both = world(blue(), &[old(Role::Primary), new(Role::Active)]);
    let latest = (Lease::LENGTH.0 + LATEST.0).cast_signed();
    assert_eq!(decide_at(&deployment, &both, 4, at(20)), Clear::Wait(Seconds(20)));
    assert_eq!(decide_at(&deployment, &both, 8, at(latest - 1)), Clear::Wait(Seconds(1)));
    assert_eq!(decide_at(&deployment, &both, 8, at(latest)), Clear::ScaleToZero(new(Role::Active).id));
    let alone = world(blue(), &[old(Role::Primary)]);
    assert_eq!(decide_at(&deployment, &alone, 4, at(20)), Clear::Wait(Seconds(20)), "it may still be made");
    assert_eq!(decide_at(&deployment, &alone, 4, at(latest)), Clear::Done);
}

#[test]
fn test_traffic_that_began_on_the_new_target_group_keeps_no_task_set_and_is_no_late_write() {
    let mut plan = a_service_plan("ECSLinear10PercentEvery1Minutes");
    let Target::EcsService(service) = &mut plan.target else { panic!("a service") };
    service.test_began = [(RouteId::parse("3-1").unwrap(), Routing::all_on(green()))].into();
    let began = World { test: vec![vec![(green(), 1)]], ..world(blue(), &[old(Role::Primary), new(Role::Active)]) };
    let by = |deployment: &Deployment, looks| decide_by(&plan, deployment, &began, looks, at(60));
    let elsewhere = |deployment: &Deployment, looks| decide_at(deployment, &began, looks, at(60));
    let late = with_a_write_on_its_way(Traffic::Untouched, None);
    assert!(!matches!(elsewhere(&late, 0), Clear::PutBack(..)), "somebody else did that: none was sent yet");
    let late = with_test_traffic(late);
    assert!(matches!(elsewhere(&late, 0), Clear::PutBack(..)), "it would be, had it begun on blue");
    assert!(!matches!(by(&late, 0), Clear::PutBack(..)));
    assert_eq!(by(&restored(), 1), decide_at(&restored(), &world(blue(), &began.sets), 1, at(60)));
}
