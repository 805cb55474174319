//! The definition, as it is deployed: YAML, with the names of the functions put in.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use rollout::platform::{Machine, Platform};
use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use serde_json::{Map, Value};

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
    Reader(Parser::new_from_str(&text)).document()
}

struct Reader<'a>(Parser<'a, StrInput<'a>>);

impl<'a> Reader<'a> {
    fn document(mut self) -> Value {
        loop {
            match self.next() {
                Event::StreamStart | Event::DocumentStart(_) => {}
                event => return self.value(event),
            }
        }
    }

    fn value(&mut self, event: Event<'a>) -> Value {
        match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text),
            Event::Scalar(text, ..) => Value::String(text.into_owned()),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next() {
                        Event::SequenceEnd => return Value::Array(items),
                        event => items.push(self.value(event)),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut members = Map::new();
                loop {
                    match self.next() {
                        Event::MappingEnd => return Value::Object(members),
                        Event::Scalar(key, ..) => {
                            let event = self.next();
                            let value = self.value(event);
                            let twice = members.insert(key.to_string(), value);
                            assert!(twice.is_none(), "{key} is written twice");
                        }
                        other => unreachable!("{other:?} is no key"),
                    }
                }
            }
            other => unreachable!("{other:?} is no value"),
        }
    }

    fn next(&mut self) -> Event<'a> {
        self.0.next_event().expect("the definition is complete").expect("the definition is well-formed YAML").0
    }
}

fn plain(text: &str) -> Value {
    match text {
        "null" | "~" | "" => Value::Null,
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        text => text.parse::<u64>().map_or_else(|_| Value::String(text.to_owned()), Value::from),
    }
}
