//! Reasons not to start, found before anything moves.

mod refusal;

use std::collections::BTreeMap;

use crate::alarms::{self, Finding};
use crate::appspec::{Resource, TargetAlias};
use crate::facts::{AliasFacts, Facts, HookFacts, LiveAlias, TargetFacts, VersionFacts, VersionState};
use crate::ids::{FunctionName, ParameterName, Version};
use crate::request::{MAX_ALARMS, Request};
use crate::service;

pub use refusal::{AliasRefusal, HookRefusal, Refusal, VersionRefusal};

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
    let mut hooks = Vec::new();
    check_hooks(request, facts, &mut hooks);
    refusals.extend(hooks.into_iter().map(Refusal::Hook));
    if request.alarms.names.len() > MAX_ALARMS {
        refusals.push(Refusal::TooManyAlarms { count: request.alarms.names.len() });
    }
    match alarms::judge(&request.alarms, &facts.alarms) {
        Finding::GoOn => {}
        verdict => refusals.push(Refusal::Alarms(verdict)),
    }
    refusals
}

fn check_hooks(request: &Request, facts: &Facts, refusals: &mut Vec<HookRefusal>) {
    for (event, hook) in request.appspec.hooks.iter() {
        match facts.hooks.get(&hook.function) {
            Some(HookFacts::Missing) => {
                refusals.push(HookRefusal::HookMissing { event, function: hook.function.clone() });
            }
            Some(HookFacts::OutsidePattern(pattern)) => refusals.push(HookRefusal::HookOutsidePattern {
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
            refusals.push(HookRefusal::ParametersDenied { event, function: hook.function.clone(), denied });
        }
        let outside = facts.readable.outside(&hook.parameters);
        if !outside.is_empty() {
            let (function, readable) = (hook.function.clone(), facts.readable.clone());
            refusals.push(HookRefusal::ParametersUnreadable { event, function, outside, readable });
        }
        if !missing.is_empty() {
            refusals.push(HookRefusal::ParametersMissing { event, function: hook.function.clone(), missing });
        }
    }
}

fn check_alias(
    appspec: &TargetAlias,
    alias: &AliasFacts,
    versions: &BTreeMap<Version, VersionFacts>,
    facts: &Facts,
    refusals: &mut Vec<Refusal>,
) {
    let (function, name) = (appspec.function.clone(), appspec.alias.clone());
    refusals.push(Refusal::Alias(match alias {
        AliasFacts::NoFunction => AliasRefusal::NoFunction { function },
        AliasFacts::NoAlias => AliasRefusal::NoAlias { function, alias: name },
        AliasFacts::NotAllowed(said) => AliasRefusal::FunctionNotAllowed { function, said: said.clone() },
        AliasFacts::OnLatest => AliasRefusal::AliasOnLatest { function, alias: name },
        AliasFacts::Live(live) => return check_versions(appspec, live, versions, facts, refusals),
    }));
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
        let live = live.routing.clone();
        refusals.push(Refusal::Alias(AliasRefusal::CurrentVersionDiffers { named, live }));
    }
    // A split under a lock is the owner's, and said so already.
    let explained = facts.holder.is_some() || facts.leftover.as_ref() == Some(&live.routing);
    if live.routing.is_split() && !explained {
        refusals.push(Refusal::Alias(AliasRefusal::SplitBySomebodyElse {
            function: appspec.function.clone(),
            alias: appspec.alias.clone(),
            routing: live.routing.clone(),
        }));
    }
    let facts = versions.get(&to).unwrap_or(&VersionFacts::Missing);
    refusals.extend(uncallable(&appspec.function, to, facts));
    let (
        VersionFacts::Published { role, dead_letter, .. },
        Some(VersionFacts::Published { role: from_role, dead_letter: from_dead_letter, .. }),
    ) = (facts, versions.get(&from))
    else {
        return;
    };
    if role != from_role {
        let (from, to) = ((from, from_role.clone()), (to, role.clone()));
        refusals.push(Refusal::Version(VersionRefusal::DifferentRoles { from, to }));
    }
    if dead_letter != from_dead_letter {
        let (from, to) = ((from, from_dead_letter.clone()), (to, dead_letter.clone()));
        refusals.push(Refusal::Version(VersionRefusal::DifferentDeadLetters { from, to }));
    }
}

/// Why a version takes no calls: before a deployment begins, and before each of its weights (docs/aws-realities.md 2.5).
pub fn uncallable(function: &FunctionName, version: Version, facts: &VersionFacts) -> Option<Refusal> {
    let function = function.clone();
    Some(Refusal::Version(match facts {
        VersionFacts::Missing => VersionRefusal::NoVersion { function, version },
        VersionFacts::Published { state, .. } => match state {
            VersionState::Active => return None,
            VersionState::Inactive => VersionRefusal::VersionInactive { function, version },
            VersionState::Pending(why) => VersionRefusal::VersionPending { function, version, why: why.clone() },
            VersionState::NotReady(state) => VersionRefusal::VersionNotReady { version, state: state.clone() },
        },
    }))
}

#[cfg(test)]
mod tests;
