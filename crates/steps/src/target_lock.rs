//! The lock on a target: one deployment at a time.

use rollout::appspec::Resource;
use rollout::deployment::{Deployment, Phase};
use rollout::ids::DeploymentId;
use rollout::plan::{Target, service_key};
use rollout::preflight::Holder;
use rollout::request::Request;
use rollout::routing::Routing;

use crate::error::StepError;
use crate::orphan;
use crate::ports::{Clock, Journal, LateWrites, Loaded, Lock, Locks, PortError, ReadExecutions, Records};

/// The lock of a target as a deployment finds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Held {
    /// The deployment that holds it, another one.
    pub by: Option<Holder>,
    /// The split that the last deployment of the target left behind.
    pub leftover: Option<Routing>,
}

/// How often the lock is tried for, each time from an owner that was found to be over.
const ATTEMPTS: usize = 4;

/// The key of the lock on what a request wants to move; `None` where it does not say where that is.
pub fn key(request: &Request) -> Option<String> {
    match &request.appspec.resource {
        Resource::Alias(wanted) => {
            let target = Target::LambdaAlias { function: wanted.function.clone(), alias: wanted.alias.clone() };
            Some(target.key())
        }
        Resource::Service(_) => request.place.as_ref().map(|place| service_key(&place.cluster, &place.service)),
    }
}

/// Looks at the lock of what a request wants to move, and takes nothing.
pub async fn look(store: &(impl Records + Locks), request: &Request) -> Result<Held, PortError> {
    let Some(key) = key(request) else { return Ok(Held::default()) };
    let lock = store.read_lock(&key).await?;
    let by = owner(store, &lock, None).await?.map(|owner| holder(owner.deployment));
    Ok(Held { by, leftover: lock.leftover })
}

/// Takes the lock for `id`, unless another deployment holds it that is not over. One that never began and that nobody is at is
/// ended by this. The lock is taken from the owner that was found to be over and no other, so that of two deployments that look
/// at the same time one is refused.
pub async fn take(
    store: &(impl Records + Journal + Locks + LateWrites),
    executions: &impl ReadExecutions,
    clock: &impl Clock,
    key: &str,
    id: &DeploymentId,
) -> Result<Held, StepError> {
    for _ in 0..ATTEMPTS {
        let lock = store.read_lock(key).await?;
        if let Some(mut owner) = owner(store, &lock, Some(id)).await?
            && !orphan::end_if_never_begun(store, executions, clock, &mut owner).await?
        {
            return Ok(Held { by: Some(holder(owner.deployment)), leftover: lock.leftover });
        }
        match store.lock(key, id, lock.owner.as_ref()).await {
            Ok(()) => return Ok(Held { by: None, leftover: lock.leftover }),
            Err(PortError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(StepError::Transient(format!("the lock of {key} changes hands all the time")))
}

/// The deployment that a lock is held by, `id` itself aside. A lock whose owner is over, or has no record any more, is free.
async fn owner(records: &impl Records, lock: &Lock, id: Option<&DeploymentId>) -> Result<Option<Loaded>, PortError> {
    let Some(owner) = lock.owner.as_ref().filter(|owner| Some(*owner) != id) else { return Ok(None) };
    let holds = |phase: &Phase| !phase.is_final() || matches!(phase, Phase::Unresolved { .. });
    Ok(records.load(owner).await?.filter(|loaded| holds(&loaded.deployment.phase)))
}

fn holder(owner: Deployment) -> Holder {
    match owner.phase {
        Phase::Unresolved { .. } => Holder::Unresolved(owner.id),
        Phase::Stopping { .. } | Phase::Settled { .. } | Phase::Committing => Holder::Ending(owner.id),
        Phase::Created | Phase::Running | Phase::Succeeded | Phase::Ended { .. } => Holder::Running(owner.id),
    }
}
