//! The state machines: their executions, and the waits inside them.

use aws_config::SdkConfig;
use aws_sdk_sfn::config::http::HttpResponse;
use aws_sdk_sfn::error::{ProvideErrorMetadata, SdkError};
use rollout::strategy::Platform;
use serde_json::Value;
use steps::ports::{EndWaits, PortError, StartExecutions, TaskToken};

use crate::failure::port_error;

/// SendTaskFailure takes no more.
const MAX_CAUSE: usize = 32_768;

/// What is said of a token that nobody waits for any more.
const OVER: [&str; 3] = ["TaskDoesNotExist", "TaskTimedOut", "InvalidToken"];

/// What waits in the state machines. A token tells which, and where.
#[derive(Debug, Clone)]
pub struct Waits {
    client: aws_sdk_sfn::Client,
}

impl Waits {
    /// With the function's credentials.
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: aws_sdk_sfn::Client::new(config) }
    }
}

impl EndWaits for Waits {
    async fn succeed(&self, token: &TaskToken, output: &Value) -> Result<(), PortError> {
        let sent = self.client.send_task_success().task_token(&token.0).output(output.to_string()).send().await;
        ended("SendTaskSuccess", sent)
    }

    async fn fail(&self, token: &TaskToken, error: &str, cause: &str) -> Result<(), PortError> {
        let cause: String = cause.chars().take(MAX_CAUSE / 4).collect();
        let sent = self.client.send_task_failure().task_token(&token.0).error(error).cause(cause).send().await;
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

/// The ARNs of this stack's state machines, one a platform.
#[derive(Debug, Clone)]
pub struct Arns {
    /// For aliases of functions.
    pub lambda: String,
    /// For services.
    pub ecs: String,
}

/// The state machines of this stack.
#[derive(Debug, Clone)]
pub struct Machines {
    client: aws_sdk_sfn::Client,
    arns: Arns,
}

impl Machines {
    /// With the function's credentials.
    pub fn new(config: &SdkConfig, arns: Arns) -> Self {
        Self { client: aws_sdk_sfn::Client::new(config), arns }
    }
}

impl StartExecutions for Machines {
    async fn start(&self, platform: Platform, name: &str, input: &Value) -> Result<String, PortError> {
        let machine = match platform {
            Platform::Lambda => &self.arns.lambda,
            Platform::Ecs => &self.arns.ecs,
            Platform::Server => return Err(PortError::Denied(format!("there is no state machine for {platform}"))),
        };
        let started = self
            .client
            .start_execution()
            .state_machine_arn(machine)
            .name(name)
            .input(input.to_string())
            .send()
            .await
            .map_err(|error| port_error("StartExecution", error))?;
        Ok(started.execution_arn().to_owned())
    }
}
