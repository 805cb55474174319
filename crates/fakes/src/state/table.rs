//! The table: records, journals, locks, watches, hook runs.

use std::collections::{BTreeMap, BTreeSet};

use rollout::admission::Newest;
use rollout::deployment::Deployment;
use rollout::event::LifecycleEvent;
use rollout::ids::{AlarmName, DeploymentId, HookExecutionId};
use rollout::journal::Line;
use rollout::pipeline::silence::Question;
use rollout::plan::Plan;
use rollout::queue::Place;
use serde_json::Value;
use steps::ports::{HookRun, Loaded, Lock, TaskToken, WaitFor};

use super::catalogue::Entries;

#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) records: BTreeMap<DeploymentId, Deployment>,
    pub(crate) requests: BTreeMap<DeploymentId, Value>,
    pub(crate) plans: BTreeMap<DeploymentId, Plan>,
    pub(crate) tokens: BTreeMap<DeploymentId, BTreeMap<WaitFor, TaskToken>>,
    pub(crate) journals: BTreeMap<DeploymentId, Vec<Line>>,
    pub(crate) locks: BTreeMap<String, Lock>,
    pub(crate) newest: BTreeMap<String, Newest>,
    pub(crate) queues: BTreeMap<String, BTreeSet<Place>>,
    pub(crate) questions: BTreeMap<DeploymentId, Question>,
    pub(crate) watches: BTreeSet<(AlarmName, DeploymentId)>,
    pub(crate) late: BTreeSet<DeploymentId>,
    pub(crate) runs: BTreeMap<HookExecutionId, HookRun>,
    pub(crate) details: BTreeMap<(DeploymentId, LifecycleEvent), Value>,
    pub(crate) catalogue: Entries,
}

impl Table {
    pub(crate) fn loaded(&self, id: &DeploymentId) -> Option<Loaded> {
        Some(Loaded {
            deployment: self.records.get(id)?.clone(),
            plan: self.plans.get(id).cloned(),
            tokens: self.tokens.get(id).cloned().unwrap_or_default(),
        })
    }
}
