//! The definition, as it is deployed: YAML, with the names of the functions put in.

use std::sync::OnceLock;

use rollout::strategy::Platform;
use serde_json::Value;

use crate::yaml;

const LAMBDA: &str = include_str!("../../../../statemachine/lambda.asl.yaml");
const ECS: &str = include_str!("../../../../statemachine/ecs.asl.yaml");

const SUBSTITUTIONS: [(&str, &str); 12] = [
    ("${Partition}", "aws"),
    ("${PrepareFunction}", "prepare"),
    ("${GuardFunction}", "guard"),
    ("${HookFunction}", "hook"),
    ("${InstallFunction}", "install"),
    ("${TestTrafficFunction}", "test_traffic"),
    ("${WaitFunction}", "wait"),
    ("${ShiftFunction}", "shift"),
    ("${CommitFunction}", "commit"),
    ("${RollbackFunction}", "rollback"),
    ("${ClearFunction}", "clear"),
    ("${FinishFunction}", "finish"),
];

/// The state machine of a platform.
pub(crate) fn of(platform: Platform) -> &'static Value {
    static READ: [OnceLock<Value>; 2] = [OnceLock::new(), OnceLock::new()];
    match platform {
        Platform::Ecs => READ[1].get_or_init(|| read(ECS)),
        Platform::Lambda | Platform::Server => READ[0].get_or_init(|| read(LAMBDA)),
    }
}

fn read(text: &str) -> Value {
    let text = SUBSTITUTIONS.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    assert!(!text.contains("${"), "the definition names a function that the simulation does not know");
    yaml::read(&text)
}
