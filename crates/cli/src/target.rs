//! What a deployment is about: an alias or a service, and the words for each.

use std::fmt;

use serde::Deserialize;

/// What the traffic belongs to. The stack says which by the members it sends.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub(crate) enum Target {
    /// An alias of a function, between two versions.
    Alias { function: String, alias: String },
    /// A service, between two task sets.
    Service {
        cluster: String,
        service: String,
        #[serde(default)]
        green: Option<Side>,
        /// How long it waits for a person before traffic moves, if it does.
        #[serde(default)]
        ready_seconds: Option<u64>,
        /// How long the old task set is kept.
        #[serde(default)]
        termination_seconds: u64,
    },
}

/// One of the two task sets.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Side {
    #[serde(default)]
    pub(crate) target_group: Option<String>,
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
    /// What `from` and `to` are names of.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Alias { .. } => "version",
            Self::Service { .. } => "task definition",
        }
    }

    /// How long it waits for a person before traffic moves.
    pub(crate) fn ready_seconds(&self) -> Option<u64> {
        match self {
            Self::Alias { .. } => None,
            Self::Service { ready_seconds, .. } => *ready_seconds,
        }
    }

    /// How long what had the traffic is kept once it has moved.
    pub(crate) fn termination_seconds(&self) -> u64 {
        match self {
            Self::Alias { .. } => 0,
            Self::Service { termination_seconds, .. } => *termination_seconds,
        }
    }
}

/// What a split names: a version, or a target group, whose ARN is too long to read.
pub(crate) fn backend(id: &str) -> String {
    match id.split_once(":targetgroup/") {
        Some((_, rest)) => format!("target group {}", rest.split('/').next().unwrap_or(rest)),
        None => format!("version {id}"),
    }
}
