//! Install: makes the green task set, and says how long to wait until it may have traffic.

use rollout::code::ErrorCode;
use rollout::ending::Ending;
use rollout::event::LifecycleEvent;
use rollout::ids::{DeploymentId, TaskSetId};
use rollout::journal::Entry;
use rollout::lifecycle::EventStatus;
use rollout::plan::Plan;
use rollout::service::Service;
use rollout::service::clear::Deletion;
use rollout::service::install::{self, Install};
use rollout::service::live::LiveService;
use serde::{Deserialize, Serialize};

use super::{lease, live, of, release};
use crate::change::{change, running};
use crate::drift;
use crate::error::StepError;
use crate::interrupt;
use crate::journal::note;
use crate::opening::load_running;
use crate::ports::{Clock, DeleteTaskSets, Journal, Loaded, PortError, ReadStoppedTasks, Records};
use crate::powers;
use crate::targets::{self, Look};

/// What the state machine sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// The deployment.
    pub deployment_id: DeploymentId,
}

/// What the state machine does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    next: Next,
    seconds: u64,
}

/// Where the state machine goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Next {
    /// Wait for news of the task set, and call again.
    Wait,
    /// The task set may have traffic.
    Done,
}

/// Runs the step.
pub async fn run(ports: &impl powers::Install, input: Input) -> Result<Output, StepError> {
    let (mut loaded, plan) = load_running(ports, &input.deployment_id).await?;
    let service = of(&plan)?;
    let look = drift::recognize(ports, &plan, &mut loaded).await?;
    begin(ports, &mut loaded).await?;
    let found = live(ports, service).await?;
    found_made(ports, &mut loaded, &found).await?;
    let health = match found.made_by(loaded.deployment.id.as_str()) {
        Some(_) => ports.health(&service.green_group).await?,
        None => Default::default(),
    };
    let next = install::next(&plan, service, &loaded.deployment, &look.live, &found, health, ports.now());
    let wait = |seconds: u64| Ok(Output { next: Next::Wait, seconds });
    match next {
        Install::SendHome(seconds) => {
            lease(ports, &mut loaded, |_| {}).await?;
            targets::route_all_home(ports, &plan, &look).await?;
            let sent = Entry::LeftoverSentHome { to: plan.shift().from.clone() };
            note(ports, &loaded.deployment, sent, ports.now()).await?;
            release(ports, &mut loaded, |deployment| deployment.progress.leftover_ended = true).await?;
            wait(seconds.0)
        }
        Install::Promote(home) => {
            lease(ports, &mut loaded, |_| {}).await?;
            ports.promote(&service.cluster, &service.service, &home).await?;
            note(ports, &loaded.deployment, Entry::PrimarySwitched { task_set: home }, ports.now()).await?;
            release(ports, &mut loaded, |_| {}).await?;
            wait(2)
        }
        Install::Remove(leftover) => {
            remove(ports, service, &mut loaded, leftover).await?;
            wait(2)
        }
        Install::Create => {
            create(ports, &plan, service, &mut loaded, &look).await?;
            wait(install::wait(Default::default()).0)
        }
        Install::Wait(seconds) => {
            hear(ports, service, &mut loaded, &found).await?;
            wait(seconds.0.max(1))
        }
        Install::Ready(task_set) => {
            ready(ports, &mut loaded, task_set).await?;
            Ok(Output { next: Next::Done, seconds: 0 })
        }
        Install::Failed(why) => interrupt::give_up(ports, &mut loaded, &why).await,
    }
}

/// Makes room: removes what was left behind in the place of the new task set.
async fn remove(
    ports: &(impl Clock + Records + Journal + DeleteTaskSets),
    service: &Service,
    loaded: &mut Loaded,
    leftover: TaskSetId,
) -> Result<(), StepError> {
    lease(ports, loaded, |_| {}).await?;
    match ports.delete_task_set(&service.cluster, &service.service, &leftover, Deletion::Forced).await {
        Ok(()) | Err(PortError::Missing(_)) => {}
        Err(error) => return Err(error.into()),
    }
    note(ports, &loaded.deployment, Entry::TaskSetRemoved { task_set: leftover }, ports.now()).await?;
    release(ports, loaded, |_| {}).await
}

/// It is there: that is told, and then written down.
async fn ready(
    ports: &(impl Clock + Records + Journal),
    loaded: &mut Loaded,
    task_set: TaskSetId,
) -> Result<(), StepError> {
    let now = ports.now();
    note(ports, &loaded.deployment, Entry::TaskSetReady { task_set }, now).await?;
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.events.end(LifecycleEvent::Install, EventStatus::Succeeded, None, now);
        deployment.progress.trouble = None;
        Ok(())
    })
    .await
}

/// Writes down what ECS says about a task set that is not there yet, where that is news. Nothing depends on it: what cannot be read
/// is not told.
async fn hear(
    ports: &(impl Clock + Records + Journal + ReadStoppedTasks),
    service: &Service,
    loaded: &mut Loaded,
    found: &LiveService,
) -> Result<(), StepError> {
    let Some(green) = found.made_by(loaded.deployment.id.as_str()) else { return Ok(()) };
    let stopped = ports.stopped(&service.cluster, &service.service, &green.task_definition).await;
    let stopped = stopped.inspect_err(|error| tracing::warn!(%error, "why tasks stopped is not known"));
    let trouble = install::trouble(&loaded.deployment, found, &stopped.unwrap_or_default());
    let Some(why) = trouble.filter(|why| loaded.deployment.progress.trouble.as_ref() != Some(why)) else {
        return Ok(());
    };
    note(ports, &loaded.deployment, Entry::TaskSetLate { why: why.clone() }, ports.now()).await?;
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.progress.trouble = Some(why.clone());
        Ok(())
    })
    .await
}

/// Writes down a task set that an attempt made which never heard of it, or died before it wrote that down. The lease of that attempt is
/// not given back by this.
async fn found_made(
    ports: &(impl Clock + Records + Journal),
    loaded: &mut Loaded,
    found: &LiveService,
) -> Result<(), StepError> {
    let Some(green) = found.made_by(loaded.deployment.id.as_str()) else { return Ok(()) };
    if loaded.deployment.progress.created.is_some() {
        return Ok(());
    }
    let now = ports.now();
    note(ports, &loaded.deployment, Entry::TaskSetCreated { task_set: green.id.clone() }, now).await?;
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.progress.created.get_or_insert(now);
        Ok(())
    })
    .await
}

/// The installation has begun; a second look finds it so.
async fn begin(ports: &(impl Clock + Records), loaded: &mut Loaded) -> Result<(), StepError> {
    let is_open = |loaded: &Loaded| {
        let record = loaded.deployment.events.get(LifecycleEvent::Install);
        record.is_some_and(|record| record.status == EventStatus::Pending)
    };
    if !is_open(loaded) {
        return Ok(());
    }
    let now = ports.now();
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.events.begin(LifecycleEvent::Install, now);
        Ok(())
    })
    .await
}

/// Makes the task set. Its target group gets a place on the listener first, with no weight: without one, a load balancer looks at none
/// of its targets, and their health is what the installation waits for (docs/codedeploy-contract.md 12.3).
async fn create(
    ports: &impl powers::Install,
    plan: &Plan,
    service: &Service,
    loaded: &mut Loaded,
    look: &Look,
) -> Result<(), StepError> {
    lease(ports, loaded, |_| {}).await?;
    targets::route(ports, plan, look, &plan.home()).await?;
    let (cluster, name, group) = (&service.cluster, &service.service, &service.green_group);
    let made = match ports.create_task_set(cluster, name, group, &service.green, &loaded.deployment.id).await {
        Ok(made) => made,
        Err(PortError::Passing(why)) => return Err(StepError::Transient(why)),
        Err(error) => {
            // Refused for good: nothing is on its way that a rollback would have to wait for.
            release(ports, loaded, |_| {}).await?;
            let message = format!("ECS did not make the green task set: {error}");
            return interrupt::give_up(ports, loaded, &Ending::new(ErrorCode::EcsUpdateError, message)).await;
        }
    };
    let now = ports.now();
    note(ports, &loaded.deployment, Entry::TaskSetCreated { task_set: made }, now).await?;
    release(ports, loaded, |deployment| deployment.progress.created = Some(now)).await
}
