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
pub mod home;
pub mod install;
pub mod live;
pub mod older;
pub mod preflight;
pub mod reach;
pub mod watch;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ids::{
    ClusterName, ContainerName, ListenerArn, RouteId, ServiceName, TargetGroupArn, TargetGroupName, TaskDefinition,
    TaskSetId,
};
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::service::live::Route;
use crate::strategy::OnTimeout;

/// A service and the places in front of it, as a deployment group or an AppSpec's `Service` names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
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

/// A wait for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wait {
    /// How long the person has.
    pub timeout: Seconds,
    /// What happens then.
    pub on_timeout: OnTimeout,
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
    pub place: Option<Place>,
}

/// The network that an AppSpec asks for; what it leaves open is as the old task set has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedNetwork {
    /// Subnets.
    pub subnets: Vec<String>,
    /// Security groups.
    pub security_groups: Option<Vec<String>>,
    /// `AssignPublicIp`.
    pub public_ip: Option<bool>,
}

impl WantedNetwork {
    /// With what is left open taken from the network of the old task set; without one, as ECS has it.
    pub fn filled_from(&self, old: Option<&Network>) -> Network {
        Network {
            subnets: self.subnets.clone(),
            security_groups: self
                .security_groups
                .clone()
                .unwrap_or_else(|| old.map(|old| old.security_groups.clone()).unwrap_or_default()),
            public_ip: self.public_ip.unwrap_or_else(|| old.is_some_and(|old| old.public_ip)),
        }
    }
}

/// The network of tasks in mode awsvpc.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Network {
    /// Subnets.
    pub subnets: Vec<String>,
    /// Security groups.
    pub security_groups: Vec<String>,
    /// `AssignPublicIp`.
    pub public_ip: bool,
}

/// One entry of a capacity provider strategy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CapacityProvider {
    /// The provider.
    pub provider: String,
    /// How many tasks run on it at least.
    pub base: u32,
    /// Its share of the others.
    pub weight: u32,
}

/// Where tasks run. ECS takes a launch type or a strategy, never both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Capacity {
    /// `EC2`, `FARGATE` or `EXTERNAL`.
    LaunchType(String),
    /// A capacity provider strategy.
    Providers(Vec<CapacityProvider>),
}

impl Capacity {
    /// The launch type that its tasks have, where that is known: capacity providers of an account's own may stand for two.
    pub fn launch_type(&self) -> Option<&str> {
        match self {
            Self::LaunchType(kind) => Some(kind),
            Self::Providers(_) => self.is_fargate().then_some("FARGATE"),
        }
    }

    /// Whether some of the tasks run on Fargate. Its capacity providers are the account's own, `FARGATE` and `FARGATE_SPOT`;
    /// ECS lets nobody give another one a name that begins so.
    pub fn is_fargate(&self) -> bool {
        match self {
            Self::LaunchType(kind) => kind == "FARGATE",
            Self::Providers(providers) => providers.iter().any(|entry| entry.provider.starts_with("FARGATE")),
        }
    }
}

/// Everything CreateTaskSet is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskSetSpec {
    /// The task definition, as an ARN.
    pub task_definition: TaskDefinition,
    /// The container that takes traffic.
    pub container: ContainerName,
    /// Its port.
    pub port: u16,
    /// The Fargate platform version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform_version: Option<String>,
    /// The network, where the tasks have one of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<Network>,
    /// Where the tasks run; `None`: the cluster's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// Where its tasks are registered for service discovery.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub registries: Vec<Registry>,
}

/// A service registry, and what of a task it is told. ECS knows which members go together; they are taken over as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registry {
    /// Its ARN.
    pub arn: String,
    /// The port that an SRV record says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<i32>,
    /// The container that is registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The port of that container.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_port: Option<i32>,
}

/// How long the nodes of a load balancer may go on with the weights they had. Until then the task set that lost keeps its
/// tasks: a request sent to it once all of them are leaving is answered with 503.
pub const SPREAD: Seconds = Seconds(20);

/// How long tasks that are on their way are waited for: those of the old task set, when the traffic is to go back to it, and
/// those of a service that wanted none when the deployment began. Minutes on Fargate, and a load balancer's first looks.
pub const PATIENCE: Seconds = Seconds(600);

/// How long to wait before the next look at tasks that are on their way: half of the time gone by, so that [`PATIENCE`] is
/// [`crate::budget::PATIENT_LOOKS`] looks at most.
pub fn patience(elapsed: Seconds) -> Seconds {
    let left = PATIENCE.0.saturating_sub(elapsed.0).max(1);
    Seconds((elapsed.0 / 2).clamp(3, 120).min(left))
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
