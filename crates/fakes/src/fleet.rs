//! The world as ECS: services with the `EXTERNAL` deployment controller, whose task sets come and go in their own time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use rollout::ids::{ClusterName, DeploymentId, ServiceName, TargetGroupArn, TaskDefinition, TaskSetId};
use rollout::service::clear::Deletion;
use rollout::service::live::{Health, LiveService, Role, Said, TaskSet};
use rollout::service::preflight::{DefinitionFacts, MAX_TASK_SETS, ServiceFound};
use rollout::service::reach::{ServiceTags, Tagged};
use rollout::service::{Capacity, TaskSetSpec};
use steps::ports::{CreateTaskSets, PortError, PromoteTaskSets, ReadServices, RemoveTaskSets, RestoreTaskSets};

use crate::world::{State, World};

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
    fn age(&self, now: Timestamp) -> i64 {
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

    fn is_gone(&self, now: Timestamp) -> bool {
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

    fn service(&mut self, cluster: &ClusterName, service: &ServiceName) -> Result<&mut Service, PortError> {
        let found = self.services.get_mut(&(cluster.to_string(), service.to_string()));
        found.ok_or_else(|| PortError::Missing(format!("the service {cluster}/{service}")))
    }

    /// A task set that is there and not on its way out.
    fn set(&mut self, of: (&ClusterName, &ServiceName), id: &TaskSetId) -> Result<&mut Set, PortError> {
        let mut sets = self.service(of.0, of.1)?.sets.iter_mut();
        let found = sets.find(|set| set.id == *id && set.deleted.is_none());
        found.ok_or_else(|| PortError::Missing(format!("the task set {id}")))
    }
}

impl ReadServices for World {
    async fn service(&self, cluster: &ClusterName, service: &ServiceName) -> Result<ServiceFound, PortError> {
        self.call("service", |state, now| {
            if !state.fleet.clusters.contains(cluster.as_str()) {
                return Ok(ServiceFound::NoCluster);
            }
            let found = state.fleet.services.get(&(cluster.to_string(), service.to_string()));
            Ok(found.map_or(ServiceFound::NoService, |found| ServiceFound::Live(found.seen(now))))
        })
        .await
    }

    async fn tags(&self, cluster: &ClusterName, service: &ServiceName) -> Result<ServiceTags, PortError> {
        self.call("tags", |state, _| {
            let tagged = |kind: &str, name: &str| Tagged {
                arn: format!("arn:aws:ecs:eu-west-1:111122223333:{kind}/{cluster}/{name}"),
                is_enabled: !state.fleet.untagged.contains(name),
            };
            let found = state.fleet.services.get(&(cluster.to_string(), service.to_string()));
            if found.is_some_and(|found| found.controller != "EXTERNAL") {
                return Err(PortError::Denied(
                    "ECS tells task sets only of services with an external controller".to_owned(),
                ));
            }
            let sets = found.into_iter().flat_map(|service| &service.sets);
            Ok(ServiceTags {
                service: tagged("service", service.as_str()),
                task_sets: sets.map(|set| (set.id.clone(), tagged("task-set", set.id.as_str()))).collect(),
            })
        })
        .await
    }

    async fn stopped(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        definition: &TaskDefinition,
    ) -> Result<Vec<Said>, PortError> {
        self.call("stopped", |state, now| {
            let found = state.fleet.services.get(&(cluster.to_string(), service.to_string()));
            let sets = found.into_iter().flat_map(|service| &service.sets);
            // Where the tasks of a task set never come, one stops every half a minute.
            let hopeless = sets.filter(|set| set.definition == *definition && set.tasks.steady.is_none());
            let said = |set: &Set| {
                let times = set.age(now) / 30;
                let at = set.made + SignedDuration::from_secs(times * 30);
                (times > 0).then(|| Said { at, message: "Essential container in task exited".to_owned() })
            };
            Ok(hopeless.filter_map(said).collect())
        })
        .await
    }

    async fn definition(&self, definition: &TaskDefinition) -> Result<Option<DefinitionFacts>, PortError> {
        self.call("definition", |state, _| Ok(state.fleet.definitions.get(definition.short()).cloned())).await
    }
}

impl CreateTaskSets for World {
    async fn create_task_set(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        group: &TargetGroupArn,
        spec: &TaskSetSpec,
        id: &DeploymentId,
    ) -> Result<TaskSetId, PortError> {
        self.call("create_task_set", |state, now| {
            let State { fleet, log, .. } = state;
            let (tasks, number) = (fleet.next, fleet.made + 1);
            let owner = fleet.service(cluster, service)?;
            let made_before = |set: &&Set| set.external_id.as_deref() == Some(id.as_str()) && !set.is_gone(now);
            if let Some(set) = owner.sets.iter().find(made_before) {
                return Ok(set.id.clone());
            }
            if owner.sets.iter().filter(|set| !set.is_gone(now)).count() >= MAX_TASK_SETS {
                return Err(PortError::Denied(format!("{service} has {MAX_TASK_SETS} task sets")));
            }
            let on_fargate = spec.capacity.as_ref().is_some_and(Capacity::is_fargate);
            if spec.platform_version.is_some() && !on_fargate {
                return Err(PortError::Denied("only tasks on Fargate have a platform version".to_owned()));
            }
            let task_set = task_set_id(number);
            owner.sets.push(Set {
                id: task_set.clone(),
                external_id: Some(id.to_string()),
                primary: false,
                definition: spec.task_definition.clone(),
                group: group.clone(),
                capacity: spec.capacity.clone(),
                platform_version: spec.platform_version.clone(),
                made: now,
                tasks,
                emptied: None,
                deleted: None,
            });
            fleet.made = number;
            log.push((now, format!("ECS makes {task_set} of {} on {}", spec.task_definition.short(), group.name())));
            Ok(task_set)
        })
        .await
    }
}

impl PromoteTaskSets for World {
    async fn promote(&self, cluster: &ClusterName, service: &ServiceName, set: &TaskSetId) -> Result<(), PortError> {
        self.call("promote", |state, now| {
            if state.fleet.set((cluster, service), set)?.primary {
                return Ok(());
            }
            for other in &mut state.fleet.service(cluster, service)?.sets {
                other.primary = other.id == *set;
            }
            state.log.push((now, format!("ECS makes {set} the primary")));
            Ok(())
        })
        .await
    }
}

impl RestoreTaskSets for World {
    async fn scale_up(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
        percent: u8,
    ) -> Result<(), PortError> {
        self.call("scale_up", |state, now| {
            let found = state.fleet.set((cluster, service), set)?;
            if found.emptied.take().is_some() {
                // They come up anew, unless they are not to come back.
                let is_dead = found.tasks.die.is_some_and(|die| found.age(now) >= die);
                found.tasks.die = is_dead.then_some(0).or(found.tasks.die);
                found.made = now;
                state.log.push((now, format!("ECS scales {set} to {percent} %")));
            }
            Ok(())
        })
        .await
    }
}

impl RemoveTaskSets for World {
    async fn scale_to_zero(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
    ) -> Result<(), PortError> {
        self.call("scale_to_zero", |state, now| {
            let found = state.fleet.set((cluster, service), set)?;
            if found.emptied.is_none() {
                found.emptied = Some(now);
                state.log.push((now, format!("ECS scales {set} to zero")));
            }
            Ok(())
        })
        .await
    }

    async fn delete_task_set(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
        how: Deletion,
    ) -> Result<(), PortError> {
        self.call("delete_task_set", |state, now| {
            let found = state.fleet.set((cluster, service), set)?;
            if how == Deletion::Empty && found.emptied.is_none() {
                return Err(PortError::Denied(format!("the task set {set} has not been scaled down to zero")));
            }
            if found.primary {
                return Err(PortError::Denied(format!("the task set {set} is the primary one")));
            }
            found.deleted = Some(now);
            state.log.push((now, format!("ECS deletes {set}")));
            Ok(())
        })
        .await
    }
}

pub(crate) fn task_set_id(number: u64) -> TaskSetId {
    TaskSetId::parse(&format!("ecs-svc/{number}")).expect("a number is fine in the id of a task set")
}
