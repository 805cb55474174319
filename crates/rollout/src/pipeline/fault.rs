//! Why a job of a pipeline fails, in CodePipeline's types (docs/codedeploy-contract.md 10.1).

use std::fmt;

use crate::code::ErrorCode;
use crate::ending::Ending;
use crate::preflight::VersionRefusal;

/// CodePipeline's types of failure. The names are its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailureType {
    /// The deployment began, and ended other than well.
    JobFailed,
    /// What somebody wrote is wrong: the parameters, a file, the AppSpec, a name that nobody knows.
    ConfigurationError,
    /// A right is missing.
    PermissionError,
    /// The artifact is not what it was when the job began.
    RevisionOutOfSync,
    /// The artifact is gone, or the revision that it names.
    RevisionUnavailable,
    /// Nothing is wrong with the job: AWS, this stack or the target had no room for it.
    SystemUnavailable,
}

impl FailureType {
    /// Every type.
    pub const ALL: [Self; 6] = [
        Self::JobFailed,
        Self::ConfigurationError,
        Self::PermissionError,
        Self::RevisionOutOfSync,
        Self::RevisionUnavailable,
        Self::SystemUnavailable,
    ];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JobFailed => "JobFailed",
            Self::ConfigurationError => "ConfigurationError",
            Self::PermissionError => "PermissionError",
            Self::RevisionOutOfSync => "RevisionOutOfSync",
            Self::RevisionUnavailable => "RevisionUnavailable",
            Self::SystemUnavailable => "SystemUnavailable",
        }
    }

    /// The type of a deployment that ended so. One that found its target held never began, and nothing about it is wrong: the same job
    /// works once the other one is over.
    pub fn of(why: &Ending) -> Self {
        match why.code {
            ErrorCode::InvalidLambdaFunction if VersionRefusal::tells_no_version(&why.message) => {
                Self::RevisionUnavailable
            }
            ErrorCode::InvalidRevision
            | ErrorCode::InvalidLambdaConfiguration
            | ErrorCode::InvalidLambdaFunction
            | ErrorCode::InvalidEcsService => Self::ConfigurationError,
            ErrorCode::RevisionMissing => Self::RevisionUnavailable,
            ErrorCode::TargetLocked => Self::SystemUnavailable,
            ErrorCode::Outdated => Self::RevisionOutOfSync,
            ErrorCode::EcsUpdateError
            | ErrorCode::AlarmActive
            | ErrorCode::AlarmUnreadable
            | ErrorCode::ManualStop
            | ErrorCode::HookExecutionFailure
            | ErrorCode::Timeout
            | ErrorCode::Drift
            | ErrorCode::Superseded
            | ErrorCode::ExecutionLost
            | ErrorCode::InternalError => Self::JobFailed,
        }
    }
}

impl fmt::Display for FailureType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a job fails: a type for CodePipeline, and a sentence for people. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind}: {message}")]
pub struct Fault {
    /// The type.
    pub kind: FailureType,
    /// The sentence.
    pub message: String,
}

impl Fault {
    /// A failure.
    pub fn new(kind: FailureType, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Something that somebody wrote is wrong.
    pub fn written(message: impl Into<String>) -> Self {
        Self::new(FailureType::ConfigurationError, message)
    }
}
