//! Reasons not to deploy to a service, found before anything is made; and the course of one that may begin.

use std::fmt;

use super::live::{Listener, LiveService, Route, TargetGroup, TaskSet};
use super::{Balancer, Place, Service, TargetService, TaskSetSpec};
use crate::ids::{
    ClusterName, ContainerName, ListenerArn, ServiceName, TargetGroupArn, TargetGroupName, TaskDefinition, TaskSetId,
};
use crate::plan::{Course, Target};
use crate::preflight::{Facts, TargetFacts};
use crate::request::Request;
use crate::routing::Routing;
use crate::strategy::Strategy;

/// How many task sets a service may have (contract 12.2).
pub const MAX_TASK_SETS: usize = 5;

/// What is known of a service when a deployment is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFacts {
    /// Where it is, as far as anybody said.
    pub place: Option<Place>,
    /// The service.
    pub service: ServiceFound,
    /// The task definition; `None` if it does not exist.
    pub definition: Option<DefinitionFacts>,
    /// The target groups of the pair, in the place's order; `None` for one that does not exist.
    pub groups: [Option<TargetGroup>; 2],
    /// The production listener; `None` if it does not exist.
    pub production: Option<Listener>,
    /// The test listener; `None` if it does not exist or none is named.
    pub test: Option<Listener>,
}

/// Whether there is a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceFound {
    /// There is no such cluster.
    NoCluster,
    /// The cluster has no such service.
    NoService,
    /// It exists.
    Live(LiveService),
}

/// What is known of a task definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionFacts {
    /// Its ARN.
    pub arn: TaskDefinition,
    /// Whether it is `ACTIVE`.
    pub active: bool,
    /// Whether its tasks have a network of their own (`awsvpc`).
    pub awsvpc: bool,
    /// Its containers with the ports they listen on.
    pub containers: Vec<(String, Vec<u16>)>,
}

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
    NoDefinition { definition: TaskDefinition },
    DefinitionInactive { definition: TaskDefinition },
    NoContainer { definition: TaskDefinition, container: ContainerName, known: Vec<String> },
    NoPort { definition: TaskDefinition, container: ContainerName, port: u16, known: Vec<u16> },
    NoNetwork { definition: TaskDefinition },
    NoTargetGroup { group: TargetGroupName },
    TargetGroupKind { group: TargetGroupArn, kind: String, needed: &'static str },
    SameTargetGroups { group: TargetGroupArn },
    PrimaryElsewhere { task_set: TaskSetId, group: Option<TargetGroupArn> },
    NoListener { which: Which, listener: ListenerArn },
    SameListener { listener: ListenerArn },
    ListenerElsewhere { which: Which, listener: ListenerArn, group: TargetGroupArn },
    ForeignGroup { which: Which, listener: ListenerArn, group: TargetGroupArn },
    SplitBySomebodyElse { which: Which, listener: ListenerArn, routing: Routing },
    WeightsOnNetwork { strategy: String },
    NoRoom { service: ServiceName, count: usize },
    Occupied { task_set: TaskSetId, group: TargetGroupArn },
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
            Self::NoCluster { .. } => "ClusterMissing",
            Self::NoService { .. } => "ServiceMissing",
            Self::NotActive { .. } => "ServiceInactive",
            Self::OtherController { .. } => "OtherDeploymentController",
            Self::NoPrimary { .. } => "PrimaryTaskSetMissing",
            Self::NoDefinition { .. } => "TaskDefinitionMissing",
            Self::DefinitionInactive { .. } => "TaskDefinitionInactive",
            Self::NoContainer { .. } => "ContainerMissing",
            Self::NoPort { .. } => "ContainerPortMissing",
            Self::NoNetwork { .. } => "NetworkMissing",
            Self::NoTargetGroup { .. } => "TargetGroupMissing",
            Self::TargetGroupKind { .. } => "TargetGroupOfWrongType",
            Self::SameTargetGroups { .. } => "SameTargetGroups",
            Self::PrimaryElsewhere { .. } => "PrimaryTaskSetElsewhere",
            Self::NoListener { .. } => "ListenerMissing",
            Self::SameListener { .. } => "SameListener",
            Self::ListenerElsewhere { .. } => "ListenerElsewhere",
            Self::ForeignGroup { .. } => "ListenerForwardsElsewhereToo",
            Self::SplitBySomebodyElse { .. } => "ListenerAlreadySplit",
            Self::WeightsOnNetwork { .. } => "WeightsOnNetworkLoadBalancer",
            Self::NoRoom { .. } => "NoRoomForTaskSet",
            Self::Occupied { .. } => "TargetGroupOccupied",
        }
    }
}

impl fmt::Display for ServiceRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPlace => f.write_str(
                "nobody says which service: name an application and a deployment group, or write Service with Cluster, Name, \
                 TargetGroups and ProdListener into the AppSpec",
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
                "the task definition {} has no container {container}; write ContainerName: {}",
                definition.short(),
                known.join(" or ")
            ),
            Self::NoPort { definition, container, port, known } => {
                let known: Vec<String> = known.iter().map(ToString::to_string).collect();
                let instead = if known.is_empty() {
                    "add a portMapping to it".to_owned()
                } else {
                    format!("write ContainerPort: {}", known.join(" or "))
                };
                write!(f, "the container {container} of {} has no port {port}; {instead}", definition.short())
            }
            Self::NoNetwork { definition } => write!(
                f,
                "the tasks of {} have a network of their own (awsvpc), and neither the AppSpec nor the primary task set says \
                 which: write NetworkConfiguration",
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
            // The beginning is what CodeDeploy says (contract 2.5).
            Self::ListenerElsewhere { which, listener, group } => write!(
                f,
                "Primary taskset target group must be behind listener {listener}: the {which} listener does not forward to \
                 {}; point it there first",
                group.name()
            ),
            Self::ForeignGroup { which, listener, group } => write!(
                f,
                "the {which} listener {listener} forwards to the target group {} beside those of this deployment: give it a \
                 rule of its own",
                group.name()
            ),
            Self::SplitBySomebodyElse { which, listener, routing } => write!(
                f,
                "the {which} listener {listener} is already split by somebody else ({routing}); send all of its traffic to the \
                 primary task set's target group first"
            ),
            Self::WeightsOnNetwork { strategy } => write!(
                f,
                "{strategy} moves traffic by weights, which a Network Load Balancer does not have: use \
                 CodeDeployDefault.ECSAllAtOnce, or an Application Load Balancer"
            ),
            Self::NoRoom { service, count } => write!(
                f,
                "the service {service} has {count} task sets, and ECS allows {MAX_TASK_SETS}: delete one that is not needed, \
                 with aws ecs delete-task-set"
            ),
            Self::Occupied { task_set, group } => write!(
                f,
                "the task set {task_set} is registered with {}, where the new one is to go: delete it first, with aws ecs \
                 delete-task-set --force",
                group.name()
            ),
        }
    }
}

/// What a place turned out to be, where enough of it exists for a plan.
struct Settled<'a> {
    place: &'a Place,
    live: &'a LiveService,
    primary: &'a TaskSet,
    production: &'a Listener,
    definition: &'a DefinitionFacts,
    blue: TargetGroupArn,
    green: TargetGroupArn,
}

fn settled(facts: &ServiceFacts) -> Option<Settled<'_>> {
    let ServiceFound::Live(live) = &facts.service else { return None };
    let primary = live.primary()?;
    let blue = primary.target_group.clone()?;
    let groups = [facts.groups[0].as_ref()?, facts.groups[1].as_ref()?];
    let green = match groups {
        [one, other] if one.arn == blue => other.arn.clone(),
        [one, other] if other.arn == blue => one.arn.clone(),
        _ => return None,
    };
    let (place, production) = (facts.place.as_ref()?, facts.production.as_ref()?);
    Some(Settled { place, live, primary, production, definition: facts.definition.as_ref()?, blue, green })
}

/// From where to where, and by which steps; `None` where too little exists.
pub(crate) fn course(
    request: &Request,
    appspec: &TargetService,
    facts: &ServiceFacts,
    leftover: Option<&Routing>,
    strategy: &Strategy,
) -> Option<Course> {
    let Settled { place, live, primary, production, definition, blue, green } = settled(facts)?;
    let pair = (&blue, &green);
    let spec = TaskSetSpec {
        task_definition: definition.arn.clone(),
        container: appspec.container.clone(),
        port: appspec.port,
        platform_version: appspec.platform_version.clone().or_else(|| primary.platform_version.clone()),
        network: appspec.network.clone().or_else(|| primary.network.clone()).filter(|_| definition.awsvpc),
        capacity: appspec.capacity.clone().or_else(|| primary.capacity.clone()),
        registries: primary.registries.clone(),
    };
    let service = Service {
        cluster: place.cluster.clone(),
        service: place.service.clone(),
        blue: primary.id.clone(),
        blue_definition: primary.task_definition.clone(),
        green: spec,
        blue_group: blue.clone(),
        green_group: green.clone(),
        production: place.production.clone(),
        test: place.test.clone(),
        routes: production.routes.iter().filter(|route| route.is_of(pair)).map(|route| route.id.clone()).collect(),
        balancer: production.balancer,
        waits: request.waits.clone(),
        leftover: leftover.and_then(|_| live.behind(&green)).map(|set| set.id.clone()),
    };
    let home = Routing::all_on(blue.clone());
    // The split counts as left behind only where it still is as it was left.
    let ours = || production.routes.iter().filter(|route| route.is_of(pair));
    let start = leftover.filter(|left| ours().all(|route| route.routing(pair).as_ref() == Some(left)));
    let start = start.cloned().unwrap_or(home);
    Some(Course {
        target: Target::EcsService(Box::new(service)),
        from: blue.into(),
        to: green.into(),
        start,
        steps: strategy.steps(),
    })
}

/// What a person should know before the deployment starts.
pub(crate) fn notes(service: &Service, facts: &Facts) -> Vec<String> {
    let mut notes = Vec::new();
    let TargetFacts::Service(found) = &facts.target else { return notes };
    if let Some(leftover) = &service.leftover {
        notes.push(format!(
            "the deployment before left the task set {leftover} with a part of the traffic: all of it goes back to {} before \
             the new task set is made in its place",
            service.blue
        ));
    }
    if let ServiceFound::Live(live) = &found.service {
        notes.push(format!(
            "while both task sets run, the service has {} tasks instead of {}: the cluster must have room for them",
            live.desired * 2,
            live.desired
        ));
    }
    notes
}

/// Everything about the service that speaks against a deployment.
pub(crate) fn check(
    request: &Request,
    appspec: &TargetService,
    facts: &ServiceFacts,
    all: &Facts,
) -> Vec<ServiceRefusal> {
    let mut refusals = Vec::new();
    let Some(place) = &facts.place else { return vec![ServiceRefusal::NoPlace] };
    check_service(place, facts, &mut refusals);
    check_definition(appspec, facts, &mut refusals);
    check_groups(place, facts, &mut refusals);
    check_listeners(request, place, facts, all, &mut refusals);
    refusals
}

fn check_service(place: &Place, facts: &ServiceFacts, refusals: &mut Vec<ServiceRefusal>) {
    let (cluster, service) = (place.cluster.clone(), place.service.clone());
    let live = match &facts.service {
        ServiceFound::NoCluster => return refusals.push(ServiceRefusal::NoCluster { cluster }),
        ServiceFound::NoService => return refusals.push(ServiceRefusal::NoService { cluster, service }),
        ServiceFound::Live(live) => live,
    };
    if !live.active {
        return refusals.push(ServiceRefusal::NotActive { service });
    }
    if live.controller != "EXTERNAL" {
        return refusals.push(ServiceRefusal::OtherController { service, controller: live.controller.clone() });
    }
    if live.primary().is_none() {
        refusals.push(ServiceRefusal::NoPrimary { service: service.clone() });
    }
    if live.task_sets.len() >= MAX_TASK_SETS {
        refusals.push(ServiceRefusal::NoRoom { service, count: live.task_sets.len() });
    }
}

fn check_definition(appspec: &TargetService, facts: &ServiceFacts, refusals: &mut Vec<ServiceRefusal>) {
    let definition = appspec.task_definition.clone();
    let Some(found) = &facts.definition else { return refusals.push(ServiceRefusal::NoDefinition { definition }) };
    if !found.active {
        return refusals.push(ServiceRefusal::DefinitionInactive { definition });
    }
    match found.containers.iter().find(|(name, _)| name == appspec.container.as_str()) {
        None => {
            let known = found.containers.iter().map(|(name, _)| name.clone()).collect();
            let container = appspec.container.clone();
            refusals.push(ServiceRefusal::NoContainer { definition: definition.clone(), container, known });
        }
        Some((_, ports)) if !ports.contains(&appspec.port) => refusals.push(ServiceRefusal::NoPort {
            definition: definition.clone(),
            container: appspec.container.clone(),
            port: appspec.port,
            known: ports.clone(),
        }),
        Some(_) => {}
    }
    let primary = match &facts.service {
        ServiceFound::Live(live) => live.primary(),
        ServiceFound::NoCluster | ServiceFound::NoService => None,
    };
    let has_network = appspec.network.is_some() || primary.is_none_or(|primary| primary.network.is_some());
    if found.awsvpc && !has_network {
        refusals.push(ServiceRefusal::NoNetwork { definition });
    }
}

fn check_groups(place: &Place, facts: &ServiceFacts, refusals: &mut Vec<ServiceRefusal>) {
    for (name, found) in place.target_groups.iter().zip(&facts.groups) {
        if found.is_none() {
            refusals.push(ServiceRefusal::NoTargetGroup { group: name.clone() });
        }
    }
    let [Some(one), Some(other)] = &facts.groups else { return };
    if one.arn == other.arn {
        return refusals.push(ServiceRefusal::SameTargetGroups { group: one.arn.clone() });
    }
    if let Some(definition) = &facts.definition {
        let needed = if definition.awsvpc { "ip" } else { "instance" };
        for group in [one, other].into_iter().filter(|group| group.kind != needed) {
            let (group, kind) = (group.arn.clone(), group.kind.clone());
            refusals.push(ServiceRefusal::TargetGroupKind { group, kind, needed });
        }
    }
    let ServiceFound::Live(live) = &facts.service else { return };
    if let Some(primary) = live.primary() {
        let group = primary.target_group.clone();
        if group.as_ref().is_none_or(|group| *group != one.arn && *group != other.arn) {
            refusals.push(ServiceRefusal::PrimaryElsewhere { task_set: primary.id.clone(), group });
        }
    }
}

fn check_listeners(
    request: &Request,
    place: &Place,
    facts: &ServiceFacts,
    all: &Facts,
    refusals: &mut Vec<ServiceRefusal>,
) {
    if place.test.as_ref() == Some(&place.production) {
        refusals.push(ServiceRefusal::SameListener { listener: place.production.clone() });
    }
    if facts.production.is_none() {
        refusals.push(ServiceRefusal::NoListener { which: Which::Production, listener: place.production.clone() });
    }
    if let (Some(listener), None) = (&place.test, &facts.test) {
        refusals.push(ServiceRefusal::NoListener { which: Which::Test, listener: listener.clone() });
    }
    let strategy = crate::plan::chosen(request);
    if facts.production.as_ref().is_some_and(|listener| listener.balancer == Balancer::Network)
        && strategy.strategy.steps().len() > 1
    {
        refusals.push(ServiceRefusal::WeightsOnNetwork { strategy: strategy.name });
    }
    let Some(settled) = settled(facts) else { return };
    let listeners = [(Which::Production, facts.production.as_ref()), (Which::Test, facts.test.as_ref())];
    for (which, listener) in listeners.into_iter().filter_map(|(which, listener)| Some((which, listener?))) {
        check_routes(which, listener, &settled, all, refusals);
    }
    if let Some(occupant) = settled.live.behind(&settled.green)
        && all.holder.is_none()
        && all.leftover.is_none()
    {
        refusals.push(ServiceRefusal::Occupied { task_set: occupant.id.clone(), group: settled.green.clone() });
    }
}

fn check_routes(
    which: Which,
    listener: &Listener,
    settled: &Settled<'_>,
    all: &Facts,
    refusals: &mut Vec<ServiceRefusal>,
) {
    let pair = (&settled.blue, &settled.green);
    let ours: Vec<&Route> = listener.routes.iter().filter(|route| route.is_of(pair)).collect();
    let blue = Routing::all_on(settled.blue.clone());
    let to_blue = |route: &&Route| route.forwards.iter().any(|(group, _)| *group == settled.blue);
    if !ours.iter().any(to_blue) {
        let (listener, group) = (listener.arn.clone(), settled.blue.clone());
        return refusals.push(ServiceRefusal::ListenerElsewhere { which, listener, group });
    }
    for route in ours {
        if let Some((group, _)) = route.forwards.iter().find(|(group, _)| group != pair.0 && group != pair.1) {
            let (listener, group) = (listener.arn.clone(), group.clone());
            refusals.push(ServiceRefusal::ForeignGroup { which, listener, group });
        } else if let Some(routing) = route.routing(pair).filter(|routing| *routing != blue)
            // What the owner of the lock has split, it says so itself.
            && all.holder.is_none()
            && all.leftover.as_ref() != Some(&routing)
        {
            refusals.push(ServiceRefusal::SplitBySomebodyElse { which, listener: listener.arn.clone(), routing });
        }
    }
}
