//! Whether the task set that has traffic is well.

use std::fmt;

use jiff::Timestamp;

use super::live::{Health, LiveService, TaskSet};
use super::times::TASKS_COMING;
use crate::code::ErrorCode;
use crate::deployment::Deployment;
use crate::ending::Ending;
use crate::ids::TaskSetId;
use crate::plan::Plan;
use crate::seconds::Seconds;
use crate::service::Service;
use crate::verdict::Verdict;
use crate::weight::Weight;

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
/// left, ends the deployment (docs/codedeploy-contract.md 5.4: "CodeDeploy detected that the replacement task set is unhealthy.").
///
/// So does a task set of somebody else's beside it, behind its target group: that has a part of its calls.
pub fn judge(service: &Service, deployment: &Deployment, live: &LiveService, health: Option<Health>) -> Watch {
    let green = live.made_by(deployment.id.as_str());
    let is_other = |set: &&TaskSet| green.is_some_and(|green| green.id != set.id) && set.running > 0;
    if let Some(other) = live.behind(&service.green_group).find(is_other) {
        let message = format!(
            "the task set {} of {} was put behind the target group of the new one by somebody else, or by an older deployment",
            other.id,
            other.task_definition.short()
        );
        return Watch::Ill(Ending::new(ErrorCode::Drift, message));
    }
    if deployment.progress.at.is_none() {
        return Watch::Well;
    }
    match ailment(live, green, health) {
        None => Watch::Well,
        Some(ailment @ (Ailment::NotRunning { coming: true } | Ailment::Unhealthy)) if service.desired == 0 => {
            Watch::Coming(ailment)
        }
        Some(ailment) => Watch::Ill(unhealthy(ailment)),
    }
}

/// The verdict on the green task set. Tasks that come up cold have [`TASKS_COMING`] for it.
pub fn verdict(
    service: &Service,
    deployment: &Deployment,
    live: &LiveService,
    health: Health,
    now: Timestamp,
) -> Verdict {
    match judge(service, deployment, live, Some(health)) {
        Watch::Well => Verdict::Go,
        Watch::Ill(why) => Verdict::Stop(why),
        Watch::Coming(ailment) if cold_for(deployment, now) >= TASKS_COMING => Verdict::Stop(unhealthy(ailment)),
        Watch::Coming(ailment) => Verdict::Unsure(ailment.to_string()),
    }
}

/// How long tasks have been on their way.
pub fn cold_for(deployment: &Deployment, now: Timestamp) -> Seconds {
    deployment.progress.cold.map_or(Seconds::ZERO, |since| Seconds::between(since, now))
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

/// The old task set has calls, and lost its tasks: it gets so many percent back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refill {
    /// Which.
    pub task_set: TaskSetId,
    /// Its scale.
    pub percent: u8,
}

/// The old task set, where it has calls still and somebody took its tasks, or a removal of an older deployment did: it gets that
/// many percent back.
pub fn emptied(plan: &Plan, service: &Service, deployment: &Deployment, live: &LiveService) -> Option<Refill> {
    let at = deployment.progress.at.as_ref();
    let has_calls = at.is_none_or(|at| plan.routing_at(at.step).weight_of(&plan.shift().to) < Weight::FULL);
    // One that had no tasks when the deployment began was to have none.
    let blue = live.get(&service.blue).filter(|_| has_calls && service.blue_scale > 0)?;
    let is_empty = ailment(live, Some(blue), None) == Some(Ailment::ScaledToZero);
    is_empty.then(|| Refill { task_set: blue.id.clone(), percent: service.blue_scale })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::progress::Position;
    use crate::service::live::Role;
    use crate::testing::a_service_plan;
    use crate::testing::service::{a_green_task_set, a_service_deployment, a_task_set, blue, green};

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

    fn at(step: Option<usize>) -> Deployment {
        let mut deployment = a_service_deployment();
        deployment.progress.at =
            step.map(|step| Position { step, since: jiff::Timestamp::UNIX_EPOCH, continued: false });
        deployment
    }

    #[test]
    fn an_old_task_set_that_lost_its_tasks_gets_them_back_as_long_as_it_has_calls() {
        let plan = a_service_plan("ECSLinear50PercentEvery1Minutes");
        let service = plan.target.service().unwrap();
        let empty = || TaskSet { scale: 0, running: 0, ..a_task_set(1, Role::Primary, blue()) };
        let seen = |step, set: TaskSet| {
            let live = LiveService { task_sets: vec![set], ..live(2, None) };
            emptied(&plan, service, &at(step), &live)
                .map(|Refill { task_set, percent }| (task_set.to_string(), percent))
        };
        let back = Some(("ecs-svc/1".to_owned(), service.blue_scale));
        assert_eq!(seen(None, empty()), back);
        assert_eq!(seen(Some(0), empty()), back);
        assert_eq!(seen(Some(1), empty()), None, "it has no calls any more");
        assert_eq!(seen(Some(0), a_task_set(1, Role::Primary, blue())), None);
        assert_eq!(seen(Some(0), TaskSet { role: Role::Draining, ..empty() }), None, "it is gone");
        let never = Service { blue_scale: 0, ..service.clone() };
        let live = LiveService { task_sets: vec![empty()], ..live(2, None) };
        assert_eq!(emptied(&plan, &never, &at(Some(0)), &live), None, "it had none before");
    }

    #[test]
    fn a_task_set_beside_the_new_one_that_has_a_part_of_its_calls_ends_the_deployment() {
        let plan = a_service_plan("ECSAllAtOnce");
        let service = plan.target.service().unwrap();
        let other = || a_task_set(7, Role::Active, green());
        let seen = |step, other: TaskSet| {
            let live = LiveService { task_sets: vec![a_green_task_set(), other], ..live(2, None) };
            judge(service, &at(step), &live, Some(HEALTHY))
        };
        for step in [None, Some(0)] {
            let Watch::Ill(why) = seen(step, other()) else { panic!("{step:?}") };
            assert!(why.code == ErrorCode::Drift && why.message.starts_with("the task set ecs-svc/7 of "), "{why:?}");
            assert_eq!(seen(step, TaskSet { running: 0, ..other() }), Watch::Well, "it has no task yet");
            assert_eq!(seen(step, a_task_set(1, Role::Primary, blue())), Watch::Well);
        }
    }
}
