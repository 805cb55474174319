//! The waits around the traffic: for a person before it moves, and before the old task set is removed. Still guarded: by the
//! alarms, by what the listeners say, and by the health of the new task set.

use rollout::decide::{self, Wait, WaitAct};
use rollout::hold::WaitKind;
use rollout::ids::DeploymentId;
use rollout::verdict::Judge;
use serde::{Deserialize, Serialize};

use super::of;
use crate::change::{change, running};
use crate::drift;
use crate::error::StepError;
use crate::interrupt;
use crate::opening::{conclude, load_running};
use crate::powers;
use crate::replacement;

/// What the state machine sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// Which wait.
    pub wait: WaitKind,
}

/// What the state machine does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    next: Next,
    seconds: u64,
}

/// Where the state machine goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Next {
    /// Wait for a person, and call again.
    Await,
    /// The wait is over.
    Done,
}

/// Runs the step.
pub async fn run(ports: &impl powers::Wait, input: Input) -> Result<Output, StepError> {
    let (mut loaded, plan) = load_running(ports, &input.deployment_id).await?;
    drift::recognize(ports, &plan, &mut loaded).await?;
    let replacement = replacement::of_service(ports, of(&plan)?).await?;
    let (kind, now) = (input.wait, ports.now());
    let mut begun = loaded.deployment.clone();
    begun.begin_wait(&plan, kind, now);
    let Wait { refill, said, act } = decide::wait(&plan, &begun, kind, &replacement, now);
    if let Some(refill) = refill {
        replacement::refill(ports, &plan, &loaded, refill).await?;
    }
    conclude(ports, &mut loaded, (Judge::Replacement, said)).await?;
    change(ports, &mut loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.begin_wait(&plan, kind, now);
        Ok::<(), StepError>(())
    })
    .await?;
    match act {
        WaitAct::Await(left) => Ok(Output { next: Next::Await, seconds: left.0.max(1) }),
        WaitAct::Over => Ok(Output { next: Next::Done, seconds: 0 }),
        WaitAct::Stop(why) => interrupt::give_up(ports, &mut loaded, &why).await,
    }
}
