//! Whose services are, as DescribeServiceGroups tells it.

use serde::{Deserialize, Serialize};

/// The answer to DescribeServiceGroups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceGroupsView {
    /// Those of the services that belong to a deployment group.
    pub ecs_services: Vec<ServiceGroup>,
}

/// A service with the deployment group that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceGroup {
    /// The cluster, in the words of the question.
    pub cluster_name: String,
    /// The service, likewise.
    pub service_name: String,
    /// The group's application.
    pub application_name: String,
    /// The group.
    pub deployment_group_name: String,
}
