//! Clear: removes the task set that lost, once the traffic is settled. What cannot be removed is written down, and keeps no
//! deployment from ending.

use rollout::ids::DeploymentId;
use rollout::journal::Entry;
use rollout::service::Service;
use rollout::service::clear::{self, Calls, Clear};
use rollout::service::preflight::ServiceFound;
use serde::{Deserialize, Serialize};

use super::note;
use crate::error::{StepError, ending_of};
use crate::ports::{Clock, Journal, PortError, PromoteTaskSets, ReadListeners, ReadServices, Records, RemoveTaskSets};
use crate::rollback::Failure;

/// What the state machine sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The deployment.
    pub deployment_id: String,
    /// How often this was called before.
    pub looks: u32,
    /// What this failed with for good, if it did.
    #[serde(default)]
    pub failure: Option<Failure>,
}

/// What the state machine does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    next: Next,
    seconds: u64,
    looks: u32,
}

/// Where the state machine goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Next {
    /// Wait, and call again.
    Wait,
    /// Nothing is left to remove.
    Done,
}

/// Runs the step.
pub async fn run(
    store: &(impl Records + Journal),
    services: &(impl ReadServices + PromoteTaskSets + RemoveTaskSets),
    listeners: &impl ReadListeners,
    clock: &impl Clock,
    input: Input,
) -> Result<Output, StepError> {
    let looks = input.looks;
    let done = Output { next: Next::Done, seconds: 0, looks };
    let Ok(id) = DeploymentId::parse(&input.deployment_id) else { return Ok(done) };
    let Some(loaded) = store.load(&id).await? else { return Ok(done) };
    let Some(service) = loaded.plan.as_ref().and_then(|plan| plan.target.service()) else { return Ok(done) };
    if let Some(failure) = &input.failure {
        let why = ending_of(loaded.deployment.platform, &failure.error, &failure.cause).message;
        note(store, clock, &loaded, Entry::NotCleared { why }).await?;
        return Ok(done);
    }
    if loaded.deployment.started.is_none() {
        // It never held the service: whatever is there is somebody else's doing.
        return Ok(done);
    }
    let (cluster, name) = (&service.cluster, &service.service);
    let live = match services.service(cluster, name).await? {
        ServiceFound::Live(live) => live,
        ServiceFound::NoCluster | ServiceFound::NoService => return Ok(done),
    };
    let decide = |calls: Calls| clear::next(service, &loaded.deployment, &live, calls, looks);
    let next = match decide(Calls::Unknown) {
        Clear::AskListeners => decide(calls(listeners, service).await?),
        next => next,
    };
    let pause = clear::pause(&next, looks);
    let acted = match next {
        Clear::Promote(set) => {
            services.promote(cluster, name, &set).await?;
            note(store, clock, &loaded, Entry::PrimarySwitched { task_set: set }).await?;
            Ok(())
        }
        Clear::ScaleToZero(set) => services.scale_to_zero(cluster, name, &set).await,
        Clear::Delete(set) => match services.delete_task_set(cluster, name, &set).await {
            Ok(()) => {
                note(store, clock, &loaded, Entry::TaskSetRemoved { task_set: set }).await?;
                return Ok(done);
            }
            Err(error) => Err(error),
        },
        Clear::Wait(_) => Ok(()),
        Clear::Keep(set) => {
            note(store, clock, &loaded, Entry::TaskSetKept { task_set: set }).await?;
            return Ok(done);
        }
        // They were asked.
        Clear::AskListeners | Clear::Done => return Ok(done),
    };
    match acted {
        Ok(()) => Ok(Output { next: Next::Wait, seconds: pause.0, looks: looks + 1 }),
        // Gone by itself, or by an attempt whose answer was lost.
        Err(PortError::Missing(_)) => Ok(done),
        Err(error) => Err(error.into()),
    }
}

/// Whether anything still sends calls to the green task set. A listener that does not exist any more sends none.
async fn calls(listeners: &impl ReadListeners, service: &Service) -> Result<Calls, PortError> {
    let mut found = Vec::new();
    for listener in [Some(&service.production), service.test.as_ref()].into_iter().flatten() {
        found.extend(listeners.listener(listener).await?);
    }
    Ok(Calls::to_green(service, &found))
}
