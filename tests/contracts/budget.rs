//! The numbers the planner counts with, and the retries they follow from.

use rollout::budget;
use rollout::event::LifecycleEvent;
use rollout::service::clear;
use serde_json::Value;

use crate::files::{every_state, lambda_machine, states};

/// The most events one pass of a task writes: entered, exited, and for each attempt its own.
fn task(state: &Value) -> u64 {
    // An update of the stack is met once, if at all: `budget::UPGRADE`.
    let rules = state["Retry"].as_array().unwrap().iter().filter(|rule| !is_of_an_upgrade(rule));
    let retries: i64 = rules.map(|rule| rule["MaxAttempts"].as_i64().unwrap()).sum();
    let waits_for_token = state["Resource"].as_str().unwrap().ends_with(".waitForTaskToken");
    // Scheduled, started, failed or succeeded; one that waits for a token is submitted in between.
    let attempt = if waits_for_token { 4 } else { 3 };
    2 + (retries.unsigned_abs() + 1) * attempt
}

fn is_of_an_upgrade(rule: &Value) -> bool {
    rule["ErrorEquals"] == serde_json::json!(["UpgradeInFlight"])
}

#[test]
fn an_update_of_the_stack_amid_a_deployment_is_at_most_what_the_planner_counts() {
    let states = every_state();
    let rules = states.iter().filter_map(|(_, state)| state["Retry"].as_array()).flatten();
    let attempts = rules.filter(|rule| is_of_an_upgrade(rule)).map(|rule| rule["MaxAttempts"].as_u64().unwrap()).max();
    // Both branches may meet it, and each attempt of a state that waits for a token writes four events.
    assert!(attempts.unwrap() * 4 * 2 <= budget::UPGRADE);
}

/// The most events one pass of a state writes, of whichever machine it is: what both have, they have the same way.
fn events(name: &str) -> u64 {
    let states = every_state();
    let state = &states.iter().find(|state| state.0 == name).unwrap_or_else(|| panic!("no state is called {name}")).1;
    match state["Type"].as_str().unwrap() {
        "Task" => task(state),
        _ => 2,
    }
}

fn all(names: &[&str]) -> u64 {
    names.iter().map(|name| events(name)).sum()
}

#[test]
fn the_events_of_each_loop_are_at_most_what_the_planner_counts() {
    let shift = all(&["AllowTraffic", "All traffic moved?", "Hold"]);
    assert!(shift <= budget::PER_SHIFT, "{shift}");
    for (look, question, wait) in [
        ("AllowTraffic", "All traffic moved?", "Hold until continued"),
        ("Install", "New task set healthy?", "Wait for the new task set"),
        ("Ready wait check", "Ready wait over?", "Ready wait"),
        ("Termination wait check", "Termination wait over?", "Termination wait"),
    ] {
        let first = all(&[look, question]);
        assert!(first <= budget::PER_SHIFT, "{look}: {first}");
        let round = all(&[wait, look, question]);
        assert!(round <= budget::PER_AWAIT, "{wait}: {round}");
    }
    for hook in LifecycleEvent::ECS.iter().filter(|event| event.is_hook()) {
        let call = all(&[hook.as_str(), &format!("Call {hook} again?"), &format!("Wait to call {hook} again")]);
        assert!(call <= budget::PER_HOOK_CALL, "{hook}: {call}");
    }
}

/// What happens once, and the worst end: Rollback uses up its retries in each of three rounds, the finish after it too, and then it
/// is told.
const ONCE: [&str; 16] = [
    "New deployment or recovery?",
    "Prepare",
    "Preparation failed",
    "Anything to deploy?",
    "Deploy",
    "Guard",
    "BeforeAllowTraffic planned?",
    "AfterAllowTraffic planned?",
    "Commit",
    "Recover",
    "Finish after rollback",
    "It had won",
    "Could not be settled",
    "Mark as unresolved",
    "Announce as unresolved",
    "Failed",
];

#[test]
fn what_happens_once_is_at_most_what_the_planner_counts() {
    let round = ["Rollback", "Traffic restored?", "Wait for the last write"];
    // Entered, scheduled, started, succeeded, exited; and 2 each for Choice and Wait.
    let smooth = 9;
    let total = all(&ONCE) + 3 * all(&round) + (budget::ROLLBACK_LOOKS - 3) * smooth;
    assert!(total + budget::UPGRADE <= budget::FIXED, "{total}");
}

#[test]
fn what_a_service_adds_is_at_most_what_the_planner_counts() {
    let lambda = states(&lambda_machine());
    let removal = ["Remove the old task set", "Is the old task set gone?", "Let the old task set drain"];
    let other = ["Remove the unused task set", "Is the unused task set gone?", "Let the unused task set drain"];
    assert_eq!(all(&removal), all(&other), "an execution takes one way or the other");
    // The looks, one that takes the tasks away before them, and one that deletes after; and again each time a deployment is
    // sent back, with its rollback.
    let rounds = (u64::from(clear::LOOKS) + 2) * (1 + u64::from(clear::REOPENED));
    let back =
        all(&["Back to rollback", "Traffic settled", "Rollback", "Traffic restored?", "Wait for the last write"]);
    let return_of_the_old =
        ["Traffic restored?", "Old task set runs?", "Wait until the old task set runs", "Bring back the old task set"];
    // Counted with the waits they begin, or in the loop above.
    let elsewhere = [
        "New task set healthy?",
        "Wait for the new task set",
        "Ready wait check",
        "Ready wait over?",
        "Ready wait",
        "Termination wait check",
        "Termination wait over?",
        "Termination wait",
    ];
    let of_hooks: Vec<String> = LifecycleEvent::ECS
        .iter()
        .filter(|event| event.is_hook())
        .flat_map(|hook| {
            let ends = ["timed out", "asked for an invalid wait"].map(|end| format!("{hook} {end}"));
            ends.into_iter().chain([
                hook.to_string(),
                format!("Call {hook} again?"),
                format!("Wait to call {hook} again"),
            ])
        })
        .collect();
    let once = states(&crate::files::ecs_machine()).into_iter().map(|state| state.0).filter(|name| {
        let counted = lambda.iter().any(|state| state.0 == *name)
            || of_hooks.contains(name)
            || elsewhere.contains(&name.as_str())
            || removal.contains(&name.as_str())
            || return_of_the_old.contains(&name.as_str())
            || other.contains(&name.as_str());
        !counted
    });
    // Before the old task set goes, the new one is watched with all of the traffic.
    let watched = budget::PER_SHIFT + budget::PER_AWAIT;
    let total = once.map(|name| events(&name)).sum::<u64>()
        + rounds * all(&removal)
        + u64::from(clear::REOPENED) * back
        + budget::PATIENT_LOOKS * all(&return_of_the_old)
        + watched;
    assert!(total <= budget::SERVICE, "{total}");
}

// The limit leaves room below the service's own of 25,000.
const _: () = assert!(budget::MAX_EVENTS <= 22_000);
