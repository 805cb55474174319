//! The world as a load balancer.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rollout::ids::{ListenerArn, RouteId, TargetGroupArn, TargetGroupName};
use rollout::routing::Routing;
use rollout::service::live::{Health, Listener, TargetGroup};
use steps::ports::{PortError, ReadHealth, ReadListeners, ReadTargetGroups, WriteListeners};

use crate::state::State;
use crate::state::balancers::{Balancers, Divided, named, short, told};
use crate::world::World;

impl ReadListeners for World {
    async fn listener(&self, listener: &ListenerArn) -> Result<Option<Listener>, PortError> {
        self.call("listener", |state, _| Ok(state.balancers.listeners.get(listener).cloned())).await
    }
}

impl ReadHealth for World {
    async fn health(&self, group: &TargetGroupArn) -> Result<Health, PortError> {
        self.call("health", |state, now| {
            if !state.balancers.groups.contains_key(group.name()) {
                return Err(PortError::Missing(format!("the target group {}", group.name())));
            }
            Ok(state.fleet.health(group, state.balancers.in_use(group), now))
        })
        .await
    }
}

impl ReadTargetGroups for World {
    async fn target_group(&self, group: &TargetGroupName) -> Result<Option<TargetGroup>, PortError> {
        self.call("target_group", |state, _| {
            let named =
                |found: &&TargetGroup| found.arn.as_str() == group.as_str() || found.arn.name() == group.as_str();
            Ok(state.balancers.groups.values().find(named).cloned())
        })
        .await
    }

    async fn tagged(&self, routes: &[RouteId]) -> Result<BTreeSet<RouteId>, PortError> {
        self.call("tagged", |state, _| {
            Ok(routes.iter().filter(|route| !state.fleet.untagged.contains(short(route))).cloned().collect())
        })
        .await
    }
}

impl WriteListeners for World {
    /// One call for each place, as there is one for a listener and one for each of its rules. What one of them answers keeps
    /// the others from nothing.
    async fn route(
        &self,
        listener: &ListenerArn,
        routes: &[RouteId],
        pair: (&TargetGroupArn, &TargetGroupArn),
        to: &Routing,
    ) -> Result<(), PortError> {
        let mut result = Ok(());
        for route in routes {
            let written = self.call("route", |state, now| divide(state, now, listener, route, pair, to)).await;
            result = result.and(written);
        }
        result
    }
}

fn divide(
    state: &mut State,
    now: Timestamp,
    listener: &ListenerArn,
    route: &RouteId,
    pair: (&TargetGroupArn, &TargetGroupArn),
    to: &Routing,
) -> Result<(), PortError> {
    let Balancers { groups, listeners, .. } = &mut state.balancers;
    let missing = || PortError::Missing(format!("{} does not forward any more", short(route)));
    let found = listeners.get_mut(listener).ok_or_else(missing)?;
    let place = found.routes.iter_mut().find(|place| place.id == *route).ok_or_else(missing)?;
    // Written on top of what is there now, as a load balancer makes its callers do it.
    let foreign = |(group, share): &(TargetGroupArn, u32)| group != pair.0 && group != pair.1 && *share > 0;
    if !place.is_of(pair) || place.forwards.iter().any(foreign) {
        return Err(PortError::Conflict(format!("{} forwards elsewhere by now", short(route))));
    }
    let weight = |group: &TargetGroupArn| u32::from(to.weight_of(&group.clone().into()).percent());
    let mut forwards = place.forwards.clone();
    for group in [pair.0, pair.1] {
        match forwards.iter_mut().find(|(forward, _)| forward == group) {
            Some((_, share)) => *share = weight(group),
            None => forwards.push((group.clone(), weight(group))),
        }
    }
    if let Some((gone, _)) = forwards.iter().find(|(group, _)| !groups.contains_key(group.name())) {
        return Err(PortError::Missing(format!("the target group {}", gone.name())));
    }
    if place.forwards == forwards {
        return Ok(());
    }
    place.forwards.clone_from(&forwards);
    let (route, to) = (short(route).to_owned(), named(&forwards));
    state.log.push((now, format!("{route} forwards to {}", told(&to))));
    state.balancers.written.push(Divided { at: now, route, to, ours: true });
    Ok(())
}
