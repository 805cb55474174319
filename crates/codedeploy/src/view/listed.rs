//! Deployments one line each, as ListDeployments and DescribeTarget tell them.

use serde::{Deserialize, Serialize};

use super::{LeftWarm, Outcome, Pair, ShownTarget};
use crate::time::Time;

/// The answer to ListDeployments. Who hands its rows on as they are reads them as something else.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentList<Row = ListedDeployment> {
    /// Newest first.
    pub deployments: Vec<Row>,
    /// Where the next page begins, if there is more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}

/// One row of the answer to ListDeployments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedDeployment {
    /// What moves, as far as it is known.
    #[serde(default)]
    pub target: Option<ShownTarget>,
    /// The task sets of a service, once there is a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<Pair>,
    /// From which version or task definition.
    #[serde(default)]
    pub from: Option<String>,
    /// To which one.
    #[serde(default)]
    pub to: Option<String>,
    /// Its id.
    pub deployment_id: String,
    /// CodeDeploy's word for where it is.
    pub status: String,
    /// Present once it is over.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// When it was accepted.
    #[serde(default)]
    pub create_time: Option<Time>,
    /// What ended it, where it did not end well.
    #[serde(default)]
    pub error_code: Option<String>,
    /// Why, in the words of whoever asked for it.
    #[serde(default)]
    pub description: Option<String>,
    /// The deployment whose rollback it shows.
    #[serde(default)]
    pub rollback_of: Option<String>,
    /// The deployment that shows its rollback.
    #[serde(default)]
    pub rolled_back_by: Option<String>,
    /// The provisioned concurrency that its version may still have of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_warm: Option<LeftWarm>,
}
