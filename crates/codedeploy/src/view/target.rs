//! What a deployment is about: an alias or a service, and the words for each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the traffic belongs to. CodeDeploy's name of the platform tells which of the two it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "computePlatform")]
pub enum Target {
    /// An alias of a function, between two versions.
    #[serde(rename = "Lambda")]
    Alias {
        /// The function's name.
        function: String,
        /// The alias.
        alias: String,
    },
    /// A service, between two task sets.
    #[serde(rename = "ECS")]
    Service {
        /// The cluster's name.
        cluster: String,
        /// The service's name.
        service: String,
    },
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias { function, alias } => write!(f, "{function}:{alias}"),
            Self::Service { cluster, service } => write!(f, "{cluster}/{service}"),
        }
    }
}

impl Target {
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
}

/// A target as it is shown: in parts, and in one word that a script can compare, print and hand to `tideshift status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownTarget {
    /// The word, as [`Target`] prints it.
    pub name: String,
    /// The parts. They stand beside the word, in one object: an address with one more member.
    #[serde(flatten)]
    pub parts: Target,
}

impl From<Target> for ShownTarget {
    fn from(parts: Target) -> Self {
        Self { name: parts.to_string(), parts }
    }
}

/// The two task sets that a deployment of a service goes between.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// The one that had the traffic when the deployment began.
    pub blue: Side,
    /// The one that the deployment makes.
    pub green: Side,
}

/// One of the two task sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// Its id; one that is still to be made has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_set: Option<String>,
    /// The name of its target group.
    pub target_group: String,
}
