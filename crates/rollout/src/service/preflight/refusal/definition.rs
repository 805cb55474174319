//! What is wrong with a task definition, its container, its port or where its tasks are to run.

use std::fmt;

use crate::ids::{ContainerName, TaskDefinition};

/// One reason why a task definition cannot run in the service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum DefinitionRefusal {
    NoDefinition { definition: TaskDefinition },
    DefinitionInactive { definition: TaskDefinition },
    NoContainer { definition: TaskDefinition, container: ContainerName, known: Vec<String> },
    NoPort { definition: TaskDefinition, container: ContainerName, port: u16, known: Vec<u16> },
    PortOfUdp { definition: TaskDefinition, container: ContainerName, port: u16 },
    LaunchType { definition: TaskDefinition, kind: String, fit_for: Vec<String> },
    NoNetwork { definition: TaskDefinition },
}

impl DefinitionRefusal {
    /// The stable name of the reason, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoDefinition { .. } => "TaskDefinitionMissing",
            Self::DefinitionInactive { .. } => "TaskDefinitionInactive",
            Self::NoContainer { .. } => "ContainerMissing",
            Self::NoPort { .. } => "ContainerPortMissing",
            Self::PortOfUdp { .. } => "ContainerPortOfUdp",
            Self::LaunchType { .. } => "LaunchTypeUnfit",
            Self::NoNetwork { .. } => "NetworkMissing",
        }
    }
}

impl fmt::Display for DefinitionRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoDefinition { definition } => write!(
                f,
                "the task definition {} does not exist; register it first: aws ecs register-task-definition",
                definition.short()
            ),
            Self::DefinitionInactive { definition } => {
                write!(f, "the task definition {} is not ACTIVE any more: register a new revision", definition.short())
            }
            Self::NoContainer { definition, container, known } => write!(
                f,
                "the task definition {} has no container {container}; write ContainerName: {} (--container on the command line)",
                definition.short(),
                known.join(" or ")
            ),
            Self::PortOfUdp { definition, container, port } => write!(
                f,
                "the port {port} of the container {container} of {} is one of UDP, and an Application Load Balancer sends TCP: map \
                 the port by tcp, or use a Network Load Balancer",
                definition.short()
            ),
            Self::LaunchType { definition, kind, fit_for } => write!(
                f,
                "{} cannot run on {kind}: ECS found it fit for {} when it was registered; register it with {kind} in \
                 requiresCompatibilities, or write another LaunchType or CapacityProviderStrategy into the AppSpec",
                definition.short(),
                fit_for.join(" and ")
            ),
            Self::NoPort { definition, container, port, known } => {
                let known: Vec<String> = known.iter().map(ToString::to_string).collect();
                let instead = if known.is_empty() {
                    "add a portMapping to it".to_owned()
                } else {
                    format!("write ContainerPort: {} (--port on the command line)", known.join(" or "))
                };
                write!(f, "the container {container} of {} has no port {port}; {instead}", definition.short())
            }
            Self::NoNetwork { definition } => write!(
                f,
                "the tasks of {} have a network of their own (awsvpc), and neither the AppSpec nor the primary task set says \
                 which: write NetworkConfiguration into the AppSpec (--appspec on the command line)",
                definition.short()
            ),
        }
    }
}
