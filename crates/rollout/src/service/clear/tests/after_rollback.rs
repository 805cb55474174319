//! How the new task set goes.

use super::*;

#[test]
fn after_a_rollback_the_new_task_set_goes() {
    let (blue, green) = (old(Role::Primary), new(Role::Active));
    for deployment in [restored(), settled(Traffic::Untouched)] {
        let decide = |green: TaskSet| lost(&deployment, &[blue.clone(), green], 0);
        assert_eq!(decide(green.clone()), Clear::ScaleToZero(green.id.clone()));
        assert_eq!(decide(empty(green.clone())), Clear::Delete(green.id.clone(), Deletion::Empty));
    }
    assert_eq!(lost(&restored(), &[blue], 0), Clear::Done, "none was made");
}

#[test]
fn a_new_task_set_that_had_traffic_keeps_its_tasks_until_the_weights_are_everywhere() {
    let mut deployment = restored();
    deployment.progress.at = Some(Position { step: 0, since: NOW, continued: false });
    let sets = [old(Role::Primary), new(Role::Active)];
    assert_eq!(lost(&deployment, &sets, 0), Clear::Wait(SPREAD));
    assert_eq!(lost(&deployment, &sets, 1), Clear::ScaleToZero(new(Role::Active).id));
}

#[test]
fn a_new_task_set_that_is_not_shown_is_looked_for_since_it_may_be_too_new_for_that() {
    let mut made = settled(Traffic::Untouched);
    made.progress.created = Some(NOW);
    let looks: Vec<Clear> = (0..5).map(|looks| lost(&made, &[old(Role::Primary)], looks)).collect();
    let waits = [1, 2, 5, 10].map(|seconds| Clear::Wait(Seconds(seconds)));
    assert_eq!((&looks[..4], &looks[4]), (&waits[..], &Clear::Done));
}

#[test]
fn what_traffic_was_put_back_to_and_cannot_take_it_sends_the_deployment_back() {
    for blue in [Some(old(Role::Draining)), None, Some(empty(old(Role::Primary)))] {
        let sets: Vec<TaskSet> = blue.into_iter().chain([new(Role::Active)]).collect();
        let (code, _, rollback) = sent_back(lost(&restored(), &sets, 1));
        assert_eq!((code, rollback), (ErrorCode::AlarmActive, Rollback::Restore));
        let mut often = restored();
        often.progress.reopened = REOPENED;
        assert!(matches!(lost(&often, &sets, LOOKS), Clear::Spare(_)), "the last task set is never taken away");
        let taken: Vec<TaskSet> = sets.into_iter().filter(|set| set.id != new(Role::Active).id).collect();
        let taken: Vec<TaskSet> = taken.into_iter().chain([empty(new(Role::Active))]).collect();
        assert_eq!(
            lost(&restored(), &taken, 1),
            Clear::BringBack(new(Role::Active).id, 100),
            "it may be all that is left"
        );
    }
}

#[test]
fn a_new_task_set_that_never_had_calls_goes_also_where_the_old_one_was_not_well_before() {
    let dead = TaskSet { running: 0, ..old(Role::Primary) };
    let untouched = settled(Traffic::Untouched);
    assert_eq!(lost(&untouched, &[dead, new(Role::Active)], 0), Clear::ScaleToZero(new(Role::Active).id));
    assert_eq!(lost(&untouched, &[new(Role::Primary)], 0), Clear::Done, "the last one stays");
}

#[test]
fn after_a_rollback_a_new_task_set_that_somebody_sends_calls_to_stays_and_the_ending_says_so() {
    let mut world = world(blue(), &[old(Role::Primary), new(Role::Active)]);
    world.production[1] = vec![(blue(), 34), (green(), 66)];
    for deployment in [restored(), settled(Traffic::Untouched)] {
        for looks in [0, 3, LOOKS] {
            let kept = Clear::Keep(new(Role::Active).id, Some(Traffic::Foreign(Some(on_green(66)))));
            assert_eq!(decide(&deployment, &world, looks), kept);
        }
    }
    let known = settled(Traffic::Foreign(Some(on_green(66))));
    assert_eq!(decide(&known, &world, 0), Clear::Keep(new(Role::Active).id, None), "it was said before");
    world.production.clear();
    world.test[0] = vec![(green(), 1)];
    assert_eq!(decide(&restored(), &world, 0), Clear::Keep(new(Role::Active).id, None));
}

#[test]
fn a_new_task_set_that_has_test_traffic_only_stays_beside_a_primary_one_that_can_take_production() {
    let tested = |old_set: TaskSet, new_set: TaskSet| {
        let mut world = world(blue(), &[old_set, new_set]);
        world.test[0] = on(green(), blue());
        decide(&restored(), &world, 1)
    };
    let new_set = new(Role::Active);
    assert_eq!(tested(old(Role::Primary), new_set.clone()), Clear::Keep(new_set.id.clone(), None));
    assert_eq!(tested(old(Role::Active), new(Role::Primary)), Clear::Promote(old(Role::Active).id));
    let dead = TaskSet { running: 0, ..old(Role::Primary) };
    assert_eq!(
        sent_back(tested(dead, new_set)).2,
        Rollback::Restore,
        "it is not kept instead of a look at the old one"
    );
}

#[test]
fn after_somebody_elses_change_the_new_task_set_goes_where_no_listener_sends_it_calls() {
    let (old_set, new_set) = (old(Role::Primary), new(Role::Active));
    for traffic in [Traffic::Foreign(Some(Routing::all_on(group("other")))), Traffic::Foreign(None)] {
        let deployment = settled(traffic);
        let elsewhere = |sets: &[TaskSet]| World {
            production: vec![vec![(group("other"), 1)], on(blue(), green())],
            ..world(blue(), sets)
        };
        let decide = |sets: &[TaskSet]| decide(&deployment, &elsewhere(sets), 0);
        assert_eq!(decide(&[old_set.clone(), new_set.clone()]), Clear::ScaleToZero(new_set.id.clone()));
        assert_eq!(
            decide(&[old_set.clone(), empty(new_set.clone())]),
            Clear::Delete(new_set.id.clone(), Deletion::Empty)
        );
        assert_eq!(decide(&[old(Role::Active), new(Role::Primary)]), Clear::Promote(old_set.id.clone()));
        for nothing in [vec![new_set.clone()], vec![old_set.clone()], vec![old_set.clone(), new(Role::Draining)]] {
            assert_eq!(decide(&nothing), Clear::Done);
        }
    }
}
