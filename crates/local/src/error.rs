//! What can go wrong with the local stack itself (not with what runs on it).

use std::error::Error;

/// Why the local stack could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LocalError {
    /// A step of the set-up, or a call to the stack, did not work.
    #[error("{what}")]
    Failed {
        /// What was tried, and what to do about it.
        what: String,
        /// The cause, where there is one.
        #[source]
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// An AWS operation answered with an error.
    #[error("{operation} answered {status}: {code}: {message}")]
    Refused {
        /// The operation, as AWS names it.
        operation: String,
        /// The HTTP status.
        status: u16,
        /// The error's name, without a namespace.
        code: String,
        /// AWS's message.
        message: String,
    },
}

impl LocalError {
    /// A failure that has no cause beneath it.
    pub fn failed(what: impl Into<String>) -> Self {
        Self::Failed { what: what.into(), source: None }
    }

    /// A failure with its cause.
    pub fn because(what: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed { what: what.into(), source: Some(source.into()) }
    }

    /// The AWS error code, if it was AWS that refused.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            Self::Failed { .. } => None,
        }
    }
}
