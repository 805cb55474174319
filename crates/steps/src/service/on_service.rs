//! News of a service: a task set of it became steady, or a task of it stopped.
//!
//! The first ends the wait of the deployment that holds it, so that it looks again at once. The second, where it was the last
//! task of a new task set that has traffic, stops the deployment in whatever it waits for; and where somebody took the tasks of
//! the old one, which has calls, that gets them back. Other events are not asked for:
//! nothing would be done about them, and each look has its place in the history.

use rollout::deployment::Phase;
use rollout::ids::{ClusterName, ServiceName};
use rollout::service::preflight::ServiceFound;
use rollout::service::watch::{self, Watch};
use rollout::target::service_key;
use serde::Deserialize;
use serde_json::json;

use crate::error::StepError;
use crate::interrupt;
use crate::ports::{Loaded, WaitFor};
use crate::powers;
use crate::replacement;

/// The parts of "ECS Service Action" and "ECS Task State Change" that matter. The rules let only events about task sets and
/// about stopped tasks of services through.
#[derive(Debug, Clone, Deserialize)]
pub struct Input {
    /// The ARN of the service, or of the task.
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
    /// Whose a task is: `service:` and the name of its service.
    #[serde(default)]
    pub group: Option<String>,
}

/// What is news of a service.
enum News {
    /// One of its task sets became steady.
    Steady,
    /// One of its tasks stopped.
    Stopped,
}

impl Input {
    /// The services it is about.
    fn services(&self) -> (News, Vec<ServiceName>) {
        match &self.detail.group {
            Some(group) => {
                let name = group.strip_prefix("service:").and_then(|name| ServiceName::parse(name).ok());
                (News::Stopped, name.into_iter().collect())
            }
            None => (News::Steady, self.resources.iter().filter_map(|arn| ServiceName::parse(arn).ok()).collect()),
        }
    }
}

/// Runs the step.
pub async fn run(ports: &impl powers::OnService, input: Input) -> Result<(), StepError> {
    let (news, named) = input.services();
    for name in named {
        let lock = ports.read_lock(&service_key(&input.detail.cluster_arn, &name)).await?;
        let Some(owner) = lock.owner else { continue };
        let Some(mut loaded) = ports.load(&owner).await? else { continue };
        if loaded.deployment.phase != Phase::Running {
            continue;
        }
        match news {
            News::Steady => {
                if let Some(token) = loaded.tokens.get(&WaitFor::TaskSet) {
                    ports.succeed(token, &json!({})).await?;
                }
            }
            News::Stopped => look(ports, &mut loaded).await?,
        }
    }
    Ok(())
}

/// Stops the deployment if its new task set has traffic and no task left, and gives the old one its tasks back where it has calls
/// and lost them. What load balancers find is for the looks to see: they find out later than ECS.
async fn look(ports: &impl powers::OnService, loaded: &mut Loaded) -> Result<(), StepError> {
    let Some(plan) = loaded.plan.clone() else { return Ok(()) };
    let Some(service) = plan.target.service() else { return Ok(()) };
    let ServiceFound::Live(live) = ports.service(&service.cluster, &service.service).await? else { return Ok(()) };
    if let Some(refill) = watch::emptied(&plan, service, &loaded.deployment, &live) {
        return replacement::refill(ports, &plan, loaded, refill).await;
    }
    // Before that no call goes to the new one.
    let has_traffic = loaded.deployment.progress.at.is_some();
    if has_traffic && let Watch::Ill(why) = watch::judge(service, &loaded.deployment, &live, None) {
        let outcome = interrupt::interrupt(ports, loaded, &why, None).await?;
        tracing::info!(deployment = %loaded.deployment.id, %outcome, "the last task of the new task set is gone");
    }
    Ok(())
}
