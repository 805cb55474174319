//! The project's files.

use std::path::PathBuf;

use fakes::yaml;
use serde_json::Value;

/// The text of a file, by its path from the project's root.
pub(crate) fn text(path: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The definitions, by the logical id of the machine.
pub(crate) const DEFINITIONS: [(&str, &str); 2] =
    [("Machine", "statemachine/lambda.asl.yaml"), ("EcsMachine", "statemachine/ecs.asl.yaml")];

/// Every state machine.
pub(crate) fn machines() -> [Value; 2] {
    DEFINITIONS.map(|(_, path)| yaml::read(&text(path)))
}

/// The state machine of deployments to Lambda.
pub(crate) fn lambda_machine() -> Value {
    let [lambda, _] = machines();
    lambda
}

/// The state machine of deployments to ECS.
pub(crate) fn ecs_machine() -> Value {
    let [_, ecs] = machines();
    ecs
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
