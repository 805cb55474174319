//! What a record implies: each of its decisions has a line, with the moment that the record keeps. Who has made one tells it, and
//! whoever comes by later tells what is missing, since the one who made it may have died in between.

use jiff::Timestamp;

use super::line::{Entry, Line};
use crate::deployment::{Deployment, Phase};
use crate::ending::Traffic;
use crate::hooks::Returned;
use crate::plan::Plan;
use crate::starter::Starter;

/// Every line that a record and its plan imply, in no order. A record that shows a rollback has no journal of its own.
pub fn due(deployment: &Deployment, plan: Option<&Plan>) -> Vec<Line> {
    if deployment.rolls_back().is_some() {
        return Vec::new();
    }
    let of_plan = |line: fn(&Deployment, &Plan) -> Option<Line>| plan.and_then(|plan| line(deployment, plan));
    let one = [
        of_plan(planned),
        of_plan(nothing_to_do),
        refused(deployment),
        of_plan(warming),
        of_plan(weight),
        interrupted(deployment, plan),
        committed(deployment),
        settled(deployment),
        ended(deployment, plan),
        given_up(deployment),
        recovering(deployment),
    ];
    let one = one.into_iter().flatten();
    one.chain(queued(deployment)).chain(continued(deployment)).chain(unanswered(deployment)).collect()
}

/// It began.
pub fn planned(deployment: &Deployment, plan: &Plan) -> Option<Line> {
    let at = deployment.started.filter(|_| !plan.is_empty())?;
    let caller = deployment.started_by.as_ref().and_then(Starter::caller).cloned();
    let (from, to) = (plan.shift().from.clone(), plan.shift().to.clone());
    Some(Line::of(
        deployment,
        Entry::Planned { from, to, steps: plan.shift().steps.len(), total: plan.total(), caller },
        at,
    ))
}

/// It waited for its turn, for each reason.
pub fn queued(deployment: &Deployment) -> impl Iterator<Item = Line> {
    deployment.decided.queued.iter().zip(0..).map(|(queueing, nth)| Line {
        at: queueing.since,
        nth,
        entry: Entry::Queued { waits_for: queueing.waits_for.clone() },
    })
}

/// It succeeded without a beginning.
pub fn nothing_to_do(deployment: &Deployment, plan: &Plan) -> Option<Line> {
    let at = deployment.completed.filter(|_| plan.is_empty() && deployment.phase == Phase::Succeeded)?;
    Some(Line::of(deployment, Entry::NothingToDo { version: plan.shift().to.clone() }, at))
}

/// It ended without a beginning, and not by an interrupt.
pub fn refused(deployment: &Deployment) -> Option<Line> {
    let Phase::Ended { why, .. } = &deployment.phase else { return None };
    let at = deployment.completed.filter(|_| was_refused(deployment))?;
    Some(Line::of(deployment, Entry::Refused { why: why.clone() }, at))
}

/// What was not refused has been stopping before it ended, and that has its moment.
fn was_refused(deployment: &Deployment) -> bool {
    matches!(deployment.phase, Phase::Ended { .. }) && deployment.started.is_none() && deployment.ending.is_none()
}

fn warming(deployment: &Deployment, plan: &Plan) -> Option<Line> {
    let (warm, at) = plan.shift().warm.zip(deployment.progress.warming)?;
    let version = plan.shift().to.version()?;
    Some(Line::of(deployment, Entry::Warming { version, concurrency: warm.concurrency }, at))
}

/// The last confirmed step. It was told before the record said so; older code told it after that.
fn weight(deployment: &Deployment, plan: &Plan) -> Option<Line> {
    let position = deployment.progress.at.as_ref()?;
    Some(Line::of(deployment, set(plan, position.step), position.since))
}

/// The line of a step that is taken.
pub fn set(plan: &Plan, step: usize) -> Entry {
    Entry::WeightSet { version: plan.shift().to.clone(), weight: plan.routing_at(step).weight_of(&plan.shift().to) }
}

/// Something ended the rollout.
pub fn interrupted(deployment: &Deployment, plan: Option<&Plan>) -> Option<Line> {
    let why = deployment.phase.why()?;
    let at = deployment.decided.interrupted.or(deployment.ending)?;
    // A split that was there before goes home too, where the deployment had begun.
    let is_home = deployment.started.is_none() || plan.is_none_or(|plan| plan.shift().start == plan.home());
    let unmoved = is_home && !deployment.has_moved();
    let ruled = || plan.map(|plan| plan.rollback.clone()).unwrap_or_default().after(why.code);
    let rollback = deployment.put_back.unwrap_or_else(ruled);
    Some(Line::of(deployment, Entry::Interrupted { why: why.clone(), rollback, unmoved }, at))
}

/// It passed the point of no return.
pub fn committed(deployment: &Deployment) -> Option<Line> {
    let at = match &deployment.phase {
        Phase::Committing | Phase::Succeeded => deployment.decided.committed.or(deployment.ending),
        Phase::Created
        | Phase::Queued
        | Phase::Running
        | Phase::Stopping { .. }
        | Phase::Settled { .. }
        | Phase::Ended { .. }
        | Phase::Unresolved { .. } => deployment.decided.committed,
    };
    Some(Line::of(deployment, Entry::Committed, at?))
}

/// Its traffic came to where it ends.
pub fn settled(deployment: &Deployment) -> Option<Line> {
    let traffic: &Traffic = match &deployment.phase {
        Phase::Settled { traffic, .. } => traffic,
        Phase::Ended { traffic, .. } if !was_refused(deployment) => traffic,
        _ => return None,
    };
    let at = deployment.decided.settled.or(deployment.completed).or(deployment.ending)?;
    Some(Line::of(deployment, Entry::TrafficSettled { traffic: traffic.clone() }, at))
}

/// It is over. What was refused, or had nothing to do, has said so with the line that it began with.
pub fn ended(deployment: &Deployment, plan: Option<&Plan>) -> Option<Line> {
    let code = match &deployment.phase {
        Phase::Succeeded if plan.is_none_or(|plan| !plan.is_empty()) => None,
        Phase::Ended { why, .. } if !was_refused(deployment) => Some(why.code),
        Phase::Created
        | Phase::Queued
        | Phase::Running
        | Phase::Committing
        | Phase::Stopping { .. }
        | Phase::Settled { .. }
        | Phase::Succeeded
        | Phase::Ended { .. }
        | Phase::Unresolved { .. } => return None,
    };
    let outcome = deployment.phase.outcome()?;
    Some(Line::of(deployment, Entry::Ended { outcome, code }, deployment.completed?))
}

fn given_up(deployment: &Deployment) -> Option<Line> {
    let Phase::Unresolved { cannot, .. } = &deployment.phase else { return None };
    Some(Line::of(deployment, Entry::GivenUp { cannot: cannot.clone() }, deployment.completed?))
}

fn recovering(deployment: &Deployment) -> Option<Line> {
    let recovery = deployment.recovery.as_ref()?;
    Some(Line::of(deployment, Entry::Recovering { attempt: recovery.number }, recovery.since))
}

/// A person let it continue, each time.
pub fn continued(deployment: &Deployment) -> impl Iterator<Item = Line> {
    let line = |(at, nth): (&Timestamp, u32)| Line { at: *at, nth, entry: Entry::Continued };
    deployment.decided.continued.iter().zip(0..).map(line)
}

/// Hooks of which no answer was heard.
fn unanswered(deployment: &Deployment) -> impl Iterator<Item = Line> {
    deployment.events.events().iter().filter_map(|record| {
        let lost = record.unanswered.as_ref().filter(|unanswered| unanswered.returned == Returned::Lost)?;
        Some(Line::of(deployment, Entry::HookUnanswered { event: record.event }, lost.at))
    })
}
