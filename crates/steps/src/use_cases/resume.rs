//! ContinueDeployment: lets a paused deployment go on (docs/codedeploy-contract.md 5.6).

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{ContinueDeploymentInput, DeploymentIdInput, Nothing};
use codedeploy::values;
use jiff::Timestamp;
use rollout::deployment::Phase;
use rollout::hold::WaitKind;
use rollout::ids::DeploymentId;
use rollout::journal::continued;
use rollout::platform::Extra;

use super::{UseCases, completed, failed};
use crate::change::change;
use crate::journal::tell;
use crate::ports::{Clock, EndWaits, Journal, Loaded, PortError, Records, WaitFor};

impl<P: Clock + Records + Journal + EndWaits> UseCases<'_, P> {
    pub(crate) async fn resume(&self, input: ContinueDeploymentInput) -> Result<Nothing, ApiError> {
        if let Some(wait) = &input.deployment_wait_type {
            values::DEPLOYMENT_WAIT_TYPE.checked(wait, Code::InvalidDeploymentWaitTypeException)?;
        }
        let loaded = self.named(input.deployment_id).await?;
        match (input.deployment_wait_type.as_deref(), input.skip_hold) {
            (Some("TERMINATION_WAIT"), _) => {
                self.go_on(loaded, Ended::Wait(WaitKind::Termination), not_terminating).await
            }
            _ if loaded.deployment.progress.waits_for(WaitKind::Termination) => Err(keeps_old(&loaded.deployment.id)),
            (_, Some(true)) => self.go_on(loaded, Ended::Hold, not_holding).await,
            (_, Some(false) | None) => self.go_on(loaded, Ended::Wait(WaitKind::Ready), not_ready).await,
        }
    }

    /// Ends this. If there is none, the operation says so in its own words.
    async fn go_on(
        &self,
        mut loaded: Loaded,
        ended: Ended,
        not_waiting: fn(&Loaded, Timestamp) -> ApiError,
    ) -> Result<Nothing, ApiError> {
        if ended == Ended::Wait(WaitKind::Termination) && !loaded.deployment.platform.has(Extra::Waits) {
            return Err(no_termination());
        }
        if loaded.deployment.phase.is_final() {
            return Err(completed(&loaded));
        }
        let now = self.ports.now();
        let Some(plan) = loaded.plan.clone() else { return Err(not_waiting(&loaded, now)) };
        change(self.ports, &mut loaded, |deployment| {
            let before = deployment.progress.clone();
            let progress = &mut deployment.progress;
            let waits = deployment.phase == Phase::Running
                && match ended {
                    Ended::Wait(kind) => progress.resume(&plan, kind),
                    Ended::Hold => progress.skip_hold(&plan, now),
                };
            if waits && deployment.progress != before {
                deployment.decided.continued.push(now);
            }
            if waits { Ok(()) } else { Err(Resuming::NotReady) }
        })
        .await
        .map_err(|error| match error {
            Resuming::NotReady if ended == Ended::Hold && loaded.deployment.progress.is_resumed() => skipped(),
            Resuming::NotReady => not_waiting(&loaded, now),
            Resuming::Port(error) => failed(error),
        })?;
        // Read anew: the token of the wait may have been written in between.
        let newest = self.named(Some(loaded.deployment.id.to_string())).await?;
        if let Some(token) = newest.tokens.get(&WaitFor::Continue) {
            self.ports.let_go(token).await.map_err(failed)?;
        }
        tell(self.ports, &loaded.deployment, continued(&loaded.deployment).last()).await.map_err(failed)?;
        Ok(Nothing {})
    }

    /// SkipWaitTimeForInstanceTermination: ContinueDeployment's deprecated twin for the wait before the old task set goes.
    pub(crate) async fn skip_wait(&self, input: DeploymentIdInput) -> Result<Nothing, ApiError> {
        let loaded = self.named(input.deployment_id).await?;
        if loaded.deployment.phase.is_final() {
            return Err(completed(&loaded));
        }
        self.go_on(loaded, Ended::Wait(WaitKind::Termination), not_begun).await
    }
}

/// What a person ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// A wait for them.
    Wait(WaitKind),
    /// The time that a step holds its weight for.
    Hold,
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

fn not_ready(loaded: &Loaded, now: Timestamp) -> ApiError {
    let id = &loaded.deployment.id;
    let runs = loaded.deployment.phase == Phase::Running;
    let holds =
        runs && loaded.plan.as_ref().is_some_and(|plan| loaded.deployment.progress.clone().skip_hold(plan, now));
    let instead = match holds {
        true => format!(
            "; to end the time that a step holds its weight for, send skipHold (tideshift continue {id} --skip-hold)"
        ),
        false => String::new(),
    };
    let message = format!("The deployment does not wait for anybody to continue it{instead}");
    ApiError::new(Code::DeploymentIsNotInReadyStateException, message)
}

fn not_holding(loaded: &Loaded, _: Timestamp) -> ApiError {
    let id = &loaded.deployment.id;
    let awaits = loaded.plan.as_ref().is_some_and(|plan| loaded.deployment.progress.awaits_continue(plan));
    let instead = match awaits && loaded.deployment.phase == Phase::Running {
        true => format!(": it waits for a person, so leave skipHold out (tideshift continue {id})"),
        false => String::new(),
    };
    let message = format!("No step of the deployment holds its weight for a time now{instead}");
    ApiError::new(Code::DeploymentIsNotInReadyStateException, message)
}

fn skipped() -> ApiError {
    let message = "That was ordered already: the next look takes the next step";
    ApiError::new(Code::DeploymentIsNotInReadyStateException, message)
}

fn keeps_old(id: &DeploymentId) -> ApiError {
    let message = format!(
        "The deployment has moved all traffic and keeps the old task set for a while: to remove it now, send deploymentWaitType \
         TERMINATION_WAIT (tideshift continue {id} --termination)"
    );
    ApiError::new(Code::DeploymentIsNotInReadyStateException, message)
}

fn not_terminating(_: &Loaded, _: Timestamp) -> ApiError {
    let message = "The deployment does not wait before the old task set is removed";
    ApiError::new(Code::InvalidDeploymentStatusException, message)
}

/// Its deprecated twin has no InvalidDeploymentStatusException, which strict clients would not know (docs/codedeploy-contract.md 5.6).
fn not_begun(_: &Loaded, _: Timestamp) -> ApiError {
    let message = "The wait before the old task set is removed has not begun";
    ApiError::new(Code::DeploymentNotStartedException, message)
}

fn no_termination() -> ApiError {
    let message = "a deployment to Lambda terminates nothing: there is no wait before it";
    ApiError::new(Code::UnsupportedActionForDeploymentTypeException, message)
}
