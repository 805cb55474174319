//! What the table keeps: records, journals, locks, and what is looked at later.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollout::deployment::{Deployment, Status};
use rollout::event::LifecycleEvent;
use rollout::ids::{AlarmName, DeploymentId, HookExecutionId};
use rollout::journal::Line;
use rollout::plan::Plan;
use rollout::routing::Routing;
use serde_json::Value;

use super::error::PortError;
use super::machines::TaskToken;

/// What somebody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
pub enum WaitFor {
    /// The one interrupt of a deployment.
    Interrupt,
    /// A person who lets a paused deployment continue.
    Continue,
    /// News of a task set that is on its way.
    TaskSet,
    /// The turn of a deployment that waits for its group.
    Turn,
}

/// A deployment's record and what is kept beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The record.
    pub deployment: Deployment,
    /// Its plan, once it has one.
    pub plan: Option<Plan>,
    /// The tokens of what waits for it.
    pub tokens: BTreeMap<WaitFor, TaskToken>,
}

/// Records of deployments. Reads see every write that was answered before.
pub trait Records {
    /// Reads one.
    async fn load(&self, id: &DeploymentId) -> Result<Option<Loaded>, PortError>;

    /// Writes a new one with the request it came from; [`PortError::Conflict`] if the id is taken. Twice is the same as once.
    async fn create(&self, deployment: &Deployment, request: &Value) -> Result<(), PortError>;

    /// Writes one on top of the version it was read at and counts the version up; [`PortError::Conflict`] if it has moved.
    async fn save(&self, deployment: &mut Deployment) -> Result<(), PortError>;

    /// Keeps the plan, before the deployment begins; [`PortError::Conflict`] if one is kept already.
    async fn keep_plan(&self, id: &DeploymentId, plan: &Plan) -> Result<(), PortError>;

    /// Keeps the token of something that waits.
    async fn keep_token(
        &self,
        id: &DeploymentId,
        wait: WaitFor,
        token: &TaskToken,
        until: Timestamp,
    ) -> Result<(), PortError>;
}

/// Reads what deployments were asked for with.
pub trait ReadRequests {
    /// The request it came from.
    async fn request(&self, id: &DeploymentId) -> Result<Option<Value>, PortError>;
}

/// A row of a listing: when a deployment was created, and its id. Rows are in the order of both.
pub type Row = (Timestamp, DeploymentId);

/// Which deployments a listing is about. All bounds are exclusive.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this deployment group, by [`rollout::request::Labels::group_key`].
    pub group: Option<String>,
    /// With one of these statuses, as they are stored.
    pub statuses: Vec<Status>,
    /// Created after this.
    pub after: Option<Timestamp>,
    /// Created before this.
    pub before: Option<Timestamp>,
    /// Lower in the order than this row: what comes after the page that ended with it.
    pub below: Option<Row>,
}

/// Listings of deployments. They may be a second late.
pub trait Listing {
    /// The highest rows, newest first, at most `limit`.
    async fn newest(&self, filter: &Filter, limit: usize) -> Result<Vec<Row>, PortError>;
}

/// The journal of a deployment.
pub trait Journal {
    /// Adds a line, unless one of its key is there: then that stays, and this is no error.
    async fn append(&self, id: &DeploymentId, line: &Line) -> Result<(), PortError>;
    /// Every line, oldest first.
    async fn lines(&self, id: &DeploymentId) -> Result<Vec<Line>, PortError>;
}

/// The lock on a target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lock {
    /// The deployment that holds it.
    pub owner: Option<DeploymentId>,
    /// The split that the last deployment was told to leave behind.
    pub leftover: Option<Routing>,
}

/// Says who holds the lock of a target, or of a deployment group. The key says of which.
pub trait ReadLocks {
    /// Reads the lock.
    async fn read_lock(&self, key: &str) -> Result<Lock, PortError>;
}

/// One deployment at a time: of a target, and of a deployment group. The key says of which.
pub trait Locks {
    /// Takes the lock if it is free, held by `owner` already, or by `from`; [`PortError::Conflict`] otherwise.
    async fn lock(&self, key: &str, owner: &DeploymentId, from: Option<&DeploymentId>) -> Result<(), PortError>;

    /// Frees the lock if `owner` holds it, and says what split it leaves behind.
    async fn unlock(&self, key: &str, owner: &DeploymentId, leftover: Option<&Routing>) -> Result<(), PortError>;
}

/// Which deployments an alarm is to stop.
pub trait Watches {
    /// The deployment is stopped by this alarm from now on, but for nothing once `until` has come.
    async fn watch(&self, alarm: &AlarmName, id: &DeploymentId, until: Timestamp) -> Result<(), PortError>;
    /// Not any more.
    async fn unwatch(&self, alarm: &AlarmName, id: &DeploymentId) -> Result<(), PortError>;
    /// The deployments it stops.
    async fn watchers(&self, alarm: &AlarmName) -> Result<Vec<DeploymentId>, PortError>;
}

/// Notes deployments that are over and may have a write on its way yet (`rollout::service::aftermath`, `rollout::warm::cool`).
pub trait ExpectLateWrites {
    /// The deployment is looked at from now on; until `until` at the longest.
    async fn expect_late(&self, id: &DeploymentId, until: Timestamp) -> Result<(), PortError>;
}

/// Which deployments are noted so.
pub trait ReadLateWrites {
    /// The deployments that are to be looked at.
    async fn expected_late(&self) -> Result<Vec<DeploymentId>, PortError>;
}

/// Ends the note of a deployment.
pub trait ForgetLateWrites {
    /// Not any more.
    async fn forget_late(&self, id: &DeploymentId) -> Result<(), PortError>;
}

/// One run of a hook that may be answered by callback.
#[derive(Debug, Clone, PartialEq)]
pub struct HookRun {
    /// The id its function was given.
    pub id: HookExecutionId,
    /// The deployment.
    pub deployment: DeploymentId,
    /// The lifecycle event.
    pub event: LifecycleEvent,
    /// What ends the wait.
    pub token: TaskToken,
    /// When nobody waits any more.
    pub expires: Timestamp,
}

/// Runs of hooks.
pub trait HookRuns {
    /// Keeps one.
    async fn keep_run(&self, run: &HookRun) -> Result<(), PortError>;
    /// Finds one.
    async fn find_run(&self, id: &HookExecutionId) -> Result<Option<HookRun>, PortError>;
    /// Keeps what a hook in progress wants to be handed with its next call.
    async fn keep_details(
        &self,
        id: &DeploymentId,
        event: LifecycleEvent,
        details: Option<&Value>,
    ) -> Result<(), PortError>;
    /// What it wants to be handed.
    async fn details(&self, id: &DeploymentId, event: LifecycleEvent) -> Result<Option<Value>, PortError>;
}
