//! What becomes of a deployment that is open: whether its execution is at work, and what follows when it is not.
//!
//! Nothing stays open without an execution. Whoever meets an open deployment (the sweep, a stop, another deployment that wants
//! its place) asks Step Functions about the execution it depends on, and this says what the answer means.

use jiff::Timestamp;

use crate::code::ErrorCode;
use crate::deployment::{Deployment, Phase};
use crate::ending::Ending;
use crate::seconds::Seconds;

/// What Step Functions says of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It runs.
    Running,
    /// It has ended, in whatever way.
    Over,
    /// There is none, or none yet.
    Unknown,
}

/// What is to be done about a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Nothing: it is over, or somebody is at it.
    Leave,
    /// It never began: it ends like this.
    End(Ending),
    /// Another execution finishes the job.
    Recover,
    /// It is ending, and its execution may not know: it is told once more, or aborted if nothing else reaches it.
    Remind,
    /// One recovery after the other died: a person is needed, for this reason.
    GiveUp(String),
}

/// How long after it was written down an execution may still begin: longer than any function that starts one may run.
pub const GRACE: Seconds = Seconds(60);

/// How long the execution of a deployment that is ending gets to notice it by itself.
pub const ENDS_BY_ITSELF_WITHIN: Seconds = Seconds(120);

/// How many recoveries follow each other by themselves while traffic is not where it should be. Most retry for half an hour and more.
pub const MAX_RECOVERIES: u32 = 20;

/// How many recoveries follow each other at once. Of more, each waits for the next sweep: what kills one after the other may pass.
const AT_ONCE: u32 = 3;

/// How far apart they are from then on: the time between two sweeps.
const APART: Seconds = Seconds(120);

/// How far apart they are once nothing is left but to close the books, which harms nobody and is tried for ever.
const SELDOM: Seconds = Seconds(900);

/// What becomes of a deployment, by what is known of the execution it depends on (see [`Deployment::depends_on`]).
pub fn fate(deployment: &Deployment, life: Life, now: Timestamp) -> Fate {
    if deployment.phase.is_final() {
        return Fate::Leave;
    }
    match life {
        Life::Running => waiting(deployment, now),
        Life::Unknown if age(written(deployment), now) < GRACE.0 => Fate::Leave,
        Life::Over | Life::Unknown => dead(deployment, life, now),
    }
}

/// A recovery has nothing that it could wait for beside the traffic. The execution itself may wait for a token that nobody
/// ends any more: the one who was to do so died, or somebody deleted it.
fn waiting(deployment: &Deployment, now: Timestamp) -> Fate {
    let late = deployment.ending.is_some_and(|since| age(since, now) >= ENDS_BY_ITSELF_WITHIN.0);
    match &deployment.phase {
        Phase::Stopping { .. } | Phase::Committing if deployment.recovery.is_none() && late => Fate::Remind,
        _ => Fate::Leave,
    }
}

fn dead(deployment: &Deployment, life: Life, now: Timestamp) -> Fate {
    let died = deployment.recovery.as_ref().map_or(0, |last| last.died.saturating_add(1));
    match &deployment.phase {
        Phase::Created | Phase::Queued => Fate::End(match life {
            Life::Unknown => Ending::new(ErrorCode::InternalError, "the execution of the deployment was never started"),
            Life::Running | Life::Over => {
                Ending::new(ErrorCode::ExecutionLost, "the execution ended before the deployment began")
            }
        }),
        _ if died >= AT_ONCE && age(written(deployment), now) < APART.0 => Fate::Leave,
        Phase::Settled { .. } | Phase::Committing if died >= MAX_RECOVERIES => {
            if age(written(deployment), now) < SELDOM.0 { Fate::Leave } else { Fate::Recover }
        }
        _ if died >= MAX_RECOVERIES => Fate::GiveUp(format!("{MAX_RECOVERIES} recoveries died one after the other")),
        _ => Fate::Recover,
    }
}

/// What a person's wish to have a deployment repaired comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// Nothing: it is over, and every call goes where its end says.
    Over,
    /// A recovery finishes the job, unless its execution runs: then it is under way, and who wants it to end stops it.
    RecoverUnlessItRuns,
    /// It was given up: its record is opened again, and a recovery finishes the job.
    Reopen,
    /// A recovery finishes the job. An execution that should have done so, and hangs, is taken for dead.
    Recover,
}

/// How long a deployment may be ending before a person who wants it repaired is believed that its execution hangs: task sets are
/// removed meanwhile, whose connections drain.
const HANGS: Seconds = Seconds(600);

/// What is done where a person asks for a repair. Only where it says so is the execution asked for.
pub fn repair(deployment: &Deployment, now: Timestamp) -> Repair {
    let hangs = deployment.ending.is_none_or(|since| age(since, now) >= HANGS.0);
    match &deployment.phase {
        Phase::Succeeded | Phase::Ended { .. } => Repair::Over,
        Phase::Unresolved { .. } => Repair::Reopen,
        Phase::Committing | Phase::Stopping { .. } | Phase::Settled { .. } if hangs => Repair::Recover,
        Phase::Created
        | Phase::Queued
        | Phase::Running
        | Phase::Committing
        | Phase::Stopping { .. }
        | Phase::Settled { .. } => Repair::RecoverUnlessItRuns,
    }
}

/// When it was written down which execution the deployment depends on.
fn written(deployment: &Deployment) -> Timestamp {
    deployment.recovery.as_ref().map_or(deployment.created, |recovery| recovery.since)
}

fn age(since: Timestamp, now: Timestamp) -> u64 {
    u64::try_from(now.duration_since(since).as_secs()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
