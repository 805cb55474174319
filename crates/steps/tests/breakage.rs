//! Every story is broken at every port call, in every way a call can fail, and by everything that can come in between.

use fakes::event::{self, Event};
use fakes::{Fault, Schedule, Simulation};
use proptest::prelude::*;
use rollout::ids::DeploymentId;
use rollout::seconds::Seconds;
use serde_json::json;

use crate::ecs;
use crate::promises::kept;
use crate::stories::{self, Story, split};
use crate::story::{ended, told};

/// Runs each story once for every port call, and complains about each that does not keep the promises.
///
/// `disturb` gets the number of a call, and does something to it or before it; `judge` looks at how a story ended beside
/// how it ends undisturbed.
pub(crate) fn at_every_call(
    stories: &[Story],
    disturb: impl Fn(&Simulation, &DeploymentId, usize),
    judge: impl Fn(&str, &str, &str) -> Result<(), String>,
) {
    let (mut complaints, mut disturbed) = (Vec::new(), 0);
    for story in stories {
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
            disturbed += 1;
            let end = ended(&simulation, &id);
            if let Err(complaint) = kept(&simulation, &id).and_then(|()| judge(call, &usual, &end)) {
                let told = told(&simulation, &id);
                complaints.push(format!("{}, call {number} ({call}): {complaint}\n{told}", story.name));
            }
        }
    }
    assert!(disturbed > 300, "only {disturbed} calls were disturbed");
    let shown: Vec<&str> = complaints.iter().take(3).map(String::as_str).collect();
    assert!(complaints.is_empty(), "{} broken:\n{}", complaints.len(), shown.join("\n"));
}

/// The stories of both platforms.
fn all() -> Vec<Story> {
    stories::STORIES.into_iter().chain(ecs::stories::STORIES).collect()
}

/// How it ended and where the alias is, without the lock and the watches, which the promises are about.
fn ending(ended: &str) -> Vec<&str> {
    ended.split("; ").take(2).collect()
}

/// A fault that passes changes nothing about how a story ends.
fn with_passing_fault(fault: Fault) {
    at_every_call(
        &all(),
        |simulation, _, number| simulation.world().faults.nth(number, fault),
        |call, usual, end| match call {
            // Alarms that cannot be read stop a deployment: unknown counts as unsafe.
            "read" => Ok(()),
            // A hook whose answer was lost may have run: it is not called again, and its status is waited for. Whatever comes
            // meanwhile comes before the traffic moves.
            "call" if fault == Fault::Lost => Ok(()),
            _ if ending(end) == ending(usual) => Ok(()),
            _ => Err(format!("ends otherwise than undisturbed, which is {usual}")),
        },
    );
}

/// An event that means nothing to services.
fn with_event_of_aliases(event: impl Fn() -> Event) {
    at_every_call(&stories::STORIES, |simulation, _, number| simulation.before_call(number, event()), |_, _, _| Ok(()));
}

fn with_event(event: impl Fn(&DeploymentId) -> Event) {
    at_every_call(&all(), |simulation, id, number| simulation.before_call(number, event(id)), |_, _, _| Ok(()));
}

#[test]
fn any_call_may_be_throttled() {
    with_passing_fault(Fault::Throttled);
}

#[test]
fn any_call_may_be_refused_for_good() {
    let denied = |simulation: &Simulation, _: &_, number| simulation.world().faults.nth(number, Fault::Denied);
    at_every_call(&all(), denied, |_, _, _| Ok(()));
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
    with_passing_fault(Fault::Orphan(Seconds(0)));
    with_passing_fault(Fault::Orphan(Seconds(1)));
    with_passing_fault(Fault::Orphan(Seconds(2)));
}

#[test]
fn any_call_may_arrive_after_its_function_died() {
    with_passing_fault(Fault::Late(Seconds(17)));
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
    with_event_of_aliases(|| event::pointed(split(3, 20)));
}

#[test]
fn somebody_may_move_the_weights_before_any_call() {
    with_event_of_aliases(|| event::pointed(split(2, 66)));
}

#[test]
fn the_alias_may_be_deleted_before_any_call() {
    with_event_of_aliases(event::alias_deleted);
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

#[test]
fn every_function_may_be_called_twice() {
    for story in &all() {
        let (once, id) = (story.begin)(Schedule::InTurn);
        once.run();
        let (twice, same) = (story.begin)(Schedule::InTurn);
        twice.call_everything_twice();
        twice.run();
        assert_eq!(kept(&twice, &same), Ok(()), "{}:\n{}", story.name, told(&twice, &same));
        assert_eq!(ended(&twice, &same), ended(&once, &id), "{}", story.name);
        // A hook that is called twice may be ready earlier, so that the times differ.
        let writes = |simulation: &Simulation| -> Vec<_> {
            simulation.world().writes().into_iter().map(|write| (write.ours, write.to)).collect()
        };
        assert_eq!(writes(&twice), writes(&once), "{}", story.name);
        let weights = |simulation: &Simulation| -> Vec<_> {
            simulation.world().weights_written().into_iter().map(|write| (write.ours, write.route, write.to)).collect()
        };
        assert_eq!(weights(&twice), weights(&once), "{}", story.name);
    }
}

/// Something that goes wrong or comes from outside at the `n`-th call after a deployment was asked for.
#[derive(Debug, Clone, Copy)]
enum Trouble {
    Fault(Fault),
    Alarm,
    Stop(Option<bool>),
    Resume,
    Abort,
    Repair,
    CallBack(bool),
    Drift(u64, u8),
    Died(&'static str),
    Emptied(&'static str),
    Deleted(&'static str),
    Wanted(u32),
    Sent(&'static str, bool),
}

/// One of the pair of a service.
fn group() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["web-blue", "web-green"][..])
}

fn troubles() -> impl Strategy<Value = Vec<(usize, Trouble)>> {
    let trouble = prop_oneof![
        4 => prop::sample::select(Fault::ALL.as_slice()).prop_map(Trouble::Fault),
        1 => Just(Trouble::Alarm),
        1 => prop::option::of(any::<bool>()).prop_map(Trouble::Stop),
        1 => Just(Trouble::Resume),
        1 => Just(Trouble::Abort),
        1 => Just(Trouble::Repair),
        1 => any::<bool>().prop_map(Trouble::CallBack),
        1 => (2..4u64, 1..100u8).prop_map(|(to, percent)| Trouble::Drift(to, percent)),
        1 => group().prop_map(Trouble::Died),
        1 => group().prop_map(Trouble::Emptied),
        1 => group().prop_map(Trouble::Deleted),
        1 => prop::sample::select(&[0, 2, 3][..]).prop_map(Trouble::Wanted),
        1 => (prop::sample::select(&["prod", "api", "test"][..]), any::<bool>())
            .prop_map(|(place, home)| Trouble::Sent(place, home)),
    ];
    prop::collection::vec((1..250usize, trouble), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_promises_hold_in_any_order_and_with_any_trouble(
        story in 0..all().len(),
        seed in any::<u64>(),
        troubles in troubles(),
    ) {
        let (simulation, id) = (all()[story].begin)(Schedule::Seeded(seed));
        let from = simulation.world().faults.calls().len();
        for (number, trouble) in troubles {
            let number = from + number;
            let event = match trouble {
                Trouble::Fault(fault) => {
                    simulation.world().faults.nth(number, fault);
                    continue;
                }
                Trouble::Alarm => event::alarm("errors"),
                Trouble::Stop(rollback) => event::stop(&id, rollback),
                Trouble::Resume => event::resume(&id),
                Trouble::Abort => event::aborted(id.as_str()),
                Trouble::Repair => event::api("Tideshift.RepairDeployment", json!({"deploymentId": id})),
                Trouble::CallBack(fine) => event::hook_status(&id, if fine { "Succeeded" } else { "Failed" }),
                Trouble::Drift(to, percent) => event::pointed(split(to, percent)),
                Trouble::Died(behind) => event::tasks_die(behind),
                Trouble::Emptied(behind) => event::scaled_to_zero(behind),
                Trouble::Deleted(behind) => event::set_deleted(behind),
                Trouble::Wanted(tasks) => event::tasks_wanted(tasks),
                Trouble::Sent(place, true) => event::forwarded(place, &[("web-blue", 100), ("web-green", 0)]),
                Trouble::Sent(place, false) => event::forwarded(place, &[("web-blue", 0), ("web-green", 100)]),
            };
            simulation.before_call(number, event);
        }
        simulation.run();
        prop_assert_eq!(kept(&simulation, &id), Ok(()), "{}:\n{}", all()[story].name, told(&simulation, &id));
    }

    #[test]
    fn the_order_in_which_functions_run_changes_nothing(
        story in 0..all().len(),
        seed in any::<u64>(),
        lost in prop::option::of((1..60usize, 0..3u64)),
    ) {
        let (usual, id) = (all()[story].begin)(Schedule::InTurn);
        usual.run();
        let (simulation, same) = (all()[story].begin)(Schedule::Seeded(seed));
        let from = simulation.world().faults.calls().len();
        if let Some((number, seconds)) = lost {
            simulation.world().faults.nth(from + number, Fault::Orphan(Seconds(seconds)));
        }
        simulation.run();
        prop_assert_eq!(kept(&simulation, &same), Ok(()), "{}:\n{}", all()[story].name, told(&simulation, &same));
        let (end, usual_end) = (ended(&simulation, &same), ended(&usual, &id));
        let told = told(&simulation, &same);
        prop_assert_eq!(ending(&end), ending(&usual_end), "{}:\n{}", all()[story].name, told);
    }
}
