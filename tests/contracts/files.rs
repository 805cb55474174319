//! The project's files.

use std::path::PathBuf;

use fakes::yaml;
use rollout::platform::{Machine, Platform};
use serde_json::Value;

/// The text of a file, by its path from the project's root.
pub(crate) fn text(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file of Rust below a folder, by its path from the project's root.
pub(crate) fn sources(folder: &str) -> Vec<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut found, mut folders) = (Vec::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|kind| kind == "rs") {
                found.push(entry.strip_prefix(&root).unwrap().display().to_string());
            }
        }
    }
    found
}

/// Where the definition of a platform's machine is.
pub(crate) fn definition(machine: &Machine) -> String {
    format!("statemachine/{}.asl.yaml", machine.name)
}

/// The definitions, by the logical id of the machine in the template.
pub(crate) fn definitions() -> Vec<(String, String)> {
    let template = template();
    let resources = template["Resources"].as_object().unwrap();
    Platform::deployed()
        .map(|(platform, deploys)| {
            let path = definition(&deploys.machine);
            let of_path = |(_, resource): &(&String, &Value)| resource["Properties"]["DefinitionUri"] == path.as_str();
            let found = resources.iter().find(of_path).map(|(id, _)| id.clone());
            (found.unwrap_or_else(|| panic!("the template has no state machine of {path}, for {platform}")), path)
        })
        .collect()
}

/// Every state machine.
pub(crate) fn machines() -> Vec<Value> {
    Platform::deployed().map(|(platform, _)| machine(platform)).collect()
}

/// The state machine of a platform that is deployed to.
pub(crate) fn machine(platform: Platform) -> Value {
    yaml::read(&text(&definition(&platform.deploys().unwrap().machine)))
}

/// The state machine of deployments to Lambda.
pub(crate) fn lambda_machine() -> Value {
    machine(Platform::Lambda)
}

/// The state machine of deployments to ECS.
pub(crate) fn ecs_machine() -> Value {
    machine(Platform::Ecs)
}

/// The states of every machine with their names; one that both have is there twice.
pub(crate) fn every_state() -> Vec<(String, Value)> {
    machines().iter().flat_map(states).collect()
}

/// The template; `!Sub x` reads as `{"Sub": x}`, and so on.
pub(crate) fn template() -> Value {
    yaml::read(&text("template.yaml"))
}

/// The states of a machine with their names, those inside branches too.
pub(crate) fn states(machine: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (name, state) in machine["States"].as_object().into_iter().flatten() {
        found.push((name.clone(), state.clone()));
        for branch in state["Branches"].as_array().into_iter().flatten() {
            found.extend(states(branch));
        }
    }
    found
}

/// The resources of one type in the template, by logical id.
pub(crate) fn resources(template: &Value, kind: &str) -> Vec<(String, Value)> {
    let all = template["Resources"].as_object().into_iter().flatten();
    all.filter(|(_, resource)| resource["Type"] == kind).map(|(id, resource)| (id.clone(), resource.clone())).collect()
}
