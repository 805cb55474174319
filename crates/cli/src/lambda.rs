//! The stack's `api` function, called through AWS Lambda. What AWS says becomes what a person can do ([`Endpoint`]).

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{Config, ProvideCredentials};
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;
use proxy::Call;
use proxy::log_group;
use serde_json::{Value, json};

use crate::api::{Api, ApiError, Operation, is_repeatable, read_answer};
use crate::cause::innermost;
use crate::doctor::account::Account;
use crate::ecs::Ecs;
use crate::endpoint::{Address, Endpoint, OF_LAMBDA};
use crate::function_logs::CloudWatchLogs;

/// Longer than the function's own time limit.
const ANSWER_WITHIN: Duration = Duration::from_secs(70);

/// The stack, reached through AWS Lambda.
pub(crate) struct Lambda {
    client: Client,
    config: SdkConfig,
    stack: String,
    address: Option<Address>,
}

impl Lambda {
    /// Takes credentials, region and endpoint from where every AWS program takes them. Asks nobody yet.
    pub(crate) async fn from_env(stack: &str) -> Self {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ANSWER_WITHIN).build();
        let config = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts).load().await;
        let address = Address::of(std::env::var(OF_LAMBDA).ok(), config.endpoint_url());
        Self { client: Client::new(&config), config, stack: stack.to_owned(), address }
    }

    /// The same function, for requests that are forwarded as they come.
    pub(crate) fn for_proxy(&self) -> Result<proxy::Function, ApiError> {
        if self.config.region().is_none() {
            return Err(self.endpoint().no_region());
        }
        Ok(proxy::Function::api(&self.config, &self.stack))
    }

    /// ECS under the same credentials, for requests that are forwarded as they come.
    pub(crate) fn ecs_for_proxy(&self) -> Ecs {
        Ecs::new(&self.config)
    }

    /// What else can be asked of the account under the same credentials.
    pub(crate) fn account(&self) -> Result<Account, ApiError> {
        if self.config.region().is_none() {
            return Err(self.endpoint().no_region());
        }
        Ok(Account::new(&self.config))
    }

    /// The logs of the account, read under the same credentials.
    pub(crate) fn logs(&self) -> Result<CloudWatchLogs, ApiError> {
        if self.config.region().is_none() {
            return Err(self.endpoint().no_region());
        }
        Ok(CloudWatchLogs::new(&self.config))
    }

    fn function(&self) -> String {
        format!("{}-api", self.stack)
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint {
            stack: self.stack.clone(),
            region: self.config.region().map(|region| region.to_string()),
            address: self.address.clone(),
        }
    }

    /// What the SDK's error means. A request that never left may have lacked credentials: then that is the reason.
    async fn explain(&self, error: SdkError<InvokeError>) -> ApiError {
        if let SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) = &error
            && let Some(credentials) = self.config.credentials_provider()
            && let Err(missing) = credentials.provide_credentials().await
        {
            return self.endpoint().no_credentials(&missing);
        }
        match &error {
            SdkError::ServiceError(refused) => {
                let refused = refused.err();
                self.endpoint().refused(refused.code().unwrap_or("UnknownError"), refused.message())
            }
            SdkError::TimeoutError(_) => self.endpoint().unreachable("it took too long"),
            other => self.endpoint().unreachable(&innermost(other)),
        }
    }
}

impl Api for Lambda {
    async fn call(&self, operation: Operation, body: &Value) -> Result<Value, ApiError> {
        if self.config.region().is_none() {
            return Err(self.endpoint().no_region());
        }
        let payload = json!(Call { target: operation.target(), body: body.clone() }).to_string();
        let mut once = Config::builder();
        if !is_repeatable(operation) {
            once = once.retry_config(RetryConfig::disabled());
        }
        let invoked = self
            .client
            .invoke()
            .function_name(self.function())
            .payload(Blob::new(payload))
            .customize()
            .config_override(once)
            .send()
            .await;
        match invoked {
            Ok(output) => answer(&self.function(), &log_group(&self.stack), &output),
            Err(error) => Err(self.explain(error).await),
        }
    }
}

/// What the function returned, unless it broke.
fn answer(function: &str, log_group: &str, output: &InvokeOutput) -> Result<Value, ApiError> {
    let payload = output.payload().map_or(&[][..], Blob::as_ref);
    if output.function_error().is_none() {
        return read_answer(function, payload);
    }
    let broken: Value = serde_json::from_slice(payload).unwrap_or_default();
    let kind = broken["errorType"].as_str().unwrap_or("no error type");
    let message = broken["errorMessage"].as_str().unwrap_or("no message");
    Err(ApiError::NoAnswer(format!("{function} failed ({kind}: {message}): its log group {log_group} says more")))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn a_function_that_breaks_points_at_its_log() {
        let output = InvokeOutput::builder()
            .function_error("Unhandled")
            .payload(Blob::new(r#"{"errorType":"Runtime.ExitError","errorMessage":"signal: killed"}"#))
            .build();
        expect!["shop-api failed (Runtime.ExitError: signal: killed): its log group one-for-all says more"]
            .assert_eq(&answer("shop-api", "one-for-all", &output).expect_err("a broken function").to_string());
    }
}
