//! The powers a step may ask for: each trait is one capability in our words, and matches one statement in the role of the
//! functions that have it.

#![expect(async_fn_in_trait, reason = "implemented and called only in this workspace")]

mod catalogue;
mod error;
mod functions;
mod machines;
mod pipelines;
mod queues;
mod records;
mod secret;
mod services;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rollout::alarms::Readings;
use rollout::ids::{AlarmName, DeploymentId, HookExecutionId, ParameterName};

pub use catalogue::{Kept, Key, ReadCatalogue, Referred, Shelf, WriteCatalogue};
pub use codedeploy::names::uuid;
pub use error::PortError;
pub use functions::{
    Alias, CallHook, Called, Calling, CoolVersions, Pointing, ReadAlias, ReadConcurrency, ReadFunctions, Revision,
    WarmVersions, WriteAlias,
};
pub use machines::{EndWaits, FailWaits, NameExecutions, ReadExecutions, StartExecutions, StopExecutions, TaskToken};
pub use pipelines::{
    AnswerJobs, Answered, ArtifactKeys, ArtifactPlace, JobDetails, KeepQuestions, Part, Piece, ReadArtifacts,
    ReadQuestions, RegisterTaskDefinitions,
};
pub use queues::{Queues, ReadQueues, Sequences};
pub use records::{
    ExpectLateWrites, Filter, ForgetLateWrites, HookRun, HookRuns, Journal, Listing, Loaded, Lock, Locks,
    ReadLateWrites, ReadLocks, ReadRequests, Records, Row, WaitFor, Watches,
};
pub use secret::Secret;
pub use services::{
    CreateTaskSets, DeleteTaskSets, EmptyTaskSets, PromoteTaskSets, ReadHealth, ReadListeners, ReadServiceFacts,
    ReadServices, ReadStoppedTasks, ReadTargetGroups, RestoreTaskSets, WriteListeners,
};

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

/// Looks at alarms.
pub trait ReadAlarms {
    /// One look. Never fails: not being able to read is a reading.
    async fn alarms(&self, names: &BTreeSet<AlarmName>) -> Readings;
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
