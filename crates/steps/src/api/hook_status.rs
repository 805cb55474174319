//! PutLifecycleEventHookExecutionStatus: the callback of a hook (contract 3.5).

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::PutHookStatusInput;
use rollout::hooks;
use rollout::ids::HookExecutionId;
use rollout::lifecycle::{Diagnostics, EventStatus};
use serde_json::{Value, json};

use super::{Api, failed};
use crate::change::change;
use crate::interrupt::interrupt;
use crate::ports::{Clock, EndWaits, HookRuns, Journal, PortError, Records};

impl<S: HookRuns + Journal + Records, F, O, E, A, W: EndWaits, M, C: Clock> Api<'_, S, F, O, E, A, W, M, C> {
    pub(super) async fn put_hook_status(&self, body: &Value) -> Result<Value, ApiError> {
        let input: PutHookStatusInput = call::input(body)?;
        let mut loaded = self.named(input.deployment_id).await?;
        let unknown = || {
            let message = "the lifecycleEventHookExecutionId is not one this deployment handed out";
            ApiError::new(Code::InvalidLifecycleEventHookExecutionIdException, message)
        };
        let text = input.lifecycle_event_hook_execution_id.ok_or_else(unknown)?;
        let id = HookExecutionId::parse(&text).map_err(|_| unknown())?;
        let status = match input.status.as_deref() {
            Some("Succeeded") => EventStatus::Succeeded,
            Some("Failed") => EventStatus::Failed,
            other => {
                let message =
                    format!("the status of a hook is Succeeded or Failed, not {}", other.unwrap_or("missing"));
                return Err(ApiError::new(Code::InvalidLifecycleEventHookExecutionStatusException, message));
            }
        };
        let run = self.store.find_run(&id).await.map_err(failed)?.ok_or_else(unknown)?;
        if run.deployment != loaded.deployment.id {
            return Err(unknown());
        }
        let now = self.clock.now();
        let said = (status == EventStatus::Failed)
            .then(|| Diagnostics { message: "the hook called back with Failed".to_owned(), log_tail: String::new() });
        let answered = change(self.store, &mut loaded, |deployment| {
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
                self.waits.succeed(&run.token, &json!({})).await.map_err(failed)?;
            }
            Some(EventStatus::Failed) => {
                let why = hooks::failed(run.event, "it called back with Failed");
                interrupt(self.store, self.waits, self.clock, &mut loaded, &why, None).await.map_err(failed)?;
            }
            Some(EventStatus::Pending | EventStatus::InProgress | EventStatus::Skipped) | None => {}
        }
        match answered {
            Ok(()) => Ok(json!({"lifecycleEventHookExecutionId": id})),
            Err(_) => {
                let message = format!("the {} event has already completed", run.event);
                Err(ApiError::new(Code::LifecycleEventAlreadyCompletedException, message))
            }
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
