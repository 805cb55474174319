//! The dead man's switch: an execution of ours that failed, was aborted or timed out before its deployment was final is
//! followed by another one that enters the state machine at Rollback.

use rollout::ids::DeploymentId;
use rollout::journal::{Entry, Line};
use rollout::strategy::Platform;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::StepError;
use crate::ports::{Alert, Clock, Journal, PortError, RaiseAlerts, Records, StartExecutions};

/// The parts of "Step Functions Execution Status Change" that matter. The rule lets only failed, aborted and timed-out
/// executions of our state machine through.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {
    /// The event's detail.
    pub detail: Detail,
}

/// Which execution.
#[derive(Debug, Clone, Deserialize)]
pub struct Detail {
    /// Its name: a deployment id, or one with [`RECOVERY`] and a number behind it.
    pub name: String,
}

/// What stands between the deployment id and the number in the name of a recovery.
const RECOVERY: &str = ".recovery-";

/// How many recoveries follow each other by themselves. Each one retries for half an hour and more.
const MAX_ATTEMPTS: u32 = 20;

/// Runs the step.
pub async fn run(
    store: &(impl Records + Journal),
    executions: &impl StartExecutions,
    alerts: &impl RaiseAlerts,
    clock: &impl Clock,
    input: Input,
) -> Result<(), StepError> {
    let (name, attempt) = parse(&input.detail.name);
    let Ok(id) = DeploymentId::parse(name) else { return Ok(()) };
    let Some(loaded) = store.load(&id).await? else { return Ok(()) };
    if loaded.deployment.phase.is_final() {
        return Ok(());
    }
    let attempt = attempt + 1;
    alerts.raise(&Alert::DeadMansSwitch { deployment: id.clone(), attempt });
    if attempt > MAX_ATTEMPTS {
        let cannot = format!("{MAX_ATTEMPTS} recoveries died one after the other");
        alerts.raise(&Alert::Unresolved { deployment: id, cannot });
        return Ok(());
    }
    match executions.start(loaded.deployment.platform, &name_of(&id, attempt), &input_of(&id, attempt)).await {
        Ok(_) => note(store, clock, &id, attempt).await,
        // The event was delivered twice, or somebody asked for a repair: that recovery does the job.
        Err(PortError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Starts a recovery because a person asked for it, under the first number that is free; returns the execution's ARN.
pub async fn start(
    journal: &impl Journal,
    executions: &impl StartExecutions,
    clock: &impl Clock,
    (id, platform): (&DeploymentId, Platform),
) -> Result<String, StepError> {
    for attempt in 1..=MAX_ATTEMPTS * 5 {
        match executions.start(platform, &name_of(id, attempt), &input_of(id, attempt)).await {
            Ok(arn) => {
                note(journal, clock, id, attempt).await?;
                return Ok(arn);
            }
            Err(PortError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StepError::Refused(format!("no name is free for a recovery of {id}")))
}

async fn note(journal: &impl Journal, clock: &impl Clock, id: &DeploymentId, attempt: u32) -> Result<(), StepError> {
    Ok(journal.append(id, &Line { at: clock.now(), entry: Entry::Recovering { attempt } }).await?)
}

fn name_of(id: &DeploymentId, attempt: u32) -> String {
    format!("{id}{RECOVERY}{attempt}")
}

fn input_of(id: &DeploymentId, attempt: u32) -> Value {
    json!({"recover": {"deploymentId": id, "attempt": attempt}})
}

fn parse(name: &str) -> (&str, u32) {
    name.rsplit_once(RECOVERY).and_then(|(id, attempt)| Some((id, attempt.parse().ok()?))).unwrap_or((name, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_recovery_tells_the_deployment_and_the_attempt() {
        assert_eq!(parse("d-ABC"), ("d-ABC", 0));
        assert_eq!(parse("d-ABC.recovery-2"), ("d-ABC", 2));
        assert_eq!(parse("my.recovery-plan"), ("my.recovery-plan", 0));
    }
}
