//! What a stack may not touch, by its own parameters and by tags.

use std::fmt;

use super::which::Which;
use crate::ids::{ClusterName, ListenerArn, RouteId, ServiceName, TaskSetId};

/// One thing that this stack would have to touch, and may not.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum ReachRefusal {
    ClusterNotNamed { cluster: ClusterName, arn: String, named: Vec<String> },
    ServiceUntagged { service: ServiceName, arn: String },
    TaskSetUntagged { task_set: TaskSetId, arn: String },
    ListenerNotNamed { which: Which, listener: ListenerArn, named: Vec<String> },
    RouteUntagged { which: Which, listener: ListenerArn, route: RouteId },
}

impl ReachRefusal {
    /// The stable name of the reason, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ClusterNotNamed { .. } | Self::ServiceUntagged { .. } => "ServiceNotAllowed",
            Self::TaskSetUntagged { .. } => "TaskSetNotAllowed",
            Self::ListenerNotNamed { .. } | Self::RouteUntagged { .. } => "ListenerNotAllowed",
        }
    }
}

impl fmt::Display for ReachRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClusterNotNamed { cluster, arn, named } => write!(
                f,
                "this stack may not touch the services of the cluster {cluster}: its parameter EcsClusters has {}; add {arn} to it",
                named.join(" and ")
            ),
            Self::ServiceUntagged { service, arn } => write!(
                f,
                "this stack may not touch the service {service}, which does not have the tag tideshift=enabled: tag it (aws ecs \
                 tag-resource --resource-arn {arn} --tags key=tideshift,value=enabled), or name its cluster in the stack's \
                 parameter EcsClusters"
            ),
            Self::TaskSetUntagged { task_set, arn } => write!(
                f,
                "this stack may not remove the task set {task_set} once the new one has its traffic, since it does not have the tag \
                 tideshift=enabled: tag it (aws ecs tag-resource --resource-arn {arn} --tags key=tideshift,value=enabled), or \
                 name its cluster in the stack's parameter EcsClusters"
            ),
            Self::ListenerNotNamed { which, listener, named } => write!(
                f,
                "this stack may not touch the {which} listener {listener}: its parameter EcsListeners has {}; add it there",
                named.join(" and ")
            ),
            Self::RouteUntagged { which, listener, route } => {
                let what = if route.as_str() == listener.as_str() {
                    format!("the {which} listener {listener}")
                } else {
                    format!("the rule {route} of the {which} listener")
                };
                write!(
                    f,
                    "this stack may not touch {what}, which does not have the tag tideshift=enabled: tag it (aws elbv2 add-tags \
                     --resource-arns {route} --tags Key=tideshift,Value=enabled), or name the listener in the stack's parameter \
                     EcsListeners"
                )
            }
        }
    }
}
