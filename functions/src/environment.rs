//! What the template tells a function.

use lambda_runtime::Error;
use rollout::seconds::Seconds;
use steps::facts::Settings;

/// A variable that must be there.
pub(crate) fn required(name: &str) -> Result<String, Error> {
    std::env::var(name).map_err(|_| format!("the environment variable {name} is missing").into())
}

/// The stack's parameters.
pub(crate) fn settings() -> Result<Settings, Error> {
    let poll = required("POLL_SECONDS")?;
    let poll = poll.parse().map_err(|_| format!("POLL_SECONDS is a whole number of seconds, not {poll}"))?;
    Ok(Settings { poll: Seconds(poll), hook_pattern: required("HOOK_PATTERN")? })
}
