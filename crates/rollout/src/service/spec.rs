//! What a task set is made of.

use serde::{Deserialize, Serialize};

use crate::ids::{ContainerName, TaskDefinition};

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
