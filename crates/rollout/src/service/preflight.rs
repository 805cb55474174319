//! Reasons not to deploy to a service, found before anything is made; and the course of one that may begin.

mod allowed;
mod refusal;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::live::{Listener, LiveService, Role, Route, TargetGroup, TaskSet};
use super::reach::Reach;
use super::{Capacity, Place, Service, TargetService, TaskSetSpec};
use crate::ids::{RouteId, TargetGroupArn, TaskDefinition};
use crate::plan::{Course, Target};
use crate::preflight::{Facts, TargetFacts};
use crate::request::Request;
use crate::routing::Routing;
use crate::strategy::Strategy;

pub use refusal::{Occupant, ServiceRefusal, Which};

/// How many task sets a service may have (docs/codedeploy-contract.md 12.2).
pub const MAX_TASK_SETS: usize = 5;

/// What is known of a service when a deployment is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFacts {
    /// Where it is, as far as anybody said.
    pub place: Option<Place>,
    /// The service.
    pub service: ServiceFound,
    /// The task definition; `None` if it does not exist.
    pub definition: Option<DefinitionFacts>,
    /// The target groups of the pair, in the place's order; `None` for one that does not exist.
    pub groups: [Option<TargetGroup>; 2],
    /// The production listener; `None` if it does not exist.
    pub production: Option<Listener>,
    /// The test listener; `None` if it does not exist or none is named.
    pub test: Option<Listener>,
    /// What of this the stack may change; `None` where nobody says which service.
    pub reach: Option<Reach>,
}

/// Whether there is a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceFound {
    /// The stack may not look at it: its parameter names clusters, and this one is none of them.
    OutOfScope {
        /// The cluster.
        arn: String,
        /// Those that are named.
        named: Vec<String>,
    },
    /// There is no such cluster.
    NoCluster,
    /// The cluster has no such service.
    NoService,
    /// It exists.
    Live(LiveService),
}

/// What is known of a task definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionFacts {
    /// Its ARN.
    pub arn: TaskDefinition,
    /// Whether it is `ACTIVE`.
    pub active: bool,
    /// Whether its tasks have a network of their own (`awsvpc`).
    pub awsvpc: bool,
    /// Its containers with the ports they listen on.
    pub containers: Vec<(String, Ports)>,
    /// The launch types that ECS found it fit for when it was registered; empty where it does not say.
    pub fit_for: Vec<String>,
}

/// The ports that a container maps, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ports {
    /// By TCP.
    pub tcp: Vec<u16>,
    /// By UDP.
    pub udp: Vec<u16>,
}

impl Ports {
    /// Ports of TCP.
    pub fn tcp(ports: Vec<u16>) -> Self {
        Self { tcp: ports, udp: Vec::new() }
    }
}

/// What a place turned out to be, where enough of it exists for a plan.
struct Settled<'a> {
    place: &'a Place,
    live: &'a LiveService,
    /// The task set that the traffic goes back to.
    home: &'a TaskSet,
    production: &'a Listener,
    definition: &'a DefinitionFacts,
    groups: [&'a TargetGroup; 2],
    blue: TargetGroupArn,
    green: TargetGroupArn,
}

fn settled(facts: &ServiceFacts, is_left_over: bool) -> Option<Settled<'_>> {
    let ServiceFound::Live(live) = &facts.service else { return None };
    let home = finished(facts, live).filter(|_| is_left_over).or_else(|| live.primary())?;
    let blue = home.target_group.clone()?;
    let groups = [facts.groups[0].as_ref()?, facts.groups[1].as_ref()?];
    let green = match groups {
        // Twice the same one is no pair, and nothing follows from it.
        [one, other] if one.arn == other.arn => return None,
        [one, other] if one.arn == blue => other.arn.clone(),
        [one, other] if other.arn == blue => one.arn.clone(),
        _ => return None,
    };
    let (place, production) = (facts.place.as_ref()?, facts.production.as_ref()?);
    Some(Settled { place, live, home, production, definition: facts.definition.as_ref()?, groups, blue, green })
}

/// The task set that is not the primary one and has all production traffic: somebody finished by hand what a deployment had
/// begun, or stopped it there. To send that home first would undo it.
fn finished<'a>(facts: &ServiceFacts, live: &'a LiveService) -> Option<&'a TaskSet> {
    let production = facts.production.as_ref()?;
    let winner = live.task_sets.iter().filter(|set| set.role == Role::Active).find(|set| {
        let others = || live.task_sets.iter().filter(|other| other.id != set.id);
        let sends_to =
            |set: &TaskSet, route: &Route| set.target_group.as_ref().is_some_and(|group| route.sends_to(group));
        production.routes.iter().any(|route| sends_to(set, route))
            && !production.routes.iter().any(|route| others().any(|other| sends_to(other, route)))
    })?;
    live.primary().is_some().then_some(winner)
}

/// From where to where, and by which steps; `None` where too little exists.
pub(crate) fn course(
    request: &Request,
    appspec: &TargetService,
    facts: &ServiceFacts,
    is_left_over: bool,
    strategy: &Strategy,
) -> Option<Course> {
    let Settled { place, live, home: old, production, definition, blue, green, .. } = settled(facts, is_left_over)?;
    let pair = (&blue, &green);
    let home = Routing::all_on(blue.clone());
    let ours = || production.routes.iter().filter(|route| route.is_of(pair));
    // What is live counts: the split may have been ended since it was left behind, at some of the places or at all.
    let split = ours().filter_map(|route| route.routing(pair)).find(|routing| *routing != home);
    let spec = TaskSetSpec {
        task_definition: definition.arn.clone(),
        container: appspec.container.clone(),
        port: appspec.port,
        platform_version: appspec.platform_version.clone().or_else(|| kept_version(appspec, old)),
        network: match &appspec.network {
            Some(wanted) => Some(wanted.filled_from(old.network.as_ref())),
            None => old.network.clone(),
        }
        .filter(|_| definition.awsvpc),
        capacity: appspec.capacity.clone().or_else(|| old.capacity.clone()),
        registries: old.registries.clone(),
    };
    let leftover = live.behind(&green).next().filter(|_| is_left_over).map(|set| set.id.clone());
    let of_test = || facts.test.iter().flat_map(|listener| &listener.routes).filter(|route| route.is_of(pair));
    let service = Service {
        cluster: place.cluster.clone(),
        service: place.service.clone(),
        blue: old.id.clone(),
        blue_definition: old.task_definition.clone(),
        blue_scale: old.scale,
        green: spec,
        blue_group: blue.clone(),
        green_group: green.clone(),
        production: place.production.clone(),
        test: place.test.clone(),
        // What a deployment before left behind began nowhere: it goes home with the task set that is removed.
        test_began: match &leftover {
            Some(_) => BTreeMap::new(),
            None => began(of_test(), pair, &home),
        },
        routes: ours().map(|route| route.id.clone()).collect(),
        test_routes: of_test().map(|route| route.id.clone()).collect(),
        waits: request.waits.clone(),
        desired: live.desired,
        leftover,
    };
    Some(Course {
        target: Target::EcsService(Box::new(service)),
        from: blue.into(),
        to: green.into(),
        start: split.unwrap_or(home),
        steps: strategy.steps(),
    })
}

/// The places of the test listener that are elsewhere than `home`.
fn began<'a>(
    places: impl Iterator<Item = &'a Route>,
    pair: (&TargetGroupArn, &TargetGroupArn),
    home: &Routing,
) -> BTreeMap<RouteId, Routing> {
    let elsewhere = places.filter_map(|route| Some((route.id.clone(), route.routing(pair)?.in_whole_percents())));
    elsewhere.filter(|(_, routing)| routing != home).collect()
}

/// The platform version that is taken over. The old one fits where the tasks run as before, and only on Fargate: elsewhere a
/// new task set with one is refused.
fn kept_version(appspec: &TargetService, old: &TaskSet) -> Option<String> {
    let on_fargate = old.capacity.as_ref().is_some_and(Capacity::is_fargate);
    old.platform_version.clone().filter(|_| appspec.capacity.is_none() && on_fargate)
}

/// What a person should know before the deployment starts.
pub(crate) fn notes(service: &Service, facts: &Facts) -> Vec<String> {
    let mut notes = Vec::new();
    let TargetFacts::Service(found) = &facts.target else { return notes };
    if let (Some(leftover), ServiceFound::Live(live), None) = (&service.leftover, &found.service, &facts.holder) {
        notes.push(match live.get(leftover).map(|set| set.role) {
            Some(Role::Primary) => format!(
                "all the traffic was moved to the task set {} without making it the primary one: it becomes that, and {leftover} is \
                 removed before the new task set is made in its place",
                service.blue
            ),
            _ => format!(
                "the deployment before left the task set {leftover} beside {}: all of the traffic goes to that one before {leftover} \
                 is removed and the new task set is made in its place",
                service.blue
            ),
        });
    }
    if let ServiceFound::Live(live) = &found.service
        && live.desired == 0
    {
        notes.push(
            "the service wants no tasks: neither task set has any, nobody answers its calls, and nothing is found out about the \
             new version until it wants some"
                .to_owned(),
        );
    }
    if let ServiceFound::Live(live) = &found.service
        && live.desired > 0
    {
        notes.push(format!(
            "while both task sets run, the service has {} tasks instead of {}: the cluster must have room for them",
            live.desired * 2,
            live.desired
        ));
    }
    if let (Some(listener), Some((_, began))) = (&service.test, service.test_began.first_key_value()) {
        notes.push(format!(
            "the test listener {listener} begins on {began}: it is sent to {} for the tests, and a rollback brings it back there",
            service.green_group.name()
        ));
    }
    let routes = || [&found.production, &found.test].into_iter().flatten().flat_map(|listener| &listener.routes);
    let ours = routes().filter(|route| route.is_of(service.pair()));
    if let Some(longest) = ours.filter_map(|route| route.sticky).max() {
        notes.push(format!(
            "a listener keeps its clients on their target group for {longest}, whatever the weights say by then: they stay with \
             the new task set after a rollback, and with the old one after a success, until it is removed"
        ));
    }
    notes
}

/// Everything about the service that speaks against a deployment.
pub(crate) fn check(appspec: &TargetService, facts: &ServiceFacts, all: &Facts) -> Vec<ServiceRefusal> {
    let mut refusals = Vec::new();
    let Some(place) = &facts.place else { return vec![ServiceRefusal::NoPlace] };
    check_service(place, facts, &mut refusals);
    check_definition(appspec, facts, &mut refusals);
    check_groups(place, facts, &mut refusals);
    check_listeners(place, facts, all, &mut refusals);
    if let Some(reach) = &facts.reach {
        allowed::check(reach, place, facts, settled(facts, all.leftover.is_some()).as_ref(), &mut refusals);
    }
    refusals
}

fn check_service(place: &Place, facts: &ServiceFacts, refusals: &mut Vec<ServiceRefusal>) {
    let (cluster, service) = (place.cluster.clone(), place.service.clone());
    let live = match &facts.service {
        ServiceFound::OutOfScope { arn, named } => {
            let (arn, named) = (arn.clone(), named.clone());
            return refusals.push(ServiceRefusal::ClusterNotNamed { cluster, arn, named });
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

fn check_definition(appspec: &TargetService, facts: &ServiceFacts, refusals: &mut Vec<ServiceRefusal>) {
    let definition = appspec.task_definition.clone();
    let Some(found) = &facts.definition else { return refusals.push(ServiceRefusal::NoDefinition { definition }) };
    if !found.active {
        return refusals.push(ServiceRefusal::DefinitionInactive { definition });
    }
    match found.containers.iter().find(|(name, _)| name == appspec.container.as_str()) {
        None => {
            let known = found.containers.iter().map(|(name, _)| name.clone()).collect();
            let container = appspec.container.clone();
            refusals.push(ServiceRefusal::NoContainer { definition: definition.clone(), container, known });
        }
        Some((_, Ports { tcp, .. })) if tcp.contains(&appspec.port) => {}
        // A Network Load Balancer has listeners of UDP as well.
        Some((_, Ports { udp, .. })) if udp.contains(&appspec.port) => {
            let is_network = facts.production.as_ref().is_none_or(|listener| listener.arn.is_network());
            if !is_network {
                let container = appspec.container.clone();
                refusals.push(ServiceRefusal::PortOfUdp {
                    definition: definition.clone(),
                    container,
                    port: appspec.port,
                });
            }
        }
        Some((_, ports)) => refusals.push(ServiceRefusal::NoPort {
            definition: definition.clone(),
            container: appspec.container.clone(),
            port: appspec.port,
            known: ports.tcp.clone(),
        }),
    }
    let primary = match &facts.service {
        ServiceFound::Live(live) => live.primary(),
        ServiceFound::OutOfScope { .. } | ServiceFound::NoCluster | ServiceFound::NoService => None,
    };
    let capacity = appspec.capacity.as_ref().or_else(|| primary.and_then(|primary| primary.capacity.as_ref()));
    if let Some(kind) = capacity.and_then(Capacity::launch_type)
        && !found.fit_for.is_empty()
        && !found.fit_for.iter().any(|fit| fit == kind)
    {
        let (kind, fit_for) = (kind.to_owned(), found.fit_for.clone());
        refusals.push(ServiceRefusal::LaunchType { definition: definition.clone(), kind, fit_for });
    }
    let has_network = appspec.network.is_some() || primary.is_none_or(|primary| primary.network.is_some());
    if found.awsvpc && !has_network {
        refusals.push(ServiceRefusal::NoNetwork { definition });
    }
}

fn check_groups(place: &Place, facts: &ServiceFacts, refusals: &mut Vec<ServiceRefusal>) {
    for (name, found) in place.target_groups.iter().zip(&facts.groups) {
        if found.is_none() {
            refusals.push(ServiceRefusal::NoTargetGroup { group: name.clone() });
        }
    }
    let [Some(one), Some(other)] = &facts.groups else { return };
    if one.arn == other.arn {
        return refusals.push(ServiceRefusal::SameTargetGroups { group: one.arn.clone() });
    }
    if let Some(definition) = &facts.definition {
        let needed = if definition.awsvpc { "ip" } else { "instance" };
        for group in [one, other].into_iter().filter(|group| group.kind != needed) {
            let (group, kind) = (group.arn.clone(), group.kind.clone());
            refusals.push(ServiceRefusal::TargetGroupKind { group, kind, needed });
        }
    }
    let ServiceFound::Live(live) = &facts.service else { return };
    if let Some(primary) = live.primary() {
        let group = primary.target_group.clone();
        if group.as_ref().is_none_or(|group| *group != one.arn && *group != other.arn) {
            refusals.push(ServiceRefusal::PrimaryElsewhere { task_set: primary.id.clone(), group });
        }
    }
}

fn check_listeners(place: &Place, facts: &ServiceFacts, all: &Facts, refusals: &mut Vec<ServiceRefusal>) {
    if place.test.as_ref() == Some(&place.production) {
        refusals.push(ServiceRefusal::SameListener { listener: place.production.clone() });
    }
    if facts.production.is_none() {
        refusals.push(ServiceRefusal::NoListener { which: Which::Production, listener: place.production.clone() });
    }
    if let (Some(listener), None) = (&place.test, &facts.test) {
        refusals.push(ServiceRefusal::NoListener { which: Which::Test, listener: listener.clone() });
    }
    let Some(settled) = settled(facts, all.leftover.is_some()) else { return };
    let listeners = [(Which::Production, facts.production.as_ref()), (Which::Test, facts.test.as_ref())];
    for (which, listener) in listeners.into_iter().filter_map(|(which, listener)| Some((which, listener?))) {
        check_routes(which, listener, &settled, all, refusals);
    }
    if let Some(occupant) = settled.live.behind(&settled.green).next()
        && all.holder.is_none()
        && all.leftover.is_none()
    {
        let sends = |route: &Route| route.sends_to(&settled.green);
        let test = facts.test.as_ref().filter(|listener| listener.routes.iter().any(sends));
        refusals.push(ServiceRefusal::Occupied(Box::new(Occupant {
            cluster: settled.place.cluster.clone(),
            service: settled.place.service.clone(),
            task_set: occupant.id.clone(),
            group: settled.green.clone(),
            test: test.map(|listener| listener.arn.clone()),
        })));
    }
}

fn check_routes(
    which: Which,
    listener: &Listener,
    settled: &Settled<'_>,
    all: &Facts,
    refusals: &mut Vec<ServiceRefusal>,
) {
    let pair = (&settled.blue, &settled.green);
    let ours: Vec<&Route> = listener.routes.iter().filter(|route| route.is_of(pair)).collect();
    let blue = Routing::all_on(settled.blue.clone());
    let elsewhere = || match which {
        Which::Production => {
            let (listener, group) = (listener.arn.clone(), settled.blue.clone());
            ServiceRefusal::ListenerElsewhere { which, listener, group }
        }
        Which::Test => {
            let (listener, pair) = (listener.arn.clone(), [settled.blue.clone(), settled.green.clone()]);
            ServiceRefusal::TestListenerElsewhere { listener, pair }
        }
    };
    let begins = |route: &&Route| match which {
        Which::Production => route.forwards.iter().any(|(group, _)| *group == settled.blue),
        // It may begin on either, as a whole or divided: a deployment sends it to green, and a rollback back to where it was.
        Which::Test => true,
    };
    if !ours.iter().any(begins) {
        return refusals.push(elsewhere());
    }
    // What the owner of the lock has split, it says so itself. What a deployment before left is sent home before anything else,
    // however it is divided: a step may have been left at some of the places only.
    let explained = all.holder.is_some() || all.leftover.is_some();
    let sticky = settled.groups.into_iter().find(|group| group.sticky);
    if let Some(group) = sticky.filter(|_| !listener.arn.is_network())
        && ours.iter().any(|route| route.sticky.is_none())
    {
        let (listener, group) = (listener.arn.clone(), group.arn.clone());
        refusals.push(ServiceRefusal::StickyTargets { which, listener, group });
    }
    for route in ours {
        let routing = route.routing(pair);
        if let Some((group, _)) = route.forwards.iter().find(|(group, _)| group != pair.0 && group != pair.1) {
            let (listener, group) = (listener.arn.clone(), group.clone());
            refusals.push(ServiceRefusal::ForeignGroup { which, listener, group });
            continue;
        }
        match (which, routing) {
            // No weight at all: such a place turns every request away.
            (_, None) => refusals.push(elsewhere()),
            (_, Some(routing)) if routing == blue || explained => {}
            (Which::Test, Some(_)) => {}
            (_, Some(routing)) if routing.is_split() => {
                refusals.push(ServiceRefusal::SplitBySomebodyElse { which, listener: listener.arn.clone(), routing });
            }
            // All of it is on green, which is no split however it is written.
            (_, Some(_)) => refusals.push(elsewhere()),
        }
    }
}
