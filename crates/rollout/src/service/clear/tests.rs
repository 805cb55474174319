//! How clearing up decides, over a service with a task set on either side.

mod after_rollback;
mod after_success;
mod late;

use super::*;
use crate::deployment::{Change, Lease};
use crate::event::LifecycleEvent;
use crate::ids::RouteId;
use crate::progress::Position;
use crate::routing::Routing;
use crate::service::live::{Health, Listener, TaskSet};
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
fn a_loser_that_is_primary_is_demoted_before_it_goes() {
    assert_eq!(lost(&restored(), &[old(Role::Active), new(Role::Primary)], 0), Clear::Promote(old(Role::Active).id));
    assert_eq!(won(&[old(Role::Primary), new(Role::Active)], 0), Clear::Promote(new(Role::Active).id));
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

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}
