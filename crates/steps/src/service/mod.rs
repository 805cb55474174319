//! What only a service needs: its new task set, test traffic, the waits around the traffic, and the removal of the task set
//! that lost. The functions of these names.

pub(crate) mod aftermath;
pub mod clear;
pub(crate) mod home;
pub mod install;
pub mod on_service;
pub(crate) mod sending;
pub mod test_traffic;
pub mod wait;

use rollout::deployment::Deployment;
use rollout::ids::ListenerArn;
use rollout::journal::Entry;
use rollout::plan::Plan;
use rollout::service::Service;
use rollout::service::live::{Listener, LiveService};

use crate::change::{change, running};
use crate::error::StepError;
use crate::journal::note;
use crate::ports::{Clock, Journal, Loaded, PortError, PromoteTaskSets, ReadListeners, ReadServices, Records};

/// The service that a plan is for.
fn of(plan: &Plan) -> Result<&Service, StepError> {
    plan.target.service().ok_or_else(|| StepError::InvalidInput(format!("{} is no service", plan.target)))
}

/// The service as it is now. One that does not exist any more is refused for good.
pub(crate) async fn live(ports: &impl ReadServices, service: &Service) -> Result<LiveService, StepError> {
    let found = ports.service(&service.cluster, &service.service).await?.into_live();
    found.ok_or_else(|| PortError::Missing(format!("the service {}/{}", service.cluster, service.service)).into())
}

/// Takes the lease for work that moves no production traffic. A rollback waits until it is over, so that what this work makes
/// late is found and undone (promise P2).
async fn lease(
    ports: &(impl Clock + Records),
    loaded: &mut Loaded,
    note: impl Fn(&mut Deployment),
) -> Result<(), StepError> {
    let now = ports.now();
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.take_lease(None, now);
        note(deployment);
        Ok(())
    })
    .await
}

/// The work is done.
async fn release(ports: &impl Records, loaded: &mut Loaded, note: impl Fn(&mut Deployment)) -> Result<(), StepError> {
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.give_back_lease();
        note(deployment);
        Ok(())
    })
    .await
}

/// Makes the new task set the primary one, once it has all the traffic. A target without task sets needs nothing of it.
pub(crate) async fn promote(
    ports: &(impl Clock + Records + Journal + PromoteTaskSets + ReadServices),
    plan: &Plan,
    loaded: &mut Loaded,
) -> Result<(), StepError> {
    let Some(service) = plan.target.service() else { return Ok(()) };
    let found = live(ports, service).await?;
    let Some(green) = found.made_by(loaded.deployment.id.as_str()) else {
        return Err(PortError::Missing("the green task set".to_owned()).into());
    };
    let switched = Entry::PrimarySwitched { task_set: green.id.clone() };
    if found.primary().is_some_and(|primary| primary.id == green.id) {
        // By an attempt that may have died before it told that.
        return Ok(note(ports, &loaded.deployment, switched, ports.now()).await?);
    }
    lease(ports, loaded, |_| {}).await?;
    ports.promote(&service.cluster, &service.service, &green.id).await?;
    note(ports, &loaded.deployment, switched, ports.now()).await?;
    release(ports, loaded, |_| {}).await
}

/// A listener that a service may have or not.
async fn read(ports: &impl ReadListeners, listener: Option<&ListenerArn>) -> Result<Option<Listener>, PortError> {
    match listener {
        Some(listener) => ports.listener(listener).await,
        None => Ok(None),
    }
}
