//! The numbers the planner counts with, and the retries they follow from.

use rollout::budget;
use serde_json::Value;

use crate::files::{machine, states};

/// The most events one pass of a task writes: entered, exited, and for each attempt its own.
fn task(state: &Value) -> u64 {
    let retries: i64 =
        state["Retry"].as_array().unwrap().iter().map(|rule| rule["MaxAttempts"].as_i64().unwrap()).sum();
    let waits_for_token = state["Resource"].as_str().unwrap().ends_with(".waitForTaskToken");
    // Scheduled, started, failed or succeeded; one that waits for a token is submitted in between.
    let attempt = if waits_for_token { 4 } else { 3 };
    2 + (retries.unsigned_abs() + 1) * attempt
}

fn events(name: &str) -> u64 {
    let states = states(&machine());
    let state = &states.iter().find(|state| state.0 == name).unwrap_or_else(|| panic!("no state is called {name}")).1;
    match state["Type"].as_str().unwrap() {
        "Task" => task(state),
        _ => 2,
    }
}

#[test]
fn the_events_of_each_loop_are_at_most_what_the_planner_counts() {
    let shift = events("AllowTraffic") + events("Traffic moved?") + events("Hold");
    assert!(shift <= budget::PER_SHIFT, "{shift}");
    let wait = events("AwaitContinue") + events("AllowTraffic") + events("Traffic moved?");
    assert!(wait <= budget::PER_AWAIT, "{wait}");
    for hook in ["BeforeAllowTraffic", "AfterAllowTraffic"] {
        let call = events(hook) + events(&format!("{hook} again?")) + events(&format!("Wait for {hook}"));
        assert!(call <= budget::PER_HOOK_CALL, "{call}");
    }
}

#[test]
fn what_happens_once_is_at_most_what_the_planner_counts() {
    // The worst end: Rollback uses up its retries in each of three rounds, Record too, and then it is told.
    let rounds = ["Rollback", "Traffic restored?", "Wait for the last write"];
    let once = [
        "Enter",
        "Prepare",
        "Not prepared",
        "Work?",
        "Deploy",
        "Guard",
        "BeforeAllowTraffic?",
        "AfterAllowTraffic?",
        "Commit",
        "Recover",
        "Record",
        "Not restored",
        "Unresolved",
        "Tell about it",
        "Failed",
    ];
    let total: u64 =
        once.iter().map(|name| events(name)).sum::<u64>() + 3 * rounds.iter().map(|name| events(name)).sum::<u64>();
    assert!(total <= budget::FIXED, "{total}");
}

// The limit leaves room below the service's own of 25,000.
const _: () = assert!(budget::MAX_EVENTS <= 18_000);
