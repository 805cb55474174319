//! The rules of the house: what packages may name, that no file imports itself in a circle, and how long anything may be.

use std::collections::BTreeSet;
use std::path::Path;

use crate::files::{sources, text};
use crate::imports::Imports;
use crate::sizes::{Function, functions};
use crate::tokens::tokens;

fn manifest(path: &str) -> toml::Table {
    text(&format!("{path}/Cargo.toml")).parse().unwrap()
}

/// What a package links when it is built, tests aside.
fn dependencies(path: &str) -> BTreeSet<String> {
    let manifest = manifest(path);
    let table = manifest.get("dependencies").and_then(|table| table.as_table());
    table.into_iter().flat_map(|table| table.keys().cloned()).collect()
}

fn everything(path: &str) -> BTreeSet<String> {
    let manifest = manifest(path);
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_table())
        .flat_map(|table| table.keys().cloned())
        .collect()
}

const PACKAGES: [&str; 11] = [
    "crates/rollout",
    "crates/steps",
    "crates/aws",
    "crates/fakes",
    "crates/codedeploy",
    "crates/cli",
    "crates/local",
    "crates/proxy",
    "functions",
    "tests",
    "xtask",
];

fn is_aws(name: &str) -> bool {
    name.starts_with("aws-")
}

#[test]
fn the_core_depends_on_a_handful_of_crates_that_can_neither_wait_nor_talk() {
    let allowed = ["jiff", "miniz_oxide", "saphyr-parser", "serde", "serde_json", "strsim", "thiserror"];
    assert_eq!(dependencies("crates/rollout"), allowed.map(str::to_owned).into());
}

#[test]
fn only_the_adapters_the_command_line_and_the_proxy_may_name_an_aws_sdk() {
    for package in PACKAGES {
        let named = everything(package).into_iter().any(|name| is_aws(&name));
        assert_eq!(named, ["crates/aws", "crates/cli", "crates/proxy"].contains(&package), "{package}");
    }
}

#[test]
fn arrows_point_one_way() {
    let ours =
        ["rollout", "steps", "aws", "fakes", "codedeploy", "cli", "local", "proxy", "functions", "tests", "xtask"];
    let arrows = |package: &str| -> Vec<String> {
        dependencies(package).into_iter().filter(|name| ours.contains(&name.as_str())).collect()
    };
    assert_eq!(arrows("crates/rollout"), [""; 0]);
    assert_eq!(arrows("crates/codedeploy"), [""; 0]);
    assert_eq!(arrows("crates/steps"), ["codedeploy", "rollout"]);
    assert_eq!(arrows("crates/aws"), ["rollout", "steps"]);
    assert_eq!(arrows("crates/fakes"), ["rollout", "steps"]);
    assert_eq!(arrows("crates/proxy"), ["codedeploy"], "a layer of its own: no more than the wire");
    assert_eq!(arrows("functions"), ["aws", "codedeploy", "rollout", "steps"], "a door is HTTP: it needs the wire");
    assert_eq!(arrows("crates/cli"), ["proxy"], "the command line knows the API only, and serves it");
    assert_eq!(
        arrows("crates/local"),
        ["codedeploy"],
        "the local stack knows the services only, CodeDeploy's wire too"
    );
}

#[test]
fn nothing_made_for_tests_is_linked_into_what_is_deployed() {
    for package in
        ["functions", "crates/aws", "crates/steps", "crates/rollout", "crates/codedeploy", "crates/cli", "crates/proxy"]
    {
        for test_only in ["local", "fakes", "tests"] {
            assert!(!dependencies(package).contains(test_only), "{package} links {test_only}");
        }
    }
}

#[test]
fn a_plain_cargo_test_compiles_no_aws_sdk() {
    let root = manifest(".");
    let members = root["workspace"]["default-members"].as_array().unwrap();
    let mut reached: Vec<String> = members.iter().map(|member| member.as_str().unwrap().to_owned()).collect();
    assert!(!reached.is_empty());
    while let Some(package) = reached.pop() {
        for name in everything(&package) {
            assert!(!is_aws(&name), "{package} brings {name}");
            if PACKAGES.contains(&format!("crates/{name}").as_str()) && name == "aws" {
                panic!("{package} brings the adapters");
            }
        }
    }
}

#[test]
fn every_package_takes_its_versions_lints_and_licence_from_the_workspace() {
    for package in PACKAGES {
        let manifest = manifest(package);
        assert_eq!(manifest["lints"]["workspace"].as_bool(), Some(true), "{package}");
        assert_eq!(manifest["package"]["license"]["workspace"].as_bool(), Some(true), "{package}");
        for section in ["dependencies", "dev-dependencies"] {
            for (name, wanted) in manifest.get(section).and_then(|table| table.as_table()).into_iter().flatten() {
                let from_workspace = wanted.get("workspace").and_then(|value| value.as_bool());
                assert_eq!(from_workspace, Some(true), "{package} chooses its own version of {name}");
            }
        }
    }
}

#[test]
fn files_import_each_other_in_no_circle() {
    for package in PACKAGES {
        let imports = Imports::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(package).join("src"));
        assert_eq!(imports.shortest_circle(), None, "{package}");
    }
}

#[test]
fn no_service_of_the_local_stack_imports_another_in_a_circle() {
    let imports = Imports::of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/local/src"));
    // `services/ecs/task.rs` is of `ecs`.
    let service = |file: &str| {
        let name = file.strip_prefix("services/")?.split(['/', '.']).next()?;
        (name != "mod").then(|| name.to_owned())
    };
    assert_eq!(imports.between(service).shortest_circle(), None);
}

/// No file is longer: a longer one is about more than one thing.
const LINES_OF_A_FILE: usize = 400;

/// No function is longer: it is read on one screen.
const LINES_OF_A_FUNCTION: usize = 60;

#[test]
fn no_file_and_no_function_is_longer_than_one_can_read_at_once() {
    let files = ["crates", "functions", "tests", "xtask"].into_iter().flat_map(sources);
    let longer: Vec<String> = files.flat_map(|file| too_long(&file)).collect();
    assert_eq!(longer, [""; 0], "split what is about more than one thing");
}

/// What is too long in a file, in words.
fn too_long(file: &str) -> Vec<String> {
    let text = text(file);
    let lines = text.lines().count();
    let whole = (lines > LINES_OF_A_FILE).then(|| format!("{file} has {lines} lines, of at most {LINES_OF_A_FILE}"));
    let long = functions(&text).into_iter().filter(|function| function.lines > LINES_OF_A_FUNCTION);
    let long = long
        .map(|Function { name, lines }| format!("{file}: {name} has {lines} lines, of at most {LINES_OF_A_FUNCTION}"));
    whole.into_iter().chain(long).collect()
}

/// What a request is kept as, and what an AppSpec is, passes through use cases under names of their own: `effective::kept` writes it,
/// `effective::recorded` reads it. So there is no exception but the tests, which hold that answers are read as they were written.
#[test]
fn no_use_case_knows_json() {
    let files = sources("crates/steps/src/use_cases");
    assert!(files.len() > 10, "{files:?}");
    for file in files.iter().filter(|file| !file.ends_with("/tests.rs")) {
        let found = tokens(&text(file));
        let named = found.iter().find(|token| ["serde_json", "json", "Value"].iter().any(|json| token.is(json)));
        assert_eq!(named, None, "{file}: decode and encode in crates/steps/src/api");
    }
}

/// Where a member that there is not must not compile. Who wants to know all that is answered reads the answer itself, and says why.
#[test]
fn stories_read_the_answers_of_our_own_operations_as_types() {
    for file in sources("tests/promises").into_iter().filter(|file| !file.ends_with("/secrets.rs")) {
        let text = text(&file);
        assert!(!text.contains("call(\"Tideshift."), "{file} asks past harness::ours");
    }
}

#[test]
fn programs_call_our_own_operations_by_their_type() {
    for file in ["crates/cli/src", "crates/proxy/src", "xtask/src"].into_iter().flat_map(sources) {
        let text = text(&file);
        let program = text.split("#[cfg(test)]").next().unwrap();
        let is_test = file.ends_with("/tests.rs") || file.contains("/tests/");
        let spells = program.split("\"Tideshift.").skip(1).any(|rest| rest.starts_with(char::is_alphabetic));
        assert!(is_test || !spells, "{file} spells an operation that codedeploy::operation has");
    }
}
