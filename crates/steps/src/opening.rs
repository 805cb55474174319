//! How the steps open that take a deployment further: with its record, and one look at its alarms.

use rollout::alarms;
use rollout::ids::DeploymentId;
use rollout::plan::Plan;
use rollout::request::AlarmWatch;

use crate::change::{load, running};
use crate::error::StepError;
use crate::interrupt;
use crate::ports::{Clock, Journal, Loaded, ReadAlarms, Records};

/// A deployment that runs, with its plan. The look at its alarms is the second line behind their events (promise P8).
pub async fn begun(
    store: &(impl Records + Journal),
    alarms: &impl ReadAlarms,
    clock: &impl Clock,
    id: &DeploymentId,
) -> Result<(Loaded, Plan), StepError> {
    let mut loaded = load(store, id).await?;
    running(&loaded.deployment.phase)?;
    let Some(plan) = loaded.plan.clone() else { return Err(StepError::not_running(&loaded.deployment.phase)) };
    quiet(store, alarms, clock, &plan.alarms, &mut loaded).await?;
    Ok((loaded, plan))
}

/// Looks at alarms once, and ends the deployment if they say so.
pub async fn quiet(
    store: &(impl Records + Journal),
    alarms: &impl ReadAlarms,
    clock: &impl Clock,
    watched: &AlarmWatch,
    loaded: &mut Loaded,
) -> Result<(), StepError> {
    if watched.is_empty() {
        return Ok(());
    }
    match alarms::judge(watched, &alarms.read(&watched.names).await).ending() {
        Some(why) => interrupt::give_up(store, clock, loaded, &why).await,
        None => Ok(()),
    }
}
