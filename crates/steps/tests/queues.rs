//! The order of a group's deployments: those that come while one is active are refused, wait for their turn, or give way.

use fakes::event;
use fakes::schedule::in_many_orders;
use fakes::{Fault, Schedule, Simulation};
use rollout::alarms::AlarmState;
use rollout::deployment::Phase;
use rollout::ids::DeploymentId;
use serde_json::{Value, json};

use crate::client::with;
use crate::groups::{of_group, simulation};
use crate::story::request;

const GROUP: [(&str, &str); 2] = [("applicationName", "shop"), ("deploymentGroupName", "web")];

fn named(members: Value) -> Value {
    with(GROUP.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect(), members)
}

/// A world whose group says this about the order of its deployments.
fn ordered(schedule: Schedule, policy: Value) -> Simulation {
    let simulation = simulation(schedule);
    let reply = simulation.api("Tideshift.PutGroupPolicy", named(policy));
    assert_eq!(reply.status, 200, "{}", reply.body);
    (4..6).for_each(|version| simulation.world().publish("storefront", version));
    simulation
}

fn phase(simulation: &Simulation, id: &DeploymentId) -> &'static str {
    simulation.world().deployment(id).map_or("not there", |deployment| deployment.phase.name())
}

fn status(simulation: &Simulation, id: &DeploymentId) -> Value {
    let reply = simulation.api("CodeDeploy_20141006.GetDeployment", json!({"deploymentId": id}));
    reply.body["deploymentInfo"]["status"].clone()
}

fn journal(simulation: &Simulation, id: &DeploymentId) -> Vec<String> {
    simulation.world().journal(id).into_iter().map(|line| line.entry.to_string()).collect()
}

fn canary_to(version: u64) -> Value {
    of_group(&request("Canary10Percent5Minutes").to(version))
}

fn succeeded(simulation: &Simulation, id: &DeploymentId) -> bool {
    simulation.world().deployment(id).is_some_and(|deployment| deployment.phase == Phase::Succeeded)
}

fn alias(simulation: &Simulation) -> String {
    format!("{:?}", simulation.world().pointing("storefront", "live"))
}

#[test]
fn a_second_deployment_waits_and_starts_by_itself_when_the_first_is_over() {
    let simulation = ordered(Schedule::InTurn, json!({"whenBusy": "Queue"}));
    let first = simulation.create(canary_to(2));
    simulation.run_until(10);
    let second = simulation.create(canary_to(3));
    assert_eq!(status(&simulation, &second), "Queued");
    simulation.run_until(299);
    assert_eq!((phase(&simulation, &first), phase(&simulation, &second)), ("running", "queued"));
    simulation.run_until(302);
    assert_eq!((phase(&simulation, &first), phase(&simulation, &second)), ("succeeded", "running"));
    simulation.run();
    assert!(succeeded(&simulation, &second), "{}", simulation.world().story());
    assert_eq!(
        journal(&simulation, &second)[..2],
        [
            "queued: its group has the deployment d-1, and this one begins after that".to_owned(),
            "planned: version 2 to version 3 in 2 steps, 5m at least".to_owned()
        ]
    );
}

#[test]
fn those_that_wait_start_in_the_order_in_which_they_came_and_never_two_at_once() {
    let simulation = ordered(Schedule::InTurn, json!({"whenBusy": "Queue"}));
    let ids: Vec<DeploymentId> = (2..6)
        .map(|version| {
            simulation.run_until(i64::try_from(version).unwrap() * 10);
            simulation.create(canary_to(version))
        })
        .collect();
    for second in (50..1_300).step_by(25) {
        simulation.run_until(second);
        let running = ids.iter().filter(|id| phase(&simulation, id) == "running").count();
        assert!(running <= 1, "{second}: {running} run");
    }
    simulation.run();
    let began: Vec<_> = ids.iter().map(|id| simulation.world().deployment(id).unwrap().started.unwrap()).collect();
    assert!(began.is_sorted(), "{began:?}");
    assert!(ids.iter().all(|id| succeeded(&simulation, id)), "{}", simulation.world().story());
}

#[test]
fn a_plain_start_waits_as_well() {
    let simulation = ordered(Schedule::InTurn, json!({"whenBusy": "Queue"}));
    simulation.create(canary_to(2));
    simulation.run_until(10);
    simulation.start("by-hand", canary_to(3));
    simulation.run_until(20);
    let by_hand = DeploymentId::parse("by-hand").unwrap();
    assert_eq!((phase(&simulation, &by_hand), status(&simulation, &by_hand)), ("queued", json!("Queued")));
    simulation.run();
    assert!(succeeded(&simulation, &by_hand), "{}", simulation.world().story());
}

#[test]
fn one_that_waits_can_be_stopped_and_moves_nothing() {
    let simulation = ordered(Schedule::InTurn, json!({"whenBusy": "Queue"}));
    let first = simulation.create(canary_to(2));
    simulation.run_until(10);
    let (second, third) = (simulation.create(canary_to(3)), simulation.create(canary_to(4)));
    simulation.run_until(20);
    let reply = simulation.api("CodeDeploy_20141006.StopDeployment", json!({"deploymentId": second}));
    assert_eq!(reply.body["statusMessage"], "The deployment is stopping, and no traffic was moved");
    simulation.run_until(25);
    assert_eq!(status(&simulation, &second), "Stopped");
    assert_eq!(phase(&simulation, &third), "queued", "the first one is active still");
    simulation.run();
    assert!(succeeded(&simulation, &first) && succeeded(&simulation, &third), "{}", simulation.world().story());
    assert!(alias(&simulation).contains('4'), "{}", alias(&simulation));
}

#[test]
fn the_next_one_starts_however_the_active_one_ends() {
    for end in ["stop", "alarm", "refused", "aborted"] {
        let simulation = ordered(Schedule::InTurn, json!({"whenBusy": "Queue"}));
        simulation.world().alarm("errors", AlarmState::Ok);
        let first = match end {
            "alarm" => simulation.create(of_group(&request("Canary10Percent5Minutes").alarms(&["errors"]))),
            "refused" => simulation.create(of_group(&request("Canary10Percent5Minutes").to(99))),
            _ => simulation.create(canary_to(2)),
        };
        let second = simulation.create(canary_to(3));
        match end {
            "stop" => simulation.at(30, event::stop(&first, None)),
            "alarm" => simulation.at(30, event::alarm("errors")),
            "aborted" => simulation.at(30, event::aborted(first.as_str())),
            _ => {}
        }
        simulation.run();
        assert!(succeeded(&simulation, &second), "{end}: {}", simulation.world().story());
        assert!(alias(&simulation).contains('3'), "{end}: {}", alias(&simulation));
    }
}

#[test]
fn the_newest_takes_the_place_of_those_that_wait_and_they_say_by_which() {
    let simulation = ordered(Schedule::InTurn, json!({"whenBusy": "Supersede"}));
    let first = simulation.create(canary_to(2));
    simulation.run_until(10);
    let second = simulation.create(canary_to(3));
    simulation.run_until(20);
    let third = simulation.create(canary_to(4));
    simulation.run_until(30);
    assert_eq!(status(&simulation, &second), "Stopped");
    let why = simulation.world().deployment(&second).unwrap().phase.why().unwrap().message.clone();
    assert_eq!(why, format!("The newer deployment {third} of the group takes its place"));
    assert_eq!((phase(&simulation, &first), phase(&simulation, &third)), ("running", "queued"));
    simulation.run();
    assert!(succeeded(&simulation, &first) && succeeded(&simulation, &third), "{}", simulation.world().story());
}

#[test]
fn a_queue_that_is_full_refuses_and_leaves_nothing_behind() {
    let simulation = ordered(Schedule::InTurn, json!({"whenBusy": "Queue", "queueLimit": 1}));
    simulation.create(canary_to(2));
    simulation.run_until(10);
    let second = simulation.create(canary_to(3));
    let reply = simulation.api("CodeDeploy_20141006.CreateDeployment", canary_to(4));
    assert_eq!(reply.body["__type"], "DeploymentLimitExceededException");
    let why = reply.body["message"].as_str().unwrap();
    assert!(
        why.ends_with("its queue is full: 1 deployments wait. Stop some of them, or raise the group's queue limit")
    );
    let shown = simulation.api("Tideshift.GetGroupPolicy", named(json!({}))).body;
    assert_eq!(shown["queue"], json!([second]));
}

#[test]
fn what_is_older_than_the_last_is_refused_where_the_group_says_so() {
    let simulation = ordered(Schedule::InTurn, json!({"order": "NewerOnly"}));
    simulation.create(with(canary_to(3), json!({"sequenceNumber": 8})));
    simulation.run();
    let older =
        simulation.api("CodeDeploy_20141006.CreateDeployment", with(canary_to(2), json!({"sequenceNumber": 7})));
    let why = "The deployment is older than what the group was last asked for: its sequence number is 7, and d-1 has 8";
    assert_eq!((&older.body["__type"], &older.body["message"]), (&json!("InvalidRevisionException"), &json!(why)));
    simulation.start("by-hand", with(canary_to(2), json!({"sequenceNumber": 7})));
    simulation.run();
    let ended = simulation.world().deployment(&DeploymentId::parse("by-hand").unwrap()).unwrap();
    assert_eq!(ended.phase.why().unwrap().message, why);
    assert!(alias(&simulation).contains('3'));
    simulation.create(with(canary_to(4), json!({"sequenceNumber": 8})));
    simulation.run();
    assert!(alias(&simulation).contains('4'), "the same number is as new");
}

#[test]
fn in_whatever_order_things_happen_each_one_that_waits_has_its_turn() {
    in_many_orders(60, |schedule| {
        let simulation = ordered(schedule, json!({"whenBusy": "Queue"}));
        let ids = [2, 3, 4].map(|version| simulation.create(of_group(&request("AllAtOnce").to(version))));
        simulation.run();
        let ended = |id: &DeploymentId| phase(&simulation, id);
        assert!(
            ids.iter().all(|id| succeeded(&simulation, id)),
            "{:?}{}",
            ids.each_ref().map(ended),
            simulation.world().story()
        );
    });
}

#[test]
fn no_passing_fault_makes_one_that_waits_miss_its_turn() {
    for fault in [Fault::Throttled, Fault::Lost, Fault::CrashBefore, Fault::CrashAfter] {
        for number in 1.. {
            let simulation = ordered(Schedule::InTurn, json!({"whenBusy": "Queue"}));
            simulation.create(of_group(&request("AllAtOnce")));
            let second = simulation.create(of_group(&request("AllAtOnce").to(3)));
            let before = simulation.world().faults.calls().len();
            simulation.world().faults.nth(before + number, fault);
            simulation.run();
            let called = simulation.world().faults.calls().len();
            simulation.happens(event::sweep());
            simulation.run();
            assert!(succeeded(&simulation, &second), "{fault:?} at call {number}: {}", simulation.world().story());
            if called < before + number {
                break;
            }
        }
    }
}

#[test]
fn a_target_is_at_the_deployment_that_runs_and_not_at_one_that_waits() {
    let simulation = ordered(Schedule::InTurn, json!({"whenBusy": "Queue"}));
    let first = simulation.create(canary_to(2));
    simulation.run_until(10);
    simulation.create(canary_to(3));
    let seen = simulation.api("Tideshift.DescribeTarget", json!({"target": "storefront:live"})).body;
    assert_eq!(seen["active"], json!(first), "{seen}");
}

#[test]
fn one_that_is_the_last_by_its_number_is_not_refused_for_a_newer_one_that_was_refused_for_it() {
    let simulation = ordered(Schedule::InTurn, json!({"order": "NewerOnly"}));
    let first = simulation.create(with(canary_to(2), json!({"sequenceNumber": 7})));
    let newer = with(canary_to(3), json!({"sequenceNumber": 8}));
    let refused = simulation.api("CodeDeploy_20141006.CreateDeployment", newer).body;
    assert_eq!(refused["__type"], "DeploymentLimitExceededException");
    simulation.run();
    assert!(succeeded(&simulation, &first), "{}", simulation.world().story());
}

#[test]
fn a_newer_one_that_never_comes_to_be_stops_nobody() {
    for fault in [Fault::CrashBefore, Fault::Denied] {
        let simulation = ordered(Schedule::InTurn, json!({"whenBusy": "Supersede"}));
        simulation.create(canary_to(2));
        simulation.run_until(10);
        let second = simulation.create(canary_to(3));
        simulation.run_until(20);
        simulation.world().faults.always("create", fault);
        simulation.happens(event::api("CodeDeploy_20141006.CreateDeployment", canary_to(4)));
        simulation.run_until(22);
        simulation.world().faults.heal();
        assert_eq!(status(&simulation, &second), "Queued", "{fault:?}: {}", simulation.world().story());
        simulation.at(400, event::sweep());
        simulation.run();
        assert!(succeeded(&simulation, &second), "{fault:?}: {}", simulation.world().story());
    }
}
