//! The world as Step Functions.

use rollout::ids::ExecutionArn;
use rollout::orphan::Life;
use rollout::platform::Platform;
use serde_json::Value;
use steps::ports::{
    EndWaits, FailWaits, NameExecutions, PortError, ReadExecutions, StartExecutions, StopExecutions, TaskToken,
};

use crate::state::executions::arn;
use crate::world::World;

impl EndWaits for World {
    async fn succeed(&self, token: &TaskToken, output: &Value) -> Result<(), PortError> {
        self.call("succeed", |state, _| {
            state.waits.end(token, Ok(output.clone()));
            Ok(())
        })
        .await
    }
}

impl FailWaits for World {
    async fn fail(&self, token: &TaskToken, error: &str, cause: &str) -> Result<(), PortError> {
        self.call("fail", |state, _| {
            state.waits.end(token, Err((error.to_owned(), cause.to_owned())));
            Ok(())
        })
        .await
    }
}

impl NameExecutions for World {
    fn execution_arn(&self, platform: Platform, name: &str) -> Result<ExecutionArn, PortError> {
        Ok(arn(platform, name))
    }
}

impl ReadExecutions for World {
    async fn life(&self, execution: &ExecutionArn) -> Result<Life, PortError> {
        self.call("life", |state, _| {
            Ok(match state.executions.get(execution) {
                Some((_, true)) => Life::Running,
                Some((_, false)) => Life::Over,
                None => Life::Unknown,
            })
        })
        .await
    }
}

impl StopExecutions for World {
    async fn stop_execution(&self, execution: &ExecutionArn, _why: &str) -> Result<(), PortError> {
        self.call("stop_execution", |state, _| {
            state.aborts.push(execution.clone());
            Ok(())
        })
        .await
    }
}

impl StartExecutions for World {
    /// As Step Functions does it: the same name with the same input is the same execution as long as that one runs.
    async fn start_execution(&self, platform: Platform, name: &str, input: &Value) -> Result<ExecutionArn, PortError> {
        self.call("start", |state, now| {
            let execution = arn(platform, name);
            match state.executions.get(&execution) {
                Some((same, true)) if same == input => {}
                Some(_) => return Err(PortError::Conflict(format!("the name {name} is taken"))),
                None => {
                    state.executions.insert(execution.clone(), (input.clone(), true));
                    state.requested.push((platform, name.to_owned(), input.clone()));
                    state.log.push((now, format!("execution {name} starts")));
                }
            }
            Ok(execution)
        })
        .await
    }
}
