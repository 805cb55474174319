//! The second platform: a service of ECS with the `EXTERNAL` deployment controller, its task sets, and the listeners in front
//! of them.
//!
//! A deployment makes a *green* task set beside the *blue* one that has the traffic, moves the listeners' weights from one
//! target group to the other, makes green the primary task set, and removes blue. How weights move, when a deployment stops
//! and how it goes back are the same rules as for an alias; here is only what an alias has no counterpart of: what a service
//! looks like ([`live`]), what of it a stack may change ([`reach`]), what speaks against deploying to it ([`preflight`]), how the green task set comes ([`install`]), whether it is well ([`watch`]),
//! whether traffic may go back to the blue one ([`home`]), how the one that lost goes ([`clear`]), and what may still come when
//! everything is over ([`aftermath`]).

pub mod aftermath;
pub mod clear;
pub(crate) mod draft;
pub mod facts;
pub mod home;
pub mod install;
pub mod live;
pub mod older;
pub mod preflight;
pub mod reach;
pub mod spec;
pub mod times;
pub mod watch;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use self::spec::{Capacity, CapacityProvider, Network, Registry, TaskSetSpec, WantedNetwork};
use crate::hold::Wait;
use crate::ids::{
    ClusterName, ContainerName, ListenerArn, RouteId, ServiceName, TargetGroupArn, TargetGroupName, TaskDefinition,
    TaskSetId,
};
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::service::live::Route;

/// A service and the places in front of it, as a deployment group or an AppSpec's `Service` names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceAddress {
    /// The cluster.
    pub cluster: ClusterName,
    /// The service.
    pub service: ServiceName,
    /// The pair of target groups, in no particular order.
    pub target_groups: [TargetGroupName; 2],
    /// The listener of production traffic.
    pub production: ListenerArn,
    /// The listener of test traffic, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<ListenerArn>,
}

/// The waits around the traffic, as a deployment group's `blueGreenDeploymentConfiguration` has them (docs/codedeploy-contract.md 5.7).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waits {
    /// `deploymentReadyOption`: before production traffic moves, until somebody continues the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready: Option<Wait>,
    /// `terminateBlueInstancesOnDeploymentSuccess`: how long the blue task set is kept after the traffic has moved.
    #[serde(default)]
    pub termination: Seconds,
}

/// What an AppSpec for ECS says of its service (docs/codedeploy-contract.md 2.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetService {
    /// `TaskDefinition`.
    pub task_definition: TaskDefinition,
    /// `LoadBalancerInfo.ContainerName`.
    pub container: ContainerName,
    /// `LoadBalancerInfo.ContainerPort`.
    pub port: u16,
    /// `PlatformVersion`.
    pub platform_version: Option<String>,
    /// `NetworkConfiguration.AwsvpcConfiguration`; without it, that of the service.
    pub network: Option<WantedNetwork>,
    /// `CapacityProviderStrategy`, or `LaunchType`, our addition; without them, that of the service.
    pub capacity: Option<Capacity>,
    /// `Service`, our addition, for deployments without a group.
    pub place: Option<ServiceAddress>,
}

/// What plans had no word for before: a task set has its whole share.
fn whole() -> u8 {
    100
}

/// A service as a plan has it: everything beside the weights that its deployment will need. The weights move from blue's
/// target group to green's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Service {
    /// The cluster.
    pub cluster: ClusterName,
    /// The service.
    pub service: ServiceName,
    /// The task set that has the traffic: the primary one when the plan was made.
    pub blue: TaskSetId,
    /// What blue runs.
    pub blue_definition: TaskDefinition,
    /// Blue's share of the service's desired count when the plan was made, in percent: what it gets back, should somebody take
    /// it away.
    #[serde(default = "whole")]
    pub blue_scale: u8,
    /// What green is made of.
    pub green: TaskSetSpec,
    /// Blue's target group.
    pub blue_group: TargetGroupArn,
    /// Green's target group.
    pub green_group: TargetGroupArn,
    /// The listener of production traffic.
    pub production: ListenerArn,
    /// The listener of test traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<ListenerArn>,
    /// The places of the test listener that began elsewhere than on blue, as some templates make it: a rollback brings them back there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub test_began: BTreeMap<RouteId, Routing>,
    /// Where the production listener forwarded to blue when the plan was made.
    pub routes: Vec<RouteId>,
    /// Where the test listener forwarded to one of the pair then. Plans of older code do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub test_routes: Vec<RouteId>,
    /// The waits around the traffic.
    #[serde(default)]
    pub waits: Waits,
    /// How many tasks the service wanted when the plan was made.
    #[serde(default)]
    pub desired: u32,
    /// A task set that stands in green's place, left behind by the deployment before, which was told not to roll back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leftover: Option<TaskSetId>,
}

impl Service {
    /// The pair of target groups, blue's first.
    pub fn pair(&self) -> (&TargetGroupArn, &TargetGroupArn) {
        (&self.blue_group, &self.green_group)
    }

    /// Where a place of the test listener is at home: where it was when the plan was made, which is blue's group unless it is written
    /// otherwise.
    pub fn test_home(&self, place: &RouteId) -> Routing {
        self.test_began.get(place).cloned().unwrap_or_else(|| Routing::all_on(self.blue_group.clone()))
    }

    /// Whether a place of the test listener forwards as it did before the deployment, and that was not to blue.
    pub fn is_as_it_began(&self, route: &Route) -> bool {
        let now = route.routing(self.pair()).map(|now| now.in_whole_percents());
        self.test_began.get(&route.id).is_some_and(|began| now.as_ref() == Some(began))
    }
}
