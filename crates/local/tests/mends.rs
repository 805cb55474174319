//! What moto does otherwise than AWS is mended, and only that: each mend has a test that fails on moto as it is.
//!
//! The tests themselves are Python, in `python/mends_test.py`, since a mend is about what moto does inside.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Where the Python programs are.
fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python")
}

/// Runs one of them to its end.
fn run(program: &str, arguments: &[&str]) -> Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = runtime.block_on(local::python::ensure_venv(&root, &|line| eprintln!("{line}"))).unwrap();
    let mut command = Command::new(python);
    command.arg(programs().join(program)).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Kept open, or moto's server takes it that we are gone.
    let _stdin = child.stdin.take();
    child.wait_with_output().unwrap()
}

/// Why each mend's test fails, by the mend's name; `None` for those that pass.
fn failures(how: &str) -> BTreeMap<String, Option<String>> {
    let output = run("mends_test.py", &[how]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{how}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_mend_of_moto_is_needed() {
    let passed: Vec<String> =
        failures("bare").into_iter().filter(|(_, why)| why.is_none()).map(|(name, _)| name).collect();
    assert_eq!(passed, [""; 0], "moto does this by itself");
}

#[test]
fn every_mend_of_moto_does_what_it_says() {
    let failed: BTreeMap<_, _> = failures("mended").into_iter().filter_map(|(name, why)| Some((name, why?))).collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_module_with_mends_is_in_the_list() {
    let list = std::fs::read_to_string(programs().join("mends.py")).unwrap();
    let mut modules = 0;
    for file in std::fs::read_dir(programs()).unwrap() {
        let path = file.unwrap().path();
        if path.is_file() && std::fs::read_to_string(&path).unwrap().contains("\nMENDS = ") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            assert!(list.contains(&format!("    import {name}\n")), "{name}");
            modules += 1;
        }
    }
    assert!(modules > 0);
}

#[test]
fn another_moto_than_the_one_that_is_mended_is_refused_in_one_sentence() {
    let output = run("moto_server.py", &["1", "5.0.0"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.starts_with("moto 5."), "{said}");
    assert!(said.contains("but the local stack needs moto 5.0.0: remove that folder"), "{said}");
}
