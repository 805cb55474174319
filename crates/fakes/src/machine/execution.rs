//! An execution, and how one fails.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use jiff::SignedDuration;
use rollout::platform::Platform;
use serde_json::Value;
use steps::ports::Clock;

use crate::world::World;

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
    pub(super) fn runtime(cause: impl Into<String>) -> Self {
        Self::new("States.Runtime", cause)
    }
}

/// The answer of a function, once it has one.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<Value, Failure>>>>;

/// Calls a function by its name; nothing happens before somebody waits for the answer.
pub(crate) type Invoke = dyn Fn(&str, Value) -> Answer;

/// One execution.
pub(crate) struct Execution {
    /// The world it changes.
    pub(crate) world: Rc<World>,
    /// Calls the functions.
    pub(crate) invoke: Box<Invoke>,
    pub(crate) platform: Platform,
    pub(crate) name: String,
    pub(crate) input: Value,
}

impl Execution {
    /// Lets so many seconds pass.
    pub(super) async fn sleep(&self, seconds: u64) {
        let clock = &self.world.clock;
        let until = clock.now() + SignedDuration::from_secs(seconds.cast_signed());
        clock.sleep_until(until).await;
    }
}
