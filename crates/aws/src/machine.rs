//! The state machine: executions and the waits inside them.

use aws_config::SdkConfig;
use rollout::strategy::Platform;
use serde_json::Value;
use steps::ports::{EndWaits, PortError, StartExecutions, TaskToken};

use crate::failure::port_error;

/// The state machines of this stack, one a platform.
#[derive(Debug, Clone)]
pub struct Machine {
    client: aws_sdk_sfn::Client,
    lambda: String,
    services: Option<String>,
}

impl Machine {
    /// With the function's credentials. `arn` is that of the state machine for Lambda, and only needed to start executions.
    pub fn new(config: &SdkConfig, arn: impl Into<String>) -> Self {
        Self { client: aws_sdk_sfn::Client::new(config), lambda: arn.into(), services: None }
    }

    /// The same with the state machine for ECS, which executions for services are started of.
    pub fn with_services(self, arn: impl Into<String>) -> Self {
        Self { services: Some(arn.into()), ..self }
    }
}

/// SendTaskFailure takes no more.
const MAX_CAUSE: usize = 32_768;

impl EndWaits for Machine {
    async fn succeed(&self, token: &TaskToken, output: &Value) -> Result<(), PortError> {
        let sent = self.client.send_task_success().task_token(&token.0).output(output.to_string()).send().await;
        let gone = sent.as_ref().err().and_then(|error| error.as_service_error()).is_some_and(|error| {
            error.is_task_does_not_exist() || error.is_task_timed_out() || error.is_invalid_token()
        });
        match sent {
            Err(error) if !gone => Err(port_error("SendTaskSuccess", error)),
            _ => Ok(()),
        }
    }

    async fn fail(&self, token: &TaskToken, error: &str, cause: &str) -> Result<(), PortError> {
        let cause: String = cause.chars().take(MAX_CAUSE / 4).collect();
        let sent = self.client.send_task_failure().task_token(&token.0).error(error).cause(cause).send().await;
        let gone = sent.as_ref().err().and_then(|error| error.as_service_error()).is_some_and(|error| {
            error.is_task_does_not_exist() || error.is_task_timed_out() || error.is_invalid_token()
        });
        match sent {
            Err(error) if !gone => Err(port_error("SendTaskFailure", error)),
            _ => Ok(()),
        }
    }
}

impl StartExecutions for Machine {
    async fn start(&self, platform: Platform, name: &str, input: &Value) -> Result<String, PortError> {
        let machine = match platform {
            Platform::Lambda => Some(&self.lambda),
            Platform::Ecs => self.services.as_ref(),
            Platform::Server => None,
        };
        let Some(machine) = machine else {
            return Err(PortError::Denied(format!("there is no state machine for {platform}")));
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
