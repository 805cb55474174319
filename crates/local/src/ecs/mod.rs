//! ECS services with the EXTERNAL deployment controller.
//!
//! moto keeps clusters, services and task definitions. Task sets are kept here altogether: moto's have neither tasks nor
//! counts, are steady from the first moment and gone at once. A task set's tasks are processes on this machine
//! (`task`), at most two of them however many it wants; each runs `samples/web.py` with the environment of its
//! container definition, whatever image that names.
//!
//! A task that ends is started again, with growing pauses. Those of a task set whose tasks were told to die, at
//! `POST /_tideshift/deaths`, end as any task does that crashes, and stay away, so that a failure can be looked at: ECS
//! itself starts no others until the task set is given another scale. Draining takes a second.

mod api;
mod event;
mod remembered;
mod request;
mod supervise;
mod task;
mod task_set;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::remembered::Remembered;
pub(crate) use self::supervise::supervise;
use self::task::Launcher;
use self::task_set::TaskSet;
use crate::LocalError;
use crate::children::Children;
use crate::elb::Target;
use crate::guarded::Guarded;
use crate::http::Http;
use crate::lambda::Settings;

/// A service with task sets.
#[derive(Debug)]
struct Service {
    cluster_arn: String,
    /// How many tasks it wants at 100 %.
    desired: u32,
    task_sets: Vec<TaskSet>,
    /// What was said of it, and of its tasks that have stopped.
    remembered: Remembered,
}

/// Task sets and their tasks.
#[derive(Debug)]
pub(crate) struct Ecs {
    /// By the service's ARN.
    services: Guarded<BTreeMap<String, Service>>,
    launcher: Arc<Launcher>,
}

impl Ecs {
    /// No task set yet.
    pub(crate) fn new(settings: &Settings, children: Arc<Children>) -> Result<Self, LocalError> {
        Ok(Self { services: Guarded::default(), launcher: Arc::new(Launcher::new(settings, children)?) })
    }

    /// The tasks behind a target group.
    pub(crate) fn targets(&self, group: &str) -> Vec<Target> {
        let services = self.services.lock();
        services.values().flat_map(|service| &service.task_sets).flat_map(|set| set.targets(group)).collect()
    }

    /// Has the tasks of a task set end, as if by themselves, and stay away; says whether there is such a task set.
    pub(crate) fn die(&self, task_set: &str) -> bool {
        let services = self.services.lock();
        let mut all = services.values().flat_map(|service| &service.task_sets);
        let Some(set) = all.find(|set| set.arn == task_set) else { return false };
        set.tasks.iter().for_each(task::Task::die);
        true
    }

    /// The client that asks tasks.
    pub(crate) fn http(&self) -> &Http {
        &self.launcher.http
    }

    /// The tags of a task set, by its ARN.
    pub(crate) fn tags(&self, task_set: &str) -> Option<serde_json::Value> {
        let services = self.services.lock();
        let mut all = services.values().flat_map(|service| &service.task_sets);
        all.find(|set| set.arn == task_set).map(TaskSet::tags)
    }

    /// Ends all tasks.
    pub(crate) fn stop(&self) {
        self.services.lock().clear();
    }
}
