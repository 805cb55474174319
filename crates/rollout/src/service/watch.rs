//! Whether the task set that has traffic is well.

use super::Balancer;
use super::live::{Health, TaskSet};
use crate::deployment::Deployment;
use crate::ending::{Ending, ErrorCode};
use crate::service::Service;

/// Judges the green task set of a deployment that has moved traffic to it: `None` while it is well, or has no traffic yet.
///
/// Tasks that come and go are ECS's business and the alarms'; a task set that is gone, or has not one healthy target left, ends
/// the deployment (contract 5.4: "CodeDeploy detected that the replacement task set is unhealthy.").
pub fn judge(service: &Service, deployment: &Deployment, green: Option<&TaskSet>, health: Health) -> Option<Ending> {
    deployment.progress.at.as_ref()?;
    let unhealthy = |why: &str| {
        let message = format!("CodeDeploy detected that the replacement task set is unhealthy. {why}");
        Some(Ending::new(ErrorCode::EcsUpdateError, message))
    };
    match green {
        None => unhealthy("It was deleted by somebody else."),
        Some(green) if green.desired > 0 && green.running == 0 => unhealthy("None of its tasks runs."),
        Some(green) if green.desired > 0 && service.balancer == Balancer::Application && health.healthy == 0 => {
            unhealthy("The load balancer finds none of its targets healthy.")
        }
        Some(_) => None,
    }
}
