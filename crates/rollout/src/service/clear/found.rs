//! What is found before each act, and which task set gets calls by it.

use crate::ids::{ListenerArn, TargetGroupArn, TaskSetId};
use crate::routing::Routing;
use crate::service::Service;
use crate::service::live::{Health, Listener, LiveService, Route};

/// What ECS and the load balancer say now.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The service.
    pub live: &'a LiveService,
    /// The listener of production traffic, if it exists.
    pub production: Option<&'a Listener>,
    /// The listener of test traffic, if there is one.
    pub test: Option<&'a Listener>,
    /// How the targets are of the task set that won: [`winners_group`](super::winners_group).
    pub health: Health,
}

/// What a target group gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calls {
    /// Production traffic, at one place at least.
    Production,
    /// Test traffic only.
    Test,
    /// Nothing.
    None,
}

/// What it gets, by what is found.
pub(super) fn calls_to(service: &Service, found: Found<'_>, group: &TargetGroupArn) -> Calls {
    let sends = |listener: Option<&Listener>, counts: &dyn Fn(&Route) -> bool| {
        let routes = listener.into_iter().flat_map(|listener| &listener.routes);
        routes.filter(|route| counts(route)).any(|route| route.sends_to(group))
    };
    // A place that began on green's group sent its calls there before there was a green task set, and does so again.
    let counts = |route: &Route| *group != service.green_group || !service.is_as_it_began(route);
    match (sends(found.production, &|_| true), sends(found.test, &counts)) {
        (true, _) => Calls::Production,
        (false, true) => Calls::Test,
        (false, false) => Calls::None,
    }
}

/// The test listener, where it sends calls to the target group of a task set, and that of production sends none.
pub fn tests_alone<'a>(service: &'a Service, found: Found<'_>, set: &TaskSetId) -> Option<&'a ListenerArn> {
    let group = found.live.get(set)?.target_group.as_ref()?;
    service.test.as_ref().filter(|_| calls_to(service, found, group) == Calls::Test)
}

/// Whether no listener sends a group anything, production or test traffic.
pub(in crate::service) fn is_without_calls(service: &Service, found: Found<'_>, group: &TargetGroupArn) -> bool {
    calls_to(service, found, group) == Calls::None
}

/// Whether production traffic goes to a group, at one place at least.
pub(in crate::service) fn has_production_calls(service: &Service, found: Found<'_>, group: &TargetGroupArn) -> bool {
    calls_to(service, found, group) == Calls::Production
}

/// How the first place divides its production traffic that sends some to green.
pub(super) fn sent_to_green(service: &Service, found: Found<'_>) -> Option<Routing> {
    let mut routes = found.production.into_iter().flat_map(|listener| &listener.routes);
    routes.find(|route| route.sends_to(&service.green_group))?.routing(service.pair())
}
