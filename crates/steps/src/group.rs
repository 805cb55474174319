//! The deployments of a group: the one that is active, the last ones, and what they deployed.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{CreateDeploymentInput, DeploymentGroupInfo, LastDeploymentInfo, RevisionLocation};
use codedeploy::time::Time;
use rollout::admission::{Admission, Door, Owner, admit, is_in};
use rollout::deployment::{Creator, Deployment, Status};
use rollout::ids::DeploymentId;
use rollout::request::Labels;

use crate::error::StepError;
use crate::ports::{
    Filter, Kept, Listing, Loaded, Locks, PortError, ReadCatalogue, ReadLocks, ReadRequests, Records, Shelf,
};
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

/// Makes `id` the active deployment of its group, or says which one is. Asking again changes nothing.
///
/// An owner that is not over is asked about before it is believed: `silent` is given it, and may end it.
///
/// The key is the group's own and not its names', so that a rename lets no second deployment in.
pub async fn enter(
    ports: &(impl Records + Locks + ReadLocks),
    group: &str,
    id: &DeploymentId,
    silent: impl AsyncFn(&mut Loaded) -> Result<(), StepError>,
) -> Result<Option<DeploymentId>, PortError> {
    let key = lock_key(group);
    let owner = ports.read_lock(&key).await?.owner;
    let mut before = match owner.as_ref().filter(|owner| *owner != id) {
        Some(owner) => ports.load(owner).await?,
        None => None,
    };
    let admitted = |before: &Option<Loaded>| {
        let found = before.as_ref().map(|before| &before.deployment);
        admit(Door::Group, Owner::of(owner.as_ref(), id, found))
    };
    let mut admission = admitted(&before);
    if let (Admission::Refuse(holder), Some(before)) = (&admission, &mut before)
        && let Err(error) = silent(before).await
    {
        tracing::warn!(deployment = %holder.id(), %error, "the active deployment of a group could not be asked about");
    }
    if let Admission::Refuse(_) = admission {
        admission = admitted(&before);
    }
    let from = match admission {
        Admission::Inside => return Ok(None),
        Admission::Refuse(holder) => return Ok(Some(holder.id().clone())),
        Admission::TakeOver(from) => from,
    };
    match ports.lock(&key, id, from.as_ref()).await {
        Ok(()) => {}
        Err(PortError::Conflict(why)) => {
            return match ports.read_lock(&key).await?.owner {
                Some(owner) if owner == *id => Ok(None),
                Some(owner) => Ok(Some(owner)),
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
        return Ok(Some(owner));
    }
    Ok(None)
}

/// The group has no active deployment any more, if it was this one.
pub async fn leave(ports: &impl Locks, deployment: &Deployment) -> Result<(), PortError> {
    match deployment.labels.group_key() {
        Some(group) => ports.unlock(&lock_key(&group), &deployment.id, None).await,
        None => Ok(()),
    }
}

/// How CreateDeployment refuses a second deployment.
pub fn taken(group: &str, owner: &DeploymentId) -> ApiError {
    let message = format!("The Deployment Group '{group}' already has an active Deployment '{owner}'");
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

/// What a deployment deployed, without the text. The one that shows a rollback went back to what was there before.
async fn revision_of(
    ports: &(impl Records + ReadRequests),
    loaded: &Loaded,
) -> Result<Option<RevisionLocation>, PortError> {
    let (id, went_back) = match &loaded.deployment.creator {
        Creator::User => (&loaded.deployment.id, false),
        Creator::Rollback(of) => (of, true),
    };
    let asked = ports.request(id).await?;
    let asked: Option<CreateDeploymentInput> = asked.and_then(|asked| call::input(&asked).ok());
    Ok(asked.and_then(|asked| {
        let location =
            if went_back { asked.resolved.and_then(|resolved| resolved.previous_revision) } else { asked.revision };
        Located::read(location.as_ref(), None).ok().map(|located| located.location)
    }))
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
