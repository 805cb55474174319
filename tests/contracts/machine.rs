//! The state machine and the code, both ways.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use steps::error::StepError;

use crate::files::{machine, states, template, text};

/// Names that are Lambda's or Step Functions' own.
fn is_aws_error(name: &str) -> bool {
    ["States.", "Lambda.", "Runtime.", "Sandbox."].iter().any(|prefix| name.starts_with(prefix))
}

fn names_in(state: &Value, section: &str) -> Vec<String> {
    let rules = state[section].as_array().into_iter().flatten();
    rules
        .flat_map(|rule| rule["ErrorEquals"].as_array().into_iter().flatten())
        .map(|name| name.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_error_the_machine_matches_on_is_one_the_code_throws() {
    for (name, state) in states(&machine()) {
        for section in ["Retry", "Catch"] {
            for error in names_in(&state, section) {
                let known = is_aws_error(&error) || StepError::NAMES.contains(&error.as_str());
                assert!(known, "{name} matches on {error}");
            }
        }
        if let Some(error) = state["Error"].as_str() {
            assert!(StepError::NAMES.contains(&error), "{name} fails with {error}");
        }
    }
}

#[test]
fn accidents_are_retried_and_decisions_are_not() {
    for (name, state) in states(&machine()) {
        if state["Type"] != "Task" || state["Resource"].as_str().is_some_and(|arn| !arn.contains("lambda:invoke")) {
            continue;
        }
        let retried: BTreeSet<String> = names_in(&state, "Retry").into_iter().collect();
        assert!(retried.contains("Transient"), "{name} does not retry Transient");
        for decision in StepError::NAMES.iter().filter(|error| **error != "Transient") {
            let allowed = *decision == "Refused" && ["Rollback", "Record"].contains(&name.as_str());
            assert_eq!(retried.contains(*decision), allowed, "{name} and {decision}");
        }
    }
}

#[test]
fn every_error_the_code_throws_ends_in_a_rollback() {
    // Every decision that a step of the rollout can throw leaves Deploy or Prepare by their Catch of everything.
    let machine = machine();
    for state in ["Prepare", "Deploy"] {
        assert_eq!(names_in(&machine["States"][state], "Catch"), ["States.ALL"], "{state}");
    }
    assert_eq!(machine["States"]["Deploy"]["Catch"][0]["Next"], "Rollback");
    assert_eq!(machine["States"]["Prepare"]["Catch"][0]["Next"], "Not prepared");
    assert_eq!(machine["States"]["Not prepared"]["Next"], "Rollback");
}

#[test]
fn every_retry_has_full_jitter_and_every_task_a_time_limit() {
    for (name, state) in states(&machine()) {
        if state["Type"] != "Task" {
            continue;
        }
        let limited = state["TimeoutSeconds"].is_i64() || state["TimeoutSecondsPath"].is_string();
        assert!(limited, "{name} has no time limit");
        for rule in state["Retry"].as_array().unwrap() {
            assert_eq!(rule["JitterStrategy"], "FULL", "{name}");
            assert!(rule["MaxAttempts"].is_i64(), "{name}");
        }
    }
    assert!(machine()["TimeoutSeconds"].is_i64());
}

#[test]
fn the_rollback_path_retries_for_half_an_hour() {
    let machine = machine();
    for name in ["Rollback", "Record", "Finish", "Unresolved"] {
        let rule = &machine["States"][name]["Retry"][0];
        let (mut delay, mut expected) = (rule["IntervalSeconds"].as_f64().unwrap(), 0.0);
        let most = rule["MaxDelaySeconds"].as_f64().unwrap();
        for _ in 0..rule["MaxAttempts"].as_i64().unwrap() {
            // Full jitter waits half of the delay on average.
            expected += delay.min(most) / 2.0;
            delay *= rule["BackoffRate"].as_f64().unwrap();
        }
        assert!(expected >= 30.0 * 60.0, "{name} gives up after {expected} s");
    }
}

#[test]
fn the_functions_of_the_machine_the_template_and_the_program_are_the_same() {
    let template = template();
    let main = text("functions/src/main.rs");
    let arms: BTreeSet<String> = main
        .lines()
        .filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => ").map(|arm| arm.0.to_owned()))
        .collect();
    let functions: BTreeMap<String, String> = crate::files::resources(&template, "AWS::Serverless::Function")
        .into_iter()
        .map(|(id, function)| (id, function["Properties"]["Handler"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(functions.values().cloned().collect::<BTreeSet<_>>(), arms, "template and program");

    let substitutions = template["Resources"]["Machine"]["Properties"]["DefinitionSubstitutions"].as_object().unwrap();
    let asl = text("statemachine/lambda.asl.yaml");
    let used: BTreeSet<&str> =
        asl.split("${").skip(1).filter_map(|rest| rest.split_once('}').map(|found| found.0)).collect();
    assert_eq!(used, substitutions.keys().map(String::as_str).collect(), "machine and template");
    for name in used.iter().filter(|name| name.ends_with("Function")) {
        assert!(functions.contains_key(*name), "the template has no {name}");
        assert_eq!(substitutions[*name]["GetAtt"], format!("{name}.Arn"));
    }
}

#[test]
fn the_lifecycle_can_be_read_by_event_name() {
    let names: BTreeSet<String> = states(&machine()).into_iter().map(|state| state.0).collect();
    for event in rollout::lifecycle::LifecycleEvent::ALL {
        assert!(names.contains(event.as_str()), "no state is called {event}");
    }
}

#[test]
fn an_ordinary_rollout_of_ten_steps_takes_few_transitions() {
    // Prepare, Work?, Deploy, Guard, two hook questions, Commit, Finish, Succeeded and Enter once; AllowTraffic, the question
    // after it and Hold for each step, without a Hold after the last.
    let once = [
        "Enter",
        "Prepare",
        "Work?",
        "Deploy",
        "Guard",
        "BeforeAllowTraffic?",
        "AfterAllowTraffic?",
        "Commit",
        "Finish",
        "Succeeded",
    ];
    let names: BTreeSet<String> = states(&machine()).into_iter().map(|state| state.0).collect();
    for state in once.iter().chain(&["AllowTraffic", "Traffic moved?", "Hold"]) {
        assert!(names.contains(*state), "no state is called {state}");
    }
    assert!(once.len() + 3 * 10 - 1 <= 45);
}
