//! The reasons not to deploy to a service, and their sentences: those about the service itself here, the others by what they are
//! about.

mod definition;
mod groups;
mod listeners;
mod reach;
mod which;

use std::fmt;

use crate::ids::{ClusterName, ServiceName};
use crate::service::facts::MAX_TASK_SETS;

pub use definition::DefinitionRefusal;
pub use groups::{GroupRefusal, Occupant};
pub use listeners::ListenerRefusal;
pub use reach::ReachRefusal;
pub use which::Which;

/// One reason not to deploy to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum ServiceRefusal {
    NoPlace,
    NoCluster { cluster: ClusterName },
    NoService { cluster: ClusterName, service: ServiceName },
    NotActive { service: ServiceName },
    OtherController { service: ServiceName, controller: String },
    NoPrimary { service: ServiceName },
    NoRoom { service: ServiceName, count: usize },
    Reach(ReachRefusal),
    Definition(DefinitionRefusal),
    Group(GroupRefusal),
    Listener(ListenerRefusal),
}

impl ServiceRefusal {
    /// The stable name of the reason, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoPlace => "ServiceNotNamed",
            Self::NoCluster { .. } => "ClusterMissing",
            Self::NoService { .. } => "ServiceMissing",
            Self::NotActive { .. } => "ServiceInactive",
            Self::OtherController { .. } => "OtherDeploymentController",
            Self::NoPrimary { .. } => "PrimaryTaskSetMissing",
            Self::NoRoom { .. } => "NoRoomForTaskSet",
            Self::Reach(refusal) => refusal.name(),
            Self::Definition(refusal) => refusal.name(),
            Self::Group(refusal) => refusal.name(),
            Self::Listener(refusal) => refusal.name(),
        }
    }
}

impl fmt::Display for ServiceRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPlace => f.write_str(
                "nobody says which service: name an application and a deployment group, or write Service with Cluster, Name, \
                 TargetGroups and ProdListener into the AppSpec; on the command line, --application and --group, or in place \
                 of --appspec --task-definition with --service, --target-groups and --listener",
            ),
            Self::NoCluster { cluster } => {
                write!(f, "the cluster {cluster} does not exist in this account and region: write the name of one that does")
            }
            Self::NoService { cluster, service } => write!(
                f,
                "the cluster {cluster} has no service {service}; list them with: aws ecs list-services --cluster {cluster}"
            ),
            Self::NotActive { service } => write!(f, "the service {service} is not ACTIVE: create it anew"),
            Self::OtherController { service, controller } => write!(
                f,
                "the service {service} has the deployment controller {controller}, and only EXTERNAL lets task sets be \
                 deployed by somebody else; create the service with --deployment-controller type=EXTERNAL, and a first task \
                 set in it"
            ),
            Self::NoPrimary { service } => write!(
                f,
                "the service {service} has no PRIMARY task set to start from; create one with aws ecs create-task-set, and \
                 make it the primary with aws ecs update-service-primary-task-set"
            ),
            Self::NoRoom { service, count } => write!(
                f,
                "the service {service} has {count} task sets, and ECS allows {MAX_TASK_SETS}: delete one that is not needed, \
                 with aws ecs delete-task-set"
            ),
            Self::Reach(refusal) => refusal.fmt(f),
            Self::Definition(refusal) => refusal.fmt(f),
            Self::Group(refusal) => refusal.fmt(f),
            Self::Listener(refusal) => refusal.fmt(f),
        }
    }
}
