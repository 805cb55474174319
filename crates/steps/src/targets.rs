//! Where traffic moves: aliases, and services behind listeners. One look and one write, whatever the target is.

use futures_util::future::join;
use rollout::deployment::Deployment;
use rollout::drift::{self, called};
use rollout::ids::{ListenerArn, RouteId};
use rollout::plan::Plan;
use rollout::platform::Fence;
use rollout::routing::Routing;
use rollout::service::Service;
use rollout::service::preflight::Which;
use rollout::settle::{Live, Tested, Whose};
use rollout::target::Target;

use crate::ports::{Alias, Pointing, PortError, ReadAlias, ReadListeners, WriteAlias, WriteListeners};

/// A target as read: where it sends its calls, and what a write names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Where it sends its calls.
    pub live: Live,
    seen: Seen,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Seen {
    /// The alias, with the revision it was read at.
    Alias(Option<Alias>),
    /// Where both listeners forward to the pair.
    Routes { production: Vec<Forward>, test: Vec<Forward> },
}

/// A place where a listener forwards to one of the pair.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Forward {
    at: RouteId,
    to: Routing,
}

impl Look {
    /// Whether all production traffic is divided so already.
    pub fn is_on(&self, to: &Routing) -> bool {
        matches!(&self.live, Live::Routes { production, .. } if production.iter().all(|routing| routing == to))
    }

    /// What of the target is not as the deployment left it, with what was found of each, for a message.
    pub fn changed(&self, plan: &Plan, deployment: &Deployment) -> Vec<(Which, String)> {
        let changed = plan.changed(deployment, &self.live).into_iter();
        changed.map(|which| (which, self.found(&plan.target, which))).collect()
    }

    /// What was found of one of its listeners.
    pub fn found(&self, target: &Target, which: Which) -> String {
        let (production, test) = match &self.live {
            Live::Gone { test } => (&[][..], test),
            Live::Routes { production, test } => (&production[..], test),
        };
        match (&self.seen, which) {
            (Seen::Alias(Some(Alias { pointing: Pointing::Latest, .. })), _) => "it points at $LATEST".to_owned(),
            (Seen::Alias(_), _) => drift::alias_is(production.first()),
            (Seen::Routes { .. }, Which::Production) => {
                drift::listener_forwards(production.iter(), target.service().map_or(0, |service| service.routes.len()))
            }
            (Seen::Routes { .. }, Which::Test) => {
                let places = test.iter().map(|place| &place.now);
                drift::listener_forwards(places, target.service().map_or(0, |service| service.test_routes.len()))
            }
        }
    }
}

/// Reads where a target sends its calls now.
pub async fn look(ports: &(impl ReadAlias + ReadListeners), target: &Target) -> Result<Look, PortError> {
    match target {
        Target::LambdaAlias { function, alias } => {
            let read = ports.alias(function, alias).await?;
            let live = Live::alias(read.as_ref().and_then(Alias::routing));
            Ok(Look { live, seen: Seen::Alias(read) })
        }
        Target::EcsService(service) => {
            // Both at once: a rollback waits for the answers.
            let production = forwards(ports, service, Some(&service.production));
            let test = forwards(ports, service, service.test.as_ref());
            let (production, test) = join(production, test).await;
            let (production, test) = (production?, test?);
            let tested = test.iter().map(|place| tested(service, place)).collect();
            let live = match &production[..] {
                [] => Live::Gone { test: tested },
                places => {
                    Live::Routes { production: places.iter().map(|place| place.to.clone()).collect(), test: tested }
                }
            };
            Ok(Look { live, seen: Seen::Routes { production, test } })
        }
    }
}

fn tested(service: &Service, place: &Forward) -> Tested {
    Tested { now: place.to.in_whole_percents(), home: service.test_home(&place.at) }
}

/// The places where a listener forwards to one of the pair. A listener that does not exist has none.
async fn forwards(
    ports: &impl ReadListeners,
    service: &Service,
    listener: Option<&ListenerArn>,
) -> Result<Vec<Forward>, PortError> {
    let Some(listener) = listener else { return Ok(Vec::new()) };
    let pair = service.pair();
    let routes = ports.listener(listener).await?.map(|listener| listener.routes).unwrap_or_default();
    let ours = routes.into_iter().filter(|route| route.is_of(pair));
    Ok(ours.filter_map(|route| Some(Forward { to: route.routing(pair)?, at: route.id })).collect())
}

/// Sends places of one of a service's listeners to where they are at home.
pub(crate) async fn send_home(
    ports: &impl WriteListeners,
    service: &Service,
    listener: &ListenerArn,
    routes: &[RouteId],
) -> Result<(), PortError> {
    let is_test = service.test.as_ref() == Some(listener);
    let production = || Routing::all_on(service.blue_group.clone());
    let home = |route: &RouteId| if is_test { service.test_home(route) } else { production() };
    let mut left: Vec<&RouteId> = routes.iter().collect();
    while let Some(first) = left.first() {
        let to = home(first);
        let (together, others): (Vec<&RouteId>, Vec<&RouteId>) = left.into_iter().partition(|route| home(route) == to);
        let together: Vec<RouteId> = together.into_iter().cloned().collect();
        ports.route(listener, &together, service.pair(), &to).await?;
        left = others;
    }
    Ok(())
}

/// The places whose routing is so.
fn places(forwards: &[Forward], wanted: impl Fn(&Routing) -> bool) -> Vec<RouteId> {
    forwards.iter().filter(|forward| wanted(&forward.to)).map(|forward| forward.at.clone()).collect()
}

/// Sends production traffic there, on top of what was read: every place where nothing gets calls but what is the
/// deployment's own. Says what keeps a write away from now on that was sent before this one.
pub async fn route(
    ports: &(impl WriteAlias + WriteListeners),
    plan: &Plan,
    look: &Look,
    to: &Routing,
) -> Result<Fence, PortError> {
    route_places(ports, plan, look, to, |place| plan.knows(place)).await
}

async fn route_places(
    ports: &(impl WriteAlias + WriteListeners),
    plan: &Plan,
    look: &Look,
    to: &Routing,
    is_ours: impl Fn(&Routing) -> bool,
) -> Result<Fence, PortError> {
    match (&plan.target, &look.seen) {
        (Target::LambdaAlias { function, alias }, Seen::Alias(Some(read))) => {
            let written = ports.point(function, alias, to, &read.revision).await?;
            // An alias whose revision did not move takes a write that names it.
            Ok(if written == read.revision { Fence::Lease } else { Fence::Revision })
        }
        (Target::EcsService(service), Seen::Routes { production, .. }) => {
            let places = places(production, is_ours);
            ports.route(&service.production, &places, service.pair(), to).await?;
            Ok(Fence::Lease)
        }
        _ => Err(PortError::Missing(format!("{} does not exist any more", called(&plan.target, Which::Production)))),
    }
}

/// Sends test traffic there.
pub async fn route_test(ports: &impl WriteListeners, plan: &Plan, look: &Look, to: &Routing) -> Result<(), PortError> {
    match (&plan.target, &look.seen) {
        (Target::EcsService(service), Seen::Routes { test, .. }) => {
            match (&service.test, &places(test, |place| plan.knows(place))[..]) {
                (None, _) | (_, []) => Ok(()),
                (Some(listener), ours) => ports.route(listener, ours, service.pair(), to).await,
            }
        }
        _ => Ok(()),
    }
}

/// Sends places of test traffic back to where each of them is at home.
async fn return_test(
    ports: &impl WriteListeners,
    plan: &Plan,
    look: &Look,
    returns: impl Fn(&Tested) -> bool,
) -> Result<(), PortError> {
    let (Target::EcsService(service), Seen::Routes { test, .. }) = (&plan.target, &look.seen) else {
        return Ok(());
    };
    let Some(listener) = &service.test else { return Ok(()) };
    let ours = test.iter().filter(|place| returns(&tested(service, place))).map(|place| place.at.clone());
    send_home(ports, service, listener, &ours.collect::<Vec<_>>()).await
}

/// Sends everything home: all at once, and each whatever becomes of the other.
pub async fn route_all_home(
    ports: &(impl WriteAlias + WriteListeners),
    plan: &Plan,
    look: &Look,
) -> Result<(), PortError> {
    let (production, test) =
        join(route(ports, plan, look, &plan.home()), return_test(ports, plan, look, |place| plan.knows(&place.now)))
            .await;
    production.map(drop).and(test)
}

/// Sends everything there that a deployment which is stopping puts back, and leaves alone what somebody else changed.
pub async fn put_back(
    ports: &(impl WriteAlias + WriteListeners),
    plan: &Plan,
    deployment: &Deployment,
    look: &Look,
    to: &Routing,
) -> Result<Fence, PortError> {
    let production = route_places(ports, plan, look, to, |place| plan.whose(deployment, place) == Whose::Ours);
    let test = return_test(ports, plan, look, |place| plan.returns(deployment, place));
    let (production, test) = join(production, test).await;
    production.and_then(|fence| test.map(|()| fence))
}
