//! After the end: a load balancer may carry out a write of a deployment that is over. Listeners have no revision that would
//! refuse it, so whoever ended with a write on its way is looked at for a while longer.

use jiff::Timestamp;

use super::Service;
use super::clear::places::{Places, astray, late, moved};
use super::clear::{Found, has_production_calls, is_without_calls};
use super::live::{Role, TaskSet};
use super::watch::{Ailment, ailment};
use crate::deployment::{Deployment, Phase};
use crate::ending::Traffic;
use crate::ids::{DeploymentId, TaskSetId};
use crate::plan::Plan;
use crate::platform::Fence;
use crate::routing::Routing;
use crate::seconds::Seconds;

/// How long after its end a deployment is looked at that may have a write on its way.
pub const WATCHED: Seconds = Seconds(3_600);

/// What a look after the end says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aftermath {
    /// Nothing has come: look again.
    Quiet,
    /// Nothing can come any more that would be this deployment's to undo.
    Over,
    /// A write has come, and this is what is said of it: the deployment brings its traffic to where it was once more.
    Arrived(String),
    /// A write has come after another deployment had won: that one brings the traffic to where it was. `None` where no
    /// deployment of ours made the task set that is the primary one.
    ArrivedAt(Option<DeploymentId>, String),
    /// ECS has made this task set of it after another deployment had won: that one removes it. `None` as above.
    MadeAt(Option<DeploymentId>, TaskSetId, String),
}

/// Whether a write may still come once a deployment is over: its lease was never given back, or a write of its rollback was not
/// answered, and nothing but time fenced it.
///
/// So may a removal of a task set that was not answered, of one that has got its tasks back since.
pub fn may_come(plan: &Plan, deployment: &Deployment) -> bool {
    let progress = &deployment.progress;
    let is_writing = deployment.lease.is_some() || !progress.sending.is_empty() || !progress.removing.is_empty();
    plan.target.fence() == Fence::Lease && is_writing && settled(deployment).is_some()
}

/// Where a deployment that is over, or about to be, left the traffic.
#[derive(Clone, Copy)]
enum Settled<'a> {
    /// Where it was before.
    Home,
    /// On the new task set.
    Green,
    /// Divided so, as a user asked for.
    Left(&'a Routing),
    /// As somebody else had changed it.
    Foreign(Option<&'a Routing>),
}

fn settled(deployment: &Deployment) -> Option<Settled<'_>> {
    match &deployment.phase {
        Phase::Settled { traffic, .. } | Phase::Ended { traffic, .. } => match traffic {
            Traffic::Untouched | Traffic::Restored(_) => Some(Settled::Home),
            Traffic::Left(routing) => Some(Settled::Left(routing)),
            Traffic::Foreign(routing) => Some(Settled::Foreign(routing.as_ref())),
        },
        Phase::Committing | Phase::Succeeded => Some(Settled::Green),
        Phase::Created | Phase::Queued | Phase::Running | Phase::Stopping { .. } | Phase::Unresolved { .. } => None,
    }
}

/// Judges a deployment that is over by what its service and its listeners are now, and by the `leftover` that is written beside
/// the lock of the target. The caller holds that lock, or takes it and looks again before anything is done: until then nobody
/// knows of a leftover.
///
/// What a later deployment was told to leave behind looks as a late write may, and is not ours to move. As long as the task set
/// that this deployment ended on is the primary one, no other has won since. Once one has, a place that is as a write of this one
/// would have made it is told of only where it sends calls to a target group without a task set: nobody wants that. Where somebody
/// else had changed the traffic, a write is told of, and not undone: only they know where they want it.
pub fn look(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    found: Found<'_>,
    leftover: Option<&Routing>,
    now: Timestamp,
) -> Aftermath {
    let is_over = |completed| Seconds::between(completed, now) >= WATCHED;
    if deployment.completed.is_none_or(is_over) {
        return Aftermath::Over;
    }
    if let Some(emptied) = emptied(service, deployment, found) {
        return emptied;
    }
    let Some(settled) = settled(deployment) else { return Aftermath::Over };
    let kept = |to: Routing, leftover: &Routing| deployment.progress.kept && to == *leftover;
    let is_ours = |leftover: &Routing| match settled {
        Settled::Home => kept(plan.home(), leftover),
        Settled::Green => kept(plan.shift().end(), leftover),
        Settled::Left(left) => left == leftover,
        Settled::Foreign(left) => left == Some(leftover) || kept(plan.home(), leftover),
    };
    // Another deployment was told to leave it so: it is theirs, unless calls go to nothing.
    let theirs = leftover.filter(|leftover| !is_ours(leftover));
    let made = found.live.made_by(deployment.id.as_str());
    let primary = found.live.primary();
    let holds = match settled {
        Settled::Home => primary.is_some_and(|primary| primary.id == service.blue),
        Settled::Green => primary.is_some_and(|primary| Some(&primary.id) == made.map(|made| &made.id)),
        Settled::Left(_) => leftover.is_some() && theirs.is_none(),
        Settled::Foreign(_) => false,
    };
    if !holds {
        return after_another(plan, service, deployment, found, settled, theirs);
    }
    // One that stayed because somebody sends it calls was known, and is told.
    let is_made = matches!(settled, Settled::Home) && made.is_some_and(TaskSet::stays);
    if is_made && is_without_calls(service, found, &service.green_group) {
        return Aftermath::Arrived(
            "the task set that this deployment asked ECS for was made after its end; it is removed".to_owned(),
        );
    }
    let late = match theirs {
        None => late(plan, service, deployment, found, now),
        Some(_) => astray(plan, service, deployment, found),
    };
    let Some(at) = shown(&late) else {
        return theirs.map_or(Aftermath::Quiet, |left| told(plan, service, deployment, found, left));
    };
    let what = format!("a write of this deployment was carried out after its end, {at}");
    Aftermath::Arrived(match settled {
        Settled::Home => format!("{what}; the traffic is put back once more"),
        Settled::Green => format!("{what}; the traffic is sent to the new task set once more"),
        Settled::Left(_) | Settled::Foreign(_) => format!("{what}; what is left there is written down anew"),
    })
}

/// A removal that came after the end, of a task set that has calls. The one that the traffic went back to gets its tasks back; of
/// any other a person is told.
fn emptied(service: &Service, deployment: &Deployment, found: Found<'_>) -> Option<Aftermath> {
    let has_calls =
        |set: &TaskSet| set.target_group.as_ref().is_some_and(|group| has_production_calls(service, found, group));
    let sets = deployment.progress.removing.keys().filter_map(|id| found.live.get(id));
    let is_empty = |set: &&TaskSet| ailment(found.live, Some(set), None) == Some(Ailment::ScaledToZero);
    let set = sets.filter(is_empty).find(|set| has_calls(set))?;
    let what = format!(
        "a removal that the deployment {} asked ECS for was carried out after its end: the task set {}, which has calls, has no \
         tasks",
        deployment.id, set.id
    );
    Some(match settled(deployment) {
        Some(Settled::Home) if set.id == service.blue => Aftermath::Arrived(format!("{what}; it gets them back")),
        _ => Aftermath::ArrivedAt(None, what),
    })
}

/// Where the traffic is not the deployment's to move: another one has won since, or somebody else had changed it.
fn after_another(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    found: Found<'_>,
    settled: Settled<'_>,
    theirs: Option<&Routing>,
) -> Aftermath {
    let primary = found.live.primary();
    let won = primary.and_then(|primary| DeploymentId::parse(primary.external_id.as_deref()?).ok());
    if let Some(stray) = stray(service, deployment, found, settled) {
        let what = format!(
            "the task set {}, which the deployment {} had asked ECS for, was made after its end: nobody waits for it",
            stray.id, deployment.id
        );
        return Aftermath::MadeAt(won, stray.id.clone(), what);
    }
    let id = &deployment.id;
    if let Some(at) = shown(&astray(plan, service, deployment, found)) {
        let then = match settled {
            Settled::Foreign(_) => "its end",
            Settled::Home | Settled::Green | Settled::Left(_) => "another one had won",
        };
        return Aftermath::ArrivedAt(
            won,
            format!(
                "a write of the deployment {id} was carried out after {then}, {at}: it sends calls to a target group without \
                 a task set"
            ),
        );
    }
    let left = match settled {
        Settled::Foreign(Some(left)) => theirs.unwrap_or(left),
        Settled::Foreign(None) | Settled::Home | Settled::Green | Settled::Left(_) => return Aftermath::Quiet,
    };
    match primary.is_some_and(|primary| primary.id == service.blue) {
        true => told(plan, service, deployment, found, left),
        // Another one has won since.
        false => Aftermath::Quiet,
    }
}

/// Tells of a write that divides calls otherwise than they were left, by somebody who knows where they want them.
fn told(plan: &Plan, service: &Service, deployment: &Deployment, found: Found<'_>, left: &Routing) -> Aftermath {
    let id = &deployment.id;
    match shown(&moved(plan, service, deployment, found, left)) {
        Some(at) => Aftermath::ArrivedAt(
            None,
            format!(
                "calls are divided {at} as by a write of the deployment {id} that was never answered, and were left on {left} \
                 before. That stays so: send them where you want them"
            ),
        ),
        None => Aftermath::Quiet,
    }
}

/// The task set that ECS made of a deployment after its end, where nobody needs it: another one that stays takes its calls over, or
/// it has none.
fn stray<'a>(
    service: &Service,
    deployment: &Deployment,
    found: Found<'a>,
    settled: Settled<'_>,
) -> Option<&'a TaskSet> {
    let is_late = match settled {
        // One that was made before was removed, or kept for calls: then the traffic had become somebody else's.
        Settled::Home => true,
        Settled::Foreign(_) => deployment.progress.created.is_none(),
        Settled::Green | Settled::Left(_) => false,
    };
    let made = found.live.made_by(deployment.id.as_str()).filter(|made| is_late && made.role == Role::Active)?;
    let group = made.target_group.as_ref()?;
    let is_shared = found.live.behind(group).any(|set| set.id != made.id);
    (is_shared || is_without_calls(service, found, group)).then_some(made)
}

/// `at 2 places of the listener …`; `None` where there are none.
fn shown(places: &Places) -> Option<String> {
    let (listener, _) = places.first()?;
    let count: usize = places.iter().map(|(_, routes)| routes.len()).sum();
    Some(format!("at {count} {} of the listener {listener}", if count == 1 { "place" } else { "places" }))
}

#[cfg(test)]
mod tests;
