//! Errors on the wire: `__type` and `message` in the body, HTTP 400; ours or AWS's fault is HTTP 500, which clients retry.

use serde_json::{Value, json};

/// An error as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The exception's name.
    pub code: Code,
    /// The sentence.
    pub message: String,
}

impl ApiError {
    /// An error.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self.code {
            Code::InternalFailure => 500,
            Code::ServiceUnavailable => 503,
            _ => 400,
        }
    }

    /// The body.
    pub fn body(&self) -> Value {
        json!({"__type": self.code.as_str(), "message": self.message})
    }
}

macro_rules! codes {
    ($($name:ident)*) => {
        /// The names of the errors, as on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[expect(missing_docs, reason = "the names are the API's")]
        pub enum Code { $($name,)* }

        impl Code {
            /// The name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

codes! {
    AlarmsLimitExceededException
    DeploymentAlreadyCompletedException
    DeploymentConfigDoesNotExistException
    DeploymentDoesNotExistException
    DeploymentIdRequiredException
    DeploymentIsNotInReadyStateException
    DescriptionTooLongException
    InternalFailure
    InvalidAlarmConfigException
    InvalidApplicationNameException
    InvalidAutoRollbackConfigException
    InvalidDeploymentGroupNameException
    InvalidDeploymentIdException
    InvalidDeploymentStatusException
    InvalidInputException
    InvalidLifecycleEventHookExecutionIdException
    InvalidLifecycleEventHookExecutionStatusException
    InvalidNextTokenException
    InvalidRevisionException
    LifecycleEventAlreadyCompletedException
    RevisionRequiredException
    SerializationException
    ServiceUnavailable
    UnknownOperationException
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
