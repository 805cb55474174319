//! The dead man's switch: an execution of ours that failed, was aborted or timed out before its deployment was final is
//! followed by another one that enters the state machine at Rollback.

use jiff::Timestamp;
use rollout::ids::{DeploymentId, ExecutionArn};
use rollout::orphan::{GRACE, Life};
use serde::Deserialize;
use serde_json::Value;

use crate::error::StepError;
use crate::journal::catch_up;
use crate::orphan;
use crate::owner;
use crate::powers;
use crate::recovery;
use crate::telling;

/// The parts of "Step Functions Execution Status Change" that matter. The rule lets only failed, aborted and timed-out
/// executions of our state machine through.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {
    /// The event's detail.
    pub detail: Detail,
}

/// Which execution.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// Its ARN.
    pub execution_arn: ExecutionArn,
    /// Its name.
    pub name: String,
    /// Its input as text; missing where that is long.
    #[serde(default)]
    pub input: Option<String>,
    /// When it ended, in milliseconds since 1970.
    #[serde(default)]
    pub stop_date: Option<i64>,
}

/// Runs the step.
pub async fn run(ports: &impl powers::OnExecution, input: Input) -> Result<(), StepError> {
    let detail = input.detail;
    let Some(id) = perhaps(&detail) else { return Ok(()) };
    let Some(mut loaded) = ports.load(&id).await? else {
        // Its first write may still be under way: the event is delivered again, by then it has come or never will.
        return match detail.stop_date {
            Some(stopped) if !long_ago(stopped, ports.now()) => {
                Err(StepError::Transient(format!("{id} has no record, or none yet")))
            }
            Some(_) | None => Ok(()),
        };
    };
    // What it is called and was sent only says where to look; the record says whether it is the deployment's.
    if loaded.deployment.phase.is_final() {
        // It may have died between its last write and the line that tells it.
        return Ok(catch_up(ports, &loaded).await?);
    }
    if owner::depends_on(ports, &loaded.deployment)? != detail.execution_arn {
        // An attempt at this event that died, or was throttled, has written down a recovery and not started it.
        recovery::again(ports, &loaded.deployment).await?;
        return Ok(telling::recovery(ports, &mut loaded).await?);
    }
    let attended = orphan::act(ports, &mut loaded, &detail.execution_arn, Life::Over).await?;
    orphan::conclude(ports, &mut loaded, attended).await.map(drop)
}

/// The deployment that an execution may be of: the one it was sent to recover, or else the one that is called like it.
fn perhaps(detail: &Detail) -> Option<DeploymentId> {
    let input: Option<Value> = detail.input.as_deref().and_then(|input| serde_json::from_str(input).ok());
    let recovers = input.as_ref().and_then(|input| input.pointer("/recover/deploymentId")?.as_str());
    DeploymentId::parse(recovers.unwrap_or(&detail.name)).ok()
}

/// Whether whatever an execution had called is over by now.
fn long_ago(stopped: i64, now: Timestamp) -> bool {
    now.as_millisecond().saturating_sub(stopped) >= i64::try_from(GRACE.0 * 1_000).unwrap_or(i64::MAX)
}
