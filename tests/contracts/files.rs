//! The project's files.

use std::path::PathBuf;

use serde_json::Value;

use crate::yaml;

/// The text of a file, by its path from the project's root.
pub(crate) fn text(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The state machine.
pub(crate) fn machine() -> Value {
    yaml::read(&text("statemachine/lambda.asl.yaml"))
}

/// The template; `!Sub x` reads as `{"Sub": x}`, and so on.
pub(crate) fn template() -> Value {
    yaml::read(&text("template.yaml"))
}

/// The states of the machine with their names, those inside branches too.
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
