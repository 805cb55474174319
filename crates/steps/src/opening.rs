//! How the steps open that take a deployment further: with its record, and one look at its alarms.

use rollout::alarms;
use rollout::deployment::Deployment;
use rollout::ids::DeploymentId;
use rollout::plan::Plan;
use rollout::request::AlarmWatch;
use rollout::verdict::{Judge, Verdict};

use crate::change::{change, load, running};
use crate::error::StepError;
use crate::interrupt;
use crate::ports::{Clock, Journal, Loaded, ReadAlarms, Records};

/// A deployment that runs, with its plan. The look at its alarms is the second line behind their events (promise P8).
pub async fn load_running(
    ports: &(impl Clock + Records + Journal + ReadAlarms),
    id: &DeploymentId,
) -> Result<(Loaded, Plan), StepError> {
    let mut loaded = load(ports, id).await?;
    running(&loaded.deployment.phase)?;
    let Some(plan) = loaded.plan.clone() else { return Err(StepError::not_running(&loaded.deployment.phase)) };
    stop_on_alarms(ports, &plan.alarms, &mut loaded).await?;
    Ok((loaded, plan))
}

/// Looks at alarms once, and ends the deployment if they say so.
pub async fn stop_on_alarms(
    ports: &(impl Clock + Records + Journal + ReadAlarms),
    watched: &AlarmWatch,
    loaded: &mut Loaded,
) -> Result<(), StepError> {
    if watched.is_empty() {
        return Ok(());
    }
    let (readings, now) = (ports.alarms(&watched.names).await, ports.now());
    let judged = |deployment: &Deployment| alarms::verdict(watched, &readings, deployment.blind, now);
    let (verdict, _) = judged(&loaded.deployment);
    if let Verdict::Unsure(why) = &verdict {
        tracing::warn!(deployment = %loaded.deployment.id, why, "the alarms could not be read just now");
    }
    write_down(ports, loaded, |deployment| {
        let (verdict, blind) = judged(deployment);
        deployment.hear(Judge::Alarms, &verdict, blind, now)
    })
    .await?;
    match verdict {
        Verdict::Stop(why) => interrupt::give_up(ports, loaded, &why).await,
        Verdict::Go | Verdict::Unsure(_) => Ok(()),
    }
}

/// Writes down what is not known yet, and ends the deployment where the verdict says so.
pub(crate) async fn conclude(
    ports: &(impl Clock + Records + Journal),
    loaded: &mut Loaded,
    said: (Judge, Verdict),
) -> Result<(), StepError> {
    let now = ports.now();
    write_down(ports, loaded, |deployment| deployment.hear(said.0, &said.1, deployment.blind, now)).await?;
    match said {
        (_, Verdict::Stop(why)) => interrupt::give_up(ports, loaded, &why).await,
        (_, Verdict::Go | Verdict::Unsure(_)) => Ok(()),
    }
}

/// Writes down what is news.
async fn write_down(
    ports: &impl Records,
    loaded: &mut Loaded,
    hear: impl Fn(&mut Deployment) -> bool,
) -> Result<(), StepError> {
    if !hear(&mut loaded.deployment.clone()) {
        return Ok(());
    }
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        hear(deployment);
        Ok(())
    })
    .await
}
