//! Commit: the point of no return. It races with every interrupt for one conditional write; whoever comes second does
//! nothing.

use rollout::deployment::{Change, Phase};
use rollout::ids::DeploymentId;
use rollout::journal::committed;
use serde::Deserialize;
use serde_json::json;

use crate::callable;
use crate::change::{change, load};
use crate::drift;
use crate::error::StepError;
use crate::journal::tell;
use crate::ports::{Clock, EndWaits, Journal, ReadAlias, ReadFunctions, ReadListeners, Records, WaitFor};
use crate::targets::Targets;

/// What the state machine sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The deployment.
    pub deployment_id: DeploymentId,
}

/// Runs the step.
pub async fn run(
    store: &(impl Records + Journal),
    targets: Targets<'_, impl ReadAlias + ReadFunctions, impl ReadListeners>,
    waits: &impl EndWaits,
    clock: &impl Clock,
    input: Input,
) -> Result<(), StepError> {
    let mut loaded = load(store, &input.deployment_id).await?;
    let now = clock.now();
    // A second attempt finds the first one's write.
    if !matches!(loaded.deployment.phase, Phase::Committing | Phase::Succeeded) {
        if let (Phase::Running, Some(plan)) = (&loaded.deployment.phase, loaded.plan.clone()) {
            // The last look: what somebody changed during the last hook is not called a success, nor a version that takes no calls.
            drift::recognize(store, targets, clock, &plan, &mut loaded).await?;
            callable::look(store, targets.aliases, clock, &plan, &mut loaded).await?;
        }
        change(store, &mut loaded, |deployment| {
            deployment.apply(Change::Commit, now).map_err(|_| StepError::not_running(&deployment.phase))
        })
        .await?;
    }
    // Also by a second attempt: the first one may have died before this.
    tell(store, &loaded.deployment, committed(&loaded.deployment)).await?;
    // The token is read after the phase is written; Guard does it the other way round.
    let newest = load(store, &input.deployment_id).await?;
    if let Some(token) = newest.tokens.get(&WaitFor::Interrupt) {
        waits.succeed(token, &json!({})).await?;
    }
    Ok(())
}
