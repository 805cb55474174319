//! How the old task set goes.

use super::*;

#[test]
fn after_a_success_the_old_task_set_is_scaled_down_drained_and_deleted() {
    let (blue, green) = (old(Role::Active), new(Role::Primary));
    assert_eq!(won(&[blue.clone(), green.clone()], 0), Clear::ScaleToZero(blue.id.clone()));
    let draining = TaskSet { scale: 0, ..blue.clone() };
    assert_eq!(won(&[draining.clone(), green.clone()], 1), Clear::Wait(wait(1)));
    let last = TaskSet { running: 0, pending: 1, ..draining.clone() };
    assert_eq!(won(&[last, green.clone()], 2), Clear::Wait(wait(2)));
    assert_eq!(won(&[empty(blue.clone()), green.clone()], 3), Clear::Delete(blue.id.clone(), Deletion::Empty));
    assert_eq!(won(&[draining, green.clone()], LOOKS), Clear::Delete(blue.id, Deletion::Empty), "patience has an end");
    assert_eq!(won(&[green], 4), Clear::Done);
}

#[test]
fn a_task_set_that_cannot_be_scaled_down_is_deleted_in_the_end() {
    let (blue, green) = (old(Role::Active), new(Role::Primary));
    assert_eq!(won(&[blue.clone(), green], LOOKS), Clear::Delete(blue.id, Deletion::Forced));
}

#[test]
fn connections_have_five_minutes_to_drain() {
    assert!((0..LOOKS).map(|looks| wait(looks).0).sum::<u64>() >= 300);
}

#[test]
fn a_winner_that_is_dead_while_the_old_task_set_stands_sends_the_deployment_back() {
    let blue = old(Role::Active);
    let dead = TaskSet { running: 0, ..new(Role::Primary) };
    for (green, why) in [
        (Some(dead), "None of its tasks runs."),
        (Some(empty(new(Role::Primary))), "It was scaled to zero by somebody else."),
        (Some(new(Role::Draining)), "It was deleted by somebody else."),
        (None, "It was deleted by somebody else."),
    ] {
        let sets: Vec<TaskSet> = [blue.clone(), empty(blue.clone())].into_iter().collect();
        for blue in sets {
            let sets: Vec<TaskSet> = [blue].into_iter().chain(green.clone()).collect();
            let (code, message, rollback) = sent_back(won(&sets, 1));
            assert_eq!((code, rollback), (ErrorCode::EcsUpdateError, Rollback::Restore));
            assert!(message.ends_with(why), "{message}");
        }
    }
    let sick = World {
        health: Health { registered: 2, healthy: 0, unused: 0 },
        ..world(green(), &[blue.clone(), new(Role::Primary)])
    };
    assert_eq!(sent_back(decide(&committed(), &sick, 0)).0, ErrorCode::EcsUpdateError);
    let mut often = committed();
    often.progress.reopened = REOPENED;
    assert!(matches!(decide(&often, &sick, 0), Clear::Spare(_)), "but not for ever");
}

#[test]
fn an_old_task_set_that_somebody_sends_calls_to_after_a_success_stays() {
    let mut world = world(green(), &[old(Role::Active), new(Role::Primary)]);
    world.production[1] = vec![(blue(), 1), (green(), 99)];
    let (code, message, rollback) = sent_back(decide(&committed(), &world, 0));
    assert_eq!((code, rollback), (ErrorCode::Drift, Rollback::Leave));
    assert!(message.contains("was changed by somebody else after the traffic had moved"), "{message}");
    let mut often = committed();
    often.progress.reopened = REOPENED;
    assert_eq!(decide(&often, &world, 0), Clear::Keep(old(Role::Active).id, None));
    world.production[1] = on(green(), blue());
    world.test[0] = on(blue(), green());
    assert_eq!(decide(&committed(), &world, 0), Clear::Keep(old(Role::Active).id, None), "test traffic counts as well");
}

#[test]
fn a_task_set_that_ecs_made_after_the_end_goes_once_the_winner_can_take_its_calls() {
    let stray = |role, group| a_task_set(7, role, group);
    let mut deployment = committed();
    deployment.apply(Change::Finish, NOW).unwrap();
    deployment.apply(Change::Intrude(stray(Role::Active, green()).id), NOW).unwrap();
    assert_eq!(deployment.phase, Phase::Committing);
    let id = stray(Role::Active, green()).id;
    let decided = |winner: TaskSet, stray: TaskSet| decide(&deployment, &world(green(), &[winner, stray]), 1);
    let beside = || stray(Role::Active, green());
    assert_eq!(decided(new(Role::Primary), beside()), Clear::ScaleToZero(id.clone()));
    assert_eq!(decided(new(Role::Primary), empty(beside())), Clear::Delete(id.clone(), Deletion::Empty));
    assert_eq!(decided(new(Role::Primary), stray(Role::Draining, green())), Clear::Done, "it goes already");
    assert!(matches!(decided(empty(new(Role::Primary)), beside()), Clear::Spare(_)), "nobody else can take its calls");
    assert_eq!(decided(new(Role::Primary), stray(Role::Active, blue())), Clear::ScaleToZero(id.clone()));
    let mut called = world(green(), &[new(Role::Primary), stray(Role::Active, blue())]);
    called.production[0] = vec![(blue(), 50), (green(), 50)];
    assert_eq!(decide(&deployment, &called, 1), Clear::Keep(id, None), "somebody sends it calls");
    let other = [new(Role::Primary), a_task_set(8, Role::Active, green())];
    assert_eq!(decide(&deployment, &world(green(), &other), 1), Clear::Done, "somebody else's stays");
}
