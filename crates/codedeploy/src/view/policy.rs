//! What a deployment group says about the order of its deployments, as GetGroupPolicy and PutGroupPolicy tell it.

use serde::{Deserialize, Serialize};

shapes! {
    /// PutGroupPolicy. A member that is absent stays as it is.
    PutGroupPolicyInput {
        application_name: String,
        deployment_group_name: String,
        /// `Refuse`, `Queue` or `Supersede`.
        when_busy: String,
        /// How many deployments may wait.
        queue_limit: u32,
        /// `Any` or `NewerOnly`.
        order: String,
    }
}

/// The answer of both: the whole policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GroupPolicyView {
    /// The group's application.
    pub application_name: String,
    /// The group.
    pub deployment_group_name: String,
    /// What becomes of a deployment that comes while the group has another one: `Refuse`, `Queue` or `Supersede`.
    pub when_busy: String,
    /// How many deployments may wait.
    pub queue_limit: u32,
    /// Whether one may be older than the last, by its sequence number: `Any` or `NewerOnly`.
    pub order: String,
    /// The deployments that wait, in the order of their turns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub queue: Vec<String>,
}
