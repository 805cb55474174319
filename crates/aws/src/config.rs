//! What every client is made from, and how long calls may take.

use std::time::Duration;

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::region::ProvideRegion;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_dynamodb::config::SharedCredentialsProvider;
use steps::ports::PortError;

/// How long one attempt of a call may take. Longer means that its answer is lost, and every call here may be repeated.
const ATTEMPT: Duration = Duration::from_secs(4);

/// How long a call may take with the SDK's own retries: well within the shortest timeout of a function.
const CALL: Duration = Duration::from_secs(10);

/// How long a write of a listener may take, with all that is read before it; the write itself is sent once. Nothing but the lease
/// fences it: what is sent at the last moment of this has half of the lease left to arrive in.
pub(crate) const WRITE: Duration = Duration::from_secs(8);

/// Gives up on `call` after `limit`: nothing of it is sent any more.
pub(crate) async fn within<T>(
    limit: Duration,
    call: &str,
    work: impl Future<Output = Result<T, PortError>>,
) -> Result<T, PortError> {
    let given_up = || PortError::Passing(format!("{call} took longer than {} s", limit.as_secs()));
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(given_up()))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_given_up_well_before_its_lease_is_over() {
        assert!(2 * WRITE.as_secs() < rollout::deployment::Lease::LENGTH.0);
        assert!(ATTEMPT < WRITE, "one attempt has its whole time");
    }

    #[tokio::test]
    async fn what_takes_too_long_is_given_up_and_may_be_asked_for_again() {
        let never = within(Duration::ZERO, "ModifyListener", std::future::pending::<Result<(), _>>()).await;
        assert_eq!(never, Err(PortError::Passing("ModifyListener took longer than 0 s".to_owned())));
        assert_eq!(within(WRITE, "ModifyListener", async { Ok(7) }).await, Ok(7));
    }
}
