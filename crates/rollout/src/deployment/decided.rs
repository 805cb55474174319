//! What a record keeps for the lines of its journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::phase::{Change, Phase};
use crate::queue::Queueing;

/// When something was decided that the phase tells no longer, and how often: the lines of the journal derive from it. Records of older
/// code have none, and most of newer code need none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// When a person let it continue, each time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub continued: Vec<Timestamp>,
    /// What it waited for before it began, and since when, each time that this became something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queued: Vec<Queueing>,
    /// When it committed, where its `ending` is a later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub committed: Option<Timestamp>,
    /// When it was interrupted, where its `ending` is a later one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<Timestamp>,
    /// When its traffic was settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<Timestamp>,
    /// How often that was.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub settlings: u32,
    /// How often it was given up, or a write came after its end.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub troubles: u32,
    /// How often its end was taken back.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub turned: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl Decided {
    pub(super) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What the record keeps after a change that it takes.
    pub(super) fn after(&self, phase: &Phase, ending: Option<Timestamp>, change: &Change, now: Timestamp) -> Self {
        let mut next = self.clone();
        match change {
            Change::Settle(traffic) => {
                let again = matches!(phase, Phase::Settled { traffic: before, .. } if before == traffic);
                if !again {
                    (next.settled, next.settlings) = (Some(now), next.settlings + 1);
                }
            }
            Change::GiveUp(_) => next.troubles += 1,
            Change::Queue(waits_for) => {
                if next.queued.last().is_none_or(|last| last.waits_for != *waits_for) {
                    next.queued.push(Queueing { since: now, waits_for: waits_for.clone() });
                }
            }
            Change::Repair => {
                next.interrupted = next.interrupted.or(ending);
                next.turned += 1;
            }
            Change::Reopen(..) => {
                if *phase == Phase::Committing {
                    next.committed = next.committed.or(ending);
                }
                next.interrupted = None;
                next.turned += 1;
            }
            Change::Disturb(_) | Change::Intrude(_) => {
                if *phase == Phase::Succeeded {
                    next.committed = next.committed.or(ending);
                    next.turned += 1;
                }
                next.troubles += 1;
            }
            Change::Begin
            | Change::Admit
            | Change::NothingToDo
            | Change::Refuse(_)
            | Change::Interrupt(..)
            | Change::Commit
            | Change::Finish => {}
        }
        next
    }
}
