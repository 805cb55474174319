//! What a record keeps for the lines of its journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Change, Deployment, Phase};

/// When something was decided that the phase tells no longer, and how often: the lines of the journal derive from it. Records of older
/// code have none, and most of newer code need none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// When a person let it continue, each time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub continued: Vec<Timestamp>,
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
}

impl Deployment {
    /// What the record keeps after a change that it takes.
    pub(super) fn decided_after(&self, change: &Change, now: Timestamp) -> Decided {
        let mut next = self.decided.clone();
        match change {
            Change::Settle(traffic) => {
                let again = matches!(&self.phase, Phase::Settled { traffic: before, .. } if before == traffic);
                if !again {
                    (next.settled, next.settlings) = (Some(now), next.settlings + 1);
                }
            }
            Change::GiveUp(_) => next.troubles += 1,
            Change::Repair => {
                next.interrupted = next.interrupted.or(self.ending);
                next.turned += 1;
            }
            Change::Reopen(..) => {
                if self.phase == Phase::Committing {
                    next.committed = next.committed.or(self.ending);
                }
                next.interrupted = None;
                next.turned += 1;
            }
            Change::Disturb(_) | Change::Intrude(_) => {
                if self.phase == Phase::Succeeded {
                    next.committed = next.committed.or(self.ending);
                    next.turned += 1;
                }
                next.troubles += 1;
            }
            Change::Begin
            | Change::NothingToDo
            | Change::Refuse(_)
            | Change::Interrupt(..)
            | Change::Commit
            | Change::Finish => {}
        }
        next
    }

    /// Which end it is at: 0 in the rollout, 1 since it left it, one more for each time that its end was taken back.
    pub fn turn(&self) -> u32 {
        match &self.phase {
            Phase::Created | Phase::Running => 0,
            Phase::Committing
            | Phase::Stopping { .. }
            | Phase::Settled { .. }
            | Phase::Succeeded
            | Phase::Ended { .. }
            | Phase::Unresolved { .. } => self.decided.turned.saturating_add(1),
        }
    }
}
