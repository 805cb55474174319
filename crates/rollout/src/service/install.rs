//! How the green task set comes: it is made once, and waited for until it may have traffic.

use jiff::Timestamp;

use super::live::{Health, LiveService};
use super::{Balancer, Service};
use crate::deployment::Deployment;
use crate::ending::{Ending, ErrorCode};
use crate::ids::TaskSetId;
use crate::lifecycle::LifecycleEvent;
use crate::plan::Plan;
use crate::seconds::Seconds;

/// How long a green task set may take to become healthy (contract 3.4).
pub const LIMIT: Seconds = Seconds::HOUR;

/// What the installation does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Install {
    /// Make room: this task set was left behind in green's place.
    Remove(TaskSetId),
    /// Make the green task set.
    Create,
    /// Look again after this long, or when ECS says that something happened.
    Wait(Seconds),
    /// It may have traffic.
    Ready(TaskSetId),
    /// It will not come.
    Failed(Ending),
}

/// Decides what the installation does, by what ECS says of the service and of green's targets.
///
/// `health` is what the load balancer says; without it, only ECS is asked. All at once needs no healthy targets: there, health
/// only counts once traffic has moved (contract 12.4).
pub fn next(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    live: &LiveService,
    health: Health,
    now: Timestamp,
) -> Install {
    let began = deployment.events.get(LifecycleEvent::Install).and_then(|record| record.started).unwrap_or(now);
    let elapsed = Seconds(u64::try_from(now.duration_since(began).as_secs()).unwrap_or(0));
    let Some(green) = live.made_by(deployment.id.as_str()) else {
        return match service.leftover.as_ref().and_then(|leftover| live.get(leftover)) {
            Some(_) if elapsed >= LIMIT => Install::Failed(too_long()),
            Some(leftover) => Install::Remove(leftover.id.clone()),
            None if deployment.progress.created => Install::Failed(Ending::new(
                ErrorCode::EcsUpdateError,
                "the green task set was deleted by somebody else while the deployment waited for it",
            )),
            None => Install::Create,
        };
    };
    let shifts = plan.steps.len() > 1 && service.balancer == Balancer::Application;
    let healthy = !shifts || (health.healthy > 0 && health.healthy >= green.desired);
    if green.steady && healthy {
        return Install::Ready(green.id.clone());
    }
    if elapsed >= LIMIT { Install::Failed(too_long()) } else { Install::Wait(wait(elapsed)) }
}

/// How long to wait before the next look: a third of the time gone by, so that an hour is [`crate::budget::INSTALL_LOOKS`]
/// looks at most. ECS's own event ends a wait early.
pub fn wait(elapsed: Seconds) -> Seconds {
    let left = LIMIT.0.saturating_sub(elapsed.0).max(1);
    Seconds((elapsed.0 / 3).clamp(2, 180).min(left))
}

fn too_long() -> Ending {
    let message = format!(
        "The deployment timed out while waiting for the replacement task set to become healthy. This time out period is {} \
         minutes.",
        LIMIT.0 / 60
    );
    Ending::new(ErrorCode::Timeout, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_waiting_is_no_more_looks_than_the_history_has_room_for() {
        let (mut elapsed, mut looks) = (Seconds::ZERO, 0);
        while elapsed < LIMIT {
            elapsed = elapsed + wait(elapsed);
            looks += 1;
        }
        assert!(looks <= crate::budget::INSTALL_LOOKS, "{looks} looks");
        assert_eq!(elapsed, LIMIT, "and the last one is on time");
    }
}
