//! Looks at a deployment that is over, where a write of it may still come. One that has come is told, and undone.

use futures_util::future::join3;
use rollout::deployment::{Change, Phase};
use rollout::ids::DeploymentId;
use rollout::journal::Entry;
use rollout::plan::Plan;
use rollout::routing::Routing;
use rollout::service::aftermath::{self, Aftermath};
use rollout::service::clear::Found;
use rollout::service::live::Health;
use rollout::service::preflight::ServiceFound;

use super::read;
use crate::change::{apply, change};
use crate::error::StepError;
use crate::journal::{catch_up, note};
use crate::ports::{
    Clock, Journal, LateWrites, Loaded, Locks, RaiseAlerts, ReadExecutions, ReadListeners, ReadServices, Records,
    StartExecutions,
};
use crate::recovery;
use crate::target_lock;
use crate::telling;

/// Looks at one, and says whether anything was done about it.
pub(crate) async fn look(
    store: &(impl Records + Journal + Locks + LateWrites),
    (services, listeners): (&impl ReadServices, &impl ReadListeners),
    executions: &(impl ReadExecutions + StartExecutions),
    alerts: &impl RaiseAlerts,
    clock: &impl Clock,
    (plan, mut loaded): (&Plan, Loaded),
) -> Result<bool, StepError> {
    let id = &loaded.deployment.id.clone();
    match &loaded.deployment.phase {
        Phase::Ended { .. } | Phase::Succeeded => {}
        // The look before this one came as far as that.
        Phase::Unresolved { cannot, .. }
            if loaded.deployment.progress.told.as_ref().is_none_or(|told| told == cannot) =>
        {
            return put_back(store, executions, alerts, clock, &mut loaded).await;
        }
        // A recovery has given up since: a person is needed.
        Phase::Unresolved { .. } => return forget(store, id).await,
        // A recovery is at it, and will expect more at its end.
        Phase::Created | Phase::Running | Phase::Committing | Phase::Stopping { .. } | Phase::Settled { .. } => {
            return Ok(false);
        }
    }
    // What is left behind on purpose is written beside the lock.
    let lock = store.read_lock(&plan.target.key()).await?;
    match seen((services, listeners), clock, plan, &loaded, lock.leftover.as_ref()).await? {
        Aftermath::Quiet => return Ok(false),
        Aftermath::Over => return forget(store, id).await,
        Aftermath::Arrived(_) => {}
        Aftermath::ArrivedAt(winner, _) | Aftermath::MadeAt(winner, ..) => {
            let ports = (services, listeners);
            return put_back_to_another(store, ports, executions, alerts, clock, (plan, &mut loaded), winner).await;
        }
    }
    // Another deployment that is at work looks for itself.
    let held = target_lock::take(store, executions, clock, &plan.target.key(), id).await?;
    if held.by.is_some() {
        return Ok(false);
    }
    let what = match seen((services, listeners), clock, plan, &loaded, held.leftover.as_ref()).await? {
        Aftermath::Arrived(what) => what,
        found => {
            store.unlock(&plan.target.key(), id, held.leftover.as_ref()).await?;
            return if found == Aftermath::Over { forget(store, id).await } else { Ok(false) };
        }
    };
    keep_beside(store, &mut loaded, held.leftover.as_ref()).await?;
    if loaded.deployment.phase == Phase::Succeeded {
        let change = Change::Disturb(what.clone());
        bring_back(store, executions, alerts, clock, &mut loaded, (what, change)).await?;
        return Ok(true);
    }
    apply(store, clock, &mut loaded, &Change::Disturb(what)).await?;
    put_back(store, executions, alerts, clock, &mut loaded).await
}

/// What a later deployment left behind stays written down once the traffic is brought to where it was.
async fn keep_beside(records: &impl Records, loaded: &mut Loaded, leftover: Option<&Routing>) -> Result<(), StepError> {
    let is_beside = leftover.is_some();
    if loaded.deployment.progress.beside_leftover == is_beside {
        return Ok(());
    }
    change(records, loaded, |deployment| {
        deployment.progress.beside_leftover = is_beside;
        Ok::<(), StepError>(())
    })
    .await
}

/// Tells it, and has a recovery clear up once more what a deployment had won: its calls go to its task set, and no other stays.
async fn bring_back(
    store: &(impl Records + Journal + Locks + LateWrites),
    executions: &(impl ReadExecutions + StartExecutions),
    alerts: &impl RaiseAlerts,
    clock: &impl Clock,
    winner: &mut Loaded,
    (what, change): (String, Change),
) -> Result<(), StepError> {
    tell(store, alerts, clock, winner, what).await?;
    apply(store, clock, winner, &change).await?;
    recover(store, executions, clock, winner).await.map(drop)
}

/// The same for a deployment that won later. Where it is not one of ours, a person is told, and nothing is written. Either way, more
/// may come: the older deployment is looked at to the end of its time.
async fn put_back_to_another(
    store: &(impl Records + Journal + Locks + LateWrites),
    (services, listeners): (&impl ReadServices, &impl ReadListeners),
    executions: &(impl ReadExecutions + StartExecutions),
    alerts: &impl RaiseAlerts,
    clock: &impl Clock,
    (plan, loaded): (&Plan, &mut Loaded),
    winner: Option<DeploymentId>,
) -> Result<bool, StepError> {
    let key = plan.target.key();
    let id = loaded.deployment.id.clone();
    let other = match &winner {
        Some(winner) => store.load(winner).await?,
        None => None,
    };
    let other = other.filter(|other| other.deployment.phase == Phase::Succeeded);
    let holder = other.as_ref().map_or(&id, |other| &other.deployment.id).clone();
    let held = target_lock::take(store, executions, clock, &key, &holder).await?;
    if held.by.is_some() {
        return Ok(false);
    }
    let (found, what, change) = match seen((services, listeners), clock, plan, loaded, held.leftover.as_ref()).await? {
        Aftermath::ArrivedAt(found, what) => (found, what.clone(), Change::Disturb(what)),
        Aftermath::MadeAt(found, stray, what) => (found, what, Change::Intrude(stray)),
        Aftermath::Quiet | Aftermath::Over | Aftermath::Arrived(_) => {
            store.unlock(&key, &holder, held.leftover.as_ref()).await?;
            return Ok(false);
        }
    };
    match other {
        Some(mut other) if found == winner => {
            keep_beside(store, &mut other, held.leftover.as_ref()).await?;
            bring_back(store, executions, alerts, clock, &mut other, (what, change)).await?;
            Ok(true)
        }
        None if found == winner => {
            let told = tell_once(store, alerts, clock, loaded, what).await?;
            store.unlock(&key, &holder, held.leftover.as_ref()).await?;
            Ok(told)
        }
        Some(_) | None => {
            store.unlock(&key, &holder, held.leftover.as_ref()).await?;
            Ok(false)
        }
    }
}

/// Tells it, and has a recovery put the traffic back.
async fn put_back(
    store: &(impl Records + Journal + Locks + LateWrites),
    executions: &(impl ReadExecutions + StartExecutions),
    alerts: &impl RaiseAlerts,
    clock: &impl Clock,
    loaded: &mut Loaded,
) -> Result<bool, StepError> {
    let Phase::Unresolved { cannot, .. } = loaded.deployment.phase.clone() else { return Ok(false) };
    let told = tell_once(store, alerts, clock, loaded, cannot).await?;
    Ok(recover(store, executions, clock, loaded).await? || told)
}

/// Tells it, unless it was told at an earlier look.
async fn tell_once(
    store: &(impl Records + Journal),
    alerts: &impl RaiseAlerts,
    clock: &impl Clock,
    loaded: &mut Loaded,
    what: String,
) -> Result<bool, StepError> {
    if loaded.deployment.progress.told.as_ref() == Some(&what) {
        return Ok(false);
    }
    tell(store, alerts, clock, loaded, what.clone()).await?;
    change(store, loaded, |deployment| {
        deployment.progress.told = Some(what.clone());
        Ok::<(), StepError>(())
    })
    .await?;
    Ok(true)
}

async fn tell(
    store: &impl Journal,
    alerts: &impl RaiseAlerts,
    clock: &impl Clock,
    loaded: &Loaded,
    what: String,
) -> Result<(), StepError> {
    telling::unresolved(alerts, &loaded.deployment.id, &what);
    Ok(note(store, &loaded.deployment, Entry::GivenUp { cannot: what }, clock.now()).await?)
}

/// Starts a recovery, under the lock. While the record said that the deployment was over, any other could take that; one that did
/// is not written over: of a winner it goes on from what it finds, else a person is needed.
async fn recover(
    store: &(impl Records + Journal + Locks + LateWrites),
    executions: &(impl ReadExecutions + StartExecutions),
    clock: &impl Clock,
    loaded: &mut Loaded,
) -> Result<bool, StepError> {
    let Some(key) = loaded.plan.as_ref().map(|plan| plan.target.key()) else { return Ok(false) };
    let held = target_lock::take(store, executions, clock, &key, &loaded.deployment.id).await?;
    match (held.by, &loaded.deployment.phase) {
        (Some(_), Phase::Unresolved { .. }) => return Ok(false),
        (Some(_), _) => {
            apply(store, clock, loaded, &Change::Finish).await?;
            return Ok(false);
        }
        (None, Phase::Unresolved { .. }) => {
            catch_up(store, loaded).await?;
            apply(store, clock, loaded, &Change::Repair).await?;
        }
        (None, _) => {}
    }
    recovery::wanted(store, executions, clock, loaded).await?;
    Ok(true)
}

async fn forget(store: &impl LateWrites, id: &DeploymentId) -> Result<bool, StepError> {
    store.forget_late(id).await?;
    Ok(false)
}

async fn seen(
    (services, listeners): (&impl ReadServices, &impl ReadListeners),
    clock: &impl Clock,
    plan: &Plan,
    loaded: &Loaded,
    leftover: Option<&Routing>,
) -> Result<Aftermath, StepError> {
    let Some(service) = plan.target.service() else { return Ok(Aftermath::Over) };
    let (found, production, test) = join3(
        services.service(&service.cluster, &service.service),
        listeners.listener(&service.production),
        read(listeners, service.test.as_ref()),
    )
    .await;
    let ServiceFound::Live(live) = found? else { return Ok(Aftermath::Over) };
    let (production, test) = (production?, test?);
    let (production, test) = (production.as_ref(), test.as_ref());
    let found = Found { live: &live, production, test, health: Health::default() };
    Ok(aftermath::look(plan, service, &loaded.deployment, (found, leftover), clock.now()))
}
