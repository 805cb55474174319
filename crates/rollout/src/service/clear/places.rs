//! Places that a late write of a deployment's own has changed.

use jiff::Timestamp;

use crate::deployment::{Deployment, Phase};
use crate::ending::Traffic;
use crate::ids::{ListenerArn, RouteId};
use crate::plan::Plan;
use crate::progress::Side;
use crate::routing::Routing;
use crate::service::Service;
use crate::service::live::{Listener, Route, TaskSet};
use crate::settle::Sent;

use super::found::Found;

/// Places, by listener.
pub(in crate::service) type Places = Vec<(ListenerArn, Vec<RouteId>)>;

/// The places that are as a write of the deployment would make them, and not where its traffic is settled. Of one that was
/// disturbed after it had won also those that send calls to a target group without a task set.
pub(in crate::service) fn late(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    found: Found<'_>,
    now: Timestamp,
) -> Places {
    let has_won = matches!(deployment.phase, Phase::Committing | Phase::Succeeded);
    let is_disturbed = has_won && deployment.progress.disturbed;
    let older = deployment.progress.older.as_ref();
    if deployment.lease.is_none() && !is_disturbed && older.is_none() {
        return Vec::new();
    }
    // Behind a task set of somebody else's, calls go to green's group because of them.
    let ours = |set: &TaskSet| {
        set.external_id.as_deref() == Some(deployment.id.as_str()) || service.leftover.as_ref() == Some(&set.id)
    };
    let behind = || found.live.behind(&service.green_group);
    if runs(behind()) && !behind().any(ours) {
        return Vec::new();
    }
    let all_on_green = plan.shift().end();
    // What a user asked to leave is where it is settled, at one of the places at least.
    let left = match &deployment.phase {
        Phase::Ended { traffic: Traffic::Left(left), .. } => Some(left),
        _ => None,
    };
    let is_left = |route: &Route| left.is_some() && route.routing(service.pair()).as_ref() == left;
    if found.production.is_some_and(|listener| listener.routes.iter().any(is_left)) {
        return Vec::new();
    }
    let written = |route: &Route, routing: &Routing| {
        // One that sends calls home may as well be somebody's who wants them there, once the other is no longer to be expected.
        let of_older = older.is_some_and(|older| {
            older.routings.contains(routing) && (*routing != plan.home() || has_won && now < older.until)
        });
        let of_a_step = (is_of_a_step(plan, deployment, routing) || of_older) && !(has_won && *routing == all_on_green);
        // Install's write sends calls home. As long as the old task set is there, somebody else may want them there.
        let of_install = has_won && may_send_home(deployment) && *routing == plan.home();
        of_a_step || (of_install || is_disturbed) && is_lost(service, found, route)
    };
    let may_have_sent = Sent::by(deployment) != Sent::NotYet || older.is_some();
    let tested = |route: &Route, routing: &Routing| match has_won {
        true => is_disturbed && is_lost(service, found, route),
        // Before any of it was sent there, only an older deployment's write does that.
        false => *routing == all_on_green && !service.is_as_it_began(route) && may_have_sent,
    };
    let test = places(service, found.test, tested);
    places(service, found.production, written).into_iter().chain(test).collect()
}

/// The places that send calls to a target group of the pair behind which there is no task set, and that are as a write of the
/// deployment makes them which was never answered.
pub(in crate::service) fn astray(plan: &Plan, service: &Service, deployment: &Deployment, found: Found<'_>) -> Places {
    let lost =
        |route: &Route, routing: &Routing| is_lost(service, found, route) && is_expected(plan, deployment, routing);
    let of_test = |route: &Route, routing: &Routing| {
        let home = service.test_home(&route.id);
        is_lost(service, found, route) && (*routing == home || *routing == plan.shift().end())
    };
    let test = places(service, found.test, of_test);
    places(service, found.production, lost).into_iter().chain(test).collect()
}

/// The places of production traffic that are as a write of the deployment makes them which was never answered, and not `left` so.
pub(in crate::service) fn moved(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    found: Found<'_>,
    left: &Routing,
) -> Places {
    let is = |_: &Route, routing: &Routing| is_expected(plan, deployment, routing) && routing != left;
    places(service, found.production, is).into_iter().collect()
}

/// Whether it sends calls to a target group of the pair behind which no task runs.
fn is_lost(service: &Service, found: Found<'_>, route: &Route) -> bool {
    let (blue, green) = service.pair();
    [blue, green].into_iter().any(|group| !runs(found.live.behind(group)) && route.sends_to(group))
}

/// Whether one of these task sets has a task that runs.
fn runs<'a>(mut sets: impl Iterator<Item = &'a TaskSet>) -> bool {
    sets.any(|set| set.running > 0)
}

/// Whether a write of the deployment that was never answered divides calls so.
fn is_expected(plan: &Plan, deployment: &Deployment, routing: &Routing) -> bool {
    expected(plan, deployment).contains(routing)
}

/// How writes of the deployment that were never answered may divide calls.
pub(in crate::service) fn expected(plan: &Plan, deployment: &Deployment) -> Vec<Routing> {
    let last = deployment.lease.as_ref().and_then(|lease| lease.step);
    let mut routings: Vec<Routing> =
        last.into_iter().flat_map(|last| 0..=last).map(|step| plan.routing_at(step)).collect();
    if may_send_home(deployment) {
        routings.push(plan.home());
    }
    if deployment.progress.sending.contains(&Side::Green) {
        routings.push(plan.shift().end());
    }
    routings
}

/// Whether the write that the lease was taken for, or one before it, divides calls so. An attempt that was overtaken may be at an
/// earlier step than the last one.
fn is_of_a_step(plan: &Plan, deployment: &Deployment, routing: &Routing) -> bool {
    let last = deployment.lease.as_ref().and_then(|lease| lease.step);
    last.is_some_and(|last| (0..=last).any(|step| plan.routing_at(step) == *routing))
}

/// Whether a write that sends calls home was never answered: one from before the first step, or a rollback's.
fn may_send_home(deployment: &Deployment) -> bool {
    deployment.progress.sending.contains(&Side::Home)
        || deployment.lease.as_ref().is_some_and(|lease| lease.shared || lease.step.is_none())
}

/// The places of a listener for the pair that are so.
fn places(
    service: &Service,
    listener: Option<&Listener>,
    is: impl Fn(&Route, &Routing) -> bool,
) -> Option<(ListenerArn, Vec<RouteId>)> {
    let listener = listener?;
    let routes = listener.routes.iter().filter(|route| route.is_of(service.pair()));
    let found = routes.filter(|route| route.routing(service.pair()).is_some_and(|routing| is(route, &routing)));
    let found: Vec<RouteId> = found.map(|route| route.id.clone()).collect();
    (!found.is_empty()).then(|| (listener.arn.clone(), found))
}
