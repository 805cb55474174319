//! Who finishes the job of a deployment, as RepairDeployment tells it.

use serde::{Deserialize, Serialize};

/// The answer to RepairDeployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepairView {
    /// The deployment.
    pub deployment_id: String,
    /// The execution that finishes its job.
    pub execution_arn: String,
}
