//! How the task set that lost goes: the old one after a success, the new one after a rollback. Before anything of it is taken
//! away, both listeners and the task set that won are looked at.

mod act;
mod found;
pub(super) mod places;
mod unanswered;

use jiff::Timestamp;

use super::Service;
use super::live::{LiveService, Role, TaskSet};
use super::times::SPREAD;
use super::watch::{Ailment, ailment, unhealthy};
use crate::code::ErrorCode;
use crate::deployment::{Deployment, Phase};
use crate::ending::{Ending, Rollback, Traffic};
use crate::ids::TargetGroupArn;
use crate::plan::Plan;
use crate::seconds::Seconds;

pub use crate::progress::Side;
use act::wait;
pub use act::{Clear, Deletion, pause};
use found::{Calls, calls_to, sent_to_green};
pub use found::{Found, tests_alone};
pub(super) use found::{has_production_calls, is_without_calls};
use places::late;
pub use unanswered::LATEST;

/// How often it is looked at, before it is deleted with the tasks it still has.
pub const LOOKS: u32 = 10;

/// How often it is looked for, before it counts as gone: what ECS answers may be behind what it did.
const SEARCHES: u32 = 4;

/// The share that a new task set is made with, in percent.
const WHOLE: u8 = 100;

/// How often a deployment is sent back to its rollback.
pub const REOPENED: u32 = 2;

/// The target group of the task set that won.
pub fn winners_group<'a>(service: &'a Service, deployment: &Deployment) -> &'a TargetGroupArn {
    match &deployment.phase {
        Phase::Committing | Phase::Succeeded => &service.green_group,
        Phase::Created
        | Phase::Queued
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
        Clear::Done | Clear::Keep(..) | Clear::Spare(_) => match unanswered::removals(deployment, found.live, now) {
            Seconds::ZERO => act,
            left => Clear::Wait(left.min(unanswered::LANDING)),
        },
        act => act,
    }
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
            after_rollback(plan, service, deployment, found, why, looks, now)
        }
        // What a user asked to leave stays.
        Phase::Settled { traffic: Traffic::Left(_), .. }
        | Phase::Created
        | Phase::Queued
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
    let left = unanswered::writes(deployment, now);
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
    found: Found<'_>,
    why: &Ending,
    looks: u32,
    now: Timestamp,
) -> Clear {
    // Where the new one was never made, what was left behind in its place has lost too.
    let leftover = service.leftover.as_ref().and_then(|leftover| found.live.get(leftover));
    let green = found.live.made_by(deployment.id.as_str());
    let left = unanswered::writes(deployment, now);
    let late = late(plan, service, deployment, found, now);
    // Also after that, where all of it had gone home: a place that is as a write of ours makes it, of which one was never answered,
    // is that write's doing.
    if !late.is_empty() && (left.0 > 0 || !is_foreign(deployment) && looks < LOOKS) {
        return Clear::PutBack(Side::Home, late);
    }
    let Some(loser) = green.or(leftover).filter(|loser| loser.stays()) else {
        let may_show = deployment.progress.created.is_some() && green.or(leftover).is_none() && !is_foreign(deployment);
        return match () {
            () if left.0 > 0 => Clear::Wait(wait(looks).min(left)),
            () if may_show && looks < SEARCHES => Clear::Wait(wait(looks)),
            () if was_emptied_late(service, deployment, found.live) => Clear::SendBack(why.clone(), Rollback::Restore),
            () => Clear::Done,
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
    let winner = match winner_of_rollback(service, deployment, found, why, loser, looks) {
        Ok(winner) => winner,
        Err(instead) => return instead,
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

/// The old task set, where it can take the calls that go home; else what is done instead of a removal.
fn winner_of_rollback<'a>(
    service: &Service,
    deployment: &Deployment,
    found: Found<'a>,
    why: &Ending,
    loser: &TaskSet,
    looks: u32,
) -> Result<&'a TaskSet, Clear> {
    let blue = found.live.get(&service.blue);
    let ill = ailment(found.live, blue, Some(found.health));
    match (blue.filter(|blue| blue.stays()), ill) {
        // Put back, and not able to take it: the new one may be all that is left.
        (_, Some(_)) if is_restored(deployment) && is_empty(loser, looks) => {
            Err(Clear::BringBack(loser.id.clone(), WHOLE))
        }
        (_, Some(ill)) if is_restored(deployment) => Err(match deployment.progress.reopened < REOPENED {
            true => Clear::SendBack(why.clone(), Rollback::Restore),
            false => spare(ill),
        }),
        // The last task set is never taken away.
        (None, _) => Err(Clear::Done),
        // No call of ours is better off for the new task set: it has none.
        (Some(blue), _) => Ok(blue),
    }
}

/// Whether the old task set was put back, and its tasks were taken away by a removal that was carried out late.
fn was_emptied_late(service: &Service, deployment: &Deployment, live: &LiveService) -> bool {
    is_restored(deployment)
        && deployment.progress.removing.contains_key(&service.blue)
        && deployment.progress.reopened < REOPENED
        && ailment(live, live.get(&service.blue), None) == Some(Ailment::ScaledToZero)
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

#[cfg(test)]
mod tests;
