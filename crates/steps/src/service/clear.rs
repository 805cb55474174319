//! Clear: removes the task set that lost, once the traffic is settled. What cannot be removed is written down, and keeps no
//! deployment from ending.

use futures_util::future::join4;
use rollout::deployment::{Change, Phase};
use rollout::ids::{DeploymentId, TaskSetId};
use rollout::journal::Entry;
use rollout::service::clear::{self, Clear, Found, Side};
use rollout::service::live::Health;
use rollout::service::preflight::ServiceFound;
use serde::{Deserialize, Serialize};

use super::sending::sending;
use super::{note, read};
use crate::change::{apply, change};
use crate::error::StepError;
use crate::interrupt;
use crate::ports::{
    Clock, Journal, Loaded, PortError, PromoteTaskSets, ReadListeners, ReadServices, Records, RemoveTaskSets,
    RestoreTaskSets, WriteListeners,
};
use crate::rollback::Failure;
use crate::targets::send_home;
use rollout::failure::ending_of;

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
    /// What had won is not well, or was left: back to the rollback.
    Rollback,
}

/// Writes down that ECS is asked to remove a task set, before it is: who does not hear of it has to reckon with it.
async fn asking(
    records: &impl Records,
    clock: &impl Clock,
    loaded: &mut Loaded,
    set: &TaskSetId,
) -> Result<(), StepError> {
    let now = clock.now();
    change(records, loaded, |deployment| {
        deployment.progress.removing.insert(set.clone(), now);
        Ok(())
    })
    .await
}

/// An answer, whichever it is, says that nothing of the removal is on its way any more.
async fn answered(
    records: &impl Records,
    loaded: &mut Loaded,
    set: &TaskSetId,
    answer: Result<(), PortError>,
) -> Result<Result<(), PortError>, StepError> {
    if !matches!(answer, Err(PortError::Busy(_))) {
        change(records, loaded, |deployment| {
            deployment.progress.removing.remove(set);
            Ok::<(), StepError>(())
        })
        .await?;
    }
    Ok(answer)
}

/// Runs the step.
pub async fn run(
    store: &(impl Records + Journal),
    services: &(impl ReadServices + PromoteTaskSets + RemoveTaskSets + RestoreTaskSets),
    listeners: &(impl ReadListeners + WriteListeners),
    clock: &impl Clock,
    input: Input,
) -> Result<Output, StepError> {
    let looks = input.looks;
    let done = Output { next: Next::Done, seconds: 0, looks };
    let Ok(id) = DeploymentId::parse(&input.deployment_id) else { return Ok(done) };
    let Some(mut loaded) = store.load(&id).await? else { return Ok(done) };
    let Some(plan) = loaded.plan.clone() else { return Ok(done) };
    let Some(service) = plan.target.service() else { return Ok(done) };
    if let Some(failure) = &input.failure {
        let why = ending_of(loaded.deployment.platform, &failure.error, &failure.cause).message;
        note(store, clock, &loaded, Entry::NotCleared { why }).await?;
        return Ok(done);
    }
    if loaded.deployment.started.is_none() {
        // It never held the service: whatever is there is somebody else's doing.
        return Ok(done);
    }
    if matches!(loaded.deployment.phase, Phase::Stopping { .. }) {
        // Sent back by an attempt whose answer was lost.
        return Ok(Output { next: Next::Rollback, ..done });
    }
    let (cluster, name) = (&service.cluster, &service.service);
    // All at once, and before each act: what is found is as old as one call.
    let (found, production, test, health) = join4(
        services.service(cluster, name),
        listeners.listener(&service.production),
        read(listeners, service.test.as_ref()),
        listeners.health(clear::winners_group(service, &loaded.deployment)),
    )
    .await;
    let live = match found? {
        ServiceFound::Live(live) => live,
        ServiceFound::OutOfScope { .. } | ServiceFound::NoCluster | ServiceFound::NoService => return Ok(done),
    };
    let (production, test) = (production?, test?);
    let health = match health {
        // A target group that somebody deleted has no targets.
        Err(PortError::Missing(_)) => Health::default(),
        health => health?,
    };
    let found = Found { live: &live, production: production.as_ref(), test: test.as_ref(), health };
    let next = clear::next(&plan, service, &loaded.deployment, found, looks, clock.now());
    let pause = clear::pause(&next, looks);
    let acted = match next {
        Clear::Promote(set) => {
            services.promote(cluster, name, &set).await?;
            note(store, clock, &loaded, Entry::PrimarySwitched { task_set: set }).await?;
            Ok(())
        }
        Clear::ScaleToZero(set) => {
            asking(store, clock, &mut loaded, &set).await?;
            answered(store, &mut loaded, &set, services.scale_to_zero(cluster, name, &set).await).await?
        }
        Clear::Delete(set, how) => {
            asking(store, clock, &mut loaded, &set).await?;
            let deleted = services.delete_task_set(cluster, name, &set, how).await;
            match answered(store, &mut loaded, &set, deleted).await? {
                Ok(()) => {
                    note(store, clock, &loaded, Entry::TaskSetRemoved { task_set: set }).await?;
                    // Another removal that was never answered is waited for, and another task set may have to go.
                    let rest = Output { next: Next::Wait, seconds: 1, looks: looks + 1 };
                    let progress = &loaded.deployment.progress;
                    let is_last = progress.removing.is_empty() && progress.strays.is_empty();
                    return Ok(if is_last { done } else { rest });
                }
                Err(error) => Err(error),
            }
        }
        Clear::BringBack(set, percent) => match services.scale_up(cluster, name, &set, percent).await {
            Ok(()) => {
                note(store, clock, &loaded, Entry::TaskSetNeededAgain { task_set: set }).await?;
                Ok(())
            }
            Err(error) => Err(error),
        },
        Clear::PutBack(to, late) => {
            let write = async {
                for (listener, routes) in &late {
                    match to {
                        Side::Home => send_home(listeners, service, listener, routes).await?,
                        Side::Green => {
                            let green = plan.shift().end();
                            listeners.route(listener, routes, service.pair(), &green).await?;
                        }
                    }
                }
                Ok(())
            };
            sending(store, &mut loaded, to, write).await??;
            let places = late.iter().map(|(_, routes)| routes.len()).sum();
            note(store, clock, &loaded, Entry::LateWriteUndone { places }).await?;
            Ok(())
        }
        Clear::Wait(_) => Ok(()),
        Clear::Keep(set, traffic) => {
            if let Some(traffic) = traffic {
                let change = Change::Settle(traffic.clone());
                apply(store, clock, &mut loaded, &change).await?;
                note(store, clock, &loaded, Entry::TrafficSettled { traffic }).await?;
            }
            change(store, &mut loaded, |deployment| {
                deployment.progress.kept = true;
                Ok::<(), StepError>(())
            })
            .await?;
            let test = clear::tests_alone(service, found, &set).cloned();
            note(store, clock, &loaded, Entry::TaskSetKept { task_set: set, test }).await?;
            return Ok(done);
        }
        Clear::Spare(why) => {
            note(store, clock, &loaded, Entry::NotCleared { why }).await?;
            return Ok(done);
        }
        Clear::SendBack(why, rollback) => {
            apply(store, clock, &mut loaded, &Change::Reopen(why, rollback)).await?;
            interrupt::note(store, clock, &loaded).await?;
            return Ok(Output { next: Next::Rollback, ..done });
        }
        Clear::Done => return Ok(done),
    };
    match acted {
        Ok(()) => Ok(Output { next: Next::Wait, seconds: pause.0, looks: looks + 1 }),
        // Gone by itself, or by an attempt whose answer was lost.
        Err(PortError::Missing(_)) => Ok(done),
        Err(error) => Err(error.into()),
    }
}
