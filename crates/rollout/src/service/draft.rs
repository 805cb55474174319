//! What a request makes of a service: which task set comes, where the calls go, and what a person should know of it.

use std::collections::BTreeMap;

use super::facts::{Resolved, ServiceFacts, ServiceFound, resolved};
use super::live::{Role, Route, TaskSet};
use super::{Capacity, Service, TargetService, TaskSetSpec};
use crate::course::Draft;
use crate::facts::{Facts, TargetFacts};
use crate::ids::{RouteId, TargetGroupArn};
use crate::request::Request;
use crate::routing::Routing;
use crate::strategy::Strategy;
use crate::target::Target;

/// From where to where, and by which steps; `None` where too little exists.
pub(crate) fn draft(
    request: &Request,
    appspec: &TargetService,
    facts: &ServiceFacts,
    is_left_over: bool,
    strategy: &Strategy,
) -> Option<Draft> {
    let Resolved { place, live, home: old, production, definition, blue, green, .. } = resolved(facts, is_left_over)?;
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
    Some(Draft {
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
