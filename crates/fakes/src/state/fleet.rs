//! ECS: services with the `EXTERNAL` deployment controller, whose task sets come and go in their own time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rollout::ids::{ClusterName, ServiceName, TargetGroupArn, TaskDefinition, TaskSetId};
use rollout::service::Capacity;
use rollout::service::live::{Health, LiveService, Role, TaskSet};
use rollout::service::preflight::DefinitionFacts;
use steps::ports::PortError;

/// How long the tasks of a task set that is scaled to zero or deleted drain.
const DRAIN: SignedDuration = SignedDuration::from_secs(12);

/// How much later than ECS the load balancer finds a task well.
const FOUND_WELL: i64 = 5;

#[derive(Debug, Default)]
pub(crate) struct Fleet {
    pub(crate) clusters: BTreeSet<String>,
    /// By cluster and name.
    pub(crate) services: BTreeMap<(String, String), Service>,
    /// By family and revision.
    pub(crate) definitions: BTreeMap<String, DefinitionFacts>,
    /// How the tasks of the next task set do.
    pub(crate) next: Tasks,
    pub(crate) made: u64,
    /// What lacks the tag of what the stack may change: `web`, the id of a task set, the last part of a place's ARN.
    pub(crate) untagged: BTreeSet<String>,
}

/// A service.
#[derive(Debug, Clone)]
pub struct Service {
    /// Its deployment controller.
    pub controller: String,
    /// Whether it is `ACTIVE`.
    pub active: bool,
    /// How many tasks it wants.
    pub desired: u32,
    /// Its task sets.
    pub sets: Vec<Set>,
}

/// A task set.
#[derive(Debug, Clone)]
pub struct Set {
    /// Its id.
    pub id: TaskSetId,
    /// The id that whoever made it gave it.
    pub external_id: Option<String>,
    /// Whether it is the primary one.
    pub primary: bool,
    /// What it runs.
    pub definition: TaskDefinition,
    /// The target group it is registered with.
    pub group: TargetGroupArn,
    /// Where its tasks run; `None`: wherever the cluster says.
    pub capacity: Option<Capacity>,
    /// Its platform version. ECS shows one also where it means nothing.
    pub platform_version: Option<String>,
    /// When it was made.
    pub made: Timestamp,
    /// How its tasks do.
    pub tasks: Tasks,
    /// When it was scaled to zero.
    pub emptied: Option<Timestamp>,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
}

/// How the tasks of a task set do, in seconds after it was made.
#[derive(Debug, Clone, Copy)]
pub struct Tasks {
    /// When they run and the task set is steady; `None`: they never come.
    pub steady: Option<i64>,
    /// When they die, not to come back.
    pub die: Option<i64>,
}

impl Default for Tasks {
    fn default() -> Self {
        Self { steady: Some(20), die: None }
    }
}

impl Set {
    pub(crate) fn age(&self, now: Timestamp) -> i64 {
        now.duration_since(self.made).as_secs()
    }

    /// Whether its tasks have been there for so many seconds.
    fn runs(&self, seconds: i64, now: Timestamp) -> bool {
        let age = self.age(now);
        self.tasks.steady.is_some_and(|steady| age >= steady + seconds) && self.tasks.die.is_none_or(|die| age < die)
    }

    fn leaving(&self) -> Option<Timestamp> {
        self.emptied.into_iter().chain(self.deleted).min()
    }

    pub(crate) fn is_gone(&self, now: Timestamp) -> bool {
        let drained = |since: Timestamp| now >= since + DRAIN;
        self.deleted.is_some() && self.leaving().is_some_and(drained)
    }

    fn seen(&self, desired: u32, now: Timestamp) -> TaskSet {
        let (desired, running) = match self.leaving() {
            Some(since) => (0, if now < since + DRAIN && self.runs(0, now) { desired } else { 0 }),
            None => (desired, if self.runs(0, now) { desired } else { 0 }),
        };
        TaskSet {
            id: self.id.clone(),
            external_id: self.external_id.clone(),
            role: match (self.deleted, self.primary) {
                (Some(_), _) => Role::Draining,
                (None, true) => Role::Primary,
                (None, false) => Role::Active,
            },
            task_definition: self.definition.clone(),
            target_group: Some(self.group.clone()),
            scale: if self.emptied.is_some() || self.deleted.is_some() { 0 } else { 100 },
            desired,
            running,
            pending: desired.saturating_sub(running),
            steady: running == desired,
            network: None,
            capacity: self.capacity.clone(),
            platform_version: self.platform_version.clone(),
            registries: Vec::new(),
        }
    }
}

impl Service {
    /// The service as ECS shows it.
    pub(crate) fn seen(&self, now: Timestamp) -> LiveService {
        let sets = self.sets.iter().filter(|set| !set.is_gone(now));
        LiveService {
            controller: self.controller.clone(),
            active: self.active,
            desired: self.desired,
            task_sets: sets.map(|set| set.seen(self.desired, now)).collect(),
            said: Vec::new(),
        }
    }
}

impl Fleet {
    /// How the targets of a group are, those that drain aside.
    pub(crate) fn health(&self, group: &TargetGroupArn, in_use: bool, now: Timestamp) -> Health {
        let mut health = Health::default();
        for service in self.services.values() {
            for set in service.sets.iter().filter(|set| set.group == *group && set.leaving().is_none()) {
                health.registered += if set.runs(0, now) { service.desired } else { 0 };
                health.unused += if !in_use && set.runs(0, now) { service.desired } else { 0 };
                health.healthy += if in_use && set.runs(FOUND_WELL, now) { service.desired } else { 0 };
            }
        }
        health
    }

    pub(crate) fn service(&mut self, cluster: &ClusterName, service: &ServiceName) -> Result<&mut Service, PortError> {
        let found = self.services.get_mut(&(cluster.to_string(), service.to_string()));
        found.ok_or_else(|| PortError::Missing(format!("the service {cluster}/{service}")))
    }

    /// A task set that is there and not on its way out.
    pub(crate) fn set(&mut self, of: (&ClusterName, &ServiceName), id: &TaskSetId) -> Result<&mut Set, PortError> {
        let mut sets = self.service(of.0, of.1)?.sets.iter_mut();
        let found = sets.find(|set| set.id == *id && set.deleted.is_none());
        found.ok_or_else(|| PortError::Missing(format!("the task set {id}")))
    }
}

pub(crate) fn task_set_id(number: u64) -> TaskSetId {
    TaskSetId::parse(&format!("ecs-svc/{number}")).expect("a number is fine in the id of a task set")
}
