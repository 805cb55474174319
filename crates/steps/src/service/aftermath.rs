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
use crate::journal::{catch_up, end, note};
use crate::ports::{Clock, ForgetLateWrites, Journal, Loaded, RaiseAlerts, ReadListeners, ReadServices, Records};
use crate::powers;
use crate::recovery;
use crate::target_lock;
use crate::telling;

/// Looks at one, and says whether anything was done about it.
pub(crate) async fn look(ports: &impl powers::Sweep, plan: &Plan, mut loaded: Loaded) -> Result<bool, StepError> {
    let id = &loaded.deployment.id.clone();
    match &loaded.deployment.phase {
        Phase::Ended { .. } | Phase::Succeeded => {}
        // The look before this one came as far as that.
        Phase::Unresolved { cannot, .. }
            if loaded.deployment.progress.told.as_ref().is_none_or(|told| told == cannot) =>
        {
            return put_back(ports, &mut loaded).await;
        }
        // A recovery has given up since: a person is needed.
        Phase::Unresolved { .. } => return forget(ports, id).await,
        // A recovery is at it, and will expect more at its end.
        Phase::Created
        | Phase::Queued
        | Phase::Running
        | Phase::Committing
        | Phase::Stopping { .. }
        | Phase::Settled { .. } => {
            return Ok(false);
        }
    }
    // What is left behind on purpose is written beside the lock.
    let lock = ports.read_lock(&plan.target.key()).await?;
    match seen(ports, plan, &loaded, lock.leftover.as_ref()).await? {
        Aftermath::Quiet => return Ok(false),
        Aftermath::Over => return forget(ports, id).await,
        Aftermath::Arrived(_) => {}
        Aftermath::ArrivedAt(winner, _) | Aftermath::MadeAt(winner, ..) => {
            return put_back_to_another(ports, plan, &mut loaded, winner).await;
        }
    }
    // Another deployment that is at work looks for itself.
    let held = target_lock::take(ports, &plan.target.key(), id).await?;
    if held.by.is_some() {
        return Ok(false);
    }
    let what = match seen(ports, plan, &loaded, held.leftover.as_ref()).await? {
        Aftermath::Arrived(what) => what,
        found => {
            ports.unlock(&plan.target.key(), id, held.leftover.as_ref()).await?;
            return if found == Aftermath::Over { forget(ports, id).await } else { Ok(false) };
        }
    };
    keep_beside(ports, &mut loaded, held.leftover.as_ref()).await?;
    if loaded.deployment.phase == Phase::Succeeded {
        let change = Change::Disturb(what.clone());
        bring_back(ports, &mut loaded, what, change).await?;
        return Ok(true);
    }
    apply(ports, &mut loaded, &Change::Disturb(what)).await?;
    put_back(ports, &mut loaded).await
}

/// What a later deployment left behind stays written down once the traffic is brought to where it was.
async fn keep_beside(ports: &impl Records, loaded: &mut Loaded, leftover: Option<&Routing>) -> Result<(), StepError> {
    let is_beside = leftover.is_some();
    if loaded.deployment.progress.beside_leftover == is_beside {
        return Ok(());
    }
    change(ports, loaded, |deployment| {
        deployment.progress.beside_leftover = is_beside;
        Ok::<(), StepError>(())
    })
    .await
}

/// Tells it, and has a recovery clear up once more what a deployment had won: its calls go to its task set, and no other stays.
async fn bring_back(
    ports: &impl powers::Sweep,
    winner: &mut Loaded,
    what: String,
    change: Change,
) -> Result<(), StepError> {
    tell(ports, winner, what).await?;
    apply(ports, winner, &change).await?;
    recover(ports, winner).await.map(drop)
}

/// The same for a deployment that won later. Where it is not one of ours, a person is told, and nothing is written. Either way, more
/// may come: the older deployment is looked at to the end of its time.
async fn put_back_to_another(
    ports: &impl powers::Sweep,
    plan: &Plan,
    loaded: &mut Loaded,
    winner: Option<DeploymentId>,
) -> Result<bool, StepError> {
    let key = plan.target.key();
    let id = loaded.deployment.id.clone();
    let other = match &winner {
        Some(winner) => ports.load(winner).await?,
        None => None,
    };
    let other = other.filter(|other| other.deployment.phase == Phase::Succeeded);
    let holder = other.as_ref().map_or(&id, |other| &other.deployment.id).clone();
    let held = target_lock::take(ports, &key, &holder).await?;
    if held.by.is_some() {
        return Ok(false);
    }
    let (found, what, change) = match seen(ports, plan, loaded, held.leftover.as_ref()).await? {
        Aftermath::ArrivedAt(found, what) => (found, what.clone(), Change::Disturb(what)),
        Aftermath::MadeAt(found, stray, what) => (found, what, Change::Intrude(stray)),
        Aftermath::Quiet | Aftermath::Over | Aftermath::Arrived(_) => {
            ports.unlock(&key, &holder, held.leftover.as_ref()).await?;
            return Ok(false);
        }
    };
    match other {
        Some(mut other) if found == winner => {
            keep_beside(ports, &mut other, held.leftover.as_ref()).await?;
            bring_back(ports, &mut other, what, change).await?;
            Ok(true)
        }
        None if found == winner => {
            let told = tell_once(ports, loaded, what).await?;
            ports.unlock(&key, &holder, held.leftover.as_ref()).await?;
            Ok(told)
        }
        Some(_) | None => {
            ports.unlock(&key, &holder, held.leftover.as_ref()).await?;
            Ok(false)
        }
    }
}

/// Tells it, and has a recovery put the traffic back.
async fn put_back(ports: &impl powers::Sweep, loaded: &mut Loaded) -> Result<bool, StepError> {
    let Phase::Unresolved { cannot, .. } = loaded.deployment.phase.clone() else { return Ok(false) };
    let told = tell_once(ports, loaded, cannot).await?;
    Ok(recover(ports, loaded).await? || told)
}

/// Tells it, unless it was told at an earlier look.
async fn tell_once(
    ports: &(impl Clock + Records + Journal + RaiseAlerts),
    loaded: &mut Loaded,
    what: String,
) -> Result<bool, StepError> {
    if loaded.deployment.progress.told.as_ref() == Some(&what) {
        return Ok(false);
    }
    tell(ports, loaded, what.clone()).await?;
    change(ports, loaded, |deployment| {
        deployment.progress.told = Some(what.clone());
        Ok::<(), StepError>(())
    })
    .await?;
    Ok(true)
}

async fn tell(ports: &(impl Clock + Journal + RaiseAlerts), loaded: &Loaded, what: String) -> Result<(), StepError> {
    telling::unresolved(ports, &loaded.deployment.id, &what);
    Ok(note(ports, &loaded.deployment, Entry::GivenUp { cannot: what }, ports.now()).await?)
}

/// Starts a recovery, under the lock. While the record said that the deployment was over, any other could take that; one that did
/// is not written over: of a winner it goes on from what it finds, else a person is needed.
async fn recover(ports: &impl powers::Sweep, loaded: &mut Loaded) -> Result<bool, StepError> {
    let Some(key) = loaded.plan.as_ref().map(|plan| plan.target.key()) else { return Ok(false) };
    let held = target_lock::take(ports, &key, &loaded.deployment.id).await?;
    match (held.by, &loaded.deployment.phase) {
        (Some(_), Phase::Unresolved { .. }) => return Ok(false),
        (Some(_), _) => {
            end(ports, loaded).await?;
            return Ok(false);
        }
        (None, Phase::Unresolved { .. }) => {
            catch_up(ports, loaded).await?;
            apply(ports, loaded, &Change::Repair).await?;
        }
        (None, _) => {}
    }
    recovery::wanted(ports, loaded).await?;
    Ok(true)
}

async fn forget(ports: &impl ForgetLateWrites, id: &DeploymentId) -> Result<bool, StepError> {
    ports.forget_late(id).await?;
    Ok(false)
}

async fn seen(
    ports: &(impl Clock + ReadListeners + ReadServices),
    plan: &Plan,
    loaded: &Loaded,
    leftover: Option<&Routing>,
) -> Result<Aftermath, StepError> {
    let Some(service) = plan.target.service() else { return Ok(Aftermath::Over) };
    let (found, production, test) = join3(
        ports.service(&service.cluster, &service.service),
        ports.listener(&service.production),
        read(ports, service.test.as_ref()),
    )
    .await;
    let ServiceFound::Live(live) = found? else { return Ok(Aftermath::Over) };
    let (production, test) = (production?, test?);
    let (production, test) = (production.as_ref(), test.as_ref());
    let found = Found { live: &live, production, test, health: Health::default() };
    Ok(aftermath::look(plan, service, &loaded.deployment, found, leftover, ports.now()))
}
