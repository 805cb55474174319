//! The definition, as it is deployed: YAML, with the names of the functions put in.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use rollout::platform::{Machine, Platform};
use serde_json::Value;

use crate::yaml;

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
    static READ: OnceLock<BTreeMap<Platform, Value>> = OnceLock::new();
    let all = READ.get_or_init(|| {
        Platform::deployed().map(|(platform, deploys)| (platform, read(&text(&deploys.machine)))).collect()
    });
    all.get(&platform).expect("a platform with a state machine")
}

/// What is deployed.
fn text(machine: &Machine) -> String {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../statemachine").join(format!("{}.asl.yaml", machine.name));
    fs::read_to_string(path).expect("cargo xtask machines makes a definition of each machine")
}

fn read(text: &str) -> Value {
    let text = SUBSTITUTIONS.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
    assert!(!text.contains("${"), "the definition names a function that the simulation does not know");
    yaml::read(&text)
}
