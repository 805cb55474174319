//! News of a service: a task set of it became steady. Ends the wait of the deployment that holds it, so that it looks again
//! at once. Other events are not asked for: nothing would be done about them, and each look has its place in the history.

use rollout::deployment::Phase;
use rollout::ids::{ClusterName, ServiceName};
use rollout::plan::service_key;
use serde::Deserialize;
use serde_json::json;

use crate::error::StepError;
use crate::ports::{EndWaits, Locks, Records, WaitFor};

/// The parts of "ECS Service Action" that matter. The rule lets only events about task sets through.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {
    /// The ARN of the service.
    pub resources: Vec<String>,
    /// The event's detail.
    pub detail: Detail,
}

/// Where the service is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// The cluster.
    pub cluster_arn: ClusterName,
}

/// Runs the step.
pub async fn run(store: &(impl Records + Locks), waits: &impl EndWaits, input: Input) -> Result<(), StepError> {
    for service in input.resources.iter().filter_map(|arn| ServiceName::parse(arn).ok()) {
        let lock = store.read_lock(&service_key(&input.detail.cluster_arn, &service)).await?;
        let Some(owner) = lock.owner else { continue };
        let Some(loaded) = store.load(&owner).await? else { continue };
        if loaded.deployment.phase == Phase::Running
            && let Some(token) = loaded.tokens.get(&WaitFor::TaskSet)
        {
            waits.succeed(token, &json!({})).await?;
        }
    }
    Ok(())
}
