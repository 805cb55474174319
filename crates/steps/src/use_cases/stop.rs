//! StopDeployment: marks the deployment as stopping and ends its execution's wait.

use codedeploy::error::ApiError;
use codedeploy::shapes::{StopDeploymentInput, StopDeploymentOutput};
use rollout::code::ErrorCode;
use rollout::deployment::Phase;
use rollout::ending::{Ending, Rollback};

use super::{UseCases, completed, failed};
use crate::interrupt::interrupt;
use crate::orphan;
use crate::ports::{
    Clock, ExpectLateWrites, FailWaits, Journal, Loaded, PortError, ReadExecutions, Records, StartExecutions,
};

impl<P: Clock + Records + Journal + ExpectLateWrites + FailWaits + ReadExecutions + StartExecutions> UseCases<'_, P> {
    /// `autoRollbackEnabled` says what becomes of the traffic; absent, the deployment's own rules do (docs/codedeploy-contract.md 5.5).
    pub(crate) async fn stop(&self, input: StopDeploymentInput) -> Result<StopDeploymentOutput, ApiError> {
        let mut loaded = self.named(input.deployment_id).await?;
        let why = Ending::new(ErrorCode::ManualStop, "The deployment was stopped by a user");
        let rollback = input.auto_rollback_enabled.map(|on| if on { Rollback::Restore } else { Rollback::Leave });
        let by_rule = loaded.plan.as_ref().map(|plan| plan.rollback.after(why.code));
        let wanted = rollback.or(by_rule);
        order(self.ports, &mut loaded, &why, rollback).await.map_err(failed)?;
        match loaded.deployment.phase {
            // Something else may have stopped it first: it is stopping all the same.
            Phase::Stopping { .. } | Phase::Settled { .. } => Ok(StopDeploymentOutput {
                status: Some("Pending".to_owned()),
                status_message: Some(loaded.deployment.stopping(wanted)),
            }),
            _ => Err(completed(&loaded)),
        }
    }
}

/// Stops a deployment for this reason, whoever orders it. One that something else ends already ends by that.
pub(crate) async fn order(
    ports: &(impl Clock + Records + Journal + ExpectLateWrites + FailWaits + ReadExecutions + StartExecutions),
    loaded: &mut Loaded,
    why: &Ending,
    rollback: Option<Rollback>,
) -> Result<(), PortError> {
    interrupt(ports, loaded, why, rollback).await?;
    // Nothing stops by being marked if nobody is at it. What cannot be found out now, the sweep does.
    if let Err(error) = orphan::attend(ports, loaded).await {
        tracing::warn!(deployment = %loaded.deployment.id, %error, "a stopping deployment could not be asked about");
    }
    Ok(())
}
