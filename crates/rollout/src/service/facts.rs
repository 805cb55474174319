//! What is known of a service when a deployment is planned.

use super::ServiceAddress;
use super::live::{Listener, LiveService, Role, Route, TargetGroup, TaskSet};
use super::reach::Reach;
use crate::ids::{TargetGroupArn, TaskDefinition};

/// How many task sets a service may have (docs/codedeploy-contract.md 12.2).
pub const MAX_TASK_SETS: usize = 5;

/// What is known of a service when a deployment is planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFacts {
    /// Where it is, as far as anybody said.
    pub place: Option<ServiceAddress>,
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
    /// What of this the stack may change; `None` where nobody says which service.
    pub reach: Option<Reach>,
}

/// Whether there is a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceFound {
    /// The stack may not look at it: its parameter names clusters, and this one is none of them.
    OutOfScope {
        /// The cluster.
        arn: String,
        /// Those that are named.
        named: Vec<String>,
    },
    /// There is no such cluster.
    NoCluster,
    /// The cluster has no such service.
    NoService,
    /// It exists.
    Live(LiveService),
}

impl ServiceFound {
    /// The service, if it exists and may be looked at.
    pub fn live(&self) -> Option<&LiveService> {
        match self {
            Self::Live(live) => Some(live),
            Self::OutOfScope { .. } | Self::NoCluster | Self::NoService => None,
        }
    }

    /// The same, taken out.
    pub fn into_live(self) -> Option<LiveService> {
        match self {
            Self::Live(live) => Some(live),
            Self::OutOfScope { .. } | Self::NoCluster | Self::NoService => None,
        }
    }
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
    pub containers: Vec<(String, Ports)>,
    /// The launch types that ECS found it fit for when it was registered; empty where it does not say.
    pub fit_for: Vec<String>,
}

/// The ports that a container maps, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ports {
    /// By TCP.
    pub tcp: Vec<u16>,
    /// By UDP.
    pub udp: Vec<u16>,
}

impl Ports {
    /// Ports of TCP.
    pub fn tcp(ports: Vec<u16>) -> Self {
        Self { tcp: ports, udp: Vec::new() }
    }
}

/// What a place turned out to be, where enough of it exists for a plan.
pub(super) struct Resolved<'a> {
    pub(super) place: &'a ServiceAddress,
    pub(super) live: &'a LiveService,
    /// The task set that the traffic goes back to.
    pub(super) home: &'a TaskSet,
    pub(super) production: &'a Listener,
    pub(super) definition: &'a DefinitionFacts,
    pub(super) groups: [&'a TargetGroup; 2],
    pub(super) blue: TargetGroupArn,
    pub(super) green: TargetGroupArn,
}

pub(super) fn resolved(facts: &ServiceFacts, is_left_over: bool) -> Option<Resolved<'_>> {
    let ServiceFound::Live(live) = &facts.service else { return None };
    let home = finished(facts, live).filter(|_| is_left_over).or_else(|| live.primary())?;
    let blue = home.target_group.clone()?;
    let groups = [facts.groups[0].as_ref()?, facts.groups[1].as_ref()?];
    let green = match groups {
        // Twice the same one is no pair, and nothing follows from it.
        [one, other] if one.arn == other.arn => return None,
        [one, other] if one.arn == blue => other.arn.clone(),
        [one, other] if other.arn == blue => one.arn.clone(),
        _ => return None,
    };
    let (place, production) = (facts.place.as_ref()?, facts.production.as_ref()?);
    Some(Resolved { place, live, home, production, definition: facts.definition.as_ref()?, groups, blue, green })
}

/// The task set that is not the primary one and has all production traffic: somebody finished by hand what a deployment had
/// begun, or stopped it there. To send that home first would undo it.
fn finished<'a>(facts: &ServiceFacts, live: &'a LiveService) -> Option<&'a TaskSet> {
    let production = facts.production.as_ref()?;
    let winner = live.task_sets.iter().filter(|set| set.role == Role::Active).find(|set| {
        let others = || live.task_sets.iter().filter(|other| other.id != set.id);
        let sends_to =
            |set: &TaskSet, route: &Route| set.target_group.as_ref().is_some_and(|group| route.sends_to(group));
        production.routes.iter().any(|route| sends_to(set, route))
            && !production.routes.iter().any(|route| others().any(|other| sends_to(other, route)))
    })?;
    live.primary().is_some().then_some(winner)
}
