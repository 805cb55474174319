//! What is known of the world when a deployment is planned.

use std::collections::{BTreeMap, BTreeSet};

use crate::alarms::Readings;
use crate::grants::{Grants, Readable};
use crate::ids::{DeploymentId, HookFunction, ParameterName, Version};
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::service::facts::ServiceFacts;
use crate::warm::FoundConcurrency;

/// What is known about the world when a deployment is planned.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// What the AppSpec wants to move.
    pub target: TargetFacts,
    /// The hook functions the AppSpec names.
    pub hooks: BTreeMap<HookFunction, HookFacts>,
    /// Which hook may be handed which parameters.
    pub grants: Grants,
    /// Which parameters the stack may read.
    pub readable: Readable,
    /// The parameters of hooks that do not exist.
    pub missing: BTreeSet<ParameterName>,
    /// One look at the alarms.
    pub alarms: Readings,
    /// The deployment that holds the target, if one does.
    pub holder: Option<Holder>,
    /// The split that the last deployment of this target was told to leave behind.
    pub leftover: Option<Routing>,
    /// The configured time between two polls of the alarms.
    pub poll: Seconds,
}

/// What is known about the target.
#[derive(Debug, Clone, PartialEq)]
pub enum TargetFacts {
    /// An alias.
    Alias {
        /// The alias.
        alias: AliasFacts,
        /// The versions the AppSpec names.
        versions: BTreeMap<Version, VersionFacts>,
    },
    /// A service.
    Service(Box<ServiceFacts>),
}

/// What is known about the alias.
#[derive(Debug, Clone, PartialEq)]
pub enum AliasFacts {
    /// The function does not exist.
    NoFunction,
    /// The function has no such alias.
    NoAlias,
    /// The stack may not look at it; or the function does not exist, which nobody can be told of who may not look. AWS says this.
    NotAllowed(String),
    /// It points at `$LATEST`, which Lambda does not split traffic with (docs/codedeploy-contract.md 13.1).
    OnLatest,
    /// It exists.
    Live(LiveAlias),
}

/// An alias as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct LiveAlias {
    /// Where it sends its calls.
    pub routing: Routing,
    /// Its provisioned concurrency, where it has some.
    pub provisioned: Option<u32>,
    /// That of the version to move to, where it has some and the deployment is to warm it.
    pub warmed: Option<FoundConcurrency>,
}

impl TargetFacts {
    /// The provisioned concurrency of what the traffic moves to, where it has some and is to be warmed.
    pub fn warmed(&self) -> Option<FoundConcurrency> {
        match self {
            Self::Alias { alias: AliasFacts::Live(LiveAlias { warmed, .. }), .. } => *warmed,
            Self::Alias { .. } | Self::Service(_) => None,
        }
    }

    /// What the version has is what an older deployment left there, if it is as much as one of `left`.
    pub fn recognize(&mut self, left: &[u32]) {
        if let Self::Alias { alias: AliasFacts::Live(LiveAlias { warmed: Some(warmed), .. }), .. } = self
            && let FoundConcurrency::Theirs(found) = *warmed
            && left.contains(&found)
        {
            *warmed = FoundConcurrency::Leftover(found);
        }
    }
}

/// What is known about a published version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionFacts {
    /// It does not exist.
    Missing,
    /// It exists.
    Published {
        /// `Active`, `Pending`, `Inactive` or `Failed`, and the reason Lambda gives.
        state: VersionState,
        /// The execution role.
        role: String,
        /// The dead-letter queue or topic, where one is configured.
        dead_letter: Option<String>,
    },
}

/// Lambda's state of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VersionState {
    /// Ready for calls.
    Active,
    /// Lambda took its resources back, since nobody had called it for long. The first call fails, and so do those that come while
    /// Lambda makes them anew.
    Inactive,
    /// Lambda is at making it ready, and says why it is not yet.
    Pending(String),
    /// Not ready, and not to be: the state and Lambda's reason.
    NotReady(String),
}

/// What is known about a hook function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookFacts {
    /// It can be called.
    Invocable,
    /// It does not exist.
    Missing,
    /// This stack may only call functions whose names match this pattern.
    OutsidePattern(String),
}

/// Who holds a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A deployment that is still going on.
    Running(DeploymentId),
    /// A deployment that is about to be over, in whatever way.
    Ending(DeploymentId),
    /// A deployment that could not put the traffic back.
    Unresolved(DeploymentId),
}
