//! What the template tells a function.

use aws::{Account, Arns, Stack};
use lambda_runtime::Error;
use rollout::grants::{Grants, Readable};
use rollout::platform::Platform;
use rollout::seconds::Seconds;
use rollout::service::reach::Scope;
use steps::facts::{Home, Settings};

/// A variable that must be there.
pub(crate) fn required(name: &str) -> Result<String, Error> {
    std::env::var(name).map_err(|_| format!("the environment variable {name} is missing").into())
}

/// The stack's parameters.
pub(crate) fn settings() -> Result<Settings, Error> {
    let poll = required("POLL_SECONDS")?;
    let poll = poll.parse().map_err(|_| format!("POLL_SECONDS is a whole number of seconds, not {poll}"))?;
    let mut settings = Settings::new(Seconds(poll), required("HOOK_PATTERN")?);
    let quotas = std::env::var("QUOTAS").unwrap_or_default();
    settings.quotas = quotas.parse().map_err(|error| format!("QUOTAS: {error}"))?;
    settings.grants = grants()?;
    let readable = |name| std::env::var(name).unwrap_or_default();
    settings.readable = Readable::under(&readable("PARAMETER_PATH")).and_shared(&readable("SHARED_PARAMETERS"));
    settings.home = home()?;
    settings.clusters = scope("ECS_CLUSTERS")?;
    settings.listeners = scope("ECS_LISTENERS")?;
    Ok(settings)
}

fn scope(name: &str) -> Result<Scope, Error> {
    Ok(required(name)?.parse()?)
}

/// Where the stack is. Where the state machine is, everything is.
pub(crate) fn home() -> Result<Home, Error> {
    let arn = required("STATE_MACHINE")?;
    Home::of(&arn).ok_or_else(|| format!("STATE_MACHINE is the ARN of a state machine, not {arn}").into())
}

/// Which hook may be handed which parameters.
pub(crate) fn grants() -> Result<Grants, Error> {
    let written = std::env::var("HOOK_PARAMETERS").unwrap_or_default();
    written.parse().map_err(|error| format!("HOOK_PARAMETERS: {error}").into())
}

/// The stack's account, with all that a function may be given.
pub(crate) async fn account() -> Result<Account, Error> {
    let machines = Platform::deployed().map(|(platform, deploys)| Ok((platform, required(deploys.machine.variable)?)));
    let machines = machines.collect::<Result<Arns, Error>>()?;
    let stack = Stack { name: required("STACK")?, table: required("TABLE")?, machines };
    Ok(Account::new(&aws::config().await, stack))
}
