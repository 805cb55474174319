//! The local stack as a tool of its own: it says where it is, ends when told, and leaves no process behind.

use std::process::Stdio;

use harness::stack::{program, root};
use harness::{OrStop, eventually, story};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// Where a stack is, as `cargo xtask local --json` prints it.
#[derive(Debug, Deserialize)]
struct Place {
    endpoint: String,
    region: String,
    stack: String,
}

/// A stack in a process of its own, and what it said first.
async fn started() -> (Child, Place) {
    let mut child = Command::new(program("xtask"))
        .args(["local", "--json"])
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .or_stop("cargo xtask local");
    let mut lines = BufReader::new(child.stdout.take().or_stop("its output")).lines();
    let line = lines.next_line().await.or_stop("a line").or_stop("a line before it ends");
    (child, serde_json::from_str(&line).or_stop("one JSON document"))
}

/// The processes that belong to the stack of process `parent`: its folder is in their arguments or their environment.
fn left_behind(parent: u32) -> Vec<String> {
    let mark = format!("run-{parent}-");
    let processes = std::fs::read_dir("/proc").or_stop("/proc").flatten();
    processes
        .filter(|process| process.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()))
        .filter_map(|process| {
            let read = |file: &str| std::fs::read(process.path().join(file)).unwrap_or_default();
            let told = [read("cmdline"), read("environ")].concat();
            String::from_utf8_lossy(&told)
                .contains(&mark)
                .then(|| String::from_utf8_lossy(&read("cmdline")).into_owned())
        })
        .collect()
}

async fn nothing_is_left(parent: u32) {
    if eventually(async || left_behind(parent).is_empty().then_some(())).await.is_none() {
        harness::stop(&format!("left behind: {:?}", left_behind(parent)));
    }
}

#[test]
fn the_local_stack_says_where_it_is_and_stops_cleanly() {
    story(async {
        let (mut child, place) = started().await;
        assert!(place.endpoint.starts_with("http://127.0.0.1:"), "{place:?}");
        assert_eq!((place.region.as_str(), place.stack.as_str()), ("us-east-1", "tideshift"));
        let parent = child.id().or_stop("a process id");
        assert!(!left_behind(parent).is_empty(), "moto runs");
        let told = Command::new("kill").args(["-INT", &parent.to_string()]).status().await.or_stop("kill");
        assert!(told.success());
        assert!(child.wait().await.or_stop("its end").success());
        nothing_is_left(parent).await;
    });
}

#[test]
fn the_local_stack_leaves_no_process_behind_when_it_is_killed() {
    story(async {
        let (mut child, _) = started().await;
        let parent = child.id().or_stop("a process id");
        child.kill().await.or_stop("kill");
        nothing_is_left(parent).await;
    });
}
