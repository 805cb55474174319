//! The local stack all stories share. It is started by the first and ends with the process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use codedeploy::call::{Call, Reply};
use local::{Client, Options, Stack};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::{OrStop, eventually};

/// The project's root.
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    root.canonicalize().or_stop("the project's root")
}

/// Where cargo put a program of ours: beside this test's own `deps` folder.
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().or_stop("this program's own path");
    let folder = test.ancestors().nth(2).or_stop("the target folder");
    let program = folder.join(name);
    if !program.exists() {
        crate::stop(&format!("{} is not built: run `cargo xtask test`", program.display()));
    }
    program
}

/// The stack, started at the first call.
pub async fn stack() -> &'static Stack {
    static STACK: OnceCell<Stack> = OnceCell::const_new();
    STACK
        .get_or_init(|| async {
            let options = Options {
                project_root: root(),
                bootstrap: program("bootstrap"),
                port: None,
                stack: "tideshift".to_owned(),
                sample: true,
                concurrency: local::CONCURRENCY,
                progress: Arc::new(|line| eprintln!("{line}")),
            };
            Stack::start(options).await.or_stop("the local stack starts")
        })
        .await
}

/// A client of the stack.
pub async fn client() -> Client {
    stack().await.client()
}

/// Calls the `api` function: status and body.
pub async fn api(target: &str, body: &Value) -> (u16, Value) {
    let call = json!(Call { target: target.to_owned(), body: body.clone() });
    let answer = client().await.invoke("tideshift-api", None, &call).await.or_stop("the api answers");
    if let Some(error) = answer.function_error {
        crate::stop(&format!("{target}: {error}: {}", answer.payload));
    }
    let Reply { status, body } = serde_json::from_value(answer.payload).or_stop("a reply");
    (status, body)
}

/// Calls an operation that must succeed.
pub async fn call(target: &str, body: &Value) -> Value {
    match api(target, body).await {
        (200, body) => body,
        (status, body) => crate::stop(&format!("{target}: {status} {body}")),
    }
}

/// The ARN of an execution, by the end of its state machine's name and its own.
pub async fn execution(machine: &str, name: &str) -> String {
    let stack = stack().await;
    format!("arn:aws:states:{}:{}:execution:{}-{machine}:{name}", stack.region(), stack.account(), stack.name())
}

/// One item of the table.
pub async fn item(pk: &str, sk: &str) -> Option<Value> {
    let input = json!({
        "TableName": "tideshift-deployments",
        "Key": {"pk": {"S": pk}, "sk": {"S": sk}},
        "ConsistentRead": true,
    });
    let answer = client().await.aws_json("DynamoDB_20120810", "GetItem", &input).await.or_stop("GetItem");
    answer.get("Item").cloned()
}

/// What IAM refused to functions of ours, beside looks at functions without this in their name: other stories ask on purpose for
/// some that are not there, and those have no tag that allows it.
pub async fn denied(name: &str) -> Vec<String> {
    let denied = stack().await.observed().denied().into_iter();
    denied.filter(|denied| !denied.contains(":function:") || denied.contains(name)).collect()
}

/// What EventBridge does every two minutes: the sweep. What it attended to is not told: the stack's own sweep may have come first,
/// and other stories have their deployments too.
pub async fn sweep() {
    let answer = client().await.invoke("tideshift-sweep", None, &json!({})).await.or_stop("the sweep answers");
    if let Some(error) = answer.function_error {
        crate::stop(&format!("the sweep: {error}: {}", answer.payload));
    }
}

/// How many calls a rule has made go wrong.
pub async fn strikes(rule: u64) -> u32 {
    stack().await.faults().hits(rule)
}

/// Waits until a rule has made a call go wrong.
pub async fn struck(rule: u64) {
    let faults = stack().await.faults();
    eventually(async || (faults.hits(rule) > 0).then_some(())).await.or_stop("no call met its fault");
}
