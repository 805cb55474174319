//! RepairDeployment: finishes the job of a deployment that could not put the traffic back, or that hangs.

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::DeploymentIdInput;
use codedeploy::view::RepairView;
use rollout::deployment::{Change, Deployment, Phase};
use rollout::orphan::{self, Life, Repair};

use super::{UseCases, completed, failed, step_failed};
use crate::change::apply;
use crate::journal::catch_up;
use crate::owner;
use crate::ports::{Clock, Journal, ReadExecutions, Records, StartExecutions};
use crate::recovery;

fn under_way(Deployment { id, phase, .. }: &Deployment) -> ApiError {
    let message = match phase {
        Phase::Created | Phase::Queued | Phase::Running => {
            format!(
                "The deployment {id} is under way, and there is nothing to repair: stop it with: tideshift stop {id}"
            )
        }
        _ => format!(
            "The deployment {id} is ending, and there is nothing to repair: tideshift status {id} --watch shows it"
        ),
    };
    ApiError::new(Code::InvalidDeploymentStatusException, message)
}

impl<P: Clock + Records + Journal + ReadExecutions + StartExecutions> UseCases<'_, P> {
    /// Does what [`orphan::repair`] says.
    pub(crate) async fn repair(&self, input: DeploymentIdInput) -> Result<RepairView, ApiError> {
        let mut loaded = self.named(input.deployment_id).await?;
        match orphan::repair(&loaded.deployment, self.ports.now()) {
            Repair::Over => return Err(completed(&loaded)),
            Repair::RecoverUnlessItRuns => {
                let execution = owner::depends_on(self.ports, &loaded.deployment).map_err(failed)?;
                if self.ports.life(&execution).await.map_err(failed)? == Life::Running {
                    return Err(under_way(&loaded.deployment));
                }
            }
            Repair::Reopen => {
                // Before it is opened again: what it was given up with is told.
                catch_up(self.ports, &loaded).await.map_err(failed)?;
                apply(self.ports, &mut loaded, &Change::Repair).await.map_err(step_failed)?;
            }
            Repair::Recover => {}
        }
        let started = recovery::wanted(self.ports, &mut loaded).await.map_err(step_failed)?;
        match started {
            Some(started) => Ok(RepairView {
                deployment_id: loaded.deployment.id.to_string(),
                execution_arn: started.execution.to_string(),
            }),
            None => Err(completed(&loaded)),
        }
    }
}
