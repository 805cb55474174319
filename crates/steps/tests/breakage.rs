//! Every story is broken at every port call, in every way a call can fail, and by everything that can come in between.

use fakes::event::{self, Event};
use fakes::{Fault, Schedule, Simulation};
use rollout::ids::DeploymentId;
use rollout::routing::Routing;
use rollout::weight::Weight;
use serde_json::json;
use steps::ports::Called;

use crate::promises::kept;
use crate::story::{Request, ended, request, scheduled, told, world};

/// A story: a world, a request, and what happens meanwhile.
struct Story {
    name: &'static str,
    begin: fn(Schedule) -> (Simulation, DeploymentId),
}

fn watched(strategy: &str) -> Request {
    request(strategy)
        .hook("BeforeAllowTraffic", "checks")
        .hook("AfterAllowTraffic", "smoke-test")
        .alarms(&["errors", "latency"])
}

fn v(number: u64) -> rollout::ids::Version {
    fakes::world::v(number)
}

fn split(to: u64, percent: u8) -> Routing {
    Routing::shifted(v(1), v(to), Weight::clamped(percent))
}

const STORIES: [Story; 16] = [
    Story {
        name: "a canary that succeeds",
        begin: |schedule| scheduled(world(), &watched("Canary10Percent1Minute"), schedule),
    },
    Story {
        name: "an alarm during the hold",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &watched("Linear50PercentEvery1Minute"), schedule);
            simulation.at(70, event::alarm("latency"));
            (simulation, id)
        },
    },
    Story {
        name: "an alarm that only a look finds",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &watched("Canary10Percent5Minutes"), schedule);
            simulation.at(70, event::silent_alarm("latency"));
            (simulation, id)
        },
    },
    Story {
        name: "a stop that leaves the split",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &request("Linear40PercentEvery1Minute"), schedule);
            simulation.at(70, event::stop(&id, Some(false)));
            (simulation, id)
        },
    },
    Story {
        name: "a stop that rolls back",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &request("Linear40PercentEvery1Minute"), schedule);
            simulation.at(60, event::stop(&id, None));
            (simulation, id)
        },
    },
    Story {
        name: "a pause that is continued",
        begin: |schedule| {
            let steps = json!([{"Weight": 20, "UntilContinued": {"Timeout": "1h"}}]);
            let (simulation, id) = scheduled(world(), &request(steps).alarms(&["errors"]), schedule);
            simulation.at(70, event::resume(&id));
            (simulation, id)
        },
    },
    Story {
        name: "a pause that nobody continues",
        begin: |schedule| {
            let steps = json!([{"Weight": 20, "UntilContinued": {"Timeout": "2m"}}]);
            scheduled(world(), &request(steps).alarms(&["errors"]), schedule)
        },
    },
    Story {
        name: "a hook that refuses after the traffic",
        begin: |schedule| {
            let world = world();
            world.hook("smoke-test", |_| Called::Returned(json!({"status": "Failed"})));
            scheduled(world, &watched("AllAtOnce"), schedule)
        },
    },
    Story {
        name: "a hook that needs three calls",
        begin: |schedule| {
            let (world, mut calls) = (world(), 0);
            world.hook("checks", move |_| {
                calls += 1;
                let status = if calls < 3 { "IN_PROGRESS" } else { "SUCCEEDED" };
                Called::Returned(json!({"hookStatus": status, "callBackDelay": 20, "hookDetails": {"call": calls}}))
            });
            scheduled(world, &watched("AllAtOnce"), schedule)
        },
    },
    Story {
        name: "a hook that calls back",
        begin: |schedule| {
            let world = world();
            world.hook("checks", |_| Called::Returned(json!(null)));
            let (simulation, id) = scheduled(world, &watched("AllAtOnce"), schedule);
            simulation.at(30, event::hook_status(&id, "Succeeded"));
            (simulation, id)
        },
    },
    Story {
        name: "a hook that calls back with a no",
        begin: |schedule| {
            let world = world();
            world.hook("smoke-test", |_| Called::Returned(json!(null)));
            let (simulation, id) = scheduled(world, &watched("AllAtOnce"), schedule);
            simulation.at(30, event::hook_status(&id, "Failed"));
            (simulation, id)
        },
    },
    Story {
        name: "somebody points the alias elsewhere",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &watched("Linear40PercentEvery1Minute"), schedule);
            simulation.at(70, event::pointed(split(3, 20)));
            (simulation, id)
        },
    },
    Story {
        name: "an execution that somebody aborts",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &watched("Linear40PercentEvery1Minute"), schedule);
            simulation.at(70, event::aborted(id.as_str()));
            (simulation, id)
        },
    },
    Story {
        name: "an alias that cannot be put back",
        begin: |schedule| {
            let (simulation, id) = scheduled(world(), &watched("Linear40PercentEvery1Minute"), schedule);
            simulation.at(70, event::instant(|simulation| simulation.world().faults.always("point", Fault::Denied)));
            simulation.at(71, event::alarm("errors"));
            (simulation, id)
        },
    },
    Story { name: "nothing to do", begin: |schedule| scheduled(world(), &watched("AllAtOnce").to(1), schedule) },
    Story {
        name: "a version that does not exist",
        begin: |schedule| scheduled(world(), &watched("AllAtOnce").to(9), schedule),
    },
];

/// Runs every story once for every port call, and complains about each that does not keep the promises.
///
/// `disturb` gets the number of a call, and does something to it or before it; `judge` looks at how a story ended beside
/// how it ends undisturbed.
fn at_every_call(
    disturb: impl Fn(&Simulation, &DeploymentId, usize),
    judge: impl Fn(&str, &str, &str) -> Result<(), String>,
) {
    let mut complaints = Vec::new();
    for story in &STORIES {
        let (undisturbed, id) = (story.begin)(Schedule::InTurn);
        let mut number = undisturbed.world().faults.calls().len();
        undisturbed.run();
        let usual = ended(&undisturbed, &id);
        loop {
            number += 1;
            let (simulation, id) = (story.begin)(Schedule::InTurn);
            disturb(&simulation, &id, number);
            simulation.run();
            let calls = simulation.world().faults.calls();
            let Some(call) = calls.get(number - 1) else { break };
            let end = ended(&simulation, &id);
            if let Err(complaint) = kept(&simulation, &id).and_then(|()| judge(call, &usual, &end)) {
                let told = told(&simulation, &id);
                complaints.push(format!("{}, call {number} ({call}): {complaint}\n{told}", story.name));
            }
        }
    }
    let shown: Vec<&str> = complaints.iter().take(3).map(String::as_str).collect();
    assert!(complaints.is_empty(), "{} broken:\n{}", complaints.len(), shown.join("\n"));
}

/// A fault that passes changes nothing about how a story ends.
fn with_passing_fault(fault: Fault) {
    at_every_call(
        |simulation, _, number| simulation.world().faults.nth(number, fault),
        |call, usual, end| match call {
            // Alarms that cannot be read stop a deployment: unknown counts as unsafe.
            "read" => Ok(()),
            _ if end == usual => Ok(()),
            _ => Err(format!("ends otherwise than undisturbed, which is {usual}")),
        },
    );
}

fn with_event(event: impl Fn(&DeploymentId) -> Event) {
    at_every_call(|simulation, id, number| simulation.before_call(number, event(id)), |_, _, _| Ok(()));
}

#[test]
fn any_call_may_be_throttled() {
    with_passing_fault(Fault::Busy);
}

#[test]
fn any_call_may_be_refused_for_good() {
    at_every_call(|simulation, _, number| simulation.world().faults.nth(number, Fault::Denied), |_, _, _| Ok(()));
}

#[test]
fn the_answer_of_any_call_may_be_lost() {
    with_passing_fault(Fault::Lost);
}

#[test]
fn a_function_may_die_before_any_call() {
    with_passing_fault(Fault::CrashBefore);
}

#[test]
fn a_function_may_die_after_any_call() {
    with_passing_fault(Fault::CrashAfter);
}

#[test]
fn a_function_may_be_lost_sight_of_at_any_call() {
    with_passing_fault(Fault::Orphan);
}

#[test]
fn any_call_may_arrive_after_its_function_died() {
    with_passing_fault(Fault::Late(rollout::seconds::Seconds(17)));
}

#[test]
fn an_alarm_may_come_before_any_call() {
    with_event(|_| event::alarm("errors"));
}

#[test]
fn a_stop_may_come_before_any_call() {
    with_event(|id| event::stop(id, None));
}

#[test]
fn a_stop_that_leaves_the_traffic_may_come_before_any_call() {
    with_event(|id| event::stop(id, Some(false)));
}

#[test]
fn an_execution_may_be_aborted_before_any_call() {
    with_event(|id| event::aborted(id.as_str()));
}

#[test]
fn somebody_may_point_the_alias_elsewhere_before_any_call() {
    with_event(|_| event::pointed(split(3, 20)));
}

#[test]
fn somebody_may_move_the_weights_before_any_call() {
    with_event(|_| event::pointed(split(2, 66)));
}

#[test]
fn the_alias_may_be_deleted_before_any_call() {
    with_event(|_| event::alias_deleted());
}

#[test]
fn a_person_may_continue_before_any_call() {
    with_event(event::resume);
}

#[test]
fn a_hook_may_call_back_before_any_call() {
    with_event(|id| event::hook_status(id, "Succeeded"));
    with_event(|id| event::hook_status(id, "Failed"));
}

#[test]
fn a_repair_may_be_asked_for_before_any_call() {
    with_event(|id| event::api("Tideshift.RepairDeployment", json!({"deploymentId": id})));
}
