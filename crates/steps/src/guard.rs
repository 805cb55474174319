//! Guard: leaves the token that ends the wait, for whoever must stop the deployment or lets a paused one continue.

use jiff::SignedDuration;
use rollout::deployment::Phase;
use rollout::ids::DeploymentId;
use serde::Deserialize;
use serde_json::json;

use crate::change::load;
use crate::error::StepError;
use crate::opening::stop_on_alarms;
use crate::ports::{Loaded, TaskToken, WaitFor};
use crate::powers;
use crate::turn;

/// What the state machine sends.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// Ends the wait.
    pub task_token: String,
    /// What is waited for.
    pub wait_for: WaitFor,
}

/// How long tokens and watches are kept: longer than any execution of the state machines lives, which is 24 days for services.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 25);

/// Runs the step. The state goes on waiting when it returns.
pub async fn run(ports: &impl powers::Guard, input: Input) -> Result<(), StepError> {
    let token = TaskToken(input.task_token);
    ports.keep_token(&input.deployment_id, input.wait_for, &token, ports.now() + KEPT).await?;
    match input.wait_for {
        WaitFor::Interrupt => guard(ports, &input.deployment_id, &token).await,
        WaitFor::Continue => {
            let loaded = load(ports, &input.deployment_id).await?;
            if loaded.deployment.progress.is_resumed() {
                ports.succeed(&token, &json!({})).await?;
            }
            Ok(())
        }
        // A turn that came before the token was kept is found by this.
        WaitFor::Turn => {
            let loaded = load(ports, &input.deployment_id).await?;
            match (&loaded.deployment.phase, loaded.deployment.labels.group_key()) {
                (Phase::Queued, Some(group)) => Ok(turn::call_next(ports, &group).await?),
                (Phase::Queued, None) => Ok(()),
                (phase, _) => Err(StepError::not_running(phase)),
            }
        }
        // News that came before the token was kept is found by the next look, which is never far.
        WaitFor::TaskSet => Ok(()),
    }
}

async fn guard(ports: &impl powers::Guard, id: &DeploymentId, token: &TaskToken) -> Result<(), StepError> {
    let mut loaded = load(ports, id).await?;
    let watched = loaded.plan.as_ref().map(|plan| plan.alarms.clone()).unwrap_or_default();
    for alarm in &watched.names {
        ports.watch(alarm, id, ports.now() + KEPT).await?;
    }
    // From here on an event finds the deployment; what happened before is found by this look.
    let seen = stop_on_alarms(ports, &watched, &mut loaded).await;
    let Loaded { deployment, .. } = load(ports, id).await?;
    if deployment.phase != Phase::Running {
        // It left the rollout meanwhile: whoever closes its books may have been here before.
        for alarm in &watched.names {
            ports.unwatch(alarm, id).await?;
        }
    }
    seen?;
    match &deployment.phase {
        Phase::Running => Ok(()),
        // The rollout was faster than this function, and found no token to end the wait with.
        Phase::Committing | Phase::Succeeded => Ok(ports.succeed(token, &json!({})).await?),
        phase => Err(StepError::not_running(phase)),
    }
}
