//! The local stack as tasks use it: started with visible progress, asked through its api, driven with the command line.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use local::{Client, Options, Stack};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::clock;
use crate::programs::Programs;
use crate::screen::Screen;
use crate::validate::chain;

/// An access key for a user: the local stack takes any that is not one of its functions'.
pub(crate) const ACCESS_KEY: &str = "AKIATIDESHIFTLOCAL00";
/// Nobody checks it.
pub(crate) const SECRET_KEY: &str = "not-checked-here";

/// A running local stack with what drives it.
pub(crate) struct Stage {
    pub(crate) stack: Stack,
    pub(crate) client: Client,
    cli: PathBuf,
}

impl Stage {
    /// Starts the stack `tideshift` with the sample function.
    pub(crate) async fn start(
        root: &Path,
        programs: Programs,
        port: Option<u16>,
        screen: &Screen,
    ) -> Result<Self, String> {
        let (told, mut lines) = tokio::sync::mpsc::unbounded_channel::<String>();
        let mut options = Options::new(root, &programs.bootstrap);
        options.port = port;
        options.progress = Arc::new(move |line| {
            // Nobody listens any more once the stack is up.
            let _ = told.send(line.to_owned());
        });
        let mut starting = std::pin::pin!(Stack::start(options));
        let stack = loop {
            tokio::select! {
                biased;
                Some(line) = lines.recv() => screen.step(&line),
                started = &mut starting => break started.map_err(chain)?,
            }
        };
        Ok(Self { client: stack.client(), stack, cli: programs.cli })
    }

    /// Calls an operation of the `api` function that must succeed.
    pub(crate) async fn api(&self, target: &str, body: &Value) -> Result<Value, String> {
        let function = format!("{}-api", self.stack.name());
        let call = json!({ "target": target, "body": body });
        let mut answer = self.client.invoke(&function, None, &call).await.map_err(chain)?;
        match answer.payload["status"].as_u64() {
            Some(200) => Ok(answer.payload["body"].take()),
            _ => Err(format!("{target} answered {}", answer.payload)),
        }
    }

    /// Everything known about a deployment.
    pub(crate) async fn describe(&self, deployment: &str) -> Result<Value, String> {
        self.api("Tideshift.DescribeDeployment", &json!({ "deploymentId": deployment })).await
    }

    /// Runs `tideshift` as a user does; gives the document it answers.
    pub(crate) async fn tideshift(&self, arguments: &[&str]) -> Result<Value, String> {
        let mut command = Command::new(&self.cli);
        for (name, _) in std::env::vars_os() {
            // Neither the user's AWS settings nor their proxy have a say.
            let plain = name.to_string_lossy().to_ascii_uppercase();
            if plain.starts_with("AWS_") || plain.ends_with("_PROXY") || plain.starts_with("TIDESHIFT_") {
                command.env_remove(&name);
            }
        }
        command
            .args(["--output", "json"])
            .args(arguments)
            .env("AWS_ENDPOINT_URL", self.stack.endpoint())
            .env("AWS_REGION", self.stack.region())
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .kill_on_drop(true);
        let ended =
            command.output().await.map_err(|error| format!("{} cannot be started: {error}", self.cli.display()))?;
        let said = String::from_utf8_lossy(&ended.stdout);
        if !ended.status.success() {
            let complaint = String::from_utf8_lossy(&ended.stderr);
            let told = if complaint.trim().is_empty() { said.trim() } else { complaint.trim() };
            return Err(format!("tideshift {} ended with {}: {told}", arguments.join(" "), ended.status));
        }
        serde_json::from_str(&said).map_err(|error| format!("tideshift answered no JSON document: {error}: {said}"))
    }

    /// Starts a deployment with these flags; gives its id and the plan.
    pub(crate) async fn deploy(&self, flags: &[&str]) -> Result<(String, Value), String> {
        let mut answer = self.tideshift(&[&["deploy"][..], flags].concat()).await?;
        let id = answer["deploymentId"].as_str().map(ToOwned::to_owned);
        let id = id.ok_or_else(|| format!("tideshift deploy named no deployment: {answer}"))?;
        Ok((id, answer["plan"].take()))
    }

    /// The states of an execution in the order they were entered, once it is over.
    pub(crate) async fn history(&self, machine: &str, deployment: &str) -> Result<Vec<Value>, String> {
        let (region, account, name) = (self.stack.region(), self.stack.account(), self.stack.name());
        let execution = format!("arn:aws:states:{region}:{account}:execution:{name}-{machine}:{deployment}");
        // A service's ends with the removal of a task set, which keeps its tasks for a while.
        let deadline = clock::now() + 120.0;
        while self.client.describe_execution(&execution).await.map_err(chain)?["status"] == "RUNNING" {
            if clock::now() > deadline {
                return Err(format!("the execution of {deployment} does not end"));
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        self.client.execution_history(&execution).await.map_err(chain)
    }

    /// Points `storefront:live` at a version, all of its traffic.
    pub(crate) async fn point(&self, version: &str) -> Result<(), String> {
        let path = format!("/2015-03-31/functions/{FUNCTION}/aliases/{ALIAS}");
        let input = json!({ "FunctionVersion": version, "RoutingConfig": { "AdditionalVersionWeights": {} } });
        self.client.lambda_put(&path, &input).await.map(drop).map_err(chain)
    }
}

/// The sample function.
pub(crate) const FUNCTION: &str = "storefront";
/// Its alias.
pub(crate) const ALIAS: &str = "live";

/// State transitions as Step Functions bills them: each entry into a state, again for each retry.
pub(crate) fn transitions(history: &[Value]) -> u64 {
    let is = |event: &Value, wanted: &str| event["type"].as_str().is_some_and(|kind| kind.ends_with(wanted));
    let count = |wanted: &str| history.iter().filter(|event| is(event, wanted)).count();
    // A task that is tried again is scheduled again in the same state.
    let tasks = history.iter().filter(|event| event["type"] == "TaskStateEntered").count();
    let retries = count("TaskScheduled").saturating_sub(tasks);
    u64::try_from(count("StateEntered") + retries).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::transitions;

    #[test]
    fn a_transition_is_an_entered_state_or_a_retry() {
        let events = [
            "ExecutionStarted",
            "TaskStateEntered",
            "TaskScheduled",
            "TaskStarted",
            "TaskFailed",
            "TaskScheduled",
            "TaskSucceeded",
            "TaskStateExited",
            "WaitStateEntered",
            "WaitStateExited",
            "ExecutionSucceeded",
        ];
        assert_eq!(transitions(&events.map(|kind| json!({ "type": kind }))), 3);
    }
}
