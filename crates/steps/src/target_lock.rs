//! The lock on a target: one deployment at a time.

use rollout::admission::{Admission, Door, Owner, admit, is_in};
use rollout::appspec::Resource;
use rollout::facts::Holder;
use rollout::ids::DeploymentId;
use rollout::request::Request;
use rollout::routing::Routing;
use rollout::target::{Target, service_key};

use crate::error::StepError;
use crate::orphan;
use crate::ports::{Clock, ExpectLateWrites, Journal, Loaded, Locks, PortError, ReadExecutions, ReadLocks, Records};

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
pub async fn look(ports: &(impl Records + ReadLocks), request: &Request) -> Result<Held, PortError> {
    let Some(key) = key(request) else { return Ok(Held::default()) };
    let lock = ports.read_lock(&key).await?;
    let owner = match &lock.owner {
        Some(owner) => ports.load(owner).await?,
        None => None,
    };
    let by = owner.map(|owner| owner.deployment).filter(|owner| is_in(Door::Target, owner));
    Ok(Held { by: by.as_ref().map(Holder::of), leftover: lock.leftover })
}

/// Takes the lock for `id`, unless another deployment holds it that is not over. One that never began and that nobody is at is
/// ended by this. The lock is taken from the owner that was found to be over and no other, so that of two deployments that look
/// at the same time one is refused.
pub async fn take(
    ports: &(impl Clock + Records + Journal + ExpectLateWrites + Locks + ReadExecutions + ReadLocks),
    key: &str,
    id: &DeploymentId,
) -> Result<Held, StepError> {
    for _ in 0..ATTEMPTS {
        let lock = ports.read_lock(key).await?;
        let mut found = match lock.owner.as_ref().filter(|owner| *owner != id) {
            Some(owner) => ports.load(owner).await?,
            None => None,
        };
        let admitted = |found: &Option<Loaded>| {
            let found = found.as_ref().map(|found| &found.deployment);
            admit(Door::Target, Owner::of(lock.owner.as_ref(), id, found))
        };
        let mut admission = admitted(&found);
        if let (Admission::Refuse(_), Some(owner)) = (&admission, &mut found) {
            orphan::end_if_never_begun(ports, owner).await?;
            admission = admitted(&found);
        }
        match admission {
            Admission::Inside => return Ok(Held { by: None, leftover: lock.leftover }),
            Admission::Refuse(holder) => return Ok(Held { by: Some(holder), leftover: lock.leftover }),
            Admission::TakeOver(from) => match ports.lock(key, id, from.as_ref()).await {
                Ok(()) => return Ok(Held { by: None, leftover: lock.leftover }),
                Err(PortError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            },
        }
    }
    Err(StepError::Transient(format!("the lock of {key} changes hands all the time")))
}
