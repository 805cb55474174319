//! Reasons not to start, found before anything moves.

mod refusal;

use std::collections::{BTreeMap, BTreeSet};

use crate::alarms::{self, Readings, Verdict};
use crate::appspec::{Resource, TargetAlias};
use crate::grants::{Grants, Readable};
use crate::ids::{DeploymentId, FunctionName, HookFunction, ParameterName, Version};
use crate::request::{MAX_ALARMS, Request};
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::service;
use crate::service::preflight::ServiceFacts;
use crate::warm::Found;

pub use refusal::Refusal;

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
    pub warmed: Option<Found>,
}

impl TargetFacts {
    /// The provisioned concurrency of what the traffic moves to, where it has some and is to be warmed.
    pub fn warmed(&self) -> Option<Found> {
        match self {
            Self::Alias { alias: AliasFacts::Live(LiveAlias { warmed, .. }), .. } => *warmed,
            Self::Alias { .. } | Self::Service(_) => None,
        }
    }

    /// What the version has is what an older deployment left there, if it is as much as one of `left`.
    pub fn recognize(&mut self, left: &[u32]) {
        if let Self::Alias { alias: AliasFacts::Live(LiveAlias { warmed: Some(warmed), .. }), .. } = self
            && let Found::Theirs(found) = *warmed
            && left.contains(&found)
        {
            *warmed = Found::Leftover(found);
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

/// Everything that speaks against a deployment.
pub fn check(request: &Request, facts: &Facts) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if let Some(holder) = &facts.holder {
        refusals.push(Refusal::Held { target: request.target(), holder: holder.clone() });
    }
    match (&request.appspec.resource, &facts.target) {
        (Resource::Alias(appspec), TargetFacts::Alias { alias, versions }) => {
            check_alias(appspec, alias, versions, facts, &mut refusals);
        }
        (Resource::Service(appspec), TargetFacts::Service(found)) => {
            let found = service::preflight::check(appspec, found, facts);
            refusals.extend(found.into_iter().map(Refusal::Service));
        }
        // Facts are gathered for the AppSpec they are checked with.
        (Resource::Alias(_), TargetFacts::Service(_)) | (Resource::Service(_), TargetFacts::Alias { .. }) => {}
    }
    for (event, hook) in request.appspec.hooks.iter() {
        match facts.hooks.get(&hook.function) {
            Some(HookFacts::Missing) => {
                refusals.push(Refusal::HookMissing { event, function: hook.function.clone() });
            }
            Some(HookFacts::OutsidePattern(pattern)) => refusals.push(Refusal::HookOutsidePattern {
                event,
                function: hook.function.clone(),
                pattern: pattern.clone(),
            }),
            Some(HookFacts::Invocable) | None => {}
        }
        let denied = facts.grants.denied(&hook.function, &hook.parameters);
        // Who may not be handed a parameter is not told whether there is one of that name.
        let is_missing = |name: &&ParameterName| facts.missing.contains(name) && !denied.contains(name);
        let missing: Vec<ParameterName> = hook.parameters.iter().filter(is_missing).cloned().collect();
        if !denied.is_empty() {
            refusals.push(Refusal::ParametersDenied { event, function: hook.function.clone(), denied });
        }
        let outside = facts.readable.outside(&hook.parameters);
        if !outside.is_empty() {
            let (function, readable) = (hook.function.clone(), facts.readable.clone());
            refusals.push(Refusal::ParametersUnreadable { event, function, outside, readable });
        }
        if !missing.is_empty() {
            refusals.push(Refusal::ParametersMissing { event, function: hook.function.clone(), missing });
        }
    }
    if request.alarms.names.len() > MAX_ALARMS {
        refusals.push(Refusal::TooManyAlarms { count: request.alarms.names.len() });
    }
    match alarms::judge(&request.alarms, &facts.alarms) {
        Verdict::Clear => {}
        verdict => refusals.push(Refusal::Alarms(verdict)),
    }
    refusals
}

fn check_alias(
    appspec: &TargetAlias,
    alias: &AliasFacts,
    versions: &BTreeMap<Version, VersionFacts>,
    facts: &Facts,
    refusals: &mut Vec<Refusal>,
) {
    match alias {
        AliasFacts::NoFunction => {
            refusals.push(Refusal::NoFunction { function: appspec.function.clone() });
        }
        AliasFacts::NoAlias => {
            refusals.push(Refusal::NoAlias { function: appspec.function.clone(), alias: appspec.alias.clone() });
        }
        AliasFacts::NotAllowed(said) => {
            refusals.push(Refusal::FunctionNotAllowed { function: appspec.function.clone(), said: said.clone() });
        }
        AliasFacts::OnLatest => {
            refusals.push(Refusal::AliasOnLatest { function: appspec.function.clone(), alias: appspec.alias.clone() });
        }
        AliasFacts::Live(live) => check_versions(appspec, live, versions, facts, refusals),
    }
}

fn check_versions(
    appspec: &TargetAlias,
    live: &LiveAlias,
    versions: &BTreeMap<Version, VersionFacts>,
    facts: &Facts,
    refusals: &mut Vec<Refusal>,
) {
    let to = appspec.target;
    let Some(from) = live.routing.primary.version() else { return };
    if let Some(named) = appspec.current
        && named != from
    {
        refusals.push(Refusal::CurrentVersionDiffers { named, live: live.routing.clone() });
    }
    // A split under a lock is the owner's, and said so already.
    let explained = facts.holder.is_some() || facts.leftover.as_ref() == Some(&live.routing);
    if live.routing.is_split() && !explained {
        refusals.push(Refusal::SplitBySomebodyElse {
            function: appspec.function.clone(),
            alias: appspec.alias.clone(),
            routing: live.routing.clone(),
        });
    }
    let facts = versions.get(&to).unwrap_or(&VersionFacts::Missing);
    refusals.extend(uncallable(&appspec.function, to, facts));
    match facts {
        VersionFacts::Missing => {}
        VersionFacts::Published { role, dead_letter, .. } => {
            if let Some(VersionFacts::Published { role: from_role, dead_letter: from_dead_letter, .. }) =
                versions.get(&from)
            {
                if role != from_role {
                    refusals.push(Refusal::DifferentRoles { from: (from, from_role.clone()), to: (to, role.clone()) });
                }
                if dead_letter != from_dead_letter {
                    refusals.push(Refusal::DifferentDeadLetters {
                        from: (from, from_dead_letter.clone()),
                        to: (to, dead_letter.clone()),
                    });
                }
            }
        }
    }
}

/// Why a version takes no calls: before a deployment begins, and before each of its weights (docs/aws-realities.md 2.5).
pub fn uncallable(function: &FunctionName, version: Version, facts: &VersionFacts) -> Option<Refusal> {
    let function = function.clone();
    match facts {
        VersionFacts::Missing => Some(Refusal::NoVersion { function, version }),
        VersionFacts::Published { state, .. } => match state {
            VersionState::Active => None,
            VersionState::Inactive => Some(Refusal::VersionInactive { function, version }),
            VersionState::Pending(why) => Some(Refusal::VersionPending { function, version, why: why.clone() }),
            VersionState::NotReady(state) => Some(Refusal::VersionNotReady { version, state: state.clone() }),
        },
    }
}

#[cfg(test)]
mod tests;
