//! Whether the task set that has traffic is well.

use super::Balancer;
use super::live::{Health, LiveService, TaskSet};
use crate::deployment::Deployment;
use crate::ending::{Ending, ErrorCode};
use crate::service::Service;

/// Judges the green task set of a deployment that has moved traffic to it: `None` while it is well, or has no traffic yet.
///
/// Tasks that come and go are ECS's business and the alarms'; a task set that is gone, or has not one healthy target left, ends
/// the deployment (contract 5.4: "CodeDeploy detected that the replacement task set is unhealthy.").
///
/// A service that wanted no tasks when the deployment began, and wants some now, comes up cold whichever task set it is: that
/// says nothing about green.
///
/// A Network Load Balancer first looks at green's targets once they have the traffic, and takes minutes for it: until then none
/// of them is healthy, which says nothing. So there ECS alone is asked whether the tasks run.
pub fn judge(service: &Service, deployment: &Deployment, green: Option<&TaskSet>, health: Health) -> Option<Ending> {
    deployment.progress.at.as_ref()?;
    let unhealthy = |why: &str| {
        let message = format!("CodeDeploy detected that the replacement task set is unhealthy. {why}");
        Some(Ending::new(ErrorCode::EcsUpdateError, message))
    };
    match green.filter(|green| green.stays()) {
        None => unhealthy("It was deleted by somebody else."),
        Some(_) if service.desired == 0 => None,
        Some(green) if green.desired > 0 && green.running == 0 => unhealthy("None of its tasks runs."),
        Some(green) if green.desired > 0 && service.balancer == Balancer::Application && health.healthy == 0 => {
            unhealthy("The load balancer finds none of its targets healthy.")
        }
        Some(_) => None,
    }
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

    const HEALTHY: Health = Health { registered: 2, healthy: 2 };

    fn judged(balancer: Balancer, green: Option<TaskSet>, health: Health, has_traffic: bool) -> Option<String> {
        let plan = a_service_plan("ECSAllAtOnce");
        let service = Service { balancer, ..plan.target.service().unwrap().clone() };
        let mut deployment = a_service_deployment();
        let position = Position { step: 0, since: jiff::Timestamp::UNIX_EPOCH, continued: false };
        deployment.progress.at = Some(position).filter(|_| has_traffic);
        judge(&service, &deployment, green.as_ref(), health).map(|why| format!("{}: {}", why.code, why.message))
    }

    #[test]
    fn a_task_set_without_traffic_is_nobodys_concern() {
        assert_eq!(judged(Balancer::Application, None, Health::default(), false), None);
    }

    #[test]
    fn a_task_set_is_well_while_one_of_its_targets_is() {
        let one = Health { registered: 2, healthy: 1 };
        assert_eq!(judged(Balancer::Application, Some(a_green_task_set()), HEALTHY, true), None);
        assert_eq!(judged(Balancer::Application, Some(TaskSet { running: 1, ..a_green_task_set() }), one, true), None);
        let empty = TaskSet { desired: 0, running: 0, ..a_green_task_set() };
        assert_eq!(
            judged(Balancer::Application, Some(empty), Health::default(), true),
            None,
            "the service wants no tasks"
        );
    }

    #[test]
    fn targets_that_a_network_load_balancer_has_not_looked_at_yet_end_nothing() {
        for health in [Health::default(), Health { registered: 2, healthy: 0 }] {
            assert_eq!(judged(Balancer::Network, Some(a_green_task_set()), health, true), None, "{health:?}");
            let dead = Some(TaskSet { running: 0, ..a_green_task_set() });
            assert!(judged(Balancer::Network, dead, health, true).is_some(), "its tasks are still asked for");
        }
    }

    #[test]
    fn a_service_that_wants_tasks_again_may_come_up_cold() {
        let plan = a_service_plan("ECSAllAtOnce");
        let mut service = plan.target.service().unwrap().clone();
        let mut deployment = a_service_deployment();
        deployment.progress.at = Some(Position { step: 0, since: jiff::Timestamp::UNIX_EPOCH, continued: false });
        let coming = TaskSet { desired: 2, running: 0, pending: 2, ..a_green_task_set() };
        let mut judged = |desired: u32, green: Option<&TaskSet>| {
            service.desired = desired;
            judge(&service, &deployment, green, Health::default()).is_some()
        };
        assert!(judged(2, Some(&coming)));
        assert!(!judged(0, Some(&coming)), "it wanted none when the deployment began");
        assert!(judged(0, None), "one that is gone is gone");
    }

    #[test]
    fn a_task_set_that_is_gone_or_has_nothing_left_ends_the_deployment() {
        let application = |green, health| judged(Balancer::Application, green, health, true).unwrap_or_default();
        let answers = [
            application(None, HEALTHY),
            application(Some(TaskSet { role: Role::Draining, desired: 0, ..a_green_task_set() }), HEALTHY),
            application(Some(TaskSet { running: 0, ..a_green_task_set() }), HEALTHY),
            application(Some(a_green_task_set()), Health { registered: 2, healthy: 0 }),
        ];
        expect![[r#"
            ECS_UPDATE_ERROR: CodeDeploy detected that the replacement task set is unhealthy. It was deleted by somebody else.
            ECS_UPDATE_ERROR: CodeDeploy detected that the replacement task set is unhealthy. It was deleted by somebody else.
            ECS_UPDATE_ERROR: CodeDeploy detected that the replacement task set is unhealthy. None of its tasks runs.
            ECS_UPDATE_ERROR: CodeDeploy detected that the replacement task set is unhealthy. The load balancer finds none of its targets healthy."#]].assert_eq(&answers.join("\n"));
    }
}
