//! Where traffic moves: aliases, and services behind listeners. One look and one write, whatever the target is.

use rollout::ids::RouteId;
use rollout::plan::{Plan, Target};
use rollout::routing::Routing;
use rollout::service::Service;
use rollout::service::live::Listener;
use rollout::settle::Live;

use crate::ports::{Alias, Pointing, PortError, ReadAlias, ReadListeners, WriteAlias, WriteListeners};

/// The ports of everything traffic can move on.
#[derive(Debug)]
pub struct Targets<'a, A, L> {
    /// Aliases of functions.
    pub aliases: &'a A,
    /// Listeners of load balancers.
    pub listeners: &'a L,
}

impl<A, L> Clone for Targets<'_, A, L> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, L> Copy for Targets<'_, A, L> {}

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
    /// The routes of both listeners.
    Routes { production: Vec<RouteId>, test: Vec<RouteId> },
}

impl Look {
    /// Whether all production traffic is divided so already.
    pub fn is_on(&self, to: &Routing) -> bool {
        matches!(&self.live, Live::Routes { production, .. } if production.iter().all(|routing| routing == to))
    }

    /// Whether some production traffic goes elsewhere by somebody else's doing.
    pub fn is_shared(&self, plan: &Plan) -> bool {
        matches!(&self.live, Live::Routes { production, .. } if !production.iter().all(|routing| plan.knows(routing)))
    }

    /// What was found, for a message.
    pub fn found(&self, target: &Target) -> String {
        match (&self.seen, &self.live) {
            (Seen::Alias(Some(Alias { pointing: Pointing::Latest, .. })), _) => "it points at $LATEST".to_owned(),
            (Seen::Alias(_), Live::Gone) => "it no longer exists".to_owned(),
            (Seen::Routes { .. }, Live::Gone) => "it no longer forwards to either target group".to_owned(),
            (Seen::Alias(_), Live::Routes { production, .. }) => match production.first() {
                Some(routing) => format!("it is on {routing}"),
                None => "it no longer exists".to_owned(),
            },
            (Seen::Routes { .. }, Live::Routes { production, .. }) => {
                let routes: Vec<String> = production.iter().map(ToString::to_string).collect();
                let places = match (routes.len(), target.service().map_or(0, |service| service.routes.len())) {
                    (left, before) if left < before => format!("it forwards at {left} instead of {before} places"),
                    (1, _) => "it forwards at 1 place".to_owned(),
                    (places, _) => format!("it forwards at {places} places"),
                };
                format!("{places}: to {}", routes.join("; to "))
            }
        }
    }
}

/// What a target is called in a message.
pub fn called(target: &Target) -> String {
    match target {
        Target::LambdaAlias { .. } => format!("the alias {target}"),
        Target::EcsService(service) => format!("the listener {} of the service {target}", service.production),
    }
}

impl<A: ReadAlias, L: ReadListeners> Targets<'_, A, L> {
    /// Reads where a target sends its calls now.
    pub async fn look(&self, target: &Target) -> Result<Look, PortError> {
        match target {
            Target::LambdaAlias { function, alias } => {
                let read = self.aliases.alias(function, alias).await?;
                let live = Live::alias(read.as_ref().and_then(Alias::routing));
                Ok(Look { live, seen: Seen::Alias(read) })
            }
            Target::EcsService(service) => {
                let production = self.listeners.listener(&service.production).await?;
                let test = match &service.test {
                    Some(test) => self.listeners.listener(test).await?,
                    None => None,
                };
                let (production, routes) = self::routes(service, production.as_ref());
                let (test, test_routes) = self::routes(service, test.as_ref());
                let live =
                    if routes.is_empty() { Live::Gone } else { Live::Routes { production: routes, test: test_routes } };
                Ok(Look { live, seen: Seen::Routes { production, test } })
            }
        }
    }
}

/// The places where a listener forwards to one of the pair, and how each divides the traffic.
fn routes(service: &Service, listener: Option<&Listener>) -> (Vec<RouteId>, Vec<Routing>) {
    let pair = service.pair();
    let routes = listener.into_iter().flat_map(|listener| &listener.routes).filter(|route| route.is_of(pair));
    routes.filter_map(|route| Some((route.id.clone(), route.routing(pair)?))).unzip()
}

/// The places that may be written: where nothing gets traffic but what is the deployment's own.
fn ours(plan: &Plan, places: &[RouteId], routings: &[Routing]) -> Vec<RouteId> {
    places.iter().zip(routings).filter(|(_, routing)| plan.knows(routing)).map(|(place, _)| place.clone()).collect()
}

impl<A: WriteAlias, L: WriteListeners> Targets<'_, A, L> {
    /// Sends production traffic there, on top of what was read.
    pub async fn route(&self, plan: &Plan, look: &Look, to: &Routing) -> Result<(), PortError> {
        match (&plan.target, &look.seen) {
            (Target::LambdaAlias { function, alias }, Seen::Alias(Some(read))) => {
                self.aliases.point(function, alias, to, &read.revision).await
            }
            (Target::EcsService(service), Seen::Routes { production, .. }) => {
                let routings = match &look.live {
                    Live::Routes { production, .. } => production.as_slice(),
                    Live::Gone => &[],
                };
                let ours = ours(plan, production, routings);
                self.listeners.route(&service.production, &ours, service.pair(), to).await
            }
            _ => Err(PortError::Missing(format!("{} does not exist any more", called(&plan.target)))),
        }
    }

    /// Sends test traffic there.
    pub async fn route_test(&self, plan: &Plan, look: &Look, to: &Routing) -> Result<(), PortError> {
        match (&plan.target, &look.seen) {
            (Target::EcsService(service), Seen::Routes { test, .. }) => {
                let (Some(listener), Live::Routes { test: routings, .. }) = (&service.test, &look.live) else {
                    return Ok(());
                };
                match &ours(plan, test, routings)[..] {
                    [] => Ok(()),
                    ours => self.listeners.route(listener, ours, service.pair(), to).await,
                }
            }
            _ => Ok(()),
        }
    }

    /// Sends everything there. Production comes first: it is what users see.
    pub async fn route_all(&self, plan: &Plan, look: &Look, to: &Routing) -> Result<(), PortError> {
        let production = self.route(plan, look, to).await;
        let test = self.route_test(plan, look, to).await;
        production.and(test)
    }
}
