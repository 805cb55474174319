//! The state machines: their executions, and what waits in them.

use rollout::ids::ExecutionArn;
use rollout::orphan::Life;
use rollout::platform::Platform;
use serde_json::{Value, json};

use super::error::PortError;

/// A task token of the state machine. Whoever has it can end the wait, so it is never written to a log.
#[derive(Clone, PartialEq, Eq)]
pub struct TaskToken(pub String);

impl std::fmt::Debug for TaskToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TaskToken(…)")
    }
}

/// Ends what waits in the state machine. A token nobody waits for any more is no error.
pub trait EndWaits {
    /// It goes on with this output.
    async fn succeed(&self, token: &TaskToken, output: &Value) -> Result<(), PortError>;

    /// The same of a wait whose end is all there is to say.
    async fn let_go(&self, token: &TaskToken) -> Result<(), PortError> {
        self.succeed(token, &json!({})).await
    }
}

/// Makes what waits in the state machine fail. A token nobody waits for any more is no error.
pub trait FailWaits {
    /// It fails with this error.
    async fn fail(&self, token: &TaskToken, error: &str, cause: &str) -> Result<(), PortError>;
}

/// Knows what executions are called. That is no power.
pub trait NameExecutions {
    /// The ARN that an execution of this name has, or would have.
    fn execution_arn(&self, platform: Platform, name: &str) -> Result<ExecutionArn, PortError>;
}

/// Starts executions of the state machines, one a platform.
pub trait StartExecutions: NameExecutions {
    /// Starts one; [`PortError::Conflict`] if the name is taken.
    async fn start_execution(&self, platform: Platform, name: &str, input: &Value) -> Result<ExecutionArn, PortError>;
}

/// Asks about executions. The answer may be a moment behind what is.
pub trait ReadExecutions: NameExecutions {
    /// Whether one is at work.
    async fn life(&self, execution: &ExecutionArn) -> Result<Life, PortError>;
}

/// Aborts executions.
pub trait StopExecutions {
    /// Aborts one. That it is over already is no error.
    async fn stop_execution(&self, execution: &ExecutionArn, why: &str) -> Result<(), PortError>;
}
