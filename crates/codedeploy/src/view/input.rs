//! What our own operations take. PlanDeployment takes what CreateDeployment does, RepairDeployment a deployment's id.

use super::Outcome;
use crate::shapes::{ListInput, TimeRange};

shapes! {
    /// DescribeDeployment.
    DescribeDeploymentInput {
        deployment_id: String,
        /// Whether its target is looked at, too.
        look: bool,
    }

    /// Our own ListDeployments: what CodeDeploy's takes, and how the deployments are narrowed down further.
    ListDeploymentsInput {
        application_name: String,
        deployment_group_name: String,
        external_id: String,
        include_only_statuses: Vec<String>,
        create_time_range: TimeRange,
        next_token: String,
        /// Those of a target.
        target: String,
        /// Those that ended in one of these ways.
        outcomes: Vec<Outcome>,
        /// How many on a page.
        limit: u32,
    }

    /// DescribeTarget.
    DescribeTargetInput {
        target: String,
    }
}

impl From<ListDeploymentsInput> for ListInput {
    fn from(asked: ListDeploymentsInput) -> Self {
        Self {
            application_name: asked.application_name,
            deployment_group_name: asked.deployment_group_name,
            external_id: asked.external_id,
            include_only_statuses: asked.include_only_statuses,
            create_time_range: asked.create_time_range,
            next_token: asked.next_token,
        }
    }
}
