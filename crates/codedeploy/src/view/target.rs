//! What a deployment is about: an alias or a service, and the words for each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the traffic belongs to. Which of the two it is, is told by the members.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Target {
    /// An alias of a function, between two versions.
    Alias {
        /// The function's name.
        function: String,
        /// The alias.
        alias: String,
    },
    /// A service, between two task sets.
    Service {
        /// The cluster's name.
        cluster: String,
        /// The service's name.
        service: String,
        /// The task set that had the traffic when the deployment began.
        #[serde(default)]
        blue: Option<Side>,
        /// The one that the deployment makes.
        #[serde(default)]
        green: Option<Side>,
        /// How long it waits for a person before traffic moves, if it does, in seconds.
        #[serde(default)]
        ready_seconds: Option<u64>,
        /// How long the old task set is kept, in seconds.
        #[serde(default)]
        termination_seconds: u64,
    },
}

/// One of the two task sets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// Its id; one that is still to be made has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_set: Option<String>,
    /// The name of its target group.
    #[serde(default)]
    pub target_group: Option<String>,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias { function, alias } => write!(f, "{function}:{alias}"),
            Self::Service { cluster, service, .. } => write!(f, "{cluster}/{service}"),
        }
    }
}

impl Target {
    /// CodeDeploy's name of its platform.
    pub fn platform(&self) -> &'static str {
        match self {
            Self::Alias { .. } => "Lambda",
            Self::Service { .. } => "ECS",
        }
    }

    /// What `from` and `to` are names of.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Alias { .. } => "version",
            Self::Service { .. } => "task definition",
        }
    }

    /// Whether it is one of task sets.
    pub fn is_service(&self) -> bool {
        matches!(self, Self::Service { .. })
    }

    /// How long it waits for a person before traffic moves, in seconds.
    pub fn ready_seconds(&self) -> Option<u64> {
        match self {
            Self::Alias { .. } => None,
            Self::Service { ready_seconds, .. } => *ready_seconds,
        }
    }

    /// How long what had the traffic is kept once it has moved, in seconds.
    pub fn termination_seconds(&self) -> u64 {
        match self {
            Self::Alias { .. } => 0,
            Self::Service { termination_seconds, .. } => *termination_seconds,
        }
    }
}

/// A target with what tells its platform and its name: what every view of a deployment begins with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// CodeDeploy's name of the platform.
    #[serde(default)]
    pub compute_platform: Option<String>,
    /// The target's name, as [`Target`] prints it.
    #[serde(rename = "target", default)]
    pub name: Option<String>,
    /// What the traffic belongs to.
    #[serde(flatten)]
    pub target: Target,
}

impl From<Target> for Place {
    fn from(target: Target) -> Self {
        Self { compute_platform: Some(target.platform().to_owned()), name: Some(target.to_string()), target }
    }
}
