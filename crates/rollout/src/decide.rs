//! What a step does, by what it sees. A step gathers what it sees once, asks here once, and does what it is told.

use jiff::Timestamp;

use crate::deployment::Deployment;
use crate::ending::Ending;
use crate::hold::WaitKind;
use crate::ids::Version;
use crate::next::{NextShift, NextWait, expired, next_shift, next_wait};
use crate::plan::Plan;
use crate::replacement::Replacement;
use crate::seconds::Seconds;
use crate::service::times::next_look;
use crate::service::watch::{Old, Refill, cold_for, emptied, old};
use crate::settle::{Live, Overtaken};
use crate::verdict::Verdict;
use crate::warm::{self, Warm};

/// What `shift` sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed<'a> {
    /// Where the target sends its calls. It is as the deployment left it ([`crate::drift`]).
    pub live: &'a Live,
    /// What the traffic moves to.
    pub replacement: Replacement<'a>,
}

/// What `shift` does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// First: write the last step once more, over a write of an earlier one that arrived after it.
    pub write_over: Option<Overtaken>,
    /// Then this.
    pub refill: Option<Refill>,
    /// What is said of the replacement: it is written down, and may end the deployment.
    pub said: Verdict,
    /// What is done if it does not.
    pub act: ShiftAct,
}

/// What `shift` does to the traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShiftAct {
    /// End the deployment.
    Stop(Ending),
    /// Ask Lambda to keep so many executions of the version ready.
    Warm(Version, Warm),
    /// Take this step, by index into the plan's steps.
    Take(usize),
    /// Keep everything as it is, and look again after this long.
    Hold(Seconds),
    /// The same, until somebody continues the deployment, or after this long at the latest.
    Await(Seconds),
    /// Every step is taken and held.
    Done,
}

/// What a wait around the traffic of a service does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// First this.
    pub refill: Option<Refill>,
    /// What is said of the replacement: it is written down, and may end the deployment.
    pub said: Verdict,
    /// What is done if it does not.
    pub act: WaitAct,
}

/// How a wait goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitAct {
    /// End the deployment.
    Stop(Ending),
    /// Wait until somebody continues the deployment, or this long at the latest.
    Await(Seconds),
    /// It is over, or there is none.
    Over,
}

/// Decides what `shift` does.
pub fn shift(plan: &Plan, deployment: &Deployment, seen: &Observed<'_>, now: Timestamp) -> Shift {
    let said = seen.replacement.verdict(deployment, now);
    let act = match &said {
        Verdict::Go => warming(plan, deployment, &seen.replacement, now).unwrap_or_else(|| step(plan, deployment, now)),
        // While its tasks are on their way, the new task set keeps the calls it has.
        Verdict::Unsure(_) => ShiftAct::Hold(next_look(cold_for(deployment, now))),
        Verdict::Stop(ending) => ShiftAct::Stop(ending.clone()),
    };
    let write_over = plan.overtaken(deployment, seen.live);
    Shift { write_over, refill: refill(plan, deployment, &seen.replacement), said, act }
}

/// What the steps of the plan say. Once one is taken, this alone is asked.
pub fn step(plan: &Plan, deployment: &Deployment, now: Timestamp) -> ShiftAct {
    match next_shift(plan, &deployment.progress, now) {
        NextShift::Take { step, .. } => ShiftAct::Take(step),
        NextShift::Hold(left) => ShiftAct::Hold(left),
        NextShift::Await(left) => ShiftAct::Await(left),
        NextShift::Done => ShiftAct::Done,
        NextShift::Expired { after } => ShiftAct::Stop(expired(after)),
    }
}

/// What is done before the first call of a version that the plan wants warm.
fn warming(plan: &Plan, deployment: &Deployment, replacement: &Replacement<'_>, now: Timestamp) -> Option<ShiftAct> {
    let Replacement::Version { warmth, .. } = replacement else { return None };
    let (version, warm) = warm::wanted(plan, deployment)?;
    match warm::next(plan, version, warm, deployment, warmth.as_ref(), now) {
        warm::Next::Go => None,
        warm::Next::Wait(left) => Some(ShiftAct::Hold(left)),
        warm::Next::Ask => Some(ShiftAct::Warm(version, warm)),
        warm::Next::Fail(why) => Some(ShiftAct::Stop(why)),
    }
}

/// Decides what a wait does that has begun.
pub fn wait(
    plan: &Plan,
    deployment: &Deployment,
    kind: WaitKind,
    replacement: &Replacement<'_>,
    now: Timestamp,
) -> Wait {
    let said = replacement.verdict(deployment, now);
    let before = match replacement {
        Replacement::TaskSet { service, live, .. } => old(service, live),
        Replacement::Version { .. } => Old::There,
    };
    let act = match &said {
        Verdict::Go => match next_wait(plan, &deployment.progress, kind, before, now) {
            NextWait::Await(left) => WaitAct::Await(left),
            NextWait::Over => WaitAct::Over,
            NextWait::Expired { after } => WaitAct::Stop(expired(after)),
        },
        // What it is found to be decides how this ends.
        Verdict::Unsure(_) => WaitAct::Await(next_look(cold_for(deployment, now))),
        Verdict::Stop(ending) => WaitAct::Stop(ending.clone()),
    };
    Wait { refill: refill(plan, deployment, replacement), said, act }
}

fn refill(plan: &Plan, deployment: &Deployment, replacement: &Replacement<'_>) -> Option<Refill> {
    match replacement {
        Replacement::Version { .. } => None,
        Replacement::TaskSet { service, live, .. } => emptied(plan, service, deployment, live),
    }
}

#[cfg(test)]
mod tests;
