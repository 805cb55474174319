//! Where a deployment is in its life, and the one match that says how that may change.

use serde::{Deserialize, Serialize};

use super::{Outcome, Status};
use crate::ending::{Ending, Rollback, Traffic};
use crate::ids::TaskSetId;
use crate::queue::WaitsFor;

/// Where a deployment is in its life.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all_fields = "camelCase")]
pub enum Phase {
    /// Accepted, nothing begun.
    Created,
    /// Accepted, and waits for its turn: its group has another deployment, or is not open now.
    Queued,
    /// Hooks run, traffic moves.
    Running,
    /// Past the point of no return: it can only succeed.
    Committing,
    /// Something ended it; the traffic is being settled.
    Stopping {
        /// Why.
        why: Ending,
        /// What becomes of the traffic.
        rollback: Rollback,
    },
    /// The traffic is settled; the books are being closed.
    Settled {
        /// Why.
        why: Ending,
        /// What became of the traffic.
        traffic: Traffic,
    },
    /// Done. Final.
    Succeeded,
    /// Stopped by a user or an alarm, or failed: `why` tells which. Final.
    Ended {
        /// Why.
        why: Ending,
        /// What became of the traffic.
        traffic: Traffic,
    },
    /// The traffic could not be put back. Final until somebody repairs it.
    Unresolved {
        /// Why it ended.
        why: Ending,
        /// What was to become of the traffic.
        rollback: Rollback,
        /// Why that could not be reached.
        cannot: String,
    },
}

/// What happens to a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The plan stands, the target is locked: it begins.
    Begin,
    /// There is nothing to do.
    NothingToDo,
    /// It cannot begin yet, for this reason.
    Queue(WaitsFor),
    /// Its turn has come.
    Admit,
    /// It cannot begin.
    Refuse(Ending),
    /// Something ends it.
    Interrupt(Ending, Rollback),
    /// The rollout is over; nothing can interrupt it any more.
    Commit,
    /// The traffic is where it is to be.
    Settle(Traffic),
    /// The books are closed.
    Finish,
    /// The traffic could not be brought where it is to be.
    GiveUp(String),
    /// Somebody wants the job finished after all.
    Repair,
    /// What had won is not well, or was left: the end that was decided on does not hold.
    Reopen(Ending, Rollback),
    /// It was over, and a write arrived after that: its own, or an older deployment's.
    Disturb(String),
    /// It had won, and ECS made this task set after that, for an older deployment.
    Intrude(TaskSetId),
}

/// A change that this phase does not take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a deployment that is {phase} does not take {change}")]
pub struct OutOfOrder {
    /// The phase, by name.
    pub phase: &'static str,
    /// The change, by name.
    pub change: &'static str,
}

impl Phase {
    /// The phase after `change`. Every legal pair has its line; all others are refused.
    pub fn after(&self, change: Change) -> Result<Self, OutOfOrder> {
        Ok(match (self, change) {
            (Self::Created, Change::Begin) => Self::Running,
            (Self::Created, Change::NothingToDo) => Self::Succeeded,
            (Self::Created | Self::Queued, Change::Queue(_)) => Self::Queued,
            (Self::Queued, Change::Admit) => Self::Created,
            (Self::Created | Self::Queued, Change::Refuse(why)) => Self::Ended { why, traffic: Traffic::Untouched },
            (Self::Created | Self::Queued | Self::Running, Change::Interrupt(why, rollback)) => {
                Self::Stopping { why, rollback }
            }
            (Self::Running, Change::Commit) => Self::Committing,
            // Again, where somebody moves the traffic before the books are closed.
            (Self::Stopping { why, .. } | Self::Settled { why, .. }, Change::Settle(traffic)) => {
                Self::Settled { why: why.clone(), traffic }
            }
            (Self::Committing | Self::Settled { .. }, Change::Reopen(why, rollback)) => {
                Self::Stopping { why, rollback }
            }
            (Self::Stopping { why, rollback }, Change::GiveUp(cannot)) => {
                Self::Unresolved { why: why.clone(), rollback: *rollback, cannot }
            }
            (Self::Ended { why, traffic: Traffic::Untouched | Traffic::Restored(_) }, Change::Disturb(cannot)) => {
                Self::Unresolved { why: why.clone(), rollback: Rollback::Restore, cannot }
            }
            (Self::Ended { why, traffic: Traffic::Left(_) }, Change::Disturb(cannot)) => {
                Self::Unresolved { why: why.clone(), rollback: Rollback::Leave, cannot }
            }
            // It has won: its traffic is brought to where it was, and it succeeds once more.
            (Self::Succeeded, Change::Disturb(_) | Change::Intrude(_)) => Self::Committing,
            (Self::Settled { why, traffic }, Change::Finish) => {
                Self::Ended { why: why.clone(), traffic: traffic.clone() }
            }
            (Self::Committing, Change::Finish) => Self::Succeeded,
            (Self::Unresolved { why, rollback, .. }, Change::Repair) => {
                Self::Stopping { why: why.clone(), rollback: *rollback }
            }
            (phase, change) => return Err(OutOfOrder { phase: phase.name(), change: change.name() }),
        })
    }

    /// The name of the phase.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Committing => "committing",
            Self::Stopping { .. } => "stopping",
            Self::Settled { .. } => "settled",
            Self::Succeeded => "succeeded",
            Self::Ended { .. } => "ended",
            Self::Unresolved { .. } => "unresolved",
        }
    }

    /// Whether nothing will happen any more by itself.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Succeeded | Self::Ended { .. } | Self::Unresolved { .. } => true,
            Self::Created
            | Self::Queued
            | Self::Running
            | Self::Committing
            | Self::Stopping { .. }
            | Self::Settled { .. } => false,
        }
    }

    /// Why the deployment ends other than well, where it does.
    pub fn why(&self) -> Option<&Ending> {
        match self {
            Self::Stopping { why, .. }
            | Self::Settled { why, .. }
            | Self::Ended { why, .. }
            | Self::Unresolved { why, .. } => Some(why),
            Self::Created | Self::Queued | Self::Running | Self::Committing | Self::Succeeded => None,
        }
    }

    /// CodeDeploy's status (docs/codedeploy-contract.md 5.1). `Unresolved` shows as `Failed` there.
    pub fn status(&self) -> Status {
        match self {
            Self::Created => Status::Created,
            Self::Queued => Status::Queued,
            Self::Running | Self::Committing | Self::Stopping { .. } | Self::Settled { .. } => Status::InProgress,
            Self::Succeeded => Status::Succeeded,
            Self::Ended { why, .. } if why.code.stops() => Status::Stopped,
            Self::Ended { .. } | Self::Unresolved { .. } => Status::Failed,
        }
    }

    /// How it ended, in our words.
    pub fn outcome(&self) -> Option<Outcome> {
        Some(match self {
            Self::Created
            | Self::Queued
            | Self::Running
            | Self::Committing
            | Self::Stopping { .. }
            | Self::Settled { .. } => return None,
            Self::Succeeded => Outcome::Succeeded,
            Self::Ended { traffic: Traffic::Restored(_), .. } => Outcome::RolledBack,
            Self::Ended { why, .. } if why.code.stops() => Outcome::Stopped,
            Self::Ended { .. } => Outcome::Failed,
            Self::Unresolved { .. } => Outcome::Unresolved,
        })
    }
}

impl Change {
    fn name(&self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::NothingToDo => "nothing to do",
            Self::Queue(_) => "queue",
            Self::Admit => "admit",
            Self::Refuse(_) => "refuse",
            Self::Interrupt(..) => "interrupt",
            Self::Commit => "commit",
            Self::Settle(_) => "settle",
            Self::Finish => "finish",
            Self::GiveUp(_) => "give up",
            Self::Repair => "repair",
            Self::Reopen(..) => "reopen",
            Self::Disturb(_) => "disturb",
            Self::Intrude(_) => "intrude",
        }
    }
}
