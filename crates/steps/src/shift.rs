//! Shift: takes the step that is due, and says how long to hold it. Nothing else moves traffic forward.

use rollout::decide::{self, Observed, Shift, ShiftAct};
use rollout::event::LifecycleEvent;
use rollout::ids::DeploymentId;
use rollout::journal::{Entry, set};
use rollout::next::{NextShift, next_shift};
use rollout::plan::Plan;
use rollout::progress::Position;
use rollout::settle::Overtaken;
use rollout::verdict::Judge;
use serde::{Deserialize, Serialize};

use crate::change::{change, running};
use crate::drift;
use crate::error::StepError;
use crate::interrupt;
use crate::journal::note;
use crate::opening::{conclude, load_running};
use crate::ports::{Clock, Journal, Loaded, PortError, Records, WriteAlias, WriteListeners};
use crate::powers;
use crate::replacement;
use crate::service;
use crate::targets::{self, Look};
use crate::warm;

/// What the state machine sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The deployment.
    pub deployment_id: DeploymentId,
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
    /// Wait, and call again.
    Hold,
    /// Wait for a person, and call again.
    Await,
    /// Every step is taken.
    Done,
}

/// Runs the step.
pub async fn run(ports: &impl powers::Shift, input: Input) -> Result<Output, StepError> {
    let (mut loaded, plan) = load_running(ports, &input.deployment_id).await?;
    // Also where nothing is to be written: whoever changed the target is found out by the next look.
    let look = drift::recognize(ports, &plan, &mut loaded).await?;
    let replacement = replacement::look(ports, &plan, &loaded.deployment).await?;
    let seen = Observed { live: &look.live, replacement };
    let Shift { write_over: late, refill, said, act } = decide::shift(&plan, &loaded.deployment, &seen, ports.now());
    if let Some(late) = late {
        write_over(ports, &plan, &look, &mut loaded, &late).await?;
    }
    if let Some(refill) = refill {
        replacement::refill(ports, &plan, &loaded, refill).await?;
    }
    conclude(ports, &mut loaded, (Judge::Replacement, said)).await?;
    let act = match act {
        ShiftAct::Warm(version, concurrency) => {
            ShiftAct::Hold(warm::give(ports, &plan, &mut loaded, version, concurrency).await?)
        }
        ShiftAct::Take(step) => {
            warm::begin(ports, &plan, &loaded).await?;
            take(ports, &plan, &mut loaded, step, &look).await?;
            // How long it holds.
            decide::step(&plan, &loaded.deployment, ports.now())
        }
        act => act,
    };
    match act {
        ShiftAct::Hold(wait) => Ok(Output { next: Next::Hold, seconds: wait.0.max(1) }),
        ShiftAct::Await(wait) => Ok(Output { next: Next::Await, seconds: wait.0.max(1) }),
        // A step that holds for no time at all: the next one is taken by the next call.
        ShiftAct::Take(_) | ShiftAct::Warm(..) => Ok(Output { next: Next::Hold, seconds: 1 }),
        ShiftAct::Done => {
            service::promote(ports, &plan, &mut loaded).await?;
            Ok(Output { next: Next::Done, seconds: 0 })
        }
        ShiftAct::Stop(why) => interrupt::give_up(ports, &mut loaded, &why).await,
    }
}

/// Writes the last step once more, over a write of an earlier one that was never answered and arrived after it. The lease it has
/// stays: more may arrive.
async fn write_over(
    ports: &(impl Clock + Records + Journal + WriteAlias + WriteListeners),
    plan: &Plan,
    look: &Look,
    loaded: &mut Loaded,
    late: &Overtaken,
) -> Result<(), StepError> {
    let now = ports.now();
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.take_lease(None, now);
        Ok::<(), StepError>(())
    })
    .await?;
    if late.places > 0 {
        targets::route(ports, plan, look, &late.to).await?;
    }
    if late.of_test > 0 {
        targets::route_test(ports, plan, look, &plan.shift().end()).await?;
    }
    let undone = Entry::LateWriteUndone { places: late.places + late.of_test };
    Ok(note(ports, &loaded.deployment, undone, now).await?)
}

/// Sets the weight of one step. The order is what fences: the target was read, now the record is written under the condition
/// that the deployment still runs, then the target is written on top of what was read.
async fn take(
    ports: &impl powers::Shift,
    plan: &Plan,
    loaded: &mut Loaded,
    step: usize,
    look: &Look,
) -> Result<(), StepError> {
    let began = ports.now();
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        if !matches!(next_shift(plan, &deployment.progress, began), NextShift::Take { step: due, .. } if due == step) {
            return Err(StepError::Transient(format!("step {} was taken by another attempt", step + 1)));
        }
        if deployment.progress.at.is_none() {
            deployment.events.begin(LifecycleEvent::AllowTraffic, began);
        }
        deployment.take_lease(Some(step), began);
        Ok(())
    })
    .await?;
    let to = plan.routing_at(step);
    if !look.is_on(&to) {
        match targets::route(ports, plan, look, &to).await {
            Ok(_) => {}
            // Something of the target went away since it was looked at: if that was somebody's doing, the deployment says so.
            Err(PortError::Missing(why)) => {
                drift::recognize(ports, plan, loaded).await?;
                return Err(PortError::Missing(why).into());
            }
            Err(error) => return Err(error.into()),
        }
    }
    let since = ports.now();
    // Before the record says so: what it says has its line, whoever dies in between.
    note(ports, &loaded.deployment, set(plan, step), since).await?;
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        // Unless another attempt has written it down already: since then it holds.
        if deployment.progress.at.as_ref().is_none_or(|position| position.step < step) {
            deployment.progress.at = Some(Position { step, since, continued: false });
            deployment.give_back_lease();
        }
        Ok::<(), StepError>(())
    })
    .await
}
