//! The state machine: an interpreter for as much of the Amazon States Language as the definitions in `statemachine` use.
//!
//! Anything it does not know stops a test at once, so that nothing in the definition is passed over.

mod data;
mod definition;
mod functions;
mod run;
mod task;
mod timeline;

pub(crate) use definition::of;
pub(crate) use functions::serve;
pub(crate) use run::run;
pub(crate) use timeline::{First, first};

use rollout::strategy::Platform;
use serde_json::Value;

use crate::simulation::Simulation;

/// How a state, a branch or an execution failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) error: String,
    pub(crate) cause: String,
}

impl Failure {
    pub(crate) fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into() }
    }

    /// The definition asks for what is not there. Neither retried nor caught.
    fn runtime(cause: impl Into<String>) -> Self {
        Self::new("States.Runtime", cause)
    }
}

/// One execution.
pub(crate) struct Execution {
    pub(crate) simulation: Simulation,
    pub(crate) platform: Platform,
    pub(crate) name: String,
    pub(crate) input: Value,
}
