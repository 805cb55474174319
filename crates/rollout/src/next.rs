//! What a rollout does next.

use jiff::Timestamp;

use crate::code::ErrorCode;
use crate::ending::Ending;
use crate::hold::{Hold, OnTimeout, Wait, WaitKind};
use crate::plan::Plan;
use crate::progress::Progress;
use crate::seconds::Seconds;
use crate::service::times::SPREAD;
use crate::service::watch::Old;
use crate::weight::Weight;

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextShift {
    /// Take this step: set its weight.
    Take {
        /// Index into the plan's steps.
        step: usize,
        /// The weight to set.
        weight: Weight,
    },
    /// Keep the weight, and look again after this long.
    Hold(Seconds),
    /// Keep the weight until somebody continues the deployment, and look again after this long at the latest.
    Await(Seconds),
    /// Nobody continued the deployment in time, and the plan says to stop then.
    Expired {
        /// How long it waited.
        after: Seconds,
    },
    /// Every step is taken and held.
    Done,
}

/// Decides what a rollout does at `now`.
///
/// A step begins when its weight was really set, so a late look never skips or shortens one; a clock that jumps back only
/// makes a hold longer. Each call takes one step at most.
pub fn next_shift(plan: &Plan, progress: &Progress, now: Timestamp) -> NextShift {
    let Some(position) = &progress.at else {
        return take(plan, 0);
    };
    let Some(step) = plan.shift().steps.get(position.step) else {
        return NextShift::Done;
    };
    let held = Seconds::between(position.since, now);
    let next = || take(plan, position.step + 1);
    let cut = |left| cut(plan, left);
    match step.hold {
        Hold::For(hold) if held >= hold || position.continued => next(),
        // Somebody may end it, and is not kept waiting for a look that comes late.
        Hold::For(hold) if is_awaited(plan, hold) => NextShift::Await(Seconds(hold.0 - held.0)),
        Hold::For(hold) => NextShift::Hold(cut(Seconds(hold.0 - held.0))),
        Hold::UntilContinued { .. } if position.continued => next(),
        Hold::UntilContinued { timeout, on_timeout } if held >= timeout => match on_timeout {
            OnTimeout::Continue => next(),
            OnTimeout::Stop => NextShift::Expired { after: timeout },
        },
        Hold::UntilContinued { timeout, .. } => NextShift::Await(cut(Seconds(timeout.0 - held.0))),
    }
}

/// Whether a hold that a person ends before its time ends at once: one that nothing else looks into, and that is not over soon
/// anyway. Where alarms are polled, or a service is watched, the next look ends it.
pub fn is_awaited(plan: &Plan, hold: Seconds) -> bool {
    const LONG: Seconds = Seconds(60);
    !plan.is_polled() && hold >= LONG
}

/// What a wait around the traffic does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextWait {
    /// Wait until somebody continues the deployment, and look again after this long at the latest.
    Await(Seconds),
    /// Nobody continued the deployment in time, and the plan says to stop then.
    Expired {
        /// How long it waited.
        after: Seconds,
    },
    /// It is over, or there is none.
    Over,
}

/// Decides what a wait around the traffic does at `now`. Once somebody has deleted the old task set, nothing is left to keep, and
/// nothing a rollback could go back to.
///
/// Before the old task set goes, the new one is watched for [`SPREAD`] with all of the traffic, whatever the plan or a person
/// say: the old one keeps its tasks for as long in any case, and until it loses them the traffic can go back at once.
pub fn next_wait(plan: &Plan, progress: &Progress, kind: WaitKind, old: Old, now: Timestamp) -> NextWait {
    if (kind, old) == (WaitKind::Termination, Old::Gone) {
        return NextWait::Over;
    }
    let moved = progress.at.as_ref().map_or(SPREAD, |position| Seconds::between(position.since, now));
    let over = match kind {
        WaitKind::Termination if plan.target.service().is_some() && moved < SPREAD => {
            NextWait::Await(Seconds(SPREAD.0 - moved.0))
        }
        WaitKind::Termination | WaitKind::Ready => NextWait::Over,
    };
    let Some(Wait { timeout, on_timeout }) = plan.wait(kind) else { return over };
    let Some(waiting) = progress.waits.get(&kind) else { return NextWait::Await(timeout) };
    let waited = Seconds::between(waiting.since, now);
    if waiting.continued {
        return over;
    }
    if waited < timeout {
        return NextWait::Await(cut(plan, Seconds(timeout.0 - waited.0)));
    }
    match on_timeout {
        OnTimeout::Continue => over,
        OnTimeout::Stop => NextWait::Expired { after: timeout },
    }
}

/// A wait is cut so that the alarms are looked at in between.
fn cut(plan: &Plan, left: Seconds) -> Seconds {
    if plan.is_polled() { left.min(plan.poll) } else { left }
}

/// The ending of a deployment that nobody continued in time. The sentence is CodeDeploy's, which knows whole minutes only
/// (docs/codedeploy-contract.md 3.4); a time that has none is said in seconds.
pub fn expired(after: Seconds) -> Ending {
    let period = match (after.0 / 60, after.0 % 60) {
        (1, 0) => "1 minute".to_owned(),
        (minutes @ 2.., 0) => format!("{minutes} minutes"),
        _ if after.0 == 1 => "1 second".to_owned(),
        _ => format!("{} seconds", after.0),
    };
    let message = format!(
        "The deployment timed out while waiting for a notification to continue. This time out period is {period}."
    );
    Ending::new(ErrorCode::ManualStop, message)
}

fn take(plan: &Plan, step: usize) -> NextShift {
    match plan.shift().steps.get(step) {
        Some(next) => NextShift::Take { step, weight: next.weight },
        None => NextShift::Done,
    }
}

#[cfg(test)]
mod tests;
