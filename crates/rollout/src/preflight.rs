//! Reasons not to start, found before anything moves.

mod refusal;

use std::collections::BTreeMap;

use crate::alarms::{self, Verdict};
use crate::appspec::{Resource, TargetAlias};
use crate::ids::{FunctionName, ParameterName, Version};
use crate::request::{MAX_ALARMS, Request};
use crate::service;

pub use crate::facts::{AliasFacts, Facts, Holder, HookFacts, LiveAlias, TargetFacts, VersionFacts, VersionState};
pub use refusal::Refusal;

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
        Verdict::GoOn => {}
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
