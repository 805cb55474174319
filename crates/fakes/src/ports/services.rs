//! The world as ECS.

use jiff::SignedDuration;
use rollout::ids::{ClusterName, DeploymentId, ServiceName, TargetGroupArn, TaskDefinition, TaskSetId};
use rollout::service::clear::Deletion;
use rollout::service::live::Said;
use rollout::service::preflight::{DefinitionFacts, MAX_TASK_SETS, ServiceFound};
use rollout::service::reach::{ServiceTags, Tagged};
use rollout::service::{Capacity, TaskSetSpec};
use steps::ports::{
    CreateTaskSets, DeleteTaskSets, EmptyTaskSets, PortError, PromoteTaskSets, ReadServiceFacts, ReadServices,
    ReadStoppedTasks, RestoreTaskSets,
};

use crate::state::State;
use crate::state::fleet::{Set, task_set_id};
use crate::world::World;

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
}

impl ReadStoppedTasks for World {
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
}

impl ReadServiceFacts for World {
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

impl EmptyTaskSets for World {
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
}

impl DeleteTaskSets for World {
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
