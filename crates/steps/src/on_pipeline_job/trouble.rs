//! What keeps a job from going on: something that may be gone later, or something that is wrong.

use codedeploy::error::{ApiError, Code};
use rollout::admission::tells_outdated;
use rollout::pipeline::{FailureType, Fault};

use crate::ports::PortError;

/// Why a job does not go on.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The same may work later: throttled, or an upgrade of the stack is in flight.
    Later(String),
    /// It fails.
    Wrong(Fault),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Wrong(fault)
    }
}

impl From<PortError> for Trouble {
    fn from(error: PortError) -> Self {
        if error.is_passing() {
            return Self::Later(error.to_string());
        }
        let kind =
            if is_about_rights(error.said()) { FailureType::PermissionError } else { FailureType::SystemUnavailable };
        Self::Wrong(Fault::new(kind, error.to_string()))
    }
}

impl From<ApiError> for Trouble {
    /// A group that is busy is no mistake of the pipeline's: its own action would be refused the same way, and the same job works once
    /// the other deployment is over.
    fn from(error: ApiError) -> Self {
        if error.may_work_later() {
            return Self::Later(error.to_string());
        }
        let kind = match error.code {
            Code::DeploymentLimitExceededException => FailureType::SystemUnavailable,
            Code::InvalidRevisionException if tells_outdated(&error.message) => FailureType::RevisionOutOfSync,
            Code::RevisionDoesNotExistException => FailureType::RevisionUnavailable,
            Code::AccessDeniedException => FailureType::PermissionError,
            _ => FailureType::ConfigurationError,
        };
        Self::Wrong(Fault::new(kind, error.to_string()))
    }
}

/// What ECS does not register. What it says of a request is the user's to mend.
pub(super) fn unregistered(file: &str, error: PortError) -> Trouble {
    if error.is_passing() {
        return Trouble::Later(error.to_string());
    }
    if is_about_rights(error.said()) {
        let message = format!(
            "the stack may not register {file}: its parameter EcsTaskRoles has to name the roles of the task definition ({error})"
        );
        return Fault::new(FailureType::PermissionError, message).into();
    }
    Fault::written(format!("ECS does not register {file}: {error}")).into()
}

fn is_about_rights(said: &str) -> bool {
    ["AccessDenied", "not authorized", "not allowed"].iter().any(|words| said.contains(words))
}
