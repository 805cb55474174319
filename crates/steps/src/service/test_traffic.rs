//! AllowTestTraffic: sends the test listener's traffic to the green task set.

use rollout::ids::DeploymentId;
use rollout::journal::Entry;
use rollout::lifecycle::{EventStatus, LifecycleEvent};
use serde::{Deserialize, Serialize};

use super::{lease, release};
use crate::drift;
use crate::error::StepError;
use crate::journal::note;
use crate::opening::load_running;
use crate::ports::{Clock, Journal, ReadAlarms, ReadAlias, ReadListeners, Records, WriteAlias, WriteListeners};
use crate::targets::Targets;

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
pub async fn run(
    store: &(impl Records + Journal),
    targets: Targets<'_, impl ReadAlias + WriteAlias, impl ReadListeners + WriteListeners>,
    alarms: &impl ReadAlarms,
    clock: &impl Clock,
    input: Input,
) -> Result<Output, StepError> {
    let (mut loaded, plan) = load_running(store, alarms, clock, &input.deployment_id).await?;
    let look = drift::recognize(store, targets, clock, &plan, &mut loaded).await?;
    let now = clock.now();
    lease(store, clock, &mut loaded, |deployment| {
        deployment.events.begin(LifecycleEvent::AllowTestTraffic, now);
    })
    .await?;
    targets.route_test(&plan, &look, &plan.shift().end()).await?;
    let now = clock.now();
    note(store, &loaded.deployment, Entry::TestTrafficMoved, now).await?;
    release(store, &mut loaded, |deployment| {
        deployment.events.end(LifecycleEvent::AllowTestTraffic, EventStatus::Succeeded, None, now);
    })
    .await?;
    Ok(Output {})
}
