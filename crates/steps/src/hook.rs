//! Hook: reads the secure parameters a hook declares, calls its function and understands the answer.

mod payload;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rollout::appspec::Hook;
use rollout::budget;
use rollout::deployment::{Deployment, Phase};
use rollout::ending::Ending;
use rollout::event::LifecycleEvent;
use rollout::grants::{self, Grants};
use rollout::hooks::{self, Answer, Failure, Returned, Unanswered, Words};
use rollout::ids::{DeploymentId, ParameterName};
use rollout::journal::Entry;
use rollout::lifecycle::{Diagnostics, EventStatus};
use rollout::plan::Plan;
use rollout::seconds::Seconds;
use serde::Deserialize;
use serde_json::{Value, json};

use self::payload::payload;
use crate::change::{change, load};
use crate::error::StepError;
use crate::interrupt;
use crate::journal::note;
use crate::ports::{
    Called, Calling, Clock, EndWaits, HookRun, HookRuns, Journal, Loaded, PortError, ReadParameters, Records, Secret,
    TaskToken,
};
use crate::powers;

/// What the state machine sends.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The deployment.
    pub deployment_id: DeploymentId,
    /// The lifecycle event whose hook runs.
    pub event: LifecycleEvent,
    /// Ends the wait.
    pub task_token: String,
}

/// Runs the step. The state goes on waiting when it returns: what ends the wait is the answer.
pub async fn run(ports: &impl powers::Hook, grants: &Grants, input: Input) -> Result<(), StepError> {
    let Input { deployment_id, event, task_token } = input;
    let token = TaskToken(task_token);
    let mut loaded = load(ports, &deployment_id).await?;
    let (Phase::Running, Some(plan)) = (&loaded.deployment.phase, loaded.plan.clone()) else {
        return Err(StepError::not_running(&loaded.deployment.phase));
    };
    let Some(hook) = plan.hook(event) else {
        return Err(StepError::InvalidInput(format!("the plan has no {event} hook")));
    };
    let now = ports.now();
    let deadline = deadline(&loaded.deployment, event, hook, now);
    if now >= deadline {
        let why = hooks::timed_out(event, hook, loaded.deployment.events.get(event));
        return interrupt::give_up(ports, &mut loaded, &why).await;
    }
    change(ports, &mut loaded, |deployment| {
        if deployment.phase != Phase::Running {
            return Err(StepError::not_running(&deployment.phase));
        }
        deployment.events.begin(event, now);
        Ok(())
    })
    .await?;

    let values = match read_parameters(ports, grants, hook).await? {
        Ok(values) => values,
        Err(why) => return fail(ports, &mut loaded, event, said(why)).await,
    };
    let words = Words::of(hook, values.values().map(|secret| secret.0.as_str()));
    let run = HookRun {
        id: ports.hook_execution(),
        deployment: deployment_id.clone(),
        event,
        token,
        expires: deadline + SignedDuration::from_hours(24),
    };
    ports.keep_run(&run).await?;
    let details = ports.details(&deployment_id, event).await?;
    let payload = payload(&loaded, &plan, &run, deadline, &values, details)?;
    match ports.call_hook(&hook.function, &payload).await {
        Ok(calling) => {
            let call = Call { run: &run, hook, plan: &plan, words: &words, deadline };
            heard(ports, &mut loaded, call, calling).await
        }
        Err(PortError::Passing(why)) => Err(StepError::Transient(words.busy(&hook.function, &why))),
        Err(error) => {
            let kept = words.failed(&hook.function, None, Failure::NotCalled(&error.to_string()));
            fail(ports, &mut loaded, event, kept).await
        }
    }
}

/// A call of a hook that was made.
struct Call<'a> {
    run: &'a HookRun,
    hook: &'a Hook,
    plan: &'a Plan,
    words: &'a Words,
    deadline: Timestamp,
}

/// Does what follows from what was heard of a call.
async fn heard(
    ports: &(impl Clock + Records + Journal + EndWaits + HookRuns),
    loaded: &mut Loaded,
    Call { run, hook, plan, words, deadline }: Call<'_>,
    Calling { called, id }: Calling,
) -> Result<(), StepError> {
    let (event, call) = (run.event, id.as_ref());
    let failed = |how: Failure<'_>| words.failed(&hook.function, call, how);
    let kept = match called {
        Called::NoAnswer => return no_answer(ports, loaded, event).await,
        Called::Returned(returned) => match hooks::answer(&returned) {
            Answer::WillCallBack(returned) => {
                let call = call.map(|call| call.as_str().to_owned());
                unanswered(ports, loaded, event, Unanswered { returned, at: ports.now(), call }).await;
                return Ok(());
            }
            Answer::Succeeded => {
                end(ports, loaded, event, EventStatus::Succeeded, None).await?;
                return Ok(ports.succeed(&run.token, &done()).await?);
            }
            Answer::InProgress { delay, details } => match details.map(|details| words.details(&details)).transpose() {
                Err(failure) => failed(failure),
                Ok(details) => {
                    ports.keep_details(&run.deployment, event, details.as_ref()).await?;
                    return again(ports, loaded, plan, event, &run.token, delay, deadline).await;
                }
            },
            Answer::Failed(why) => failed(Failure::Refused(&why)),
            Answer::Unknown(status) => failed(Failure::UnknownStatus(&status)),
            Answer::Contradictory => failed(Failure::Contradictory),
            Answer::NoDelay => failed(Failure::NoDelay),
        },
        Called::Threw { kind, message, log_tail } => {
            failed(Failure::Threw { kind: &kind, message: &message, log_tail: &log_tail })
        }
    };
    fail(ports, loaded, event, kept).await
}

/// It may have run, and what it does may not be done twice. If it calls back, that is heard.
async fn no_answer(
    ports: &(impl Clock + Records + Journal),
    loaded: &mut Loaded,
    event: LifecycleEvent,
) -> Result<(), StepError> {
    let lost = Unanswered { returned: Returned::Lost, at: ports.now(), call: None };
    let at = lost.at;
    unanswered(ports, loaded, event, lost).await;
    // For the same reason no error: the record says it, and `finish` tells what the journal lacks.
    if let Err(error) = note(ports, &loaded.deployment, Entry::HookUnanswered { event }, at).await {
        tracing::warn!(deployment = %loaded.deployment.id, %event, %error, "that no answer was heard could not be told");
    }
    Ok(())
}

/// What the wait for a hook ends with that is content. The state machine keeps `again` of it and nothing else; it must be
/// there, and be no number.
pub fn done() -> Value {
    json!({"again": null})
}

/// When the hook's time is over; it counts from its first call.
fn deadline(deployment: &Deployment, event: LifecycleEvent, hook: &Hook, now: Timestamp) -> Timestamp {
    let began = deployment.events.get(event).and_then(|record| record.started).unwrap_or(now);
    hooks::deadline(hook, began)
}

/// Keeps what a hook returned that is no answer. The call was made, and is not made again because this could not be written: then
/// less is told of it, and nothing else.
async fn unanswered(ports: &impl Records, loaded: &mut Loaded, event: LifecycleEvent, unanswered: Unanswered) {
    let kept = change(ports, loaded, |deployment| {
        deployment.events.await_answer(event, unanswered.clone());
        Ok::<(), StepError>(())
    })
    .await;
    if let Err(error) = kept {
        tracing::warn!(deployment = %loaded.deployment.id, %event, %error, "what the hook returned could not be kept");
    }
}

/// The values of the hook's parameters, or the sentence that names the missing ones.
async fn read_parameters(
    ports: &impl ReadParameters,
    grants: &Grants,
    hook: &Hook,
) -> Result<Result<BTreeMap<ParameterName, Secret>, String>, StepError> {
    if hook.parameters.is_empty() {
        return Ok(Ok(BTreeMap::new()));
    }
    // Once more: the plan may be older than what the stack says now.
    let denied = grants.denied(&hook.function, &hook.parameters);
    if !denied.is_empty() {
        return Ok(Err(grants::refusal(&hook.function, &denied)));
    }
    let values = match ports.parameters(&hook.parameters).await {
        Ok(values) => values,
        Err(PortError::Passing(why)) => return Err(StepError::Transient(why)),
        Err(error) => {
            let names: Vec<&str> = hook.parameters.iter().map(ParameterName::as_str).collect();
            return Ok(Err(format!(
                "the parameters {} cannot be read: {error}; the stack's parameters ParameterPath and HookParameters have to cover \
                 them, and their key has to allow it (KmsKeyArn)",
                names.join(", ")
            )));
        }
    };
    let missing: Vec<&str> =
        hook.parameters.iter().filter(|name| !values.contains_key(*name)).map(ParameterName::as_str).collect();
    Ok(if missing.is_empty() {
        Ok(values)
    } else {
        Err(format!(
            "no such parameter in SSM: {}; the hook was not called: create it, or correct its name, which the stack's parameters \
             ParameterPath and HookParameters have to cover",
            missing.join(", ")
        ))
    })
}

async fn end(
    ports: &(impl Clock + Records),
    loaded: &mut Loaded,
    event: LifecycleEvent,
    status: EventStatus,
    kept: Option<Diagnostics>,
) -> Result<(), StepError> {
    let now = ports.now();
    change(ports, loaded, |deployment| {
        deployment.events.end(event, status, kept.clone(), now);
        Ok(())
    })
    .await
}

/// The hook failed: its event says why, and the deployment stops.
async fn fail(
    ports: &(impl Clock + Records + Journal),
    loaded: &mut Loaded,
    event: LifecycleEvent,
    kept: Diagnostics,
) -> Result<(), StepError> {
    let function = loaded.plan.as_ref().and_then(|plan| plan.hook(event)).map(|hook| &hook.function);
    let why: Ending = hooks::failed(event, function, &kept.message);
    let then = kept.message.clone();
    end(ports, loaded, event, EventStatus::Failed, Some(kept)).await?;
    let record = loaded.deployment.events.get(event);
    if record.is_some_and(|record| record.status == EventStatus::Succeeded) {
        // It called back before. The first answer counts, as with CodeDeploy, which looks at no other.
        return Ok(note(ports, &loaded.deployment, Entry::HookAnsweredTwice { event, then }, ports.now()).await?);
    }
    interrupt::give_up(ports, loaded, &why).await
}

fn said(message: String) -> Diagnostics {
    Diagnostics { message, log_tail: String::new() }
}

/// The hook is in progress: the state machine waits and calls this step again.
async fn again(
    ports: &(impl Clock + Records + Journal + EndWaits),
    loaded: &mut Loaded,
    plan: &Plan,
    event: LifecycleEvent,
    token: &TaskToken,
    delay: Seconds,
    deadline: Timestamp,
) -> Result<(), StepError> {
    let now = ports.now();
    // Read anew: it may have called back since it was called, and then its first answer counts.
    *loaded = load(ports, &loaded.deployment.id).await?;
    match loaded.deployment.events.get(event).map(|record| record.status) {
        Some(EventStatus::Succeeded) => return Ok(ports.succeed(token, &done()).await?),
        Some(EventStatus::Failed) => {
            return fail(ports, loaded, event, said("it called back with Failed".to_owned())).await;
        }
        Some(EventStatus::Pending | EventStatus::InProgress | EventStatus::Skipped) | None => {}
    }
    let calls = loaded.deployment.events.get(event).map_or(0, |record| u64::from(record.calls));
    let left = Seconds::between(now, deadline);
    // With no time left the next call finds the deadline passed, and says so.
    let wait = budget::next_hook_call(delay, calls, budget::hook_calls(plan), left).unwrap_or(Seconds(1));
    note(ports, &loaded.deployment, Entry::HookAsksAgain { event, after: wait }, now).await?;
    Ok(ports.succeed(token, &json!({"again": wait.0})).await?)
}
