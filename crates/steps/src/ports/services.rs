//! Services of ECS, and the load balancers in front of them.

use std::collections::BTreeSet;

use rollout::ids::{
    ClusterName, DeploymentId, ListenerArn, RouteId, ServiceName, TargetGroupArn, TargetGroupName, TaskDefinition,
    TaskSetId,
};
use rollout::routing::Routing;
use rollout::service::TaskSetSpec;
use rollout::service::clear::Deletion;
use rollout::service::live::{Health, Listener, Said, TargetGroup};
use rollout::service::preflight::{DefinitionFacts, ServiceFound};
use rollout::service::reach::ServiceTags;

use super::error::PortError;

/// Reads services with their task sets.
pub trait ReadServices {
    /// A service with its task sets.
    async fn service(&self, cluster: &ClusterName, service: &ServiceName) -> Result<ServiceFound, PortError>;
}

/// Reads why tasks stopped.
pub trait ReadStoppedTasks {
    /// What ECS says of the tasks of a service that have stopped of late and ran this. It remembers them for an hour.
    async fn stopped(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        definition: &TaskDefinition,
    ) -> Result<Vec<Said>, PortError>;
}

/// Reads what a deployment of a service is planned with.
pub trait ReadServiceFacts {
    /// Which of a service and its task sets have the tag of what this stack may change.
    async fn tags(&self, cluster: &ClusterName, service: &ServiceName) -> Result<ServiceTags, PortError>;

    /// A task definition; `None` if it does not exist.
    async fn definition(&self, definition: &TaskDefinition) -> Result<Option<DefinitionFacts>, PortError>;
}

/// Reads where load balancers send calls.
pub trait ReadListeners {
    /// A listener with every place where it forwards; `None` if it does not exist.
    async fn listener(&self, listener: &ListenerArn) -> Result<Option<Listener>, PortError>;
}

/// Reads the health of targets.
pub trait ReadHealth {
    /// How the targets of a group are.
    async fn health(&self, group: &TargetGroupArn) -> Result<Health, PortError>;
}

/// Reads what a deployment behind a load balancer is planned with.
pub trait ReadTargetGroups {
    /// A target group, by name or ARN; `None` if it does not exist.
    async fn target_group(&self, group: &TargetGroupName) -> Result<Option<TargetGroup>, PortError>;

    /// Those of these places that have the tag of what this stack may change. One that has gone is [`PortError::Conflict`].
    async fn tagged(&self, routes: &[RouteId]) -> Result<BTreeSet<RouteId>, PortError>;
}

/// Moves live traffic between two target groups.
pub trait WriteListeners {
    /// Divides the traffic of these routes of a listener between the pair, the first of which is what `to` counts as the
    /// rest. Both keep their place, with a weight of 0 where they get nothing; all else about the routes stays as it is.
    /// Twice is the same as once. A route that does not exist any more is [`PortError::Missing`], one that forwards to anything
    /// beside the pair by now is [`PortError::Conflict`] and not touched.
    async fn route(
        &self,
        listener: &ListenerArn,
        routes: &[RouteId],
        pair: (&TargetGroupArn, &TargetGroupArn),
        to: &Routing,
    ) -> Result<(), PortError>;
}

/// Makes task sets.
pub trait CreateTaskSets {
    /// Makes one at 100 percent, with the deployment's id as external id and client token, and returns its id. Twice is the
    /// same as once.
    async fn create_task_set(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        group: &TargetGroupArn,
        spec: &TaskSetSpec,
        id: &DeploymentId,
    ) -> Result<TaskSetId, PortError>;
}

/// Says which task set is the primary one.
pub trait PromoteTaskSets {
    /// Makes one the primary. Twice is the same as once.
    async fn promote(&self, cluster: &ClusterName, service: &ServiceName, set: &TaskSetId) -> Result<(), PortError>;
}

/// Gives task sets back what they had.
pub trait RestoreTaskSets {
    /// Gives one so many percent of the service's desired count. One that does not exist is [`PortError::Missing`].
    async fn scale_up(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
        percent: u8,
    ) -> Result<(), PortError>;
}

/// Takes the tasks of task sets away.
pub trait EmptyTaskSets {
    /// Takes its tasks away. One that does not exist is [`PortError::Missing`].
    async fn scale_to_zero(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
    ) -> Result<(), PortError>;
}

/// Deletes task sets.
pub trait DeleteTaskSets {
    /// Deletes it. One that does not exist is [`PortError::Missing`]; one that may have no tasks and is to have some is refused.
    async fn delete_task_set(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
        how: Deletion,
    ) -> Result<(), PortError>;
}
