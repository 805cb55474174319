//! Whether the task set that has traffic is well.

use std::fmt;

use super::live::{Health, LiveService, TaskSet};
use crate::deployment::Deployment;
use crate::ending::{Ending, ErrorCode};
use crate::service::Service;

/// Why a task set cannot take calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ailment {
    /// It does not exist any more, or is going away.
    Deleted,
    /// Somebody took all of its share.
    ScaledToZero,
    /// It has no running task.
    NotRunning {
        /// Whether some are on their way.
        coming: bool,
    },
    /// The load balancer finds no target of it healthy.
    Unhealthy,
}

impl fmt::Display for Ailment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deleted => "It was deleted by somebody else.",
            Self::ScaledToZero => "It was scaled to zero by somebody else.",
            Self::NotRunning { .. } => "None of its tasks runs.",
            Self::Unhealthy => "The load balancer finds none of its targets healthy.",
        })
    }
}

/// What keeps a task set from taking calls; `None`: nothing that ECS or the load balancer know of. What counts is what the
/// service wants now: where it wants no tasks, no task set is missing any.
///
/// Tasks that come and go are ECS's business and the alarms'.
///
/// Where nobody looks at a group's targets, or nobody asked how they are, ECS alone is asked.
pub fn ailment(live: &LiveService, set: Option<&TaskSet>, health: Option<Health>) -> Option<Ailment> {
    let Some(set) = set.filter(|set| set.stays()) else { return Some(Ailment::Deleted) };
    if live.desired == 0 {
        return None;
    }
    if set.scale == 0 {
        return Some(Ailment::ScaledToZero);
    }
    if set.running == 0 {
        return Some(Ailment::NotRunning { coming: set.pending > 0 });
    }
    let unhealthy = |health: Health| health.healthy == 0 && (health.unused == 0 || health.unused < health.registered);
    health.is_some_and(unhealthy).then_some(Ailment::Unhealthy)
}

/// How the green task set of a deployment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Watch {
    /// It is well, or has no traffic yet.
    Well,
    /// The service wanted no tasks when the deployment began, and wants some now: they come up cold, whichever task set it is.
    Coming(Ailment),
    /// It has traffic and cannot take it.
    Ill(Ending),
}

/// Judges the green task set of a deployment that has moved traffic to it. One that is gone, or has not one healthy target
/// left, ends the deployment (contract 5.4: "CodeDeploy detected that the replacement task set is unhealthy.").
pub fn judge(service: &Service, deployment: &Deployment, live: &LiveService, health: Option<Health>) -> Watch {
    if deployment.progress.at.is_none() {
        return Watch::Well;
    }
    let green = live.made_by(deployment.id.as_str());
    match ailment(live, green, health) {
        None => Watch::Well,
        Some(ailment @ (Ailment::NotRunning { coming: true } | Ailment::Unhealthy)) if service.desired == 0 => {
            Watch::Coming(ailment)
        }
        Some(ailment) => Watch::Ill(unhealthy(ailment)),
    }
}

/// The ending of a deployment whose green task set cannot take calls.
pub fn unhealthy(ailment: Ailment) -> Ending {
    let message = format!("CodeDeploy detected that the replacement task set is unhealthy. {ailment}");
    Ending::new(ErrorCode::EcsUpdateError, message)
}

/// Whether there still is a task set to go back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Old {
    /// It runs.
    There,
    /// Somebody deleted it.
    Gone,
}

/// Looks for the task set that had the traffic before.
pub fn old(service: &Service, live: &LiveService) -> Old {
    match live.get(&service.blue).filter(|blue| blue.stays()) {
        Some(_) => Old::There,
        None => Old::Gone,
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::progress::Position;
    use crate::service::live::Role;
    use crate::testing::a_service_plan;
    use crate::testing::service::{a_green_task_set, a_service_deployment};

    const HEALTHY: Health = Health { registered: 2, healthy: 2, unused: 0 };
    const NONE_HEALTHY: Health = Health { registered: 2, healthy: 0, unused: 0 };

    /// A service of so many tasks in the plan and now, whose green task set has traffic.
    fn judged((planned, now): (u32, u32), green: Option<TaskSet>, health: Option<Health>) -> String {
        let plan = a_service_plan("ECSAllAtOnce");
        let service = Service { desired: planned, ..plan.target.service().unwrap().clone() };
        let mut deployment = a_service_deployment();
        let position = Position { step: 0, since: jiff::Timestamp::UNIX_EPOCH, continued: false };
        deployment.progress.at = Some(position);
        let live = live(now, green);
        match judge(&service, &deployment, &live, health) {
            Watch::Well => "well".to_owned(),
            Watch::Coming(why) => format!("coming: {why}"),
            Watch::Ill(why) => format!("{}: {}", why.code, why.message),
        }
    }

    fn live(desired: u32, green: Option<TaskSet>) -> LiveService {
        LiveService {
            controller: "EXTERNAL".to_owned(),
            active: true,
            desired,
            task_sets: green.into_iter().collect(),
            said: Vec::new(),
        }
    }

    fn application(green: Option<TaskSet>, health: Health) -> String {
        judged((2, 2), green, Some(health))
    }

    #[test]
    fn a_task_set_without_traffic_is_nobodys_concern() {
        let plan = a_service_plan("ECSAllAtOnce");
        let watch = judge(plan.target.service().unwrap(), &a_service_deployment(), &live(2, None), None);
        assert_eq!(watch, Watch::Well);
    }

    #[test]
    fn a_task_set_is_well_while_one_of_its_targets_is() {
        let one = Health { registered: 2, healthy: 1, unused: 0 };
        assert_eq!(application(Some(a_green_task_set()), HEALTHY), "well");
        assert_eq!(application(Some(TaskSet { running: 1, ..a_green_task_set() }), one), "well");
    }

    #[test]
    fn a_service_that_wants_no_tasks_now_is_missing_none() {
        let empty = TaskSet { desired: 0, running: 0, ..a_green_task_set() };
        for planned in [0, 2] {
            assert_eq!(judged((planned, 0), Some(empty.clone()), Some(NONE_HEALTHY)), "well");
        }
    }

    #[test]
    fn targets_that_nobody_looks_at_or_asked_for_say_nothing() {
        let unused = Health { registered: 2, healthy: 0, unused: 2 };
        assert_eq!(application(Some(a_green_task_set()), unused), "well");
        assert_eq!(judged((2, 2), Some(a_green_task_set()), None), "well");
    }

    #[test]
    fn a_service_that_wants_tasks_again_may_come_up_cold_but_not_dead() {
        let coming = TaskSet { desired: 2, running: 0, pending: 2, ..a_green_task_set() };
        let judged = |planned, green: &TaskSet, health| judged((planned, 2), Some(green.clone()), Some(health));
        assert!(judged(2, &coming, NONE_HEALTHY).starts_with("ECS_UPDATE_ERROR"), "it wanted some all along");
        assert_eq!(judged(0, &coming, NONE_HEALTHY), "coming: None of its tasks runs.");
        let young = TaskSet { running: 2, pending: 0, ..coming.clone() };
        assert!(judged(0, &young, NONE_HEALTHY).starts_with("coming"));
        let dead = TaskSet { pending: 0, ..coming };
        assert!(judged(0, &dead, NONE_HEALTHY).starts_with("ECS_UPDATE_ERROR"));
    }

    #[test]
    fn a_task_set_that_is_gone_or_has_nothing_left_ends_the_deployment() {
        let answers = [
            application(None, HEALTHY),
            application(Some(TaskSet { role: Role::Draining, desired: 0, ..a_green_task_set() }), HEALTHY),
            application(Some(TaskSet { scale: 0, desired: 0, running: 0, ..a_green_task_set() }), HEALTHY),
            application(Some(TaskSet { running: 0, ..a_green_task_set() }), HEALTHY),
            application(Some(a_green_task_set()), NONE_HEALTHY),
        ];
        expect![[r#"
            ECS_UPDATE_ERROR: CodeDeploy detected that the replacement task set is unhealthy. It was deleted by somebody else.
            ECS_UPDATE_ERROR: CodeDeploy detected that the replacement task set is unhealthy. It was deleted by somebody else.
            ECS_UPDATE_ERROR: CodeDeploy detected that the replacement task set is unhealthy. It was scaled to zero by somebody else.
            ECS_UPDATE_ERROR: CodeDeploy detected that the replacement task set is unhealthy. None of its tasks runs.
            ECS_UPDATE_ERROR: CodeDeploy detected that the replacement task set is unhealthy. The load balancer finds none of its targets healthy."#]].assert_eq(&answers.join("\n"));
    }
}
