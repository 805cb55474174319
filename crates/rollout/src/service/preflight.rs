//! Reasons not to deploy to a service, found before anything is made; and the course of one that may begin.

mod allowed;
mod refusal;
#[cfg(test)]
mod tests;

use super::live::{Listener, Route};
use super::{Capacity, ServiceAddress, TargetService};
use crate::facts::Facts;
use crate::routing::Routing;

pub use super::facts::{DefinitionFacts, MAX_TASK_SETS, Ports, ServiceFacts, ServiceFound};
use super::facts::{Resolved, resolved};
pub use refusal::{DefinitionRefusal, GroupRefusal, ListenerRefusal, Occupant, ReachRefusal, ServiceRefusal, Which};

/// Everything about the service that speaks against a deployment.
pub(crate) fn check(appspec: &TargetService, facts: &ServiceFacts, all: &Facts) -> Vec<ServiceRefusal> {
    let mut refusals = Vec::new();
    let Some(place) = &facts.place else { return vec![ServiceRefusal::NoPlace] };
    check_service(place, facts, &mut refusals);
    let resolved = resolved(facts, all.leftover.is_some());
    refusals.extend(found(ServiceRefusal::Definition, |refusals| check_definition(appspec, facts, refusals)));
    refusals.extend(found(ServiceRefusal::Group, |refusals| check_groups(place, facts, refusals)));
    refusals.extend(found(ServiceRefusal::Listener, |refusals| {
        check_listeners(place, facts, resolved.as_ref(), all, refusals)
    }));
    refusals.extend(resolved.as_ref().and_then(|resolved| occupied(facts, resolved, all)).map(ServiceRefusal::Group));
    if let Some(reach) = &facts.reach {
        refusals.extend(found(ServiceRefusal::Reach, |refusals| {
            allowed::check(reach, place, facts, resolved.as_ref(), refusals)
        }));
    }
    refusals
}

/// What one kind of check speaks against.
fn found<Kind>(
    kind: impl Fn(Kind) -> ServiceRefusal,
    check: impl FnOnce(&mut Vec<Kind>),
) -> impl Iterator<Item = ServiceRefusal> {
    let mut refusals = Vec::new();
    check(&mut refusals);
    refusals.into_iter().map(kind)
}

fn check_service(place: &ServiceAddress, facts: &ServiceFacts, refusals: &mut Vec<ServiceRefusal>) {
    let (cluster, service) = (place.cluster.clone(), place.service.clone());
    let live = match &facts.service {
        ServiceFound::OutOfScope { arn, named } => {
            let (arn, named) = (arn.clone(), named.clone());
            return refusals.push(ServiceRefusal::Reach(ReachRefusal::ClusterNotNamed { cluster, arn, named }));
        }
        ServiceFound::NoCluster => return refusals.push(ServiceRefusal::NoCluster { cluster }),
        ServiceFound::NoService => return refusals.push(ServiceRefusal::NoService { cluster, service }),
        ServiceFound::Live(live) => live,
    };
    if !live.active {
        return refusals.push(ServiceRefusal::NotActive { service });
    }
    if !live.is_external() {
        return refusals.push(ServiceRefusal::OtherController { service, controller: live.controller.clone() });
    }
    if live.primary().is_none() {
        refusals.push(ServiceRefusal::NoPrimary { service: service.clone() });
    }
    if live.task_sets.len() >= MAX_TASK_SETS {
        refusals.push(ServiceRefusal::NoRoom { service, count: live.task_sets.len() });
    }
}

fn check_definition(appspec: &TargetService, facts: &ServiceFacts, refusals: &mut Vec<DefinitionRefusal>) {
    let definition = appspec.task_definition.clone();
    let Some(found) = &facts.definition else { return refusals.push(DefinitionRefusal::NoDefinition { definition }) };
    if !found.active {
        return refusals.push(DefinitionRefusal::DefinitionInactive { definition });
    }
    match found.containers.iter().find(|(name, _)| name == appspec.container.as_str()) {
        None => {
            let known = found.containers.iter().map(|(name, _)| name.clone()).collect();
            let container = appspec.container.clone();
            refusals.push(DefinitionRefusal::NoContainer { definition: definition.clone(), container, known });
        }
        Some((_, Ports { tcp, .. })) if tcp.contains(&appspec.port) => {}
        // A Network Load Balancer has listeners of UDP as well.
        Some((_, Ports { udp, .. })) if udp.contains(&appspec.port) => {
            let is_network = facts.production.as_ref().is_none_or(|listener| listener.arn.is_network());
            if !is_network {
                let container = appspec.container.clone();
                refusals.push(DefinitionRefusal::PortOfUdp {
                    definition: definition.clone(),
                    container,
                    port: appspec.port,
                });
            }
        }
        Some((_, ports)) => refusals.push(DefinitionRefusal::NoPort {
            definition: definition.clone(),
            container: appspec.container.clone(),
            port: appspec.port,
            known: ports.tcp.clone(),
        }),
    }
    let primary = facts.service.live().and_then(|live| live.primary());
    let capacity = appspec.capacity.as_ref().or_else(|| primary.and_then(|primary| primary.capacity.as_ref()));
    if let Some(kind) = capacity.and_then(Capacity::launch_type)
        && !found.fit_for.is_empty()
        && !found.fit_for.iter().any(|fit| fit == kind)
    {
        let (kind, fit_for) = (kind.to_owned(), found.fit_for.clone());
        refusals.push(DefinitionRefusal::LaunchType { definition: definition.clone(), kind, fit_for });
    }
    let has_network = appspec.network.is_some() || primary.is_none_or(|primary| primary.network.is_some());
    if found.awsvpc && !has_network {
        refusals.push(DefinitionRefusal::NoNetwork { definition });
    }
}

fn check_groups(place: &ServiceAddress, facts: &ServiceFacts, refusals: &mut Vec<GroupRefusal>) {
    for (name, found) in place.target_groups.iter().zip(&facts.groups) {
        if found.is_none() {
            refusals.push(GroupRefusal::NoTargetGroup { group: name.clone() });
        }
    }
    let [Some(one), Some(other)] = &facts.groups else { return };
    if one.arn == other.arn {
        return refusals.push(GroupRefusal::SameTargetGroups { group: one.arn.clone() });
    }
    if let Some(definition) = &facts.definition {
        let needed = if definition.awsvpc { "ip" } else { "instance" };
        for group in [one, other].into_iter().filter(|group| group.kind != needed) {
            let (group, kind) = (group.arn.clone(), group.kind.clone());
            refusals.push(GroupRefusal::TargetGroupKind { group, kind, needed });
        }
    }
    let ServiceFound::Live(live) = &facts.service else { return };
    if let Some(primary) = live.primary() {
        let group = primary.target_group.clone();
        if group.as_ref().is_none_or(|group| *group != one.arn && *group != other.arn) {
            refusals.push(GroupRefusal::PrimaryElsewhere { task_set: primary.id.clone(), group });
        }
    }
}

fn check_listeners(
    place: &ServiceAddress,
    facts: &ServiceFacts,
    resolved: Option<&Resolved<'_>>,
    all: &Facts,
    refusals: &mut Vec<ListenerRefusal>,
) {
    if place.test.as_ref() == Some(&place.production) {
        refusals.push(ListenerRefusal::SameListener { listener: place.production.clone() });
    }
    if facts.production.is_none() {
        refusals.push(ListenerRefusal::NoListener { which: Which::Production, listener: place.production.clone() });
    }
    if let (Some(listener), None) = (&place.test, &facts.test) {
        refusals.push(ListenerRefusal::NoListener { which: Which::Test, listener: listener.clone() });
    }
    let Some(resolved) = resolved else { return };
    let listeners = [(Which::Production, facts.production.as_ref()), (Which::Test, facts.test.as_ref())];
    for (which, listener) in listeners.into_iter().filter_map(|(which, listener)| Some((which, listener?))) {
        check_routes(which, listener, resolved, all, refusals);
    }
}

/// The task set that stands where the new one is to go, unless a deployment of this stack left it there.
fn occupied(facts: &ServiceFacts, resolved: &Resolved<'_>, all: &Facts) -> Option<GroupRefusal> {
    let occupant = resolved.live.behind(&resolved.green).next()?;
    if all.holder.is_some() || all.leftover.is_some() {
        return None;
    }
    let sends = |route: &Route| route.sends_to(&resolved.green);
    let test = facts.test.as_ref().filter(|listener| listener.routes.iter().any(sends));
    Some(GroupRefusal::Occupied(Box::new(Occupant {
        cluster: resolved.place.cluster.clone(),
        service: resolved.place.service.clone(),
        task_set: occupant.id.clone(),
        group: resolved.green.clone(),
        test: test.map(|listener| listener.arn.clone()),
    })))
}

fn check_routes(
    which: Which,
    listener: &Listener,
    resolved: &Resolved<'_>,
    all: &Facts,
    refusals: &mut Vec<ListenerRefusal>,
) {
    let pair = (&resolved.blue, &resolved.green);
    let ours: Vec<&Route> = listener.routes.iter().filter(|route| route.is_of(pair)).collect();
    let blue = Routing::all_on(resolved.blue.clone());
    let elsewhere = || match which {
        Which::Production => {
            let (listener, group) = (listener.arn.clone(), resolved.blue.clone());
            ListenerRefusal::ListenerElsewhere { which, listener, group }
        }
        Which::Test => {
            let (listener, pair) = (listener.arn.clone(), [resolved.blue.clone(), resolved.green.clone()]);
            ListenerRefusal::TestListenerElsewhere { listener, pair }
        }
    };
    let begins = |route: &&Route| match which {
        Which::Production => route.forwards.iter().any(|(group, _)| *group == resolved.blue),
        // It may begin on either, as a whole or divided: a deployment sends it to green, and a rollback back to where it was.
        Which::Test => true,
    };
    if !ours.iter().any(begins) {
        return refusals.push(elsewhere());
    }
    // What the owner of the lock has split, it says so itself. What a deployment before left is sent home before anything else,
    // however it is divided: a step may have been left at some of the places only.
    let explained = all.holder.is_some() || all.leftover.is_some();
    let sticky = resolved.groups.into_iter().find(|group| group.sticky);
    if let Some(group) = sticky.filter(|_| !listener.arn.is_network())
        && ours.iter().any(|route| route.sticky.is_none())
    {
        let (listener, group) = (listener.arn.clone(), group.arn.clone());
        refusals.push(ListenerRefusal::StickyTargets { which, listener, group });
    }
    for route in ours {
        let routing = route.routing(pair);
        if let Some((group, _)) = route.forwards.iter().find(|(group, _)| group != pair.0 && group != pair.1) {
            let (listener, group) = (listener.arn.clone(), group.clone());
            refusals.push(ListenerRefusal::ForeignGroup { which, listener, group });
            continue;
        }
        match (which, routing) {
            // No weight at all: such a place turns every request away.
            (_, None) => refusals.push(elsewhere()),
            (_, Some(routing)) if routing == blue || explained => {}
            (Which::Test, Some(_)) => {}
            (_, Some(routing)) if routing.is_split() => {
                refusals.push(ListenerRefusal::SplitBySomebodyElse { which, listener: listener.arn.clone(), routing });
            }
            // All of it is on green, which is no split however it is written.
            (_, Some(_)) => refusals.push(elsewhere()),
        }
    }
}
