//! What every function does the same way: read, run one step, name its failure.

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use steps::error::StepError;

/// A failure under the name the state machine knows. Through a boxed error it would be a Rust type's.
#[derive(Debug)]
pub(crate) struct Failure(StepError);

impl From<Failure> for Diagnostic {
    fn from(Failure(error): Failure) -> Self {
        Self { error_type: error.name().to_owned(), error_message: error.to_string() }
    }
}

/// Serves calls until Lambda ends the process. The payload is read here: a payload that the runtime could not read would
/// fail under a name of its own.
pub(crate) async fn serve<I, O>(step: impl AsyncFn(I) -> Result<O, StepError>) -> Result<(), Error>
where
    I: DeserializeOwned,
    O: Serialize,
{
    let step = &step;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let input = I::deserialize(&event.payload)
            .map_err(|error| StepError::InvalidInput(format!("the payload is not what this function takes: {error}")));
        let deployment = event.payload["deploymentId"].as_str();
        let result = match input {
            Ok(input) => step(input).await,
            Err(error) => Err(error),
        };
        match &result {
            Ok(_) => {}
            Err(error) => tell(deployment, error),
        }
        result.map_err(Failure)
    }))
    .await
}

/// A deployment that is stopped, refused or fails by a decision is nothing that went wrong here. What may work at the next
/// attempt is worth a warning; what AWS refuses for good, a look.
fn tell(deployment: Option<&str>, error: &StepError) {
    let (name, why) = (error.name(), error);
    match error {
        StepError::AlarmBreached(_)
        | StepError::StopRequested(_)
        | StepError::HookFailed(_)
        | StepError::TimedOut(_)
        | StepError::Drift(_)
        | StepError::TargetLocked(_)
        | StepError::InvalidInput(_)
        | StepError::ForeignExecution(_) => {
            tracing::info!(deployment, error = name, %why, "decided: the step ends the state")
        }
        StepError::Transient(_) | StepError::UpgradeInFlight(_) => {
            tracing::warn!(deployment, error = name, %why, "the step is tried again")
        }
        StepError::Refused(_) | StepError::TableRefused(_) | StepError::NoWayBack(_) => {
            tracing::error!(deployment, error = name, %why, "the step failed")
        }
    }
}
