//! CodePipeline: the artifacts of a job, its answers, and what is kept of its questions.

use std::collections::BTreeMap;
use std::fmt;

use rollout::ids::{DeploymentId, JobId, TaskDefinition};
use rollout::pipeline::Fault;
use rollout::pipeline::archive::Span;
use rollout::pipeline::silence::Question;
use serde_json::Value;

use super::error::PortError;
use super::secret::Secret;

/// The credentials that a job brings for its artifacts, for a few minutes. Never written anywhere.
#[derive(Clone, PartialEq, Eq)]
pub struct ArtifactKeys {
    /// Whose they are.
    pub id: String,
    /// What signs.
    pub secret: Secret,
    /// What says that they are lent.
    pub session: Option<Secret>,
}

impl fmt::Debug for ArtifactKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ArtifactKeys(…)")
    }
}

/// Where an artifact is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactPlace {
    /// The bucket.
    pub bucket: String,
    /// The key in it.
    pub key: String,
}

/// Which part of an artifact is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Its last bytes, at most so many.
    Last(u64),
    /// These, of the object that has this eTag still.
    At(Span, Option<String>),
}

/// A part of an artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// It was read.
    Read {
        /// The bytes.
        bytes: Vec<u8>,
        /// Where the first one is.
        from: u64,
        /// How many bytes the whole has.
        total: u64,
        /// The eTag of the object, without quotes.
        e_tag: Option<String>,
    },
    /// Another object is there by now.
    Changed,
}

/// Reads artifacts with the credentials of their job, and never with the function's own.
pub trait ReadArtifacts {
    /// Reads a part of one.
    async fn artifact(&self, place: &ArtifactPlace, keys: &ArtifactKeys, part: &Part) -> Result<Piece, PortError>;
}

/// What a pipeline shows of its action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDetails {
    /// What is going on.
    pub summary: String,
    /// How far it is, from 0 to 100, where that is known.
    pub percent: Option<u8>,
    /// The deployment.
    pub deployment: DeploymentId,
}

/// What became of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    /// CodePipeline has taken it.
    Taken,
    /// The job is over, or nobody knows it any more.
    TooLate,
}

/// Answers jobs.
pub trait AnswerJobs {
    /// It goes on: CodePipeline is to ask again, with this token.
    async fn continue_job(&self, job: &JobId, token: &str, details: &JobDetails) -> Result<Answered, PortError>;

    /// It succeeded; actions behind it may use the variables.
    async fn succeed_job(
        &self,
        job: &JobId,
        details: &JobDetails,
        variables: &BTreeMap<String, String>,
    ) -> Result<Answered, PortError>;

    /// It failed.
    async fn fail_job(
        &self,
        job: &JobId,
        fault: &Fault,
        deployment: Option<&DeploymentId>,
    ) -> Result<Answered, PortError>;
}

/// Registers task definitions.
pub trait RegisterTaskDefinitions {
    /// Registers one, and says which revision it became. Twice is two revisions.
    async fn register(&self, definition: &Value) -> Result<TaskDefinition, PortError>;
}

/// Keeps the last question of a pipeline, beside the record of its deployment.
pub trait KeepQuestions {
    /// In place of the one before.
    async fn keep_question(&self, id: &DeploymentId, question: &Question) -> Result<(), PortError>;
}

/// Reads what is kept so.
pub trait ReadQuestions {
    /// The last one.
    async fn question(&self, id: &DeploymentId) -> Result<Option<Question>, PortError>;
}
