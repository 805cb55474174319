//! The powers a step may ask for: each trait is one capability in our words, and matches one statement in the role of the
//! functions that have it.

#![expect(async_fn_in_trait, reason = "implemented and called only in this workspace")]

mod catalogue;
mod services;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rollout::alarms::Readings;
use rollout::deployment::{Deployment, Status};
use rollout::hooks::CallId;
use rollout::ids::{
    AlarmName, AliasName, DeploymentId, ExecutionArn, FunctionName, HookExecutionId, HookFunction, ParameterName,
    Version,
};
use rollout::journal::Line;
use rollout::lifecycle::LifecycleEvent;
use rollout::orphan::Life;
use rollout::plan::Plan;
use rollout::preflight::VersionFacts;
use rollout::routing::Routing;
use rollout::strategy::Platform;
use rollout::warm::{Asked, Warm, Warmth};
use serde_json::{Value, json};

pub use catalogue::{Catalogue, Kept, Key, Referred, Shelf};
pub use codedeploy::names::uuid;
pub use services::{
    CreateTaskSets, PromoteTaskSets, ReadListeners, ReadServices, RemoveTaskSets, RestoreTaskSets, WriteListeners,
};

/// Why a port call failed, told by what the caller can do about it. The text never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// Throttled, timed out, unavailable: the same call may work later.
    #[error("try again later: {0}")]
    Busy(String),
    /// Written by newer code than this: the stack is being updated, and the same call works once that is done.
    #[error("{0}")]
    Newer(String),
    /// What the call is about does not exist.
    #[error("no such resource: {0}")]
    Missing(String),
    /// Refused for good: not allowed, or not valid.
    #[error("refused: {0}")]
    Denied(String),
    /// Somebody else wrote in between: read again and decide anew.
    #[error("changed in between: {0}")]
    Conflict(String),
}

impl PortError {
    /// Whether the same call may work a moment later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Busy(_) | Self::Newer(_) | Self::Conflict(_) => true,
            Self::Missing(_) | Self::Denied(_) => false,
        }
    }

    /// What was said, without what it means for the caller: for those who say that themselves.
    pub fn said(&self) -> &str {
        match self {
            Self::Busy(said) | Self::Newer(said) | Self::Missing(said) | Self::Denied(said) | Self::Conflict(said) => {
                said
            }
        }
    }
}

/// What time it is.
pub trait Clock {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// Names nobody can guess or has used before.
pub trait Ids {
    /// A deployment id.
    fn deployment(&self) -> DeploymentId;
    /// The id of one run of a hook.
    fn hook_execution(&self) -> HookExecutionId;
    /// The id of anything else.
    fn uuid(&self) -> String;
}

/// A task token of the state machine. Whoever has it can end the wait, so it is never written to a log.
#[derive(Clone, PartialEq, Eq)]
pub struct TaskToken(pub String);

impl std::fmt::Debug for TaskToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TaskToken(…)")
    }
}

/// What somebody waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
pub enum WaitFor {
    /// The one interrupt of a deployment.
    Interrupt,
    /// A person who lets a paused deployment continue.
    Continue,
    /// News of a task set that is on its way.
    TaskSet,
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
    /// The request it came from.
    async fn request(&self, id: &DeploymentId) -> Result<Option<Value>, PortError>;
    /// Writes a new one with the request it came from; [`PortError::Conflict`] if the id is taken.
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

/// One deployment at a time: of a target, and of a deployment group. The key says of which.
pub trait Locks {
    /// Reads the lock.
    async fn read_lock(&self, key: &str) -> Result<Lock, PortError>;
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

/// Deployments that are over and may have a write on its way yet (`rollout::service::aftermath`, `rollout::warm::cool`).
pub trait LateWrites {
    /// The deployment is looked at from now on; until `until` at the longest.
    async fn expect_late(&self, id: &DeploymentId, until: Timestamp) -> Result<(), PortError>;
    /// Not any more.
    async fn forget_late(&self, id: &DeploymentId) -> Result<(), PortError>;
    /// The deployments that are to be looked at.
    async fn expected_late(&self) -> Result<Vec<DeploymentId>, PortError>;
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

/// What an alias points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pointing {
    /// At published versions.
    At(Routing),
    /// At `$LATEST`.
    Latest,
}

/// An alias as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// What it points at.
    pub pointing: Pointing,
    /// The revision it was read at.
    pub revision: Revision,
}

impl Alias {
    /// Where it sends its calls, if to published versions.
    pub fn routing(&self) -> Option<&Routing> {
        match &self.pointing {
            Pointing::At(routing) => Some(routing),
            Pointing::Latest => None,
        }
    }
}

/// The revision of an alias: a write on top of another one is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision(pub String);

/// Reads aliases.
pub trait ReadAlias {
    /// Reads one; `None` if the function or the alias does not exist.
    async fn alias(&self, function: &FunctionName, alias: &AliasName) -> Result<Option<Alias>, PortError>;
}

/// Moves live traffic.
pub trait WriteAlias {
    /// Points the alias there if it is still at `revision`; [`PortError::Conflict`] if it is not. Twice is the same as once.
    /// Returns the revision it is at now.
    async fn point(
        &self,
        function: &FunctionName,
        alias: &AliasName,
        to: &Routing,
        revision: &Revision,
    ) -> Result<Revision, PortError>;
}

/// Reads what functions are.
pub trait ReadFunctions {
    /// A published version.
    async fn version(&self, function: &FunctionName, version: Version) -> Result<VersionFacts, PortError>;
    /// Whether a function exists, by name or ARN.
    async fn exists(&self, function: &str) -> Result<bool, PortError>;
    /// The provisioned concurrency of an alias or a version, where it has some.
    async fn provisioned(&self, function: &FunctionName, qualifier: &str) -> Result<Option<u32>, PortError>;
}

/// Gives versions provisioned concurrency, and takes it back.
pub trait WarmVersions {
    /// What a version has; `None`: nothing.
    async fn warmth(&self, function: &FunctionName, version: Version) -> Result<Option<Warmth>, PortError>;
    /// Asks for it, once. Twice is the same as once. An error means that nobody knows whether it is given, now or later.
    async fn warm(&self, function: &FunctionName, version: Version, warm: Warm) -> Result<Asked, PortError>;
    /// Takes it back, whatever it is. Of a version that has none, that is nothing.
    async fn cool(&self, function: &FunctionName, version: Version) -> Result<(), PortError>;
}

/// Looks at alarms.
pub trait ReadAlarms {
    /// One look. Never fails: not being able to read is a reading.
    async fn read(&self, names: &BTreeSet<AlarmName>) -> Readings;
}

/// The value of a secure parameter. Never written anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Says which secure parameters there are.
pub trait FindParameters {
    /// Whether the parameter exists. Nothing of its value is read.
    async fn has_parameter(&self, name: &ParameterName) -> Result<bool, PortError>;
}

/// Reads secure parameters.
pub trait ReadParameters {
    /// Their values, decrypted; a parameter that is not in the map does not exist.
    async fn parameters(&self, names: &[ParameterName]) -> Result<BTreeMap<ParameterName, Secret>, PortError>;
}

/// An object in S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRef {
    /// The bucket.
    pub bucket: String,
    /// The key in it.
    pub key: String,
    /// The version meant; without it, the newest.
    pub version: Option<String>,
    /// The eTag the object must have, without quotes; without it, any.
    pub e_tag: Option<String>,
}

/// What is at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// What was asked for.
    Read {
        /// All of it.
        bytes: Vec<u8>,
        /// Its eTag, without quotes.
        e_tag: Option<String>,
        /// Its version, in a bucket that keeps versions.
        version: Option<String>,
    },
    /// An object with another eTag.
    Other,
    /// An object that is longer than was allowed.
    Longer,
}

/// Reads the objects that hold AppSpecs.
pub trait ReadObjects {
    /// Reads one of at most `limit` bytes.
    async fn object(&self, place: &ObjectRef, limit: usize) -> Result<Object, PortError>;
}

/// What a called function did.
#[derive(Debug, Clone, PartialEq)]
pub enum Called {
    /// It returned this.
    Returned(Value),
    /// It was called, and no answer was heard: whether it ran, and how it ended, nobody knows.
    NoAnswer,
    /// It threw an error: type, message and the end of its log.
    Threw {
        /// The error's type.
        kind: String,
        /// The error's message.
        message: String,
        /// The end of the log.
        log_tail: String,
    },
}

/// One call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct Calling {
    /// What the function did.
    pub called: Called,
    /// Lambda's number of the call, where it gave one.
    pub id: Option<CallId>,
}

/// Calls hook functions.
pub trait CallHook {
    /// Calls one and waits for it. An error means that it was not called.
    async fn call(&self, function: &HookFunction, payload: &Value) -> Result<Calling, PortError>;
}

/// Ends what waits in the state machine. A token nobody waits for any more is no error.
pub trait EndWaits {
    /// It goes on with this output.
    async fn succeed(&self, token: &TaskToken, output: &Value) -> Result<(), PortError>;

    /// The same of a wait whose end is all there is to say.
    async fn let_go(&self, token: &TaskToken) -> Result<(), PortError> {
        self.succeed(token, &json!({})).await
    }

    /// It fails with this error.
    async fn fail(&self, token: &TaskToken, error: &str, cause: &str) -> Result<(), PortError>;
}

/// Knows what executions are called. That is no power.
pub trait NameExecutions {
    /// The ARN that an execution of this name has, or would have.
    fn arn(&self, platform: Platform, name: &str) -> Result<ExecutionArn, PortError>;
}

/// Starts executions of the state machines, one a platform.
pub trait StartExecutions: NameExecutions {
    /// Starts one; [`PortError::Conflict`] if the name is taken.
    async fn start(&self, platform: Platform, name: &str, input: &Value) -> Result<ExecutionArn, PortError>;
}

/// Asks about executions. The answer may be a moment behind what is.
pub trait ReadExecutions: NameExecutions {
    /// Whether one is at work.
    async fn life(&self, execution: &ExecutionArn) -> Result<Life, PortError>;
}

/// Aborts executions.
pub trait StopExecutions {
    /// Aborts one. That it is over already is no error.
    async fn stop(&self, execution: &ExecutionArn, why: &str) -> Result<(), PortError>;
}

/// What somebody must know of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Alert {
    /// Traffic could not be put back.
    Unresolved {
        /// The deployment.
        deployment: DeploymentId,
        /// Why.
        cannot: String,
    },
    /// An execution died, and recovery was started.
    DeadMansSwitch {
        /// The deployment.
        deployment: DeploymentId,
        /// Which attempt this is.
        attempt: u32,
    },
}

/// Raises alerts: a metric and a log line.
pub trait RaiseAlerts {
    /// Raises one.
    fn raise(&self, alert: &Alert);
}
