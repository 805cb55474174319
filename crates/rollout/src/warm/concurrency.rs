//! Provisioned concurrency: what a deployment wants of it, and what Lambda says of it.

use serde::{Deserialize, Serialize};

use crate::routing::Backend;

/// How many executions of the new version are kept ready, for as long as the deployment lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Warm {
    /// At least 1.
    pub concurrency: u32,
}

/// The provisioned concurrency of a version, as Lambda tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warmth {
    /// How many executions were asked for.
    pub requested: u32,
    /// How far they are.
    pub state: Heat,
}

/// How far provisioned concurrency is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heat {
    /// Lambda is at work on it.
    InProgress,
    /// All of it is ready.
    Ready,
    /// It could not be had, for this reason.
    Failed(String),
}

/// What Lambda answered when it was asked for provisioned concurrency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// It is at work on it.
    Taken,
    /// It gives none, in its own words.
    Refused(Refusal),
}

/// Why Lambda gives no provisioned concurrency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The account's concurrency does not suffice.
    NoRoom(String),
    /// Anything else.
    Other(String),
}

/// What a version that provisioned concurrency was found on has it of, where a deployment wants to warm it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundConcurrency {
    /// Of somebody else, who keeps it.
    Theirs(u32),
    /// Of an older deployment, which has not taken it back.
    Leftover(u32),
}

impl FoundConcurrency {
    /// As many as an older deployment has left.
    pub fn left(self) -> Option<u32> {
        match self {
            Self::Leftover(left) => Some(left),
            Self::Theirs(_) => None,
        }
    }

    /// What a plan says of it.
    pub fn note(self, to: &Backend) -> String {
        match self {
            Self::Theirs(theirs) => {
                format!(
                    "{to} has {theirs} provisioned concurrent executions of its own: it is not warmed, and keeps them"
                )
            }
            Self::Leftover(left) => format!(
                "{to} still has {left} provisioned concurrent executions that an older deployment gave it: this one takes them \
                 over, and takes them back at its end"
            ),
        }
    }
}
