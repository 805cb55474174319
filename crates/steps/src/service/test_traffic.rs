//! AllowTestTraffic: sends the test listener's traffic to the green task set.

use rollout::event::LifecycleEvent;
use rollout::ids::DeploymentId;
use rollout::journal::Entry;
use rollout::lifecycle::EventStatus;
use serde::{Deserialize, Serialize};

use super::{lease, release};
use crate::drift;
use crate::error::StepError;
use crate::journal::note;
use crate::opening::load_running;
use crate::powers;
use crate::targets;

/// What the state machine sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The deployment.
    pub deployment_id: DeploymentId,
}

/// Nothing that the state machine decides on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {}

/// Runs the step.
pub async fn run(ports: &impl powers::TestTraffic, input: Input) -> Result<Output, StepError> {
    let (mut loaded, plan) = load_running(ports, &input.deployment_id).await?;
    let look = drift::recognize(ports, &plan, &mut loaded).await?;
    let now = ports.now();
    lease(ports, &mut loaded, |deployment| {
        deployment.events.begin(LifecycleEvent::AllowTestTraffic, now);
    })
    .await?;
    targets::route_test(ports, &plan, &look, &plan.shift().end()).await?;
    let now = ports.now();
    note(ports, &loaded.deployment, Entry::TestTrafficMoved, now).await?;
    release(ports, &mut loaded, |deployment| {
        deployment.events.end(LifecycleEvent::AllowTestTraffic, EventStatus::Succeeded, None, now);
    })
    .await?;
    Ok(Output {})
}
