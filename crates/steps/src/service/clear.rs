//! Clear: removes the task set that lost, once the traffic is settled. What cannot be removed is written down, and keeps no
//! deployment from ending.

use futures_util::future::join4;
use rollout::deployment::{Change, Phase};
use rollout::ending::Traffic;
use rollout::failure::ending_of;
use rollout::ids::{DeploymentId, ListenerArn, RouteId, TaskSetId};
use rollout::journal::{Entry, settled};
use rollout::plan::Plan;
use rollout::service::Service;
use rollout::service::clear::{self, Clear, Deletion, Found, Side};
use rollout::service::live::{Health, Listener, LiveService, TaskSet};
use serde::{Deserialize, Serialize};

use super::read;
use super::sending::sending;
use crate::change::{apply, change};
use crate::error::StepError;
use crate::interrupt;
use crate::journal::{catch_up, note, tell};
use crate::ports::{
    Clock, DeleteTaskSets, Journal, Loaded, PortError, ReadHealth, ReadListeners, ReadServices, Records, WriteListeners,
};
use crate::powers;
use crate::rollback::Failure;
use crate::targets::send_home;

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
async fn asking(ports: &(impl Clock + Records), loaded: &mut Loaded, set: &TaskSetId) -> Result<(), StepError> {
    let now = ports.now();
    change(ports, loaded, |deployment| {
        deployment.progress.removing.insert(set.clone(), now);
        Ok(())
    })
    .await
}

/// An answer, whichever it is, says that nothing of the removal is on its way any more.
async fn answered(
    ports: &impl Records,
    loaded: &mut Loaded,
    set: &TaskSetId,
    answer: Result<(), PortError>,
) -> Result<Result<(), PortError>, StepError> {
    if !matches!(answer, Err(PortError::Passing(_))) {
        change(ports, loaded, |deployment| {
            deployment.progress.removing.remove(set);
            Ok::<(), StepError>(())
        })
        .await?;
    }
    Ok(answer)
}

/// Runs the step.
pub async fn run(ports: &impl powers::Clear, input: Input) -> Result<Output, StepError> {
    let looks = input.looks;
    let done = Output { next: Next::Done, seconds: 0, looks };
    let Ok(id) = DeploymentId::parse(&input.deployment_id) else { return Ok(done) };
    let Some(mut loaded) = ports.load(&id).await? else { return Ok(done) };
    let Some(plan) = loaded.plan.clone() else { return Ok(done) };
    let Some(service) = plan.target.service() else { return Ok(done) };
    if let Some(failure) = &input.failure {
        let why = ending_of(loaded.deployment.platform, &failure.error, &failure.cause).message;
        note(ports, &loaded.deployment, Entry::NotCleared { why }, ports.now()).await?;
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
    let Some(seen) = Seen::look(ports, service, &loaded).await? else { return Ok(done) };
    found_removed(ports, &loaded, &seen.live).await?;
    let next = clear::next(&plan, service, &loaded.deployment, seen.found(), looks, ports.now());
    let pause = clear::pause(&next, looks);
    Ok(match act(ports, &plan, service, &mut loaded, next, &seen).await? {
        Acted::Look => Output { next: Next::Wait, seconds: pause.0, looks: looks + 1 },
        Acted::LookSoon => Output { next: Next::Wait, seconds: 1, looks: looks + 1 },
        Acted::SentBack => Output { next: Next::Rollback, ..done },
        Acted::Done => done,
    })
}

/// What was seen at one look.
struct Seen {
    live: LiveService,
    production: Option<Listener>,
    test: Option<Listener>,
    health: Health,
}

impl Seen {
    /// All at once, and before each act: what is found is as old as one call. `None`: there is no service any more.
    async fn look(
        ports: &(impl ReadHealth + ReadListeners + ReadServices),
        service: &Service,
        loaded: &Loaded,
    ) -> Result<Option<Self>, PortError> {
        let (found, production, test, health) = join4(
            ports.service(&service.cluster, &service.service),
            ports.listener(&service.production),
            read(ports, service.test.as_ref()),
            ports.health(clear::winners_group(service, &loaded.deployment)),
        )
        .await;
        let Some(live) = found?.into_live() else { return Ok(None) };
        let (production, test) = (production?, test?);
        let health = match health {
            // A target group that somebody deleted has no targets.
            Err(PortError::Missing(_)) => Health::default(),
            health => health?,
        };
        Ok(Some(Self { live, production, test, health }))
    }

    fn found(&self) -> Found<'_> {
        let Self { live, production, test, health } = self;
        Found { live, production: production.as_ref(), test: test.as_ref(), health: *health }
    }
}

/// Tells of each task set that ECS was asked to remove, without an answer that was written down, and that is gone.
async fn found_removed(ports: &(impl Clock + Journal), loaded: &Loaded, live: &LiveService) -> Result<(), PortError> {
    let stays = |set: &TaskSetId| live.get(set).is_some_and(TaskSet::stays);
    for set in loaded.deployment.progress.removing.keys().filter(|set| !stays(set)) {
        note(ports, &loaded.deployment, Entry::TaskSetRemoved { task_set: set.clone() }, ports.now()).await?;
    }
    Ok(())
}

/// What came of an act.
enum Acted {
    /// Look again after a pause.
    Look,
    /// Look again at once: what was done may not be all.
    LookSoon,
    /// The rollback goes on.
    SentBack,
    /// Nothing is left to do.
    Done,
}

impl Acted {
    /// Of an answer of ECS.
    fn of(answer: Result<(), PortError>) -> Result<Self, StepError> {
        match answer {
            Ok(()) => Ok(Self::Look),
            // Gone by itself, or by an attempt whose answer was lost.
            Err(PortError::Missing(_)) => Ok(Self::Done),
            Err(error) => Err(error.into()),
        }
    }
}

async fn act(
    ports: &impl powers::Clear,
    plan: &Plan,
    service: &Service,
    loaded: &mut Loaded,
    next: Clear,
    seen: &Seen,
) -> Result<Acted, StepError> {
    let (cluster, name) = (&service.cluster, &service.service);
    match next {
        Clear::Promote(set) => {
            ports.promote(cluster, name, &set).await?;
            note(ports, &loaded.deployment, Entry::PrimarySwitched { task_set: set }, ports.now()).await?;
            Ok(Acted::Look)
        }
        Clear::ScaleToZero(set) => {
            asking(ports, loaded, &set).await?;
            let scaled = ports.scale_to_zero(cluster, name, &set).await;
            Acted::of(answered(ports, loaded, &set, scaled).await?)
        }
        Clear::Delete(set, how) => delete(ports, service, loaded, set, how).await,
        Clear::BringBack(set, percent) => {
            let scaled = ports.scale_up(cluster, name, &set, percent).await;
            if scaled.is_ok() {
                note(ports, &loaded.deployment, Entry::TaskSetNeededAgain { task_set: set }, ports.now()).await?;
            }
            Acted::of(scaled)
        }
        Clear::PutBack(to, late) => put_back(ports, plan, service, loaded, to, &late).await,
        Clear::Wait(_) => Ok(Acted::Look),
        Clear::Keep(set, traffic) => {
            let test = clear::tests_alone(service, seen.found(), &set).cloned();
            keep(ports, loaded, traffic, Entry::TaskSetKept { task_set: set, test }).await
        }
        Clear::Spare(why) => {
            note(ports, &loaded.deployment, Entry::NotCleared { why }, ports.now()).await?;
            Ok(Acted::Done)
        }
        Clear::SendBack(why, rollback) => {
            // Its end is taken back: what led to it is told before.
            catch_up(ports, loaded).await?;
            apply(ports, loaded, &Change::Reopen(why, rollback)).await?;
            interrupt::note(ports, loaded).await?;
            Ok(Acted::SentBack)
        }
        Clear::Done => Ok(Acted::Done),
    }
}

/// Deletes a task set. It is told before the record says that ECS has answered.
async fn delete(
    ports: &(impl Clock + Records + Journal + DeleteTaskSets),
    service: &Service,
    loaded: &mut Loaded,
    set: TaskSetId,
    how: Deletion,
) -> Result<Acted, StepError> {
    asking(ports, loaded, &set).await?;
    let deleted = ports.delete_task_set(&service.cluster, &service.service, &set, how).await;
    if matches!(deleted, Ok(()) | Err(PortError::Missing(_))) {
        note(ports, &loaded.deployment, Entry::TaskSetRemoved { task_set: set.clone() }, ports.now()).await?;
    }
    match answered(ports, loaded, &set, deleted).await? {
        Ok(()) => {
            // Another removal that was never answered is waited for, and another task set may have to go.
            let progress = &loaded.deployment.progress;
            let is_last = progress.removing.is_empty() && progress.strays.is_empty();
            Ok(if is_last { Acted::Done } else { Acted::LookSoon })
        }
        answer => Acted::of(answer),
    }
}

/// Brings places to where the traffic is, that a late write has taken elsewhere.
async fn put_back(
    ports: &(impl Clock + Records + Journal + WriteListeners),
    plan: &Plan,
    service: &Service,
    loaded: &mut Loaded,
    to: Side,
    late: &[(ListenerArn, Vec<RouteId>)],
) -> Result<Acted, StepError> {
    let write = async {
        for (listener, routes) in late {
            match to {
                Side::Home => send_home(ports, service, listener, routes).await?,
                Side::Green => {
                    let green = plan.shift().end();
                    ports.route(listener, routes, service.pair(), &green).await?;
                }
            }
        }
        Ok(())
    };
    sending(ports, loaded, to, write).await??;
    let places = late.iter().map(|(_, routes)| routes.len()).sum();
    note(ports, &loaded.deployment, Entry::LateWriteUndone { places }, ports.now()).await?;
    Ok(Acted::Look)
}

/// The task set stays, since it has calls. Where production traffic is what it gets, that is how the deployment ends.
async fn keep(
    ports: &(impl Clock + Records + Journal),
    loaded: &mut Loaded,
    traffic: Option<Traffic>,
    kept: Entry,
) -> Result<Acted, StepError> {
    if let Some(traffic) = traffic {
        // How it was settled before is told first: the record keeps the last one only.
        catch_up(ports, loaded).await?;
        apply(ports, loaded, &Change::Settle(traffic)).await?;
        tell(ports, &loaded.deployment, settled(&loaded.deployment)).await?;
    }
    note(ports, &loaded.deployment, kept, ports.now()).await?;
    change(ports, loaded, |deployment| {
        deployment.progress.kept = true;
        Ok::<(), StepError>(())
    })
    .await?;
    Ok(Acted::Done)
}
