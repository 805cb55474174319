//! How a deployment ended, and what it left.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a deployment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// The traffic is on what is new.
    Succeeded,
    /// The traffic is back where it was.
    RolledBack,
    /// A user or an alarm stopped it, and nothing had to be put back, or it was left.
    Stopped,
    /// Nothing moved, or the split was left because rollback is off.
    Failed,
    /// It could not be brought to its end: a person is needed.
    Unresolved,
}

impl Outcome {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Succeeded, Self::RolledBack, Self::Stopped, Self::Failed, Self::Unresolved];
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Succeeded => "Succeeded",
            Self::RolledBack => "RolledBack",
            Self::Stopped => "Stopped",
            Self::Failed => "Failed",
            Self::Unresolved => "Unresolved",
        })
    }
}

/// Provisioned concurrency that a deployment which is over gave to a version, and that is not known to be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftWarm {
    /// The function.
    pub function: String,
    /// Its version.
    pub version: String,
    /// How many executions.
    pub concurrency: u32,
    /// Why it is still there; without it, it only may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What a person types to take it back.
    pub take_back: String,
}
