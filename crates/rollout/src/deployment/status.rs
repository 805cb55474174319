//! What clients see of where a deployment is.

use serde::{Deserialize, Serialize};

/// CodeDeploy's deployment status (docs/codedeploy-contract.md 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the API's")]
pub enum Status {
    Created,
    Queued,
    InProgress,
    Ready,
    Succeeded,
    Failed,
    Stopped,
}

impl Status {
    /// Every status a deployment of ours is stored under. `Ready` is how a paused one is shown.
    pub const STORED: [Self; 6] =
        [Self::Created, Self::Queued, Self::InProgress, Self::Succeeded, Self::Failed, Self::Stopped];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Queued => "Queued",
            Self::InProgress => "InProgress",
            Self::Ready => "Ready",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }
}

/// How a deployment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are plain words")]
pub enum Outcome {
    Succeeded,
    RolledBack,
    Stopped,
    Failed,
    Unresolved,
}

impl Outcome {
    /// The name in views.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "Succeeded",
            Self::RolledBack => "RolledBack",
            Self::Stopped => "Stopped",
            Self::Failed => "Failed",
            Self::Unresolved => "Unresolved",
        }
    }
}
