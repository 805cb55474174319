//! The waits around the traffic: for a person before it moves, and before the old task set is removed. Still guarded: by the
//! alarms, by what the listeners say, and by the health of the new task set.

use rollout::ids::DeploymentId;
use rollout::next::{NextWait, expired, next_wait};
use rollout::progress::{WaitKind, Waiting};
use serde::{Deserialize, Serialize};

use super::{Watched, watch};
use crate::change::{change, running};
use crate::drift;
use crate::error::StepError;
use crate::interrupt;
use crate::opening::load_running;
use crate::powers;

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
    let watched = watch(ports, &plan, &mut loaded).await?;
    let (kind, now) = (input.wait, ports.now());
    change(ports, &mut loaded, |deployment| {
        running(&deployment.phase)?;
        if plan.wait(kind).is_some() {
            deployment.progress.waits.entry(kind).or_insert(Waiting { since: now, continued: false });
        }
        if kind == WaitKind::Termination {
            // The target is done; the deployment is not before the old task set is gone (docs/codedeploy-contract.md 5.4).
            deployment.events.complete(now);
        }
        Ok::<(), StepError>(())
    })
    .await?;
    let old = match watched {
        Watched::Well(old) => old,
        // What it is found to be decides how this ends.
        Watched::Cold(wait) => return Ok(Output { next: Next::Await, seconds: wait.0.max(1) }),
    };
    match next_wait(&plan, &loaded.deployment.progress, kind, old, now) {
        NextWait::Await(left) => Ok(Output { next: Next::Await, seconds: left.0.max(1) }),
        NextWait::Over => Ok(Output { next: Next::Done, seconds: 0 }),
        NextWait::Expired { after } => interrupt::give_up(ports, &mut loaded, &expired(after)).await,
    }
}
