//! How the steps open that take a deployment further: with its record, and one look at its alarms.

use rollout::alarms::{self, Blind, Verdict};
use rollout::ids::DeploymentId;
use rollout::plan::Plan;
use rollout::request::AlarmWatch;

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
    let verdict = alarms::judge(watched, &ports.alarms(&watched.names).await);
    match (&verdict, verdict.ending()) {
        (Verdict::Unsure(why), Some(ending)) => {
            let now = ports.now();
            set_blind(ports, loaded, |before| Some(Blind::again(before, now))).await?;
            tracing::warn!(deployment = %loaded.deployment.id, why, "the alarms could not be read just now");
            match loaded.deployment.blind {
                Some(blind) if blind.stays(now) => interrupt::give_up(ports, loaded, &ending).await,
                _ => Ok(()),
            }
        }
        (_, Some(why)) => interrupt::give_up(ports, loaded, &why).await,
        (_, None) if loaded.deployment.blind.is_some() => set_blind(ports, loaded, |_| None).await,
        (_, None) => Ok(()),
    }
}

async fn set_blind(
    ports: &impl Records,
    loaded: &mut Loaded,
    blind: impl Fn(Option<Blind>) -> Option<Blind>,
) -> Result<(), StepError> {
    change(ports, loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.blind = blind(deployment.blind);
        Ok(())
    })
    .await
}
