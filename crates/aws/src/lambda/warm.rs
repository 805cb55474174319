//! Lambda: provisioned concurrency of versions.

use aws_config::retry::RetryConfig;
use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::put_provisioned_concurrency_config::PutProvisionedConcurrencyConfigError;
use aws_sdk_lambda::types::ProvisionedConcurrencyStatusEnum;
use rollout::ids::{FunctionName, Version};
use rollout::warm::{Asked, Heat, Refusal, Warm, Warmth};
use steps::ports::{CoolVersions, PortError, ReadConcurrency, WarmVersions};

use crate::account::Account;
use crate::failure::{found, port_error};

impl ReadConcurrency for Account {
    async fn provisioned(&self, function: &FunctionName, qualifier: &str) -> Result<Option<u32>, PortError> {
        let read = self
            .lambda()
            .get_provisioned_concurrency_config()
            .function_name(function.as_str())
            .qualifier(qualifier)
            .send()
            .await
            .map_err(|error| port_error("GetProvisionedConcurrencyConfig", error));
        let config = found(read)?;
        let requested = config.and_then(|config| config.requested_provisioned_concurrent_executions());
        Ok(requested.and_then(|requested| u32::try_from(requested).ok()))
    }

    async fn warmth(&self, function: &FunctionName, version: Version) -> Result<Option<Warmth>, PortError> {
        let read = self.lambda().get_provisioned_concurrency_config();
        let read = read.function_name(function.as_str()).qualifier(version.to_string()).send().await;
        let read = found(read.map_err(|error| port_error("GetProvisionedConcurrencyConfig", error)))?;
        Ok(read.map(|config| Warmth {
            requested: config
                .requested_provisioned_concurrent_executions()
                .and_then(|requested| u32::try_from(requested).ok())
                .unwrap_or_default(),
            state: match config.status() {
                Some(ProvisionedConcurrencyStatusEnum::Ready) => Heat::Ready,
                Some(ProvisionedConcurrencyStatusEnum::Failed) => {
                    Heat::Failed(config.status_reason().unwrap_or("no reason is given").to_owned())
                }
                _ => Heat::InProgress,
            },
        }))
    }
}

impl WarmVersions for Account {
    async fn warm(&self, function: &FunctionName, version: Version, warm: Warm) -> Result<Asked, PortError> {
        let asked = self.lambda().put_provisioned_concurrency_config();
        let asked = asked.function_name(function.as_str()).qualifier(version.to_string());
        let concurrency = i32::try_from(warm.concurrency).unwrap_or(i32::MAX);
        let asked = asked.provisioned_concurrent_executions(concurrency);
        match asked.customize().config_override(once()).send().await {
            Ok(_) => Ok(Asked::Taken),
            Err(error) => refused(error),
        }
    }
}

impl CoolVersions for Account {
    async fn cool(&self, function: &FunctionName, version: Version) -> Result<(), PortError> {
        let taken = self.lambda().delete_provisioned_concurrency_config();
        let taken = taken.function_name(function.as_str()).qualifier(version.to_string());
        let taken = taken.customize().config_override(once()).send().await;
        match taken.map(drop).map_err(|error| port_error("DeleteProvisionedConcurrencyConfig", error)) {
            Err(PortError::Missing(_)) => Ok(()),
            taken => taken,
        }
    }
}

/// What gives and takes is sent once: of what was sent before, and not answered, the SDK would say nothing, and it may be carried out
/// much later.
fn once() -> aws_sdk_lambda::config::Builder {
    aws_sdk_lambda::Config::builder().retry_config(RetryConfig::disabled())
}

/// Whether Lambda says for good that it gives none, and whether for want of room.
fn refused(error: SdkError<PutProvisionedConcurrencyConfigError, HttpResponse>) -> Result<Asked, PortError> {
    const CALL: &str = "PutProvisionedConcurrencyConfig";
    // "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100]."
    let is_room = error.as_service_error().is_some_and(|error| {
        error.code() == Some("LimitExceededException")
            || error.message().is_some_and(|message| message.contains("UnreservedConcurrentExecution"))
    });
    let said = |message: String| message.strip_prefix(&format!("{CALL}: ")).map(str::to_owned).unwrap_or(message);
    match port_error(CALL, error) {
        PortError::Denied(message) | PortError::Passing(message) if is_room => {
            Ok(Asked::Refused(Refusal::NoRoom(said(message))))
        }
        PortError::Denied(message) | PortError::Missing(message) => Ok(Asked::Refused(Refusal::Other(said(message)))),
        error => Err(error),
    }
}
