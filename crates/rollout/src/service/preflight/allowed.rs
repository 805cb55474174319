//! Whether the stack may change what a deployment changes. The new task set is made with its tag.

use super::refusal::{ReachRefusal, Which};
use crate::service::ServiceAddress;
use crate::service::facts::{Resolved, ServiceFacts};
use crate::service::live::Listener;
use crate::service::reach::{Reach, ServiceTags, Within, names};

/// Everything of the service that may not be changed.
pub(super) fn check(
    reach: &Reach,
    place: &ServiceAddress,
    facts: &ServiceFacts,
    resolved: Option<&Resolved<'_>>,
    refusals: &mut Vec<ReachRefusal>,
) {
    if let Some(tags) = &reach.service {
        if !tags.service.is_enabled {
            let (service, arn) = (place.service.clone(), tags.service.arn.clone());
            refusals.push(ReachRefusal::ServiceUntagged { service, arn });
        }
        if let Some(resolved) = resolved {
            check_task_sets(tags, resolved, refusals);
        }
    }
    let Some(resolved) = resolved else { return };
    for (which, listener) in [(Which::Production, &facts.production), (Which::Test, &facts.test)] {
        if let Some(listener) = listener {
            check_listener(reach, which, listener, resolved, refusals);
        }
    }
}

/// The one that goes when the new one has its traffic, and the one that was left behind.
fn check_task_sets(tags: &ServiceTags, resolved: &Resolved<'_>, refusals: &mut Vec<ReachRefusal>) {
    for set in [resolved.home].into_iter().chain(resolved.live.behind(&resolved.green)) {
        if let Some(tagged) = tags.task_sets.get(&set.id).filter(|tagged| !tagged.is_enabled) {
            refusals.push(ReachRefusal::TaskSetUntagged { task_set: set.id.clone(), arn: tagged.arn.clone() });
        }
    }
}

/// A listener that is named has its rules named with it; tags are each place's own.
fn check_listener(
    reach: &Reach,
    which: Which,
    listener: &Listener,
    resolved: &Resolved<'_>,
    refusals: &mut Vec<ReachRefusal>,
) {
    match &reach.listeners {
        Within::Names(named) if !names(named, listener.arn.as_str()) => {
            refusals.push(ReachRefusal::ListenerNotNamed {
                which,
                listener: listener.arn.clone(),
                named: named.clone(),
            });
        }
        Within::Names(_) => {}
        Within::Tags(tagged) => {
            let ours = listener.routes.iter().filter(|route| route.is_of((&resolved.blue, &resolved.green)));
            refusals.extend(ours.filter(|route| !tagged.contains(&route.id)).map(|route| {
                let (listener, route) = (listener.arn.clone(), route.id.clone());
                ReachRefusal::RouteUntagged { which, listener, route }
            }));
        }
    }
}
