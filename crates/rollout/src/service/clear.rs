//! How the task set that lost goes: the old one after a success, the new one after a rollback.

use super::Service;
use super::live::{LiveService, Role};
use crate::deployment::{Deployment, Phase};
use crate::ending::Traffic;
use crate::ids::TaskSetId;
use crate::seconds::Seconds;

/// What clearing up does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clear {
    /// The winner is not the primary task set yet.
    Promote(TaskSetId),
    /// Take its tasks away; connections drain meanwhile.
    ScaleToZero(TaskSetId),
    /// It has no tasks any more.
    Delete(TaskSetId),
    /// Look again after this long.
    Wait(Seconds),
    /// Nothing is left to do.
    Done,
}

/// How often it is looked at, before it is deleted with the tasks it still has.
pub const LOOKS: u32 = 30;

/// Decides how a deployment whose traffic is settled is cleared up; `looks` counts the ones before.
pub fn next(service: &Service, deployment: &Deployment, live: &LiveService, looks: u32) -> Clear {
    let green = live.made_by(deployment.id.as_str());
    let blue = live.get(&service.blue);
    let (loser, winner) = match &deployment.phase {
        Phase::Committing | Phase::Succeeded => (blue, green),
        Phase::Settled { traffic: Traffic::Untouched | Traffic::Restored(_), .. } => (green, blue),
        // What somebody else changed, or a user asked to leave, stays.
        Phase::Settled { traffic: Traffic::Left(_) | Traffic::Foreign(_), .. }
        | Phase::Created
        | Phase::Running
        | Phase::Stopping { .. }
        | Phase::Ended { .. }
        | Phase::Unresolved { .. } => return Clear::Done,
    };
    let Some(loser) = loser else { return Clear::Done };
    match winner {
        Some(winner) if loser.role == Role::Primary && winner.role == Role::Active => Clear::Promote(winner.id.clone()),
        // The last task set with traffic is never taken away.
        None => Clear::Done,
        Some(winner) if winner.role == Role::Draining => Clear::Done,
        Some(_) if loser.role == Role::Draining => Clear::Done,
        Some(_) if loser.scale > 0 => Clear::ScaleToZero(loser.id.clone()),
        Some(_) if loser.running + loser.pending == 0 || looks >= LOOKS => Clear::Delete(loser.id.clone()),
        Some(_) => Clear::Wait(wait(looks)),
    }
}

/// How long a task set that drains is left alone before the next look: longer each time, up to ten seconds.
pub fn wait(looks: u32) -> Seconds {
    Seconds([1, 2, 5].get(looks as usize).copied().unwrap_or(10))
}
