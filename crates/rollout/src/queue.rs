//! The order of a group's deployments: what becomes of one that comes while its group has another one.
//!
//! A queue has the deployments of a group that wait, in the order in which they were accepted. A deployment that waits is `Queued`, and its
//! execution waits for a token. Whoever ends the active deployment lets the first one of the queue try to enter; the lock of the group
//! decides whether it may, so that there are never two at once, whoever dies meanwhile.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::DeploymentId;
use crate::seconds::Seconds;

/// What becomes of a deployment that comes while its group has another one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhenBusy {
    /// It is refused, as CodeDeploy does (docs/codedeploy-contract.md 1.7).
    #[default]
    Refuse,
    /// It waits for its turn.
    Queue,
    /// It waits for its turn, and those that waited before it give way.
    Supersede,
}

impl WhenBusy {
    /// Every answer.
    pub const ALL: [Self; 3] = [Self::Refuse, Self::Queue, Self::Supersede];

    /// The name that users write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "Refuse",
            Self::Queue => "Queue",
            Self::Supersede => "Supersede",
        }
    }
}

/// Whether a deployment may be older than what its group was last asked for, by the sequence number that both bring.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// It may.
    #[default]
    Any,
    /// It may not: one with a lower number, or without one, is refused. The same number is as new.
    NewerOnly,
}

impl Order {
    /// Every order.
    pub const ALL: [Self; 2] = [Self::Any, Self::NewerOnly];

    /// The name that users write.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "Any",
            Self::NewerOnly => "NewerOnly",
        }
    }
}

/// How many deployments of a group may wait, from 1 to [`QueueLimit::MOST`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct QueueLimit(u32);

impl QueueLimit {
    /// The highest.
    pub const MOST: u32 = 100;

    /// How many.
    pub fn get(self) -> u32 {
        self.0
    }
}

impl Default for QueueLimit {
    fn default() -> Self {
        Self(20)
    }
}

impl TryFrom<u32> for QueueLimit {
    type Error = String;

    fn try_from(limit: u32) -> Result<Self, String> {
        match limit {
            1..=Self::MOST => Ok(Self(limit)),
            _ => Err(format!("a queue holds 1 to {} deployments, not {limit}", Self::MOST)),
        }
    }
}

impl From<QueueLimit> for u32 {
    fn from(limit: QueueLimit) -> Self {
        limit.0
    }
}

/// What a group says about the order of its deployments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GroupPolicy {
    /// What becomes of a deployment that comes while the group has another one.
    pub when_busy: WhenBusy,
    /// How many may wait.
    pub queue_limit: QueueLimit,
    /// Whether one may be older than the last.
    pub order: Order,
}

/// The place of a deployment in a queue. Places are in the order of their turns.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// When the deployment was accepted.
    pub since: Timestamp,
    /// The deployment.
    pub id: DeploymentId,
}

/// What a deployment waits for before it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "for")]
pub enum WaitsFor {
    /// This one: it is the active deployment of the group, or the one whose turn comes before.
    Deployment {
        /// Its id.
        id: DeploymentId,
    },
}

impl fmt::Display for WaitsFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deployment { id } => write!(f, "its group has the deployment {id}, and this one begins after that"),
        }
    }
}

/// Since when a deployment waits for something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Queueing {
    /// Since then.
    pub since: Timestamp,
    /// For this.
    pub waits_for: WaitsFor,
}

/// The longest that a deployment waits for its turn. The state machines' own time allows for it.
pub const LONGEST: Seconds = Seconds(3 * 24 * 3_600);

/// How often a deployment that waits may look whether its turn has come. Each look makes its execution's history longer
/// ([`crate::budget`]); it looks when it is called, and at the latest when its wait is over.
pub const LOOKS: u32 = 12;

/// How long a wait for the turn lasts at most, if nobody calls.
pub const WAIT: Seconds = Seconds(LONGEST.0 / LOOKS as u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_has_room_for_at_least_one_and_for_a_hundred_at_most() {
        let limits = [0, 1, 100, 101].map(|limit| QueueLimit::try_from(limit).map(QueueLimit::get));
        assert_eq!(limits[1..3], [Ok(1), Ok(100)]);
        assert_eq!(limits[0], Err("a queue holds 1 to 100 deployments, not 0".to_owned()));
        assert!(limits[3].is_err());
    }

    #[test]
    fn whoever_was_accepted_first_has_its_turn_first() {
        let place = |second, id| {
            let since = Timestamp::from_second(second).unwrap();
            Place { since, id: DeploymentId::parse(id).unwrap() }
        };
        let mut places = [place(2, "d-A"), place(1, "d-Z"), place(1, "d-B")];
        places.sort();
        assert_eq!(places.map(|place| place.id.to_string()), ["d-B", "d-Z", "d-A"]);
    }
}
