//! A row of `rollout::platform` is whole: what it names exists, and what exists has a row.

use std::collections::BTreeSet;

use rollout::platform::{Deploys, Platform};

use crate::files::{definition, definitions, machine, states, template, text};

#[test]
fn each_platform_has_the_machine_that_its_row_names_and_no_machine_is_without_a_row() {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    let machines: BTreeSet<&String> = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::Serverless::StateMachine")
        .map(|(id, _)| id)
        .collect();
    let of_rows = definitions();
    assert_eq!(machines, of_rows.iter().map(|(id, _)| id).collect());
    for ((_, Deploys { machine, .. }), (id, _)) in Platform::deployed().zip(&of_rows) {
        assert_eq!(resources[id]["Properties"]["Name"]["Sub"], format!("${{AWS::StackName}}-{}", machine.name));
        assert!(!text(&format!("statemachine/{}.yaml", machine.name)).is_empty());
    }
}

#[test]
fn every_function_knows_the_machine_of_each_platform_by_the_variable_that_its_row_names() {
    let template = template();
    let of_all = &template["Globals"]["Function"]["Environment"]["Variables"];
    for (_, Deploys { machine, .. }) in Platform::deployed() {
        let arn = of_all[machine.variable]["Sub"].as_str().unwrap();
        assert!(arn.ends_with(&format!(":stateMachine:${{AWS::StackName}}-{}", machine.name)), "{arn}");
    }
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let own = &resource["Properties"]["Environment"]["Variables"];
        for (_, Deploys { machine, .. }) in Platform::deployed() {
            assert!(own[machine.variable].is_null(), "{id} has another {}", machine.variable);
        }
    }
}

#[test]
fn the_lifecycle_can_be_read_by_event_name() {
    for (platform, deploys) in Platform::deployed() {
        let names: BTreeSet<String> = states(&machine(platform)).into_iter().map(|state| state.0).collect();
        for event in platform.row().events {
            assert!(names.contains(event.as_str()), "{}: no state is called {event}", definition(&deploys.machine));
        }
    }
}

#[test]
fn the_chapter_about_a_new_platform_names_every_file_of_the_newest_one() {
    let chapter = text("docs/adding-a-platform.md");
    for place in chapter.lines().filter_map(|line| line.strip_prefix("| `")) {
        let path = place.split('`').next().unwrap();
        assert!(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path).exists(), "{path}");
    }
}
