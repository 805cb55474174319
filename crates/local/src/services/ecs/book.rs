//! The services that have task sets, with their tasks.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::remembered::Remembered;
use super::request::Refusal;
use super::task::{Launcher, Task};
use super::task_set::TaskSet;
use crate::LocalError;
use crate::children::Children;
use crate::clock;
use crate::guarded::Guarded;
use crate::services::elb::{Target, Targets};

/// More than these at once are refused.
const TASK_SETS: usize = 5;

/// A service with task sets.
#[derive(Debug)]
pub(super) struct Service {
    cluster_arn: String,
    /// How many tasks it wants at 100 %.
    pub(super) desired: u32,
    pub(super) task_sets: Vec<TaskSet>,
    /// What was said of it, and of its tasks that have stopped.
    pub(super) remembered: Remembered,
}

/// A service as moto has it.
pub(super) struct Found {
    pub(super) arn: String,
    pub(super) cluster_arn: String,
    pub(super) desired: u32,
}

/// Task sets and their tasks.
#[derive(Debug)]
pub(crate) struct Ecs {
    /// By the service's ARN.
    pub(super) services: Guarded<BTreeMap<String, Service>>,
    pub(super) launcher: Arc<Launcher>,
}

impl Targets for Ecs {
    fn behind(&self, group: &str) -> Vec<Target> {
        let services = self.services.lock();
        services.values().flat_map(|service| &service.task_sets).flat_map(|set| set.targets(group)).collect()
    }
}

impl Ecs {
    /// No task set yet.
    pub(crate) fn new(python: &Path, state: &Path, children: Arc<Children>) -> Result<Self, LocalError> {
        Ok(Self { services: Guarded::default(), launcher: Arc::new(Launcher::new(python, state, children)?) })
    }

    /// Has the tasks of a task set end, as if by themselves, and stay away; says whether there is such a task set.
    pub(crate) fn die(&self, task_set: &str) -> bool {
        let services = self.services.lock();
        let mut all = services.values().flat_map(|service| &service.task_sets);
        let Some(set) = all.find(|set| set.arn == task_set) else { return false };
        set.tasks.iter().for_each(Task::die);
        true
    }

    /// The tags of a task set, by its ARN.
    pub(crate) fn tags(&self, task_set: &str) -> Option<Value> {
        let services = self.services.lock();
        let mut all = services.values().flat_map(|service| &service.task_sets);
        all.find(|set| set.arn == task_set).map(TaskSet::tags)
    }

    /// Ends all tasks.
    pub(crate) fn stop(&self) {
        self.services.lock().clear();
    }

    /// Adds a task set; where its client token has made one already, that is it.
    pub(super) fn add(&self, found: Found, set: TaskSet) -> Result<Value, Refusal> {
        let mut services = self.services.lock();
        let service = services.entry(found.arn).or_insert_with(|| Service {
            cluster_arn: found.cluster_arn,
            desired: found.desired,
            task_sets: Vec::new(),
            remembered: Remembered::default(),
        });
        service.desired = found.desired;
        let token = &set.asked["clientToken"];
        let same = |known: &&TaskSet| token.is_string() && known.asked["clientToken"] == *token;
        if let Some(known) = service.task_sets.iter().find(same) {
            if known.asked != set.asked {
                return Err(Refusal::parameter("The client token was used with other parameters."));
            }
            return Ok(known.describe(service.desired));
        }
        let alive = service.task_sets.iter().filter(|set| set.deleted.is_none()).count();
        if alive >= TASK_SETS {
            return Err(Refusal::parameter(format!(
                "{alive} deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum \
                 limit."
            )));
        }
        let mut set = set;
        set.adjust(service.desired, &self.launcher);
        let described = set.describe(service.desired);
        service.task_sets.push(set);
        Ok(described)
    }

    /// The tasks of a service that have stopped of late.
    pub(super) fn stopped(&self, service: &str) -> Vec<String> {
        self.services.lock().get(service).map(|service| service.remembered.stopped()).unwrap_or_default()
    }

    /// Those tasks among the named ones that have stopped of late; `None` where nobody knows one of them.
    pub(super) fn describe_tasks(&self, input: &Value) -> Option<Value> {
        let named: Vec<&str> = input["tasks"].as_array()?.iter().filter_map(Value::as_str).collect();
        let services = self.services.lock();
        let found: Vec<&Value> = named
            .iter()
            .filter_map(|task| services.values().find_map(|service| service.remembered.described(task)))
            .collect();
        (!found.is_empty()).then(|| json!({ "tasks": found, "failures": [] }))
    }

    pub(super) fn describe(&self, found: &Found, input: &Value) -> Value {
        let services = self.services.lock();
        let sets = services.get(&found.arn).map(|service| service.task_sets.as_slice()).unwrap_or_default();
        let named = input["taskSets"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
        let with_tags = asks_for_tags(input);
        let shown = sets.iter().filter(|set| named.is_empty() || named.iter().any(|named| set.is(named)));
        let shown = shown.map(|set| {
            let mut described = set.describe(found.desired);
            if with_tags {
                described["tags"] = set.tags();
            }
            described
        });
        let missing = named.iter().filter(|named| !sets.iter().any(|set| set.is(named)));
        let failures = missing.map(|named| json!({ "arn": named, "reason": "MISSING" }));
        json!({ "taskSets": shown.collect::<Vec<_>>(), "failures": failures.collect::<Vec<_>>() })
    }

    /// Changes a service's task sets, of which one is named; gives that one as it is now.
    pub(super) fn change(
        &self,
        service: &str,
        named: &str,
        change: impl FnOnce(&mut [TaskSet], usize) -> Result<(), Refusal>,
    ) -> Result<Value, Refusal> {
        let missing = || Refusal::new("TaskSetNotFoundException", "The specified task set does not exist.");
        let mut services = self.services.lock();
        let service = services.get_mut(service).ok_or_else(missing)?;
        let at = service.task_sets.iter().position(|set| set.is(named)).ok_or_else(missing)?;
        if service.task_sets[at].deleted.is_none() {
            change(&mut service.task_sets, at)?;
            let (desired, set) = (service.desired, &mut service.task_sets[at]);
            set.updated = clock::now_seconds();
            set.adjust(desired, &self.launcher);
            // Not steady until it has been looked at again.
            set.steady = set.steady && set.is_whole(desired);
        }
        Ok(service.task_sets[at].describe(service.desired))
    }

    /// Puts into a service's description what moto does not know of it.
    pub(super) fn show(&self, described: &mut Value, removed: bool) {
        if described["deploymentController"]["type"] != "EXTERNAL" {
            return;
        }
        let arn = described["serviceArn"].as_str().unwrap_or_default().to_owned();
        let mut services = self.services.lock();
        if removed {
            services.remove(&arn);
        }
        let Some(service) = services.get_mut(&arn) else {
            described["runningCount"] = 0.into();
            described["pendingCount"] = 0.into();
            return;
        };
        service.desired = desired(described);
        let desired = service.desired;
        let counts = service.task_sets.iter().map(|set| set.counts(desired)).collect::<Vec<_>>();
        described["runningCount"] = counts.iter().map(|(running, _)| running).sum::<u32>().into();
        described["pendingCount"] = counts.iter().map(|(_, pending)| pending).sum::<u32>().into();
        described["clusterArn"] = service.cluster_arn.clone().into();
        let sets = service.task_sets.iter().map(|set| set.describe(desired)).collect::<Vec<_>>();
        if let Some(primary) = sets.iter().find(|set| set["status"] == "PRIMARY") {
            for member in ["taskDefinition", "loadBalancers", "networkConfiguration", "launchType", "platformVersion"] {
                described[member] = primary[member].clone();
            }
        }
        described["taskSets"] = sets.into();
        described["events"] = service.remembered.events().into();
        described.as_object_mut().into_iter().for_each(|members| members.retain(|_, value| !value.is_null()));
    }
}

/// Whether a request wants to see tags.
pub(super) fn asks_for_tags(input: &Value) -> bool {
    input["include"].as_array().is_some_and(|include| include.contains(&json!("TAGS")))
}

/// The tasks that a service wants.
pub(super) fn desired(service: &Value) -> u32 {
    service["desiredCount"].as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or_default()
}
