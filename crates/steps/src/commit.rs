//! Commit: the point of no return. It races with every interrupt for one conditional write; whoever comes second does
//! nothing.

use rollout::deployment::{Change, Phase};
use rollout::ids::DeploymentId;
use rollout::journal::committed;
use rollout::verdict::Judge;
use serde::Deserialize;
use serde_json::json;

use crate::change::{change, load};
use crate::drift;
use crate::error::StepError;
use crate::journal::tell;
use crate::opening::conclude;
use crate::ports::WaitFor;
use crate::powers;
use crate::replacement;

/// What the state machine sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The deployment.
    pub deployment_id: DeploymentId,
}

/// Runs the step.
pub async fn run(ports: &impl powers::Commit, input: Input) -> Result<(), StepError> {
    let mut loaded = load(ports, &input.deployment_id).await?;
    let now = ports.now();
    // A second attempt finds the first one's write.
    if !matches!(loaded.deployment.phase, Phase::Committing | Phase::Succeeded) {
        if let (Phase::Running, Some(plan)) = (&loaded.deployment.phase, loaded.plan.clone()) {
            // The last look: what somebody changed during the last hook is not called a success, nor a version that takes no calls.
            drift::recognize(ports, &plan, &mut loaded).await?;
            if let Some(version) = replacement::of_alias(ports, &plan).await? {
                let verdict = version.verdict(&loaded.deployment, now);
                conclude(ports, &mut loaded, (Judge::Replacement, verdict)).await?;
            }
        }
        change(ports, &mut loaded, |deployment| {
            deployment.apply(Change::Commit, now).map_err(|_| StepError::not_running(&deployment.phase))
        })
        .await?;
    }
    // Also by a second attempt: the first one may have died before this.
    tell(ports, &loaded.deployment, committed(&loaded.deployment)).await?;
    // The token is read after the phase is written; Guard does it the other way round.
    let newest = load(ports, &input.deployment_id).await?;
    if let Some(token) = newest.tokens.get(&WaitFor::Interrupt) {
        ports.succeed(token, &json!({})).await?;
    }
    Ok(())
}
