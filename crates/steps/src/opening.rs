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
    store: &(impl Records + Journal),
    alarms: &impl ReadAlarms,
    clock: &impl Clock,
    id: &DeploymentId,
) -> Result<(Loaded, Plan), StepError> {
    let mut loaded = load(store, id).await?;
    running(&loaded.deployment.phase)?;
    let Some(plan) = loaded.plan.clone() else { return Err(StepError::not_running(&loaded.deployment.phase)) };
    stop_on_alarms(store, alarms, clock, &plan.alarms, &mut loaded).await?;
    Ok((loaded, plan))
}

/// Looks at alarms once, and ends the deployment if they say so.
pub async fn stop_on_alarms(
    store: &(impl Records + Journal),
    alarms: &impl ReadAlarms,
    clock: &impl Clock,
    watched: &AlarmWatch,
    loaded: &mut Loaded,
) -> Result<(), StepError> {
    if watched.is_empty() {
        return Ok(());
    }
    let verdict = alarms::judge(watched, &alarms.read(&watched.names).await);
    match (&verdict, verdict.ending()) {
        (Verdict::Unsure(why), Some(ending)) => {
            let now = clock.now();
            set_blind(store, loaded, |before| Some(Blind::again(before, now))).await?;
            tracing::warn!(deployment = %loaded.deployment.id, why, "the alarms could not be read just now");
            match loaded.deployment.blind {
                Some(blind) if blind.stays(now) => interrupt::give_up(store, clock, loaded, &ending).await,
                _ => Ok(()),
            }
        }
        (_, Some(why)) => interrupt::give_up(store, clock, loaded, &why).await,
        (_, None) if loaded.deployment.blind.is_some() => set_blind(store, loaded, |_| None).await,
        (_, None) => Ok(()),
    }
}

async fn set_blind(
    store: &impl Records,
    loaded: &mut Loaded,
    blind: impl Fn(Option<Blind>) -> Option<Blind>,
) -> Result<(), StepError> {
    change(store, loaded, |deployment| {
        running(&deployment.phase)?;
        deployment.blind = blind(deployment.blind);
        Ok(())
    })
    .await
}
