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

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use std::time::Duration;

/// How long one attempt of a call may take. Longer means that its answer is lost, and every call here may be repeated.
const ATTEMPT: Duration = Duration::from_secs(4);

/// How long a call may take with the SDK's own retries: well within the shortest timeout of a function.
const CALL: Duration = Duration::from_secs(10);

/// The configuration every client is made from: credentials and region of the function, its time limits.
pub async fn config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(CALL)
        .build();
    aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts).load().await
}
