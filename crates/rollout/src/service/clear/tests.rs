use super::*;
use crate::deployment::{Change, Lease};
use crate::ids::TargetGroupArn;
use crate::lifecycle::LifecycleEvent;
use crate::progress::Position;
use crate::routing::Routing;
use crate::service::live::TaskSet;
use crate::target::Target;
use crate::testing::a_service_plan;
use crate::testing::service::{
    a_green_task_set, a_route, a_service_deployment, a_task_set, blue, green, group, listener, on_green,
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const HEALTHY: Health = Health { registered: 2, healthy: 2, unused: 0 };

/// Where one place forwards.
type Forwards = Vec<(TargetGroupArn, u32)>;

/// What is found: the task sets, where production and test traffic go, and how the winner's targets are.
#[derive(Clone)]
struct World {
    sets: Vec<TaskSet>,
    production: Vec<Forwards>,
    test: Vec<Forwards>,
    health: Health,
}

fn on(first: TargetGroupArn, second: TargetGroupArn) -> Forwards {
    vec![(first, 100), (second, 0)]
}

/// All traffic is where the deployment left it: on green after a success, on blue after a rollback.
fn world(winner: TargetGroupArn, sets: &[TaskSet]) -> World {
    let other = if winner == blue() { green() } else { blue() };
    let place = on(winner, other);
    World { sets: sets.to_vec(), production: vec![place.clone(), place.clone()], test: vec![place], health: HEALTHY }
}

fn decide_at(deployment: &Deployment, world: &World, looks: u32, now: Timestamp) -> Clear {
    decide_by(&a_service_plan("ECSLinear10PercentEvery1Minutes"), deployment, world, looks, now)
}

fn decide_by(plan: &Plan, deployment: &Deployment, world: &World, looks: u32, now: Timestamp) -> Clear {
    let live = LiveService {
        controller: "EXTERNAL".to_owned(),
        active: true,
        desired: 2,
        task_sets: world.sets.clone(),
        said: Vec::new(),
    };
    let of = |last: &str, places: &[Forwards]| Listener {
        arn: listener(last),
        routes: places.iter().zip(1..).map(|(to, at)| a_route(&format!("{last}-{at}"), to)).collect(),
    };
    let (production, test) = (of("2", &world.production), of("3", &world.test));
    let found = Found { live: &live, production: Some(&production), test: Some(&test), health: world.health };
    next(plan, plan.target.service().unwrap(), deployment, found, looks, now)
}

fn decide(deployment: &Deployment, world: &World, looks: u32) -> Clear {
    decide_at(deployment, world, looks, NOW)
}

fn committed() -> Deployment {
    let mut deployment = a_service_deployment();
    deployment.apply(Change::Commit, NOW).unwrap();
    deployment
}

fn settled(traffic: Traffic) -> Deployment {
    let mut deployment = a_service_deployment();
    let why = Ending::new(ErrorCode::AlarmActive, "an alarm");
    deployment.apply(Change::Interrupt(why, Rollback::Restore), NOW).unwrap();
    deployment.apply(Change::Settle(traffic), NOW).unwrap();
    deployment
}

fn restored() -> Deployment {
    settled(Traffic::Restored(blue().into()))
}

fn old(role: Role) -> TaskSet {
    a_task_set(1, role, blue())
}

fn new(role: Role) -> TaskSet {
    TaskSet { role, ..a_green_task_set() }
}

fn empty(set: TaskSet) -> TaskSet {
    TaskSet { scale: 0, desired: 0, running: 0, ..set }
}

fn won(sets: &[TaskSet], looks: u32) -> Clear {
    decide(&committed(), &world(green(), sets), looks)
}

fn lost(deployment: &Deployment, sets: &[TaskSet], looks: u32) -> Clear {
    decide(deployment, &world(blue(), sets), looks)
}

fn sent_back(clear: Clear) -> (ErrorCode, String, Rollback) {
    match clear {
        Clear::SendBack(why, rollback) => (why.code, why.message, rollback),
        other => panic!("{other:?}"),
    }
}

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
fn a_task_set_that_somebody_sends_calls_to_while_its_tasks_are_taken_away_gets_them_back() {
    let taken = |set: TaskSet| TaskSet { scale: 0, ..set };
    for (place, looks) in [("prod", 1), ("test", 3)] {
        let sent = |sets: &[TaskSet], loser: TargetGroupArn| {
            let (winner, second) = if loser == blue() { (green(), green()) } else { (blue(), blue()) };
            let mut world = world(winner, sets);
            let places = if place == "prod" { &mut world.production[1] } else { &mut world.test[0] };
            *places = vec![(loser, 1), (second, 99)];
            world
        };
        let (blue, green) = (taken(old(Role::Active)), new(Role::Primary));
        let again = |looks| decide(&committed(), &sent(&[blue.clone(), green.clone()], self::blue()), looks);
        assert_eq!(again(looks), Clear::BringBack(blue.id.clone(), 100), "{place}");
        assert!(!matches!(again(LOOKS), Clear::BringBack(..) | Clear::Delete(..)), "but not for ever");
        let (blue, green) = (old(Role::Primary), taken(new(Role::Active)));
        for deployment in [restored(), settled(Traffic::Untouched), settled(Traffic::Foreign(None))] {
            let again = |looks| decide(&deployment, &sent(&[blue.clone(), green.clone()], self::green()), looks);
            assert_eq!(again(looks), Clear::BringBack(green.id.clone(), 100), "{place}");
            assert!(matches!(again(LOOKS), Clear::Keep(..)), "but not for ever");
        }
    }
}

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
fn a_loser_that_is_primary_is_demoted_before_it_goes() {
    assert_eq!(lost(&restored(), &[old(Role::Active), new(Role::Primary)], 0), Clear::Promote(old(Role::Active).id));
    assert_eq!(won(&[old(Role::Primary), new(Role::Active)], 0), Clear::Promote(new(Role::Active).id));
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
fn a_task_set_that_drains_already_needs_nothing_more() {
    assert_eq!(lost(&restored(), &[old(Role::Primary), new(Role::Draining)], 0), Clear::Done);
    assert_eq!(won(&[old(Role::Draining), new(Role::Primary)], 0), Clear::Done);
}

#[test]
fn what_was_left_on_purpose_stays() {
    let sets = [old(Role::Primary), new(Role::Active)];
    assert_eq!(lost(&settled(Traffic::Left(on_green(30))), &sets, 0), Clear::Done);
    assert_eq!(lost(&a_service_deployment(), &sets, 0), Clear::Done, "nothing is settled yet");
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

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
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
