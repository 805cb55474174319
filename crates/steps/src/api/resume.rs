//! ContinueDeployment: lets a paused deployment go on.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{ContinueDeploymentInput, DeploymentIdInput};
use codedeploy::values;
use rollout::deployment::Phase;
use rollout::journal::{Entry, Line};
use serde_json::{Value, json};

use super::{Api, completed, failed};
use crate::change::change;
use crate::ports::{
    Clock, EndWaits, HookRuns, Ids, Journal, Listing, Locks, PortError, ReadAlarms, ReadAlias, ReadFunctions, Records,
    StartExecutions, WaitFor,
};

impl<S, F, O, A, W, C> Api<'_, S, F, O, A, W, C>
where
    S: Records + Journal + Listing + Locks + HookRuns,
    F: ReadAlias + ReadFunctions,
    A: ReadAlarms,
    W: EndWaits + StartExecutions,
    C: Clock + Ids,
{
    pub(super) async fn resume(&self, body: &Value) -> Result<Value, ApiError> {
        let input: ContinueDeploymentInput = call::input(body)?;
        if let Some(wait) = &input.deployment_wait_type {
            values::DEPLOYMENT_WAIT_TYPE.checked(wait, Code::InvalidDeploymentWaitTypeException)?;
        }
        let mut loaded = self.named(input.deployment_id).await?;
        if input.deployment_wait_type.as_deref() == Some("TERMINATION_WAIT") {
            return Err(no_termination());
        }
        if loaded.deployment.phase.is_final() {
            return Err(completed(&loaded));
        }
        let Some(plan) = loaded.plan.clone() else { return Err(not_ready()) };
        change(self.store, &mut loaded, |deployment| match &mut deployment.progress.at {
            Some(position) if deployment.phase == Phase::Running => {
                let waits = plan.steps.get(position.step).is_some_and(|step| step.is_pause());
                position.continued = waits;
                if waits { Ok(()) } else { Err(Resuming::NotReady) }
            }
            _ => Err(Resuming::NotReady),
        })
        .await
        .map_err(|error| match error {
            Resuming::NotReady => not_ready(),
            Resuming::Port(error) => failed(error),
        })?;
        // Read anew: the token of the wait may have been written in between.
        let newest = self.named(Some(loaded.deployment.id.to_string())).await?;
        if let Some(token) = newest.tokens.get(&WaitFor::Continue) {
            self.machine.succeed(token, &json!({})).await.map_err(failed)?;
        }
        let line = Line { at: self.clock.now(), entry: Entry::Continued };
        self.store.append(&loaded.deployment.id, &line).await.map_err(failed)?;
        Ok(json!({}))
    }

    /// SkipWaitTimeForInstanceTermination: nothing is terminated by a deployment to Lambda.
    pub(super) async fn skip_wait(&self, body: &Value) -> Result<Value, ApiError> {
        let input: DeploymentIdInput = call::input(body)?;
        let loaded = self.named(input.deployment_id).await?;
        Err(if loaded.deployment.phase.is_final() { completed(&loaded) } else { no_termination() })
    }
}

enum Resuming {
    NotReady,
    Port(PortError),
}

impl From<PortError> for Resuming {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}

fn not_ready() -> ApiError {
    ApiError::new(Code::DeploymentIsNotInReadyStateException, "The deployment does not wait for anybody to continue it")
}

fn no_termination() -> ApiError {
    let message = "a deployment to Lambda terminates nothing: there is no wait before it";
    ApiError::new(Code::UnsupportedActionForDeploymentTypeException, message)
}
