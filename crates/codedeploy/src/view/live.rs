//! What is live on a target, as DescribeTarget tells it.

use serde::{Deserialize, Serialize};

use super::{ListedDeployment, RoutingView, ShownTarget};
use crate::time::Time;

/// The answer to DescribeTarget.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TargetView {
    /// The target.
    pub target: ShownTarget,
    /// Where its calls go now; absent where nobody can tell.
    #[serde(default)]
    pub live: Option<RoutingView>,
    /// Why nobody can tell, or what is odd about it.
    #[serde(default)]
    pub note: Option<String>,
    /// The task sets of a service, as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub task_sets: Vec<LiveTaskSet>,
    /// The listener of the service's test traffic, where its newest deployment names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_listener: Option<String>,
    /// Whether the next deployment takes over what the one before left behind, instead of refusing it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_behind: bool,
    /// The deployment that is at it.
    #[serde(default)]
    pub active: Option<String>,
    /// The last revision that a deployment brought to all of the traffic, or put all of it back to.
    #[serde(default)]
    pub last_good: Option<GoodView>,
    /// What was deployed there, newest first.
    #[serde(default)]
    pub history: Vec<ListedDeployment>,
}

/// A revision that had all of the traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GoodView {
    /// The version, or the task definition.
    pub revision: String,
    /// The deployment that succeeded with it.
    pub deployment_id: String,
    /// When that was accepted.
    #[serde(default)]
    pub create_time: Option<Time>,
}

/// A task set as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LiveTaskSet {
    /// Its id.
    pub task_set: String,
    /// What it runs.
    pub task_definition: String,
    /// ECS's word: PRIMARY, ACTIVE or DRAINING.
    pub status: String,
    /// How many tasks it is to have.
    #[serde(default)]
    pub desired_count: u32,
    /// How many of them run.
    #[serde(default)]
    pub running_count: u32,
    /// The target group it is registered with.
    #[serde(default)]
    pub target_group: Option<String>,
    /// Its share of the traffic in percent, where a deployment told which listener it is behind.
    #[serde(default)]
    pub weight: Option<u8>,
    /// Its share of the test traffic in percent, where there is a listener of that: the largest of its places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_weight: Option<u8>,
}
