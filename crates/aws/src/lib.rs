//! The ports over the AWS SDK, a module a service. Nothing here decides: it translates.

mod failure;
mod forward;

pub mod alarms;
pub mod lambda;
pub mod listeners;
pub mod machine;
pub mod objects;
pub mod parameters;
pub mod services;
pub mod system;
pub mod table;

use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;

/// How long one attempt of a call may take. Longer means that its answer is lost, and every call here may be repeated.
const ATTEMPT: Duration = Duration::from_secs(4);

/// How long a call may take with the SDK's own retries: well within the shortest timeout of a function.
const CALL: Duration = Duration::from_secs(10);

/// The configuration every client is made from: credentials, region and endpoint of the function, its time limits.
///
/// Lambda says all of them in the environment. The SDK's own chain would look into profile files, instance metadata and token
/// exchanges as well, none of which a function has, and they are a good part of a program that is started often.
pub async fn config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(CALL)
        .build();
    let mut config = SdkConfig::builder();
    config.set_endpoint_url(std::env::var("AWS_ENDPOINT_URL").ok());
    config
        .behavior_version(BehaviorVersion::latest())
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .region(EnvironmentVariableRegionProvider::new().region().await)
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts)
        .build()
}
