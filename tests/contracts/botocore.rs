//! The service model that the pinned clients carry: what it lists, `codedeploy` knows, and nothing else, so that a new
//! operation, error or value is noticed when the clients are updated.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use codedeploy::cbor::TIMES;
use codedeploy::error::{ApiError, Code};
use codedeploy::operation::{CODEDEPLOY_PREFIX, Operation};
use codedeploy::values;
use rollout::pipeline::taskdef::{ONLY_TOLD, REQUEST, Shape};
use serde::Deserialize;
use serde_json::{Value, json};

/// Prints what is compared. botocore itself reads the model, which may be packed.
const SCRIPT: &str = "\
import json
from botocore.loaders import Loader
model = Loader().load_service_model('codedeploy', 'service-2', '2014-10-06')
shapes = model['shapes']
ecs = Loader().load_service_model('ecs', 'service-2', '2014-11-13')
def tree(name):
    shape = ecs['shapes'][name]
    if shape['type'] == 'structure':
        return {member: tree(of['shape']) for member, of in shape['members'].items()}
    return [tree(shape['member']['shape'])] if shape['type'] == 'list' else None
taken, told = (ecs['shapes'][name]['members'] for name in ('RegisterTaskDefinitionRequest', 'TaskDefinition'))
print(json.dumps({
    'prefix': model['metadata']['targetPrefix'],
    'operations': {name: [e['shape'] for e in operation.get('errors', [])] for name, operation in model['operations'].items()},
    'errors': [name for name, shape in shapes.items() if shape.get('exception')],
    'throttled': [[e['http_status_code'], e['service_error_code']]
        for e in (d['applies_when'].get('response', {}) for d in Loader().load_data('_retry')['definitions'].values())
        if 'service_error_code' in e and 'http_status_code' in e],
    'answerless': [name for name, operation in model['operations'].items() if 'output' not in operation],
    'protocols': model['metadata']['protocols'],
    'ecs': [ecs['metadata']['targetPrefix'], ecs['metadata']['protocols']],
    'definition': tree('RegisterTaskDefinitionRequest'),
    'only_told': sorted(set(told) - set(taken)),
    'members': sorted({(name, shapes[member['shape']]['type']) for shape in shapes.values()
        for name, member in shape.get('members', {}).items()}),
    'enums': {name: shape['enum'] for name, shape in shapes.items() if 'enum' in shape},
}))
";

#[derive(Deserialize)]
struct Model {
    prefix: String,
    operations: BTreeMap<String, Vec<String>>,
    errors: BTreeSet<String>,
    throttled: Vec<(u16, String)>,
    answerless: BTreeSet<String>,
    protocols: BTreeSet<String>,
    ecs: (String, BTreeSet<String>),
    definition: Value,
    only_told: BTreeSet<String>,
    members: BTreeSet<(String, String)>,
    enums: BTreeMap<String, BTreeSet<String>>,
}

/// The model of the installed botocore.
fn model() -> Model {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let python = runtime.block_on(local::python::ensure_venv(&root, &|_| {})).unwrap();
    let said = Command::new(python).args(["-c", SCRIPT]).env_remove("AWS_DATA_PATH").output().unwrap();
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    serde_json::from_slice(&said.stdout).unwrap()
}

/// What one side has and the other has not.
fn difference<'a>(ours: BTreeSet<&'a str>, theirs: BTreeSet<&'a str>) -> Vec<&'a str> {
    ours.symmetric_difference(&theirs).copied().collect()
}

#[test]
fn every_operation_error_and_value_of_the_clients_model_is_known_and_no_other() {
    let Model { prefix, operations, errors, enums, throttled, .. } = model();
    assert_eq!(prefix, CODEDEPLOY_PREFIX);

    let table = Operation::TABLE.iter().filter(|row| row.0 == CODEDEPLOY_PREFIX);
    let ours = table.map(|row| row.1).collect();
    assert_eq!(difference(ours, operations.keys().map(String::as_str).collect()), [""; 0], "operations");

    let ours: BTreeSet<_> = Code::MODELLED.iter().map(|code| code.as_str()).collect();
    let used = operations.values().flatten().map(String::as_str);
    assert_eq!(used.filter(|error| !ours.contains(error)).collect::<Vec<_>>(), [""; 0], "errors of operations");
    assert_eq!(difference(ours, errors.iter().map(String::as_str).collect()), [""; 0], "errors");

    let ours = ApiError::new(Code::ThrottlingException, "Rate exceeded");
    let retried =
        throttled.iter().any(|(status, code)| (*status, code.as_str()) == (ours.status(), ours.code.as_str()));
    assert!(retried, "clients try again what is throttled: {throttled:?}");

    // Shapes of the wire that hold an enum no operation checks are not looked up anywhere.
    for known in values::ALL {
        let theirs = enums.get(known.name).unwrap_or_else(|| panic!("the model has no enum {}", known.name));
        let theirs = theirs.iter().map(String::as_str).collect();
        assert_eq!(difference(known.all.iter().copied().collect(), theirs), [""; 0], "{}", known.name);
    }
    let ours = values::ALL.iter().map(|known| known.name).collect();
    assert_eq!(difference(ours, enums.keys().map(String::as_str).collect()), [""; 0], "enums");
}

#[test]
fn what_cbor_and_json_say_differently_is_as_the_clients_model_has_it() {
    let Model { protocols, answerless, members, .. } = model();
    let spoken = ["json", "smithy-rpc-v2-cbor"];
    assert_eq!(difference(spoken.into(), protocols.iter().map(String::as_str).collect()), [""; 0], "protocols");

    let table = Operation::TABLE.iter().filter(|row| !row.2.has_output());
    let ours = table.map(|row| row.1).collect();
    assert_eq!(difference(ours, answerless.iter().map(String::as_str).collect()), [""; 0], "without an answer");

    // `start` and `end` are only ever asked, and read as whatever they are.
    let moments = members.iter().filter(|(_, kind)| kind == "timestamp").map(|(name, _)| name.as_str());
    let told = moments.filter(|name| !["start", "end"].contains(name)).collect();
    assert_eq!(difference(TIMES.into(), told), [""; 0], "timestamps");
    let twice = members.iter().filter(|(name, kind)| TIMES.contains(&name.as_str()) && kind != "timestamp");
    assert_eq!(twice.count(), 0, "a member that is a timestamp here is nothing else there");
    assert!(members.iter().all(|(_, kind)| kind != "blob"), "no member is bytes");
}

#[test]
fn the_proxy_knows_ecs_by_its_name_and_reads_every_protocol_that_ecs_answers_in() {
    let Model { ecs: (prefix, protocols), .. } = model();
    assert_eq!(prefix, "AmazonEC2ContainerServiceV20141113");
    let read = ["json", "smithy-rpc-v2-cbor"];
    assert!(protocols.iter().all(|protocol| read.contains(&protocol.as_str())), "{protocols:?}");
}

/// A shape of ours as the script prints theirs.
fn tree(shape: &Shape) -> Value {
    match shape {
        Shape::Plain => Value::Null,
        Shape::List(each) => json!([tree(each)]),
        Shape::Members(members) => members.iter().map(|(name, shape)| ((*name).to_owned(), tree(shape))).collect(),
    }
}

/// A list of values without members of their own is as plain as they are.
fn plain(theirs: Value) -> Value {
    match theirs {
        Value::Array(items) if items == [Value::Null] => Value::Null,
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::Object(members) => members.into_iter().map(|(name, shape)| (name, plain(shape))).collect(),
        other => other,
    }
}

#[test]
fn a_task_definition_has_the_members_that_ecs_takes_and_those_it_only_tells_are_known() {
    let Model { definition, only_told, .. } = model();
    assert_eq!(tree(&REQUEST), plain(definition));
    assert_eq!(
        difference(ONLY_TOLD.iter().copied().collect(), only_told.iter().map(String::as_str).collect()),
        [""; 0]
    );
}
