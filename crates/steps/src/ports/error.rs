//! Why a port call failed.

/// Why a port call failed, told by what the caller can do about it. The text never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// Throttled, timed out, unavailable: the same call may work later.
    #[error("try again later: {0}")]
    Passing(String),
    /// Written by newer code than this: the stack is being updated, and the same call works once that is done.
    #[error("{0}")]
    Newer(String),
    /// What the call is about does not exist.
    #[error("no such resource: {0}")]
    Missing(String),
    /// Refused for good: not allowed, or not valid.
    #[error("refused: {0}")]
    Denied(String),
    /// Our own table refuses: a right or a key was taken away. The same call works once that is mended.
    #[error("the table refuses: {0}")]
    Barred(String),
    /// Somebody else wrote in between: read again and decide anew.
    #[error("changed in between: {0}")]
    Conflict(String),
}

impl PortError {
    /// Whether the same call may work a moment later.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Passing(_) | Self::Newer(_) | Self::Conflict(_) => true,
            Self::Missing(_) | Self::Denied(_) | Self::Barred(_) => false,
        }
    }

    /// What was said, without what it means for the caller: for those who say that themselves.
    pub fn said(&self) -> &str {
        match self {
            Self::Passing(said)
            | Self::Newer(said)
            | Self::Missing(said)
            | Self::Denied(said)
            | Self::Barred(said)
            | Self::Conflict(said) => said,
        }
    }
}
