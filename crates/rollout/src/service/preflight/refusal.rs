//! The reasons not to deploy to a service, and their sentences.

use std::fmt;

use super::MAX_TASK_SETS;
use crate::ids::{
    ClusterName, ContainerName, ListenerArn, RouteId, ServiceName, TargetGroupArn, TargetGroupName, TaskDefinition,
    TaskSetId,
};
use crate::routing::Routing;

/// One reason not to deploy to a service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum ServiceRefusal {
    NoPlace,
    ClusterNotNamed { cluster: ClusterName, arn: String, named: Vec<String> },
    ServiceUntagged { service: ServiceName, arn: String },
    TaskSetUntagged { task_set: TaskSetId, arn: String },
    ListenerNotNamed { which: Which, listener: ListenerArn, named: Vec<String> },
    RouteUntagged { which: Which, listener: ListenerArn, route: RouteId },
    NoCluster { cluster: ClusterName },
    NoService { cluster: ClusterName, service: ServiceName },
    NotActive { service: ServiceName },
    OtherController { service: ServiceName, controller: String },
    NoPrimary { service: ServiceName },
    NoDefinition { definition: TaskDefinition },
    DefinitionInactive { definition: TaskDefinition },
    NoContainer { definition: TaskDefinition, container: ContainerName, known: Vec<String> },
    NoPort { definition: TaskDefinition, container: ContainerName, port: u16, known: Vec<u16> },
    PortOfUdp { definition: TaskDefinition, container: ContainerName, port: u16 },
    LaunchType { definition: TaskDefinition, kind: String, fit_for: Vec<String> },
    NoNetwork { definition: TaskDefinition },
    NoTargetGroup { group: TargetGroupName },
    TargetGroupKind { group: TargetGroupArn, kind: String, needed: &'static str },
    SameTargetGroups { group: TargetGroupArn },
    PrimaryElsewhere { task_set: TaskSetId, group: Option<TargetGroupArn> },
    NoListener { which: Which, listener: ListenerArn },
    SameListener { listener: ListenerArn },
    ListenerElsewhere { which: Which, listener: ListenerArn, group: TargetGroupArn },
    TestListenerElsewhere { listener: ListenerArn, pair: [TargetGroupArn; 2] },
    ForeignGroup { which: Which, listener: ListenerArn, group: TargetGroupArn },
    SplitBySomebodyElse { which: Which, listener: ListenerArn, routing: Routing },
    StickyTargets { which: Which, listener: ListenerArn, group: TargetGroupArn },
    NoRoom { service: ServiceName, count: usize },
    Occupied(Box<Occupant>),
}

/// A task set that stands where the new one is to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occupant {
    /// The cluster.
    pub cluster: ClusterName,
    /// The service.
    pub service: ServiceName,
    /// It.
    pub task_set: TaskSetId,
    /// Its target group.
    pub group: TargetGroupArn,
    /// The test listener, where that sends it calls.
    pub test: Option<ListenerArn>,
}

impl fmt::Display for Occupant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cluster, service, task_set, group, test } = self;
        write!(
            f,
            "the task set {task_set} is registered with {}, where the new one is to go: delete it first, with aws ecs \
             delete-task-set --cluster {cluster} --service {service} --task-set {task_set} --force",
            group.name()
        )?;
        test.iter().try_for_each(|listener| {
            write!(
                f,
                "; the test listener {listener} sends it calls: from then on nobody answers them until the deployment sends \
                 them to its new task set"
            )
        })
    }
}

/// Which of the two listeners.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The one of production traffic.
    Production,
    /// The one of test traffic.
    Test,
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Production => "production",
            Self::Test => "test",
        })
    }
}

impl ServiceRefusal {
    /// The stable name of the reason, for programs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NoPlace => "ServiceNotNamed",
            Self::ClusterNotNamed { .. } | Self::ServiceUntagged { .. } => "ServiceNotAllowed",
            Self::TaskSetUntagged { .. } => "TaskSetNotAllowed",
            Self::ListenerNotNamed { .. } | Self::RouteUntagged { .. } => "ListenerNotAllowed",
            Self::NoCluster { .. } => "ClusterMissing",
            Self::NoService { .. } => "ServiceMissing",
            Self::NotActive { .. } => "ServiceInactive",
            Self::OtherController { .. } => "OtherDeploymentController",
            Self::NoPrimary { .. } => "PrimaryTaskSetMissing",
            Self::NoDefinition { .. } => "TaskDefinitionMissing",
            Self::DefinitionInactive { .. } => "TaskDefinitionInactive",
            Self::NoContainer { .. } => "ContainerMissing",
            Self::NoPort { .. } => "ContainerPortMissing",
            Self::PortOfUdp { .. } => "ContainerPortOfUdp",
            Self::LaunchType { .. } => "LaunchTypeUnfit",
            Self::NoNetwork { .. } => "NetworkMissing",
            Self::NoTargetGroup { .. } => "TargetGroupMissing",
            Self::TargetGroupKind { .. } => "TargetGroupOfWrongType",
            Self::SameTargetGroups { .. } => "SameTargetGroups",
            Self::PrimaryElsewhere { .. } => "PrimaryTaskSetElsewhere",
            Self::NoListener { .. } => "ListenerMissing",
            Self::SameListener { .. } => "SameListener",
            Self::ListenerElsewhere { .. } | Self::TestListenerElsewhere { .. } => "ListenerElsewhere",
            Self::ForeignGroup { .. } => "ListenerForwardsElsewhereToo",
            Self::SplitBySomebodyElse { .. } => "ListenerAlreadySplit",
            Self::StickyTargets { .. } => "TargetGroupSticky",
            Self::NoRoom { .. } => "NoRoomForTaskSet",
            Self::Occupied(_) => "TargetGroupOccupied",
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
            Self::NoDefinition { definition } => write!(
                f,
                "the task definition {} does not exist; register it first: aws ecs register-task-definition",
                definition.short()
            ),
            Self::DefinitionInactive { definition } => write!(
                f,
                "the task definition {} is not ACTIVE any more: register a new revision",
                definition.short()
            ),
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
            Self::NoTargetGroup { group } => {
                write!(f, "the target group {group} does not exist: create it, or name the two that do")
            }
            Self::TargetGroupKind { group, kind, needed } => write!(
                f,
                "the target group {} is for targets of the type {kind}, and these tasks need {needed}: create one with \
                 --target-type {needed}",
                group.name()
            ),
            Self::SameTargetGroups { group } => {
                write!(f, "both target groups are {}: name two different ones", group.name())
            }
            Self::PrimaryElsewhere { task_set, group } => write!(
                f,
                "the primary task set {task_set} is registered with {}, which is none of the two target groups of this \
                 deployment: name the pair it belongs to",
                group.as_ref().map_or("no target group", |group| group.name())
            ),
            Self::NoListener { which, listener } => write!(f, "the {which} listener {listener} does not exist"),
            Self::SameListener { listener } => write!(
                f,
                "the test listener is the production listener ({listener}): name another one, or leave the test listener out"
            ),
            // The beginning is what CodeDeploy says (docs/codedeploy-contract.md 2.5).
            Self::ListenerElsewhere { which, listener, group } => write!(
                f,
                "Primary taskset target group must be behind listener {listener}: the {which} listener does not forward to \
                 {}; point it there first",
                group.name()
            ),
            Self::TestListenerElsewhere { listener, pair: [one, other] } => write!(
                f,
                "Primary taskset target group must be behind listener {listener}: the test listener forwards to neither {} nor {}; \
                 point its default action or a rule of it to either of them first",
                one.name(),
                other.name()
            ),
            Self::ForeignGroup { which, listener, group } => write!(
                f,
                "the {which} listener {listener} forwards to the target group {} beside those of this deployment: give it a \
                 rule of its own",
                group.name()
            ),
            Self::SplitBySomebodyElse { which, listener, routing } if routing.is_split() => write!(
                f,
                "the {which} listener {listener} is split already, and not by a deployment of this stack ({routing}); send all of \
                 its traffic to the primary task set's target group first"
            ),
            Self::SplitBySomebodyElse { which, listener, routing } => write!(
                f,
                "the {which} listener {listener} sends its traffic elsewhere than to the primary task set ({routing}), and no \
                 deployment of this stack left it so; send all of it to the primary task set's target group first, or make the \
                 task set behind it the primary: aws ecs update-service-primary-task-set"
            ),
            Self::StickyTargets { which, listener, group } => write!(
                f,
                "the target group {name} keeps clients on their targets, which a load balancer allows beside weights only where \
                 the action keeps them on their target group too, and the {which} listener {listener} does not; switch it off: \
                 aws elbv2 modify-target-group-attributes --target-group-arn {group} --attributes \
                 Key=stickiness.enabled,Value=false",
                name = group.name()
            ),
            Self::NoRoom { service, count } => write!(
                f,
                "the service {service} has {count} task sets, and ECS allows {MAX_TASK_SETS}: delete one that is not needed, \
                 with aws ecs delete-task-set"
            ),
            Self::Occupied(occupant) => occupant.fmt(f),
        }
    }
}
