//! The state machines: their executions, and the waits inside them.

use aws_sdk_sfn::config::http::HttpResponse;
use aws_sdk_sfn::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sfn::types::{ExecutionStatus, IncludedData};
use rollout::ids::ExecutionArn;
use rollout::orphan::Life;
use rollout::platform::Platform;
use serde_json::Value;
use steps::ports::{
    EndWaits, FailWaits, NameExecutions, PortError, ReadExecutions, StartExecutions, StopExecutions, TaskToken,
};

use crate::account::Account;
use crate::failure::port_error;

/// SendTaskFailure takes no more.
const MAX_CAUSE: usize = 32_768;

/// What is said of a token that nobody waits for any more (docs/aws-realities.md 6).
const OVER: [&str; 3] = ["TaskDoesNotExist", "TaskTimedOut", "InvalidToken"];

/// What is said of an execution that is not there.
const NO_EXECUTION: &str = "ExecutionDoesNotExist";

impl EndWaits for Account {
    async fn succeed(&self, token: &TaskToken, output: &Value) -> Result<(), PortError> {
        let sent = self.states().send_task_success().task_token(&token.0).output(output.to_string()).send().await;
        ended("SendTaskSuccess", sent)
    }
}

impl FailWaits for Account {
    async fn fail(&self, token: &TaskToken, error: &str, cause: &str) -> Result<(), PortError> {
        let cause: String = cause.chars().take(MAX_CAUSE / 4).collect();
        let sent = self.states().send_task_failure().task_token(&token.0).error(error).cause(cause).send().await;
        ended("SendTaskFailure", sent)
    }
}

/// A wait that was over before is ended as well.
fn ended<T, E>(call: &str, sent: Result<T, SdkError<E, HttpResponse>>) -> Result<(), PortError>
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    match sent {
        Ok(_) => Ok(()),
        Err(error) if error.code().is_some_and(|code| OVER.contains(&code)) => Ok(()),
        Err(error) => Err(port_error(call, error)),
    }
}

impl Account {
    fn machine(&self, platform: Platform) -> Result<&str, PortError> {
        let arn = self.stack.machines.get(&platform).map(String::as_str);
        arn.ok_or_else(|| PortError::Denied(format!("there is no state machine for {platform}")))
    }
}

impl NameExecutions for Account {
    fn execution_arn(&self, platform: Platform, name: &str) -> Result<ExecutionArn, PortError> {
        arn(&format!("{}:{name}", self.machine(platform)?.replacen(":stateMachine:", ":execution:", 1)))
    }
}

fn arn(text: &str) -> Result<ExecutionArn, PortError> {
    ExecutionArn::parse(text).map_err(|error| PortError::Denied(error.to_string()))
}

impl StartExecutions for Account {
    async fn start_execution(&self, platform: Platform, name: &str, input: &Value) -> Result<ExecutionArn, PortError> {
        let machine = self.machine(platform)?;
        let started = self
            .states()
            .start_execution()
            .state_machine_arn(machine)
            .name(name)
            .input(input.to_string())
            .send()
            .await
            .map_err(|error| port_error("StartExecution", error))?;
        arn(started.execution_arn())
    }
}

impl ReadExecutions for Account {
    async fn life(&self, execution: &ExecutionArn) -> Result<Life, PortError> {
        // Input and output are of no interest, and may be long.
        let asked = self
            .states()
            .describe_execution()
            .execution_arn(execution.as_str())
            .included_data(IncludedData::MetadataOnly)
            .send()
            .await;
        match asked {
            Ok(seen) => Ok(match seen.status() {
                ExecutionStatus::Succeeded
                | ExecutionStatus::Failed
                | ExecutionStatus::TimedOut
                | ExecutionStatus::Aborted => Life::Over,
                // One that is redriven runs again; of a status nobody knows yet, nothing is taken for dead.
                _ => Life::Running,
            }),
            Err(error) if error.code() == Some(NO_EXECUTION) => Ok(Life::Unknown),
            Err(error) => Err(port_error("DescribeExecution", error)),
        }
    }
}

impl StopExecutions for Account {
    async fn stop_execution(&self, execution: &ExecutionArn, why: &str) -> Result<(), PortError> {
        let stopped = self.states().stop_execution().execution_arn(execution.as_str()).cause(why).send().await;
        match stopped {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some(NO_EXECUTION) => Ok(()),
            Err(error) => Err(port_error("StopExecution", error)),
        }
    }
}
