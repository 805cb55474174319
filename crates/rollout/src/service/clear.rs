//! How the task set that lost goes: the old one after a success, the new one after a rollback. Before anything of it is taken
//! away, both listeners and the task set that won are looked at.

use jiff::{SignedDuration, Timestamp};

use super::live::{Health, Listener, LiveService, Role, Route, TaskSet};
use super::watch::{Ailment, ailment, unhealthy};
use super::{SPREAD, Service};
use crate::deployment::{Deployment, Lease, Phase};
use crate::ending::{Ending, ErrorCode, Rollback, Traffic};
use crate::ids::{ListenerArn, RouteId, TargetGroupArn, TaskSetId};
use crate::plan::Plan;
pub use crate::progress::Side;
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::settle::Sent;

/// What clearing up does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clear {
    /// The winner is not the primary task set yet.
    Promote(TaskSetId),
    /// Take its tasks away; connections drain meanwhile.
    ScaleToZero(TaskSetId),
    /// It has no tasks any more.
    Delete(TaskSetId, Deletion),
    /// Its tasks were taken away, and it is needed after all: somebody sent it calls in that moment, or what had won is not well.
    /// It gets that many percent back.
    BringBack(TaskSetId, u8),
    /// A write of the deployment's own came after its traffic was settled: these places, by listener, go back to where it is.
    PutBack(Side, Vec<(ListenerArn, Vec<RouteId>)>),
    /// It still gets calls, by somebody else's doing or because rollback is switched off, and stays. Where production traffic
    /// is what it gets, that is how the deployment ends.
    Keep(TaskSetId, Option<Traffic>),
    /// It stays, since the one that won is not well.
    Spare(String),
    /// What had won does not hold: the deployment goes back to its rollback.
    SendBack(Ending, Rollback),
    /// Look again after this long.
    Wait(Seconds),
    /// Nothing is left to do.
    Done,
}

/// Whether a task set may still have tasks when it is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletion {
    /// It may not: a deletion that ECS carries out late, when it has got its tasks back, is refused.
    Empty,
    /// It may: its tasks cannot be taken away before.
    Forced,
}

/// What ECS and the load balancer say now.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// The service.
    pub live: &'a LiveService,
    /// The listener of production traffic, if it exists.
    pub production: Option<&'a Listener>,
    /// The listener of test traffic, if there is one.
    pub test: Option<&'a Listener>,
    /// How the targets are of the task set that won: [`winners_group`].
    pub health: Health,
}

/// How often it is looked at, before it is deleted with the tasks it still has.
pub const LOOKS: u32 = 10;

/// How often it is looked for, before it counts as gone: what ECS answers may be behind what it did.
const SEARCHES: u32 = 4;

/// The share that a new task set is made with, in percent.
const WHOLE: u8 = 100;

/// How often a deployment is sent back to its rollback.
pub const REOPENED: u32 = 2;

/// How long after its lease a write may still arrive. A function that took a lease lives 15 s of its 20 s, and gives a call of
/// AWS up after 10 s; a call that was sent and given up may wait in front of a load balancer that is slow or throttles. Until
/// then the new task set stays, and its listeners are looked at.
pub const LATEST: Seconds = Seconds(40);

/// The target group of the task set that won.
pub fn winners_group<'a>(service: &'a Service, deployment: &Deployment) -> &'a TargetGroupArn {
    match &deployment.phase {
        Phase::Committing | Phase::Succeeded => &service.green_group,
        Phase::Created
        | Phase::Running
        | Phase::Stopping { .. }
        | Phase::Settled { .. }
        | Phase::Ended { .. }
        | Phase::Unresolved { .. } => &service.blue_group,
    }
}

/// Decides how a deployment whose traffic is settled is cleared up; `looks` counts the ones before.
///
/// It does not end as long as ECS may still carry out a removal that it was asked for without an answer, and the task set is there.
pub fn next(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    found: Found<'_>,
    looks: u32,
    now: Timestamp,
) -> Clear {
    let act = decide(plan, service, deployment, found, looks, now);
    match act {
        Clear::Done | Clear::Keep(..) | Clear::Spare(_) => match landing(deployment, found.live, now) {
            Seconds::ZERO => act,
            left => Clear::Wait(left.min(LANDING)),
        },
        act => act,
    }
}

/// How often the task sets are looked at while a removal may still be carried out.
const LANDING: Seconds = Seconds(10);

/// How long a removal that was not answered may still be carried out, of a task set that is there.
fn landing(deployment: &Deployment, live: &LiveService, now: Timestamp) -> Seconds {
    let stays = |id: &TaskSetId| live.get(id).is_some_and(TaskSet::stays);
    let asked = deployment.progress.removing.iter().filter(|(id, _)| stays(id)).map(|(_, asked)| *asked).max();
    let latest = Seconds(Lease::LENGTH.0 + LATEST.0);
    asked.map_or(Seconds::ZERO, |asked| Seconds::between(now, asked + SignedDuration::from(latest)))
}

fn decide(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    found: Found<'_>,
    looks: u32,
    now: Timestamp,
) -> Clear {
    match &deployment.phase {
        Phase::Committing | Phase::Succeeded => after_success(plan, service, deployment, found, looks, now),
        Phase::Settled { traffic: Traffic::Untouched | Traffic::Restored(_) | Traffic::Foreign(_), why } => {
            after_rollback(plan, service, deployment, (found, why), looks, now)
        }
        // What a user asked to leave stays.
        Phase::Settled { traffic: Traffic::Left(_), .. }
        | Phase::Created
        | Phase::Running
        | Phase::Stopping { .. }
        | Phase::Ended { .. }
        | Phase::Unresolved { .. } => Clear::Done,
    }
}

/// The old task set goes once nothing of ours can send it calls any more, unless it is needed again or has calls.
fn after_success(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    found: Found<'_>,
    looks: u32,
    now: Timestamp,
) -> Clear {
    let green = found.live.made_by(deployment.id.as_str());
    let late = late(plan, service, deployment, found, now);
    let is_late = !late.is_empty() && looks < LOOKS;
    let strays = deployment.progress.strays.iter().filter_map(|id| found.live.get(id));
    let mut losers = found.live.get(&service.blue).into_iter().chain(strays).filter(|set| set.stays());
    let Some(loser) = losers.next() else {
        let is_green = green.is_some_and(TaskSet::stays);
        return if is_late && is_green { Clear::PutBack(Side::Green, late) } else { Clear::Done };
    };
    let may_go_back = deployment.phase == Phase::Committing
        && !deployment.progress.disturbed
        && deployment.progress.reopened < REOPENED;
    // Behind one target group with the winner it has calls, and the winner takes them over.
    let calls = match &loser.target_group {
        Some(group) if *group != service.green_group => calls_to(service, found, group),
        Some(_) | None => Calls::None,
    };
    let winner = match (green, ailment(found.live, green, Some(found.health))) {
        (Some(green), None) => green,
        (_, ill) if may_go_back => {
            let why = unhealthy(ill.unwrap_or(Ailment::Deleted));
            let rollback = plan.rollback.after(why.code);
            return Clear::SendBack(why, rollback);
        }
        (_, ill) => return spare(ill.unwrap_or(Ailment::Deleted)),
    };
    let left = in_flight(deployment, now);
    if is_late {
        return Clear::PutBack(Side::Green, late);
    }
    match calls {
        Calls::None if left.0 > 0 => Clear::Wait(wait(looks).min(left)),
        Calls::None => remove(loser, winner, looks),
        Calls::Production | Calls::Test if is_empty(loser, looks) => {
            Clear::BringBack(loser.id.clone(), service.blue_scale.max(1))
        }
        Calls::Production if may_go_back => {
            let message = format!(
                "the listener {} of the service {} was changed by somebody else after the traffic had moved: it forwards to the \
                 old task set",
                service.production, plan.target
            );
            Clear::SendBack(Ending::new(ErrorCode::Drift, message), Rollback::Leave)
        }
        Calls::Production | Calls::Test => Clear::Keep(loser.id.clone(), None),
    }
}

/// The new task set goes, or what was left behind in its place, once nothing of ours can arrive at it any more.
fn after_rollback(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    (found, why): (Found<'_>, &Ending),
    looks: u32,
    now: Timestamp,
) -> Clear {
    // Where the new one was never made, what was left behind in its place has lost too.
    let leftover = service.leftover.as_ref().and_then(|leftover| found.live.get(leftover));
    let green = found.live.made_by(deployment.id.as_str());
    let left = in_flight(deployment, now);
    let late = late(plan, service, deployment, found, now);
    // Also after that, where all of it had gone home: a place that is as a write of ours makes it, of which one was never answered,
    // is that write's doing.
    if !late.is_empty() && (left.0 > 0 || !is_foreign(deployment) && looks < LOOKS) {
        return Clear::PutBack(Side::Home, late);
    }
    let Some(loser) = green.or(leftover).filter(|loser| loser.stays()) else {
        let is_shown = green.or(leftover).is_some();
        return match deployment.progress.created {
            _ if left.0 > 0 => Clear::Wait(wait(looks).min(left)),
            Some(_) if !is_shown && looks < SEARCHES && !is_foreign(deployment) => Clear::Wait(wait(looks)),
            // Its tasks were taken away by a removal that was carried out late.
            _ if is_restored(deployment)
                && deployment.progress.removing.contains_key(&service.blue)
                && deployment.progress.reopened < REOPENED
                && ailment(found.live, found.live.get(&service.blue), None) == Some(Ailment::ScaledToZero) =>
            {
                Clear::SendBack(why.clone(), Rollback::Restore)
            }
            _ => Clear::Done,
        };
    };
    let calls = calls_to(service, found, &service.green_group);
    match calls {
        Calls::Production | Calls::Test if is_empty(loser, looks) => return Clear::BringBack(loser.id.clone(), WHOLE),
        Calls::Production if !is_foreign(deployment) => {
            return Clear::Keep(loser.id.clone(), Some(Traffic::Foreign(sent_to_green(service, found))));
        }
        Calls::Production => return Clear::Keep(loser.id.clone(), None),
        Calls::Test | Calls::None => {}
    }
    let blue = found.live.get(&service.blue);
    let ill = ailment(found.live, blue, Some(found.health));
    let winner = match (blue.filter(|blue| blue.stays()), ill) {
        // Put back, and not able to take it: the new one may be all that is left.
        (_, Some(_)) if is_restored(deployment) && is_empty(loser, looks) => {
            return Clear::BringBack(loser.id.clone(), WHOLE);
        }
        (_, Some(ill)) if is_restored(deployment) => {
            return match deployment.progress.reopened < REOPENED {
                true => Clear::SendBack(why.clone(), Rollback::Restore),
                false => spare(ill),
            };
        }
        // The last task set is never taken away.
        (None, _) => return Clear::Done,
        // No call of ours is better off for the new task set: it has none.
        (Some(blue), _) => blue,
    };
    let had_traffic = deployment.touched() || service.leftover.is_some();
    match () {
        () if is_demoted_first(loser, winner) && looks < LOOKS => Clear::Promote(winner.id.clone()),
        () if left.0 > 0 => Clear::Wait(wait(looks).min(left)),
        () if calls == Calls::Test => Clear::Keep(loser.id.clone(), None),
        // Weights take a moment to reach every node of the load balancer. Green may have had test traffic only.
        () if had_traffic && looks == 0 => Clear::Wait(SPREAD),
        () => remove(loser, winner, looks),
    }
}

/// One step of the removal of a task set that nobody needs.
fn remove(loser: &TaskSet, winner: &TaskSet, looks: u32) -> Clear {
    match () {
        () if is_demoted_first(loser, winner) && looks < LOOKS => Clear::Promote(winner.id.clone()),
        () if loser.scale > 0 && looks < LOOKS => Clear::ScaleToZero(loser.id.clone()),
        () if loser.running + loser.pending == 0 || looks >= LOOKS => {
            let how = if loser.scale == 0 { Deletion::Empty } else { Deletion::Forced };
            Clear::Delete(loser.id.clone(), how)
        }
        () => Clear::Wait(wait(looks)),
    }
}

/// Whether it has lost its share of the tasks: what is found before a removal is as old as one call, and somebody may send it
/// calls in between.
fn is_empty(loser: &TaskSet, looks: u32) -> bool {
    loser.scale == 0 && looks < LOOKS
}

/// ECS deletes no primary task set.
fn is_demoted_first(loser: &TaskSet, winner: &TaskSet) -> bool {
    loser.role == Role::Primary && winner.role == Role::Active
}

fn spare(ill: Ailment) -> Clear {
    Clear::Spare(format!("the task set that has the traffic is not well. {ill}"))
}

fn is_foreign(deployment: &Deployment) -> bool {
    matches!(&deployment.phase, Phase::Settled { traffic: Traffic::Foreign(_), .. })
}

fn is_restored(deployment: &Deployment) -> bool {
    matches!(&deployment.phase, Phase::Settled { traffic: Traffic::Restored(_), .. })
}

/// What a target group gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Calls {
    /// Production traffic, at one place at least.
    Production,
    /// Test traffic only.
    Test,
    /// Nothing.
    None,
}

fn calls_to(service: &Service, found: Found<'_>, group: &TargetGroupArn) -> Calls {
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
pub(super) fn is_without_calls(service: &Service, found: Found<'_>, group: &TargetGroupArn) -> bool {
    calls_to(service, found, group) == Calls::None
}

/// Whether production traffic goes to a group, at one place at least.
pub(super) fn has_production_calls(service: &Service, found: Found<'_>, group: &TargetGroupArn) -> bool {
    calls_to(service, found, group) == Calls::Production
}

/// How the first place divides its production traffic that sends some to green.
fn sent_to_green(service: &Service, found: Found<'_>) -> Option<Routing> {
    let mut routes = found.production.into_iter().flat_map(|listener| &listener.routes);
    routes.find(|route| route.sends_to(&service.green_group))?.routing(service.pair())
}

/// How long a write of the deployment, or of an older one, may still arrive at a task set that is to be removed.
fn in_flight(deployment: &Deployment, now: Timestamp) -> Seconds {
    let own = deployment.lease.as_ref().map(|lease| lease.until + SignedDuration::from(LATEST));
    let older = deployment.progress.older.as_ref().map(|older| older.until);
    own.max(older).map_or(Seconds::ZERO, |until| Seconds::between(now, until))
}

/// Places, by listener.
pub(super) type Places = Vec<(ListenerArn, Vec<RouteId>)>;

/// The places that are as a write of the deployment would make them, and not where its traffic is settled. Of one that was
/// disturbed after it had won also those that send calls to a target group without a task set.
pub(super) fn late(
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
pub(super) fn astray(plan: &Plan, service: &Service, deployment: &Deployment, found: Found<'_>) -> Places {
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
pub(super) fn moved(
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
pub(super) fn expected(plan: &Plan, deployment: &Deployment) -> Vec<Routing> {
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

/// How long to wait after an act, before the next look.
pub fn pause(act: &Clear, looks: u32) -> Seconds {
    match act {
        // The weights moved just before, and ECS may take a moment to show the new primary.
        Clear::Promote(_) | Clear::PutBack(..) => SPREAD,
        Clear::Wait(wait) => *wait,
        _ => wait(looks),
    }
}

/// How long a task set that drains is left alone before the next look: longer each time, up to a minute, so that connections
/// have the usual five minutes to drain.
fn wait(looks: u32) -> Seconds {
    Seconds([1, 2, 5, 10, 20, 40].get(looks as usize).copied().unwrap_or(60))
}

#[cfg(test)]
mod tests;
