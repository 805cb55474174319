//! What a deployment waits for, for how long, and what happens then.

use serde::{Deserialize, Serialize};

use crate::seconds::Seconds;

/// What a step waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hold {
    /// For a time to pass.
    For(Seconds),
    /// For a person to continue the deployment.
    #[serde(rename_all = "camelCase")]
    UntilContinued {
        /// How long the person has.
        timeout: Seconds,
        /// What happens when nobody continued in time.
        on_timeout: OnTimeout,
    },
}

impl Hold {
    /// Nothing is waited for.
    pub const NONE: Self = Self::For(Seconds::ZERO);

    /// The longest time this can take.
    pub fn longest(self) -> Seconds {
        match self {
            Self::For(time) | Self::UntilContinued { timeout: time, .. } => time,
        }
    }
}

impl From<Wait> for Hold {
    fn from(Wait { timeout, on_timeout }: Wait) -> Self {
        Self::UntilContinued { timeout, on_timeout }
    }
}

/// What happens when nobody continued a deployment in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnTimeout {
    /// The deployment is stopped, and traffic goes back.
    Stop,
    /// The deployment goes on by itself.
    Continue,
}

/// A wait for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Wait {
    /// How long the person has.
    pub timeout: Seconds,
    /// What happens then.
    pub on_timeout: OnTimeout,
}

/// A wait beside those of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WaitKind {
    /// Before production traffic moves: `READY_WAIT`.
    Ready,
    /// Before the old task set is removed: `TERMINATION_WAIT`.
    Termination,
}
