//! The state machines and the code, both ways.

use std::collections::{BTreeMap, BTreeSet};

use rollout::event::LifecycleEvent;
use rollout::failure::names;
use serde_json::Value;
use steps::error::StepError;
use steps::use_cases::limits;

use crate::files::{definitions, ecs_machine, every_state, lambda_machine, machines, states, template, text};

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

/// Whether a state removes the task set that lost, or brings back the one that is to have the traffic again.
fn is_removal(name: &str) -> bool {
    ["Remove the old task set", "Remove the unused task set", "Bring back the old task set"].contains(&name)
}

/// Whether a state must end well: it puts the traffic back, clears up or closes the books.
fn is_ending(name: &str) -> bool {
    let others =
        ["Rollback", "Finish", "Finish after rollback", "Mark as unresolved", "Back to rollback", "Traffic settled"];
    others.contains(&name) || is_removal(name)
}

#[test]
fn every_error_the_machines_match_on_is_one_the_code_throws() {
    for (name, state) in every_state() {
        for section in ["Retry", "Catch"] {
            for error in names_in(&state, section) {
                let known = is_aws_error(&error) || StepError::NAMES.contains(&error.as_str());
                assert!(known, "{name} matches on {error}");
            }
        }
        if let Some(error) = state["Error"].as_str() {
            // What the machine says by itself, of a hook that calls back.
            let known = error == names::HOOK_TIMED_OUT || StepError::NAMES.contains(&error);
            assert!(known, "{name} fails with {error}");
        }
    }
}

#[test]
fn accidents_are_retried_and_decisions_are_not() {
    for (name, state) in every_state() {
        if state["Type"] != "Task" || state["Resource"].as_str().is_some_and(|arn| !arn.contains("lambda:invoke")) {
            continue;
        }
        let retried: BTreeSet<String> = names_in(&state, "Retry").into_iter().collect();
        let passing = ["Transient", "UpgradeInFlight"];
        for error in passing {
            assert!(retried.contains(error), "{name} does not retry {error}");
        }
        for decision in StepError::NAMES.iter().filter(|error| !passing.contains(*error)) {
            let allowed = match *decision {
                "Refused" => ["Rollback", "Finish after rollback"].contains(&name.as_str()) || is_removal(&name),
                // What must end well waits until our own table may be written again.
                "TableRefused" => is_ending(&name),
                _ => false,
            };
            assert_eq!(retried.contains(*decision), allowed, "{name} and {decision}");
        }
    }
}

#[test]
fn every_error_the_code_throws_ends_in_a_rollback() {
    // Every decision that a step of the rollout can throw leaves Deploy or Prepare by their Catch of everything.
    for machine in machines() {
        assert_eq!(names_in(&machine["States"]["Deploy"], "Catch"), ["States.ALL"]);
        assert_eq!(names_in(&machine["States"]["Prepare"], "Catch"), ["ForeignExecution", "States.ALL"]);
        assert_eq!(machine["States"]["Deploy"]["Catch"][0]["Next"], "Rollback");
        assert_eq!(machine["States"]["Prepare"]["Catch"][1]["Next"], "Preparation failed");
        assert_eq!(machine["States"]["Preparation failed"]["Next"], "Rollback");
    }
}

#[test]
fn what_is_entered_by_a_name_or_by_what_somebody_sent_says_which_execution_asks() {
    for machine in machines() {
        for state in ["Prepare", "Rollback", "Finish after rollback", "Finish", "Mark as unresolved"] {
            let payload = &machine["States"][state]["Parameters"]["Payload"];
            assert_eq!(payload["execution.$"], "$$.Execution.Id", "{state}");
        }
        for state in ["Prepare", "Rollback", "Finish after rollback", "Mark as unresolved"] {
            let first = &machine["States"][state]["Catch"][0];
            assert_eq!(names_in(&machine["States"][state], "Catch")[0], "ForeignExecution", "{state}");
            assert_eq!(first["Next"], "Belongs to another execution", "{state}");
        }
        // Only what was prepared may have moved traffic.
        for state in ["Preparation failed", "Recover"] {
            assert_eq!(machine["States"][state]["Parameters"]["work"], "Nothing", "{state}");
        }
    }
}

#[test]
fn every_good_end_puts_out_what_finish_says_of_the_deployment() {
    for machine in machines() {
        let leads = |(_, state): &(String, Value)| {
            let choices = state["Choices"].as_array().into_iter().flatten().map(|choice| &choice["Next"]);
            choices.chain([&state["Next"], &state["Default"]]).any(|next| next == "Succeeded")
        };
        let before: BTreeSet<String> = states(&machine).into_iter().filter(leads).map(|(name, _)| name).collect();
        assert_eq!(before, ["Finish", "It had won"].map(str::to_owned).into());
        // As a whole: a path into it would fail where an older Finish answers.
        let states = &machine["States"];
        assert_eq!(states["Finish"]["OutputPath"], "$.Payload");
        assert_eq!(states["Finish after rollback"]["ResultSelector"]["output.$"], "$.Payload");
        assert_eq!(states["It had won"]["OutputPath"], "$.settled.output");
    }
}

#[test]
fn each_machine_says_which_platform_it_is() {
    for (machine, platform) in [(lambda_machine(), "Lambda"), (ecs_machine(), "ECS")] {
        assert_eq!(machine["States"]["Prepare"]["Parameters"]["Payload"]["platform"], platform);
    }
}

#[test]
fn every_hook_is_called_the_same_way() {
    let ecs: BTreeMap<String, Value> = states(&ecs_machine()).into_iter().collect();
    let shape = |event: LifecycleEvent| {
        let mut text = String::new();
        let around =
            ["E planned?", "E", "Call E again?", "Wait to call E again", "E timed out", "E asked for an invalid wait"]
                .map(|name| name.replace('E', event.as_str()));
        for name in around {
            let mut state = ecs.get(&name).unwrap_or_else(|| panic!("no state is called {name}")).clone();
            // Where it goes on when there is no hook, or it is done.
            if let Some(default) = state.get_mut("Default") {
                default.take();
            }
            text += &state.to_string();
        }
        let (first, rest) = event.as_str().split_at(1);
        text.replace(event.as_str(), "EVENT").replace(&format!("{}{rest}", first.to_lowercase()), "EVENT")
    };
    for event in LifecycleEvent::ECS.iter().filter(|event| event.is_hook()) {
        assert_eq!(shape(*event), shape(LifecycleEvent::BeforeAllowTraffic), "{event}");
    }
}

#[test]
fn nothing_of_a_hooks_answer_enters_the_data_but_when_to_call_again() {
    for (name, state) in every_state().into_iter().filter(|(_, state)| state["ResultPath"] == "$.hook") {
        assert_eq!(state["ResultSelector"], serde_json::json!({"again.$": "$.again"}), "{name}");
    }
}

#[test]
fn a_task_set_that_stays_keeps_no_deployment_from_ending() {
    let machine = ecs_machine();
    for (remove, stays, end) in [
        ("Remove the old task set", "Note that the old task set stays", "Finish"),
        ("Remove the unused task set", "Note that the unused task set stays", "Finish after rollback"),
    ] {
        let (remove, noted) = (&machine["States"][remove], &machine["States"][stays]);
        assert_eq!(names_in(remove, "Catch"), ["States.ALL"]);
        assert_eq!(remove["Catch"][0]["Next"], stays);
        assert_eq!(names_in(noted, "Catch"), ["States.ALL"]);
        assert_eq!([&noted["Catch"][0]["Next"], &noted["Next"]], [end, end]);
    }
}

#[test]
fn every_retry_has_full_jitter_and_every_task_a_time_limit() {
    for (name, state) in every_state() {
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
    for machine in machines() {
        assert!(machine["TimeoutSeconds"].is_i64());
    }
}

#[test]
fn the_stack_tells_how_long_each_machine_lets_a_deployment_run() {
    let guarded = |machine: &Value| {
        let guard = states(machine).into_iter().find(|state| state.0 == "Guard").unwrap().1;
        guard["TimeoutSeconds"].as_u64().unwrap()
    };
    assert_eq!(guarded(&lambda_machine()), limits::ALIAS.0);
    assert_eq!(guarded(&ecs_machine()), limits::SERVICE.0);
}

#[test]
fn the_rollback_path_retries_for_half_an_hour() {
    let ends_well = |name: &str| {
        ["Rollback", "Finish after rollback", "Finish", "Mark as unresolved"].contains(&name) || is_removal(name)
    };
    let states: Vec<_> = every_state().into_iter().filter(|(name, _)| ends_well(name)).collect();
    assert_eq!(states.len(), 4 + 7);
    for (name, state) in states {
        let rule = &state["Retry"][0];
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

    for (id, path) in definitions() {
        let machine = &template["Resources"][&id]["Properties"];
        assert_eq!(machine["DefinitionUri"], path.as_str());
        let substitutions = machine["DefinitionSubstitutions"].as_object().unwrap();
        let asl = text(&path);
        let used: BTreeSet<&str> =
            asl.split("${").skip(1).filter_map(|rest| rest.split_once('}').map(|found| found.0)).collect();
        assert_eq!(used, substitutions.keys().map(String::as_str).collect(), "{id} and template");
        for name in used.iter().filter(|name| name.ends_with("Function")) {
            assert!(functions.contains_key(*name), "the template has no {name}");
            assert_eq!(substitutions[*name]["GetAtt"], format!("{name}.Arn"));
        }
    }
}

#[test]
fn each_machine_may_call_what_it_names_and_nothing_else() {
    let template = template();
    for (id, path) in definitions() {
        let machine = &template["Resources"][&id]["Properties"];
        let asl = text(&path);
        let named: BTreeSet<String> = asl
            .split("${")
            .skip(1)
            .filter_map(|rest| Some(rest.split_once('}')?.0))
            .filter(|name| name.ends_with("Function"))
            .map(|name| format!("{name}.Arn"))
            .collect();
        let role = machine["Role"]["GetAtt"].as_str().unwrap().trim_end_matches(".Arn");
        let statements = &template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
        let callable =
            statements.as_array().unwrap().iter().filter(|statement| statement["Action"] == "lambda:InvokeFunction");
        let callable: BTreeSet<String> = callable
            .flat_map(|statement| statement["Resource"].as_array().unwrap())
            .map(|resource| resource["GetAtt"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(callable, named, "{id}");
    }
}

/// That a machine has these states.
fn has(machine: &Value, wanted: &[&str]) {
    let names: BTreeSet<String> = states(machine).into_iter().map(|state| state.0).collect();
    for state in wanted {
        assert!(names.contains(*state), "no state is called {state}");
    }
}

/// What happens once in an ordinary rollout to Lambda without hooks.
const ONCE: [&str; 10] = [
    "New deployment or recovery?",
    "Prepare",
    "Anything to deploy?",
    "Deploy",
    "Guard",
    "BeforeAllowTraffic planned?",
    "AfterAllowTraffic planned?",
    "Commit",
    "Finish",
    "Succeeded",
];

/// Each step takes these, the last one no Hold.
const EACH_STEP: [&str; 3] = ["AllowTraffic", "All traffic moved?", "Hold"];

#[test]
fn an_ordinary_rollout_of_ten_steps_takes_few_transitions() {
    has(&lambda_machine(), &[&ONCE[..], &EACH_STEP].concat());
    assert!(ONCE.len() + 3 * 10 - 1 <= 45);
}

#[test]
fn an_ordinary_rollout_to_a_service_takes_few_transitions_beside_its_looks() {
    // Beside what a rollout to Lambda takes.
    let once = [
        "BeforeInstall planned?",
        "AfterInstall planned?",
        "Test traffic planned?",
        "AllowTestTraffic",
        "AfterAllowTestTraffic planned?",
        "Ready wait planned?",
        "Termination wait check",
        "Termination wait over?",
        "Termination wait",
        "Termination wait check",
        "Termination wait over?",
        "Committed",
    ];
    let look = ["Install", "New task set healthy?", "Wait for the new task set"];
    let removal = ["Remove the old task set", "Is the old task set gone?", "Let the old task set drain"];
    has(&ecs_machine(), &[&ONCE[..], &EACH_STEP, &once, &look, &removal].concat());
    assert!(ONCE.len() + 3 * 10 - 1 + once.len() <= 55);
}
