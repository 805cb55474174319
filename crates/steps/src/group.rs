//! The deployments of a group: the one that is active, the last ones, and what they deployed.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{CreateDeploymentInput, DeploymentGroupInfo, LastDeploymentInfo, RevisionLocation};
use codedeploy::time::Time;
use rollout::deployment::{Creator, Status};
use rollout::ids::{ApplicationName, DeploymentId, GroupName};

use crate::effective::failed;
use crate::ports::{Filter, Listing, Loaded, Locks, PortError, Records};
use crate::revisions::Located;

fn lock_key(application: &ApplicationName, group: &GroupName) -> String {
    format!("group:{application}/{group}")
}

/// Makes `id` the active deployment of its group. Nobody gives the group back: a deployment that is over is replaced.
pub async fn enter(
    store: &(impl Locks + Records),
    application: &ApplicationName,
    group: &GroupName,
    id: &DeploymentId,
) -> Result<(), ApiError> {
    let key = lock_key(application, group);
    let owner = store.read_lock(&key).await.map_err(failed)?.owner;
    if let Some(owner) = &owner {
        // One without a record died before it had one.
        let active = store.load(owner).await.map_err(failed)?;
        if active.is_some_and(|active| !active.deployment.phase.is_final()) {
            return Err(taken(group, owner));
        }
    }
    match store.lock(&key, id, owner.as_ref()).await {
        Ok(()) => Ok(()),
        Err(PortError::Conflict(_)) => {
            let owner = store.read_lock(&key).await.map_err(failed)?.owner;
            Err(taken(group, owner.as_ref().unwrap_or(id)))
        }
        Err(error) => Err(failed(error)),
    }
}

fn taken(group: &GroupName, owner: &DeploymentId) -> ApiError {
    let message = format!("The Deployment Group '{group}' already has an active Deployment '{owner}'");
    ApiError::new(Code::DeploymentLimitExceededException, message)
}

/// The last deployment of a group with one of the statuses.
async fn last(
    store: &(impl Listing + Records),
    group: (&str, &str),
    statuses: Vec<Status>,
) -> Result<Option<Loaded>, PortError> {
    let group = Some((group.0.to_owned(), group.1.to_owned()));
    let newest = store.newest(&Filter { group, statuses, ..Filter::default() }, 1).await?;
    match newest.first() {
        Some((_, id)) => store.load(id).await,
        None => Ok(None),
    }
}

/// The revision that the group was brought to last: the newest success that somebody asked for.
pub async fn current_revision(
    store: &(impl Listing + Records),
    group: (&str, &str),
) -> Result<Option<RevisionLocation>, PortError> {
    match last(store, group, vec![Status::Succeeded]).await? {
        Some(loaded) => revision_of(store, &loaded).await,
        None => Ok(None),
    }
}

/// What a deployment deployed, without the text. The one that shows a rollback went back to what was there before.
async fn revision_of(records: &impl Records, loaded: &Loaded) -> Result<Option<RevisionLocation>, PortError> {
    let (id, went_back) = match &loaded.deployment.creator {
        Creator::User => (&loaded.deployment.id, false),
        Creator::Rollback(of) => (of, true),
    };
    let asked = records.request(id).await?;
    let asked: Option<CreateDeploymentInput> = asked.and_then(|asked| call::input(&asked).ok());
    Ok(asked.and_then(|asked| {
        let location =
            if went_back { asked.resolved.and_then(|resolved| resolved.previous_revision) } else { asked.revision };
        Located::read(location.as_ref(), None).ok().map(|located| located.location)
    }))
}

/// A group with what its deployments have come to.
pub async fn with_history(
    store: &(impl Listing + Records),
    mut info: DeploymentGroupInfo,
) -> Result<DeploymentGroupInfo, PortError> {
    let group =
        (info.application_name.clone().unwrap_or_default(), info.deployment_group_name.clone().unwrap_or_default());
    let group = (group.0.as_str(), group.1.as_str());
    let attempted = last(store, group, Status::STORED.to_vec()).await?;
    let succeeded = match &attempted {
        Some(loaded) if loaded.deployment.phase.status() == Status::Succeeded => attempted.clone(),
        Some(_) => last(store, group, vec![Status::Succeeded]).await?,
        None => None,
    };
    if let Some(loaded) = &succeeded {
        info.target_revision = revision_of(store, loaded).await?;
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
