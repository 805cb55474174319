//! Why a command could not do its work, and how it ends then.

use std::io;

use serde_json::{Value, json};

use crate::api::ApiError;
use crate::exit::Ending;

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// What was given cannot be.
    #[error("{0}")]
    Usage(String),
    /// The stack gave no good answer.
    #[error("{0}")]
    Api(ApiError),
    /// The stack stopped answering while a deployment was watched.
    #[error("{source}; {advice}")]
    LostSight {
        /// The last error.
        source: ApiError,
        /// How to look again.
        advice: String,
    },
    /// The order was given, and nobody knows whether it arrived.
    #[error("{source}; {advice}")]
    PerhapsDone {
        /// The error.
        source: ApiError,
        /// How to find out.
        advice: String,
    },
    /// The answer could not be written.
    #[error("cannot write the answer: {0}")]
    Output(io::Error),
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

/// What CreateDeployment says when another deployment is in the way: a refusal of this deployment, not of these words.
const BUSY: &str = "DeploymentLimitExceededException";

impl Failure {
    /// How the command ends.
    pub(crate) fn ending(&self) -> Ending {
        match self {
            Self::Usage(_) => Ending::WrongUsage,
            Self::Api(error) | Self::LostSight { source: error, .. } | Self::PerhapsDone { source: error, .. } => {
                match error {
                    ApiError::Refused { code, .. } if code == BUSY => Ending::Refused,
                    ApiError::Refused { .. } => Ending::WrongUsage,
                    ApiError::Throttled(_)
                    | ApiError::NoAnswer(_)
                    | ApiError::NoAccess(_)
                    | ApiError::Unreadable(_) => Ending::CannotReach,
                }
            }
            Self::Output(_) => Ending::CannotReach,
        }
    }

    /// The failure as a document.
    pub(crate) fn document(&self) -> Value {
        json!({"error": {"code": self.code(), "message": self.to_string()}})
    }

    fn code(&self) -> &str {
        match self {
            Self::Usage(_) => "WrongUsage",
            Self::Api(error) | Self::LostSight { source: error, .. } | Self::PerhapsDone { source: error, .. } => {
                match error {
                    ApiError::Refused { code, .. } => code,
                    ApiError::Throttled(_) => "Throttled",
                    ApiError::NoAnswer(_) => "NoAnswer",
                    ApiError::NoAccess(_) => "NoAccess",
                    ApiError::Unreadable(_) => "UnreadableAnswer",
                }
            }
            Self::Output(_) => "CannotWrite",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str) -> Failure {
        Failure::Api(ApiError::Refused { code: code.to_owned(), message: "no".to_owned() })
    }

    #[test]
    fn a_refused_order_is_wrong_usage_and_a_missing_answer_is_not() {
        let table = [
            (Failure::Usage("no file".to_owned()), Ending::WrongUsage),
            (refused("InvalidRevisionException"), Ending::WrongUsage),
            (refused("DeploymentDoesNotExistException"), Ending::WrongUsage),
            (refused("DeploymentLimitExceededException"), Ending::Refused),
            (Failure::Api(ApiError::Throttled("busy".to_owned())), Ending::CannotReach),
            (Failure::Api(ApiError::NoAnswer("refused".to_owned())), Ending::CannotReach),
            (Failure::Api(ApiError::NoAccess("no credentials".to_owned())), Ending::CannotReach),
            (Failure::Api(ApiError::Unreadable("html".to_owned())), Ending::CannotReach),
        ];
        for (failure, ending) in table {
            assert_eq!(failure.ending(), ending, "{failure}");
        }
    }
}
