//! PutLifecycleEventHookExecutionStatus: the callback of a hook (docs/codedeploy-contract.md 3.5), whichever door it came through.

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{PutHookStatusInput, PutHookStatusOutput};
use rollout::hooks;
use rollout::ids::{DeploymentId, HookExecutionId};
use rollout::lifecycle::{Diagnostics, EventStatus};

use crate::answering::failed;
use crate::change::change;
use crate::hook;
use crate::interrupt::interrupt;
use crate::ports::{Clock, EndWaits, FailWaits, HookRuns, Journal, Loaded, PortError, Records};

/// Puts the status of a run. What the caller wrote is not repeated in any answer, since it may be a hook.
pub(crate) async fn put(
    ports: &(impl Clock + Records + Journal + EndWaits + FailWaits + HookRuns),
    input: PutHookStatusInput,
) -> Result<PutHookStatusOutput, ApiError> {
    let mut loaded = deployment(ports, input.deployment_id).await?;
    let id = input.lifecycle_event_hook_execution_id.as_deref().and_then(|text| HookExecutionId::parse(text).ok());
    let id = id.ok_or_else(unknown)?;
    let status = status(input.status.as_deref())?;
    let run = ports.find_run(&id).await.map_err(failed)?.ok_or_else(unknown)?;
    if run.deployment != loaded.deployment.id {
        return Err(unknown());
    }
    let now = ports.now();
    let said = (status == EventStatus::Failed)
        .then(|| Diagnostics { message: "the hook called back with Failed".to_owned(), log_tail: String::new() });
    let answered = change(ports, &mut loaded, |deployment| {
        if !deployment.phase.is_final() && deployment.events.end(run.event, status, said.clone(), now) {
            Ok(())
        } else {
            Err(Answering::TooLate)
        }
    })
    .await;
    if let Err(Answering::Port(error)) = answered {
        return Err(failed(error));
    }
    // The first answer counts. Also a late one sees to it that it is acted on: the call that wrote the first one down
    // may have died before it told the state machine, or may have been an earlier run's.
    let record = loaded.deployment.events.get(run.event).filter(|_| !loaded.deployment.phase.is_final());
    match record.map(|record| record.status) {
        Some(EventStatus::Succeeded) => {
            ports.succeed(&run.token, &hook::done()).await.map_err(failed)?;
        }
        Some(EventStatus::Failed) => {
            let function = loaded.plan.as_ref().and_then(|plan| plan.hook(run.event)).map(|hook| &hook.function);
            let why = hooks::failed(run.event, function, "it called back with Failed");
            interrupt(ports, &mut loaded, &why, None).await.map_err(failed)?;
        }
        Some(EventStatus::Pending | EventStatus::InProgress | EventStatus::Skipped) | None => {}
    }
    match answered {
        Ok(()) => Ok(PutHookStatusOutput { lifecycle_event_hook_execution_id: Some(id.to_string()) }),
        Err(_) => {
            let message = format!("the {} event has already completed", run.event);
            Err(ApiError::new(Code::LifecycleEventAlreadyCompletedException, message))
        }
    }
}

/// The deployment that is meant.
async fn deployment(ports: &impl Records, id: Option<String>) -> Result<Loaded, ApiError> {
    let text = id.ok_or_else(|| ApiError::new(Code::DeploymentIdRequiredException, "deploymentId is missing"))?;
    let id = DeploymentId::parse(&text)
        .map_err(|_| ApiError::new(Code::InvalidDeploymentIdException, "the deploymentId is not one"))?;
    let missing = || ApiError::new(Code::DeploymentDoesNotExistException, "The deployment could not be found");
    ports.load(&id).await.map_err(failed)?.ok_or_else(missing)
}

fn unknown() -> ApiError {
    let message = "the lifecycleEventHookExecutionId is not one this deployment handed out";
    ApiError::new(Code::InvalidLifecycleEventHookExecutionIdException, message)
}

fn status(text: Option<&str>) -> Result<EventStatus, ApiError> {
    match text {
        Some("Succeeded") => Ok(EventStatus::Succeeded),
        Some("Failed") => Ok(EventStatus::Failed),
        other => {
            let but = if other.is_some() { "something else" } else { "missing" };
            let message = format!("the status of a hook is Succeeded or Failed, not {but}");
            Err(ApiError::new(Code::InvalidLifecycleEventHookExecutionStatusException, message))
        }
    }
}

enum Answering {
    TooLate,
    Port(PortError),
}

impl From<PortError> for Answering {
    fn from(error: PortError) -> Self {
        Self::Port(error)
    }
}
