//! The one interrupt: whatever must stop a deployment ends here.
//!
//! The record is set to stopping first. From then on no shift gets a lease, commit loses its race, and only then the state
//! machine is told, through the one token that Guard left.

use std::fmt;

use rollout::deployment::{Change, Phase};
use rollout::ending::{Ending, Rollback};
use rollout::journal::interrupted;

use crate::change::change;
use crate::error::StepError;
use crate::journal::tell;
use crate::ports::{Clock, FailWaits, Journal, Loaded, PortError, Records, WaitFor};

/// What came of an interrupt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interrupted {
    /// The deployment is stopping because of it.
    Stopping,
    /// Something else was faster: it is stopping, over, or past the point of no return.
    TooLate(Phase),
}

impl fmt::Display for Interrupted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopping => f.write_str("it stops"),
            Self::TooLate(phase) => write!(f, "too late, it was {} already", phase.name()),
        }
    }
}

/// Marks the deployment as stopping. The caller tells the state machine, if it is not the state machine itself.
///
/// `rollback` overrides what the plan says becomes of the traffic.
pub async fn mark(
    ports: &(impl Clock + Records),
    loaded: &mut Loaded,
    why: &Ending,
    rollback: Option<Rollback>,
) -> Result<Interrupted, PortError> {
    let rules = loaded.plan.as_ref().map(|plan| plan.rollback.clone()).unwrap_or_default();
    let rollback = rollback.unwrap_or_else(|| rules.after(why.code));
    let now = ports.now();
    let outcome = change(ports, loaded, |deployment| {
        deployment.apply(Change::Interrupt(why.clone(), rollback), now).map_err(|_| Marking::TooLate)
    })
    .await;
    match outcome {
        Ok(()) => Ok(Interrupted::Stopping),
        Err(Marking::TooLate) => Ok(Interrupted::TooLate(loaded.deployment.phase.clone())),
        Err(Marking::Port(error)) => Err(error),
    }
}

enum Marking {
    TooLate,
    Port(PortError),
}

impl From<PortError> for Marking {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

/// Tells that the deployment is stopping, if it is: also where an earlier call marked it.
pub async fn note(ports: &impl Journal, loaded: &Loaded) -> Result<(), PortError> {
    let Loaded { deployment, plan, .. } = loaded;
    match &deployment.phase {
        Phase::Stopping { .. } => tell(ports, deployment, interrupted(deployment, plan.as_ref())).await,
        _ => Ok(()),
    }
}

/// Stops a deployment from outside: marks it, and ends the wait of Guard, which aborts the rollout wherever it is.
pub async fn interrupt(
    ports: &(impl Clock + Records + Journal + FailWaits),
    loaded: &mut Loaded,
    why: &Ending,
    rollback: Option<Rollback>,
) -> Result<Interrupted, PortError> {
    let outcome = mark(ports, loaded, why, rollback).await?;
    tell_execution(ports, loaded).await?;
    Ok(outcome)
}

/// Tells the execution of a deployment that was marked as stopping, and the journal.
pub async fn tell_execution(
    ports: &(impl Records + Journal + FailWaits),
    loaded: &mut Loaded,
) -> Result<(), PortError> {
    // The token is read after the mark is written, and Guard reads the mark after its token is written: whichever comes
    // second sees the other, so no interrupt falls between them.
    if let Some(newest) = ports.load(&loaded.deployment.id).await? {
        *loaded = newest;
    }
    // Also when another one was faster: it may have died before it told the state machine.
    if let Phase::Stopping { why, .. } = &loaded.deployment.phase
        && let Some(token) = loaded.tokens.get(&WaitFor::Interrupt).or_else(|| loaded.tokens.get(&WaitFor::Turn))
    {
        ports.fail(token, StepError::ending(why).name(), &why.message).await?;
    }
    note(ports, loaded).await
}

/// Stops a deployment from inside one of its own steps, whose error then stops the state machine.
pub async fn give_up<T>(
    ports: &(impl Clock + Records + Journal),
    loaded: &mut Loaded,
    why: &Ending,
) -> Result<T, StepError> {
    match mark(ports, loaded, why, None).await? {
        Interrupted::Stopping => {
            note(ports, loaded).await?;
            Err(StepError::ending(why))
        }
        Interrupted::TooLate(phase) => Err(StepError::not_running(&phase)),
    }
}
