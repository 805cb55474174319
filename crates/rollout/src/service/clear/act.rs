//! What clearing up may do, and how long it waits in between.

use crate::ending::{Ending, Rollback, Traffic};
use crate::ids::TaskSetId;
use crate::progress::Side;
use crate::seconds::Seconds;
use crate::service::times::SPREAD;

use super::places::Places;

/// What clearing up does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clear {
    /// The winner is not the primary task set yet.
    Promote(TaskSetId),
    /// Take its tasks away; connections drain meanwhile.
    ScaleToZero(TaskSetId),
    /// It has no tasks any more.
    Delete(TaskSetId, Deletion),
    /// Its tasks were taken away, and it is needed after all: somebody sent it calls in that moment, or what had won is not well.
    /// It gets that many percent back.
    BringBack(TaskSetId, u8),
    /// A write of the deployment's own came after its traffic was settled: these places, by listener, go back to where it is.
    PutBack(Side, Places),
    /// It still gets calls, by somebody else's doing or because rollback is switched off, and stays. Where production traffic
    /// is what it gets, that is how the deployment ends.
    Keep(TaskSetId, Option<Traffic>),
    /// It stays, since the one that won is not well.
    Spare(String),
    /// What had won does not hold: the deployment goes back to its rollback.
    SendBack(Ending, Rollback),
    /// Look again after this long.
    Wait(Seconds),
    /// Nothing is left to do.
    Done,
}

/// Whether a task set may still have tasks when it is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It may not: a deletion that ECS carries out late, when it has got its tasks back, is refused.
    Empty,
    /// It may: its tasks cannot be taken away before.
    Forced,
}

/// How long to wait after an act, before the next look.
pub fn pause(act: &Clear, looks: u32) -> Seconds {
    match act {
        // The weights moved just before, and ECS may take a moment to show the new primary.
        Clear::Promote(_) | Clear::PutBack(..) => SPREAD,
        Clear::Wait(wait) => *wait,
        _ => wait(looks),
    }
}

/// How long a task set that drains is left alone before the next look: longer each time, up to a minute, so that connections
/// have the usual five minutes to drain.
pub(super) fn wait(looks: u32) -> Seconds {
    Seconds([1, 2, 5, 10, 20, 40].get(looks as usize).copied().unwrap_or(60))
}
