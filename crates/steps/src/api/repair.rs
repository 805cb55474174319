//! RepairDeployment: finishes the job of a deployment that could not put the traffic back, or that hangs.

use codedeploy::call;
use codedeploy::error::ApiError;
use codedeploy::shapes::DeploymentIdInput;
use rollout::deployment::{Change, Phase};
use serde_json::{Value, json};

use super::{Api, completed, step_failed};
use crate::change::apply;
use crate::ports::{Clock, Journal, Records, StartExecutions};
use crate::recovery;

impl<S: Journal + Records, F, O, E, A, W, M: StartExecutions, C: Clock> Api<'_, S, F, O, E, A, W, M, C> {
    /// A deployment that is still going on is put back by this, too: its execution is taken for dead.
    pub(super) async fn repair(&self, body: &Value) -> Result<Value, ApiError> {
        let input: DeploymentIdInput = call::input(body)?;
        let mut loaded = self.named(input.deployment_id).await?;
        match loaded.deployment.phase {
            Phase::Succeeded | Phase::Ended { .. } => return Err(completed(&loaded)),
            Phase::Unresolved { .. } => {
                apply(self.store, self.clock, &mut loaded, &Change::Repair).await.map_err(step_failed)?;
            }
            Phase::Created | Phase::Running | Phase::Committing | Phase::Stopping { .. } | Phase::Settled { .. } => {}
        }
        let started =
            recovery::wanted(self.store, self.machines, self.clock, &mut loaded).await.map_err(step_failed)?;
        match started {
            Some(started) => Ok(json!({"deploymentId": loaded.deployment.id, "executionArn": started.execution})),
            None => Err(completed(&loaded)),
        }
    }
}
