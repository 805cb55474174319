//! The deployments of a group: the one that is active, the last ones, and what they deployed.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{CreateDeploymentInput, DeploymentGroupInfo, LastDeploymentInfo, RevisionLocation};
use codedeploy::time::Time;
use rollout::admission::{Comer, Door, GroupAdmission, Owner, Queue, admit_to_group, is_in};
use rollout::deployment::{Deployment, Status};
use rollout::ids::DeploymentId;
use rollout::queue::{GroupPolicy, Place, WhenBusy};
use rollout::request::Labels;

use crate::error::StepError;
use crate::ports::{
    Clock, Filter, Kept, Listing, Loaded, Locks, PortError, Queues, ReadCatalogue, ReadLocks, ReadRequests, Records,
    Shelf,
};
use crate::queue;
use crate::revisions::Located;

/// What the deployments of a group have in common, as [`Labels::group_key`] says it of one of them.
pub fn key(group: &DeploymentGroupInfo) -> String {
    let text = |name: &Option<String>| name.clone().unwrap_or_default();
    let names = || format!("{}/{}", text(&group.application_name), text(&group.deployment_group_name));
    group.deployment_group_id.clone().unwrap_or_else(names)
}

/// The id of the group that is called so now.
pub async fn id(ports: &impl ReadCatalogue, labels: &Labels) -> Result<Option<String>, PortError> {
    let (Some(application), Some(group)) = (&labels.application, &labels.group) else { return Ok(None) };
    let key = Shelf::Groups(application.to_string()).key(group.as_str());
    let found: Option<Kept<DeploymentGroupInfo>> = ports.find(&key).await?;
    Ok(found.and_then(|found| found.info.deployment_group_id))
}

/// The key of the lock on a group.
fn lock_key(group: &str) -> String {
    format!("group:{group}")
}

/// Who wants to enter a group, and what is known of it.
pub struct Asking<'a> {
    /// The group's key, its own and not its names': a rename lets no second deployment in.
    pub group: &'a str,
    /// The deployment, and since when it is there.
    pub place: Place,
    /// Whether it has waited.
    pub comer: Comer,
    /// What the group says about the order of its deployments.
    pub policy: GroupPolicy,
}

/// What one that wants to enter its group is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entered {
    /// It is the group's active deployment.
    Inside,
    /// It is not let in: this one is active, or waits before it.
    Refused(DeploymentId),
    /// It is not let in: so many wait already.
    Full(DeploymentId, u32),
    /// It waits until this one is over.
    Waits(DeploymentId),
}

/// Makes a deployment the active one of its group, or says why it cannot be. Asking again changes nothing.
///
/// An owner that is not over, or one that waits before it, is asked about before it is believed: `silent` is given it, and may end it.
pub async fn enter(
    ports: &(impl Clock + Records + Locks + ReadLocks + Queues),
    asking: &Asking<'_>,
    silent: impl AsyncFn(&mut Loaded) -> Result<(), StepError>,
) -> Result<Entered, PortError> {
    let (key, id) = (lock_key(asking.group), &asking.place.id);
    let owner = ports.read_lock(&key).await?.owner;
    let mut before = match owner.as_ref().filter(|owner| *owner != id) {
        Some(owner) => ports.load(owner).await?,
        None => None,
    };
    if let Some(before) = before.as_mut().filter(|before| is_in(Door::Group, &before.deployment))
        && let Err(error) = silent(before).await
    {
        tracing::warn!(deployment = %before.deployment.id, %error, "the active deployment of a group could not be asked about");
    }
    let waiting = queue::others(ports, asking.group, &asking.place, asking.comer, silent).await?;
    let known = Owner::of(owner.as_ref(), id, before.as_ref().map(|before| &before.deployment));
    let queue = Queue { first: waiting.first.as_ref(), others: waiting.count };
    let from = match admit_to_group(known, queue, asking.comer, &asking.policy) {
        GroupAdmission::Inside => return Ok(Entered::Inside),
        GroupAdmission::Refuse(busy) => return Ok(Entered::Refused(busy)),
        GroupAdmission::Full(busy, limit) => return Ok(Entered::Full(busy, limit)),
        GroupAdmission::Wait(busy) => return Ok(Entered::Waits(busy)),
        GroupAdmission::TakeOver(from) => from,
    };
    // Somebody was faster: it is as if its lock had been found.
    let lost = |owner: DeploymentId| match asking.comer {
        Comer::New if asking.policy.when_busy == WhenBusy::Refuse => Entered::Refused(owner),
        Comer::New | Comer::Queued => Entered::Waits(owner),
    };
    match ports.lock(&key, id, from.as_ref()).await {
        Ok(()) => {}
        Err(PortError::Conflict(why)) => {
            return match ports.read_lock(&key).await?.owner {
                Some(owner) if owner == *id => Ok(Entered::Inside),
                Some(owner) => Ok(lost(owner)),
                None => Err(PortError::Conflict(why)),
            };
        }
        Err(error) => return Err(error),
    }
    if let (Some(owner), None) = (from, before)
        && ports.load(&owner).await?.is_some_and(|owner| is_in(Door::Group, &owner.deployment))
    {
        // It had no record because it was being created, and had not died: the group is its.
        ports.lock(&key, &owner, Some(id)).await?;
        return Ok(lost(owner));
    }
    Ok(Entered::Inside)
}

/// The group has no active deployment any more, if it was this one.
pub async fn leave(ports: &impl Locks, deployment: &Deployment) -> Result<(), PortError> {
    match deployment.labels.group_key() {
        Some(group) => ports.unlock(&lock_key(&group), &deployment.id, None).await,
        None => Ok(()),
    }
}

/// Whether a deployment is in a group now.
pub async fn is_busy(ports: &(impl Records + ReadLocks), group: &str) -> Result<bool, PortError> {
    let Some(owner) = ports.read_lock(&lock_key(group)).await?.owner else { return Ok(false) };
    Ok(ports.load(&owner).await?.is_some_and(|owner| is_in(Door::Group, &owner.deployment)))
}

/// What a group says about the order of its deployments.
pub async fn policy(ports: &impl ReadCatalogue, labels: &Labels) -> Result<GroupPolicy, PortError> {
    let Some(id) = &labels.group_id else { return Ok(GroupPolicy::default()) };
    let kept: Option<Kept<GroupPolicy>> = ports.find(&Shelf::Policies.key(id.as_str())).await?;
    Ok(kept.map(|kept| kept.info).unwrap_or_default())
}

/// How CreateDeployment refuses a second deployment.
pub fn taken(group: &str, owner: &DeploymentId) -> ApiError {
    let message = format!("The Deployment Group '{group}' already has an active Deployment '{owner}'");
    ApiError::new(Code::DeploymentLimitExceededException, message)
}

/// How CreateDeployment refuses one that not even the queue has room for.
pub fn full(group: &str, owner: &DeploymentId, limit: u32) -> ApiError {
    let message = format!(
        "The Deployment Group '{group}' already has an active Deployment '{owner}', and its queue is full: {limit} deployments wait. \
         Stop some of them, or raise the group's queue limit"
    );
    ApiError::new(Code::DeploymentLimitExceededException, message)
}

/// The last deployment of a group with one of the statuses.
async fn last(
    ports: &(impl Records + Listing),
    group: &str,
    statuses: Vec<Status>,
) -> Result<Option<Loaded>, PortError> {
    let group = Some(group.to_owned());
    let newest = ports.newest(&Filter { group, statuses, ..Filter::default() }, 1).await?;
    match newest.first() {
        Some((_, id)) => ports.load(id).await,
        None => Ok(None),
    }
}

/// The revision that the group was brought to last: the newest success that somebody asked for.
pub async fn current_revision(
    ports: &(impl Records + Listing + ReadRequests),
    group: &str,
) -> Result<Option<RevisionLocation>, PortError> {
    match last(ports, group, vec![Status::Succeeded]).await? {
        Some(loaded) => revision_of(ports, &loaded).await,
        None => Ok(None),
    }
}

/// What a deployment deployed, without the text. The one that shows a rollback was written with what it went back to.
async fn revision_of(
    ports: &(impl Records + ReadRequests),
    loaded: &Loaded,
) -> Result<Option<RevisionLocation>, PortError> {
    let asked = ports.request(&loaded.deployment.id).await?;
    let asked: Option<CreateDeploymentInput> = asked.and_then(|asked| call::input(&asked).ok());
    Ok(asked.and_then(|asked| Located::read(asked.revision.as_ref(), None).ok().map(|located| located.location)))
}

/// A group with what its deployments have come to.
pub async fn with_history(
    ports: &(impl Records + Listing + ReadRequests),
    mut info: DeploymentGroupInfo,
) -> Result<DeploymentGroupInfo, PortError> {
    let group = key(&info);
    let attempted = last(ports, &group, Status::STORED.to_vec()).await?;
    let succeeded = match &attempted {
        Some(loaded) if loaded.deployment.phase.status() == Status::Succeeded => attempted.clone(),
        Some(_) => last(ports, &group, vec![Status::Succeeded]).await?,
        None => None,
    };
    if let Some(loaded) = &succeeded {
        info.target_revision = revision_of(ports, loaded).await?;
    }
    info.last_attempted_deployment = attempted.as_ref().map(shown);
    info.last_successful_deployment = succeeded.as_ref().map(shown);
    Ok(info)
}

fn shown(loaded: &Loaded) -> LastDeploymentInfo {
    let deployment = &loaded.deployment;
    LastDeploymentInfo {
        deployment_id: Some(deployment.id.to_string()),
        status: Some(deployment.phase.status().as_str().to_owned()),
        end_time: deployment.completed.map(Time),
        create_time: Some(Time(deployment.created)),
    }
}
