//! The action for GitHub: what it is told, it uses; and nothing it is told is ever read as a program.

use std::collections::BTreeSet;

use fakes::yaml;
use serde_json::Value;

use crate::files::text;

fn action() -> Value {
    yaml::read(&text("action/action.yml"))
}

fn steps(action: &Value) -> &[Value] {
    action["runs"]["steps"].as_array().unwrap()
}

fn names(members: &Value) -> BTreeSet<String> {
    members.as_object().unwrap().keys().cloned().collect()
}

/// The script that a step runs.
fn script(step: &Value) -> String {
    let run = step["run"].as_str().unwrap();
    let name = run.strip_prefix("bash \"$GITHUB_ACTION_PATH/").and_then(|rest| rest.strip_suffix('"'));
    text(&format!("action/{}", name.unwrap_or_else(|| panic!("a step runs a script of the action, and no {run}"))))
}

#[test]
fn no_input_is_written_into_a_script_where_it_could_be_one() {
    let action = action();
    assert_eq!(action["runs"]["using"], "composite");
    for step in steps(&action) {
        assert!(!step["run"].as_str().unwrap().contains("${{"), "{step}");
        let script = script(step);
        for way in ["${{", "eval ", "bash -c", "sh -c"] {
            assert!(!script.contains(way), "{way} in the script of {step}");
        }
    }
}

#[test]
fn every_input_reaches_a_script_by_a_variable_that_the_script_reads() {
    let action = action();
    let mut used = BTreeSet::new();
    for step in steps(&action) {
        let script = script(step);
        for (variable, value) in step["env"].as_object().unwrap() {
            let input = value.as_str().unwrap().strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}"));
            let input = input.unwrap_or_else(|| panic!("{variable} is an input, and no {value}"));
            assert_eq!(*variable, format!("INPUT_{}", input.to_uppercase().replace('-', "_")));
            assert!(script.contains(&format!("{{{variable}:")), "{variable} is not read with care for its absence");
            used.insert(input.to_owned());
        }
        let named = script
            .split("INPUT_")
            .skip(1)
            .map(|rest| rest.split(|c: char| !c.is_ascii_uppercase() && c != '_' && !c.is_ascii_digit()));
        for name in named.filter_map(|mut words| words.next()) {
            assert!(!step["env"][format!("INPUT_{name}")].is_null(), "INPUT_{name} is no input of {step}");
        }
    }
    assert_eq!(used, names(&action["inputs"]));
}

#[test]
fn every_output_is_one_that_the_command_line_writes() {
    let action = action();
    let written = text("crates/cli/src/github/outputs.rs");
    for (name, output) in action["outputs"].as_object().unwrap() {
        let value = output["value"].as_str().unwrap();
        let from = value.strip_prefix("${{ steps.deploy.outputs.").and_then(|rest| rest.strip_suffix(" }}"));
        let from = from.unwrap_or_else(|| panic!("{name}: {value}"));
        assert!(written.contains(&format!("(\"{from}\", ")), "{name}: {from}");
    }
    let deploys: Vec<&Value> = steps(&action).iter().filter(|step| step["id"] == "deploy").collect();
    assert_eq!(deploys.len(), 1);
}

#[test]
fn the_actions_document_names_every_input_and_output_and_no_other() {
    let action = action();
    let document = text("action/README.md");
    let (_, rest) = document.split_once("\n## Inputs\n").unwrap();
    let (inputs, rest) = rest.split_once("\n## Outputs\n").unwrap();
    let (outputs, _) = rest.split_once("\n## ").unwrap();
    let first_cells = inputs.lines().filter(|line| line.starts_with("| `")).map(|line| line.split('|').nth(1).unwrap());
    let told = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>();
    assert_eq!(first_cells.flat_map(told).collect::<BTreeSet<_>>(), names(&action["inputs"]));
    assert_eq!(told(outputs), names(&action["outputs"]));
}
