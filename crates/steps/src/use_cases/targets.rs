//! The operations about the targets of a deployment. Which they are, [`wire::targets`] says.

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{
    BatchGetDeploymentTargetsInput, BatchGetDeploymentTargetsOutput, DeploymentTarget, GetDeploymentTargetInput,
    GetDeploymentTargetOutput, ListDeploymentTargetsInput, ListDeploymentTargetsOutput,
};
use codedeploy::token;
use codedeploy::values;
use rollout::deployment::Status;
use rollout::platform::Platform;
use rollout::service::Service;
use rollout::service::live::LiveService;

use super::UseCases;
use super::wire::{self, Listed};
use crate::ports::{Loaded, ReadServices, Records};

/// What its page tokens belong to.
const LISTING: &str = "ListDeploymentTargets";

/// Ids on a page. No fact says how many (docs/codedeploy-contract.md 1.1), so it is what other listings have.
const IDS: usize = 100;

impl<P: Records + ReadServices> UseCases<'_, P> {
    pub(crate) async fn list_targets(
        &self,
        input: ListDeploymentTargetsInput,
    ) -> Result<ListDeploymentTargetsOutput, ApiError> {
        let loaded = self.begun(input.deployment_id).await?;
        let after: Option<String> = token::decode(LISTING, input.next_token.as_deref())?;
        let mut listed = wire::targets(&loaded);
        let filters = input.target_filters.into_iter().flatten();
        for (name, wanted) in filters.filter_map(|(name, wanted)| Some((name, wanted?))) {
            match name.as_str() {
                "TargetStatus" => {
                    for status in &wanted {
                        values::TARGET_STATUS.checked(status, Code::InvalidInstanceStatusException)?;
                    }
                    listed.retain(|target| wanted.iter().any(|wanted| wanted == target.status()));
                }
                "ServerInstanceLabel" => {
                    let message = "the filter ServerInstanceLabel is for deployments to hosts";
                    return Err(ApiError::new(Code::InvalidDeploymentInstanceTypeException, message));
                }
                other => {
                    let message = format!("there is no target filter {other}; write TargetStatus");
                    return Err(ApiError::new(Code::InvalidTargetFilterNameException, message));
                }
            }
        }
        let (ids, next_token) = page(listed.iter().map(Listed::id), after.as_deref());
        Ok(ListDeploymentTargetsOutput { target_ids: Some(ids), next_token })
    }

    pub(crate) async fn get_target(
        &self,
        input: GetDeploymentTargetInput,
    ) -> Result<GetDeploymentTargetOutput, ApiError> {
        let loaded = self.begun(input.deployment_id).await?;
        let id = input.target_id.filter(|id| !id.is_empty()).ok_or_else(no_target_id)?;
        Ok(GetDeploymentTargetOutput { deployment_target: Some(self.target(&loaded, &id).await?) })
    }

    pub(crate) async fn batch_get_targets(
        &self,
        input: BatchGetDeploymentTargetsInput,
    ) -> Result<BatchGetDeploymentTargetsOutput, ApiError> {
        let loaded = self.begun(input.deployment_id).await?;
        let ids = input.target_ids.unwrap_or_default();
        if ids.is_empty() {
            return Err(no_target_id());
        }
        let platform = loaded.deployment.platform;
        let most = most_at_once(platform, self.settings.quotas.batch);
        if ids.len() > most {
            let message = format!(
                "{} targets are asked for at once: of a deployment for {platform}, ask for at most {most}",
                ids.len()
            );
            return Err(ApiError::new(Code::DeploymentTargetListSizeExceededException, message));
        }
        let mut targets = Vec::new();
        for id in &ids {
            targets.push(self.target(&loaded, id).await?);
        }
        Ok(BatchGetDeploymentTargetsOutput { deployment_targets: Some(targets) })
    }

    /// A deployment whose target is known: it has a plan, or ended before it could have one.
    async fn begun(&self, id: Option<String>) -> Result<Loaded, ApiError> {
        let loaded = self.named(id).await?;
        if loaded.plan.is_none() && wire::status(&loaded) == Status::Created {
            let message = format!("The deployment {} has not started", loaded.deployment.id);
            return Err(ApiError::new(Code::DeploymentNotStartedException, message));
        }
        Ok(loaded)
    }

    async fn target(&self, loaded: &Loaded, id: &str) -> Result<DeploymentTarget, ApiError> {
        let targets = wire::targets(loaded);
        let target = targets.iter().find(|target| target.id() == id).ok_or_else(|| {
            let message = format!("the deployment {} has no target {id}", loaded.deployment.id);
            ApiError::new(Code::DeploymentTargetDoesNotExistException, message)
        })?;
        let live = match target.service() {
            Some(service) => self.service_now(loaded, service).await,
            None => None,
        };
        Ok(target.shown(&self.settings.home, live.as_ref()))
    }

    /// The service of a deployment as it is now. What cannot be read is not shown.
    pub(super) async fn live(&self, loaded: &Loaded) -> Option<LiveService> {
        self.service_now(loaded, loaded.plan.as_ref()?.target.service()?).await
    }

    async fn service_now(&self, loaded: &Loaded, service: &Service) -> Option<LiveService> {
        match self.ports.service(&service.cluster, &service.service).await {
            Ok(found) => found.into_live(),
            Err(error) => {
                tracing::warn!(deployment = %loaded.deployment.id, %error, "the service could not be read");
                None
            }
        }
    }
}

fn no_target_id() -> ApiError {
    ApiError::new(Code::DeploymentTargetIdRequiredException, "targetId is missing: ListDeploymentTargets tells it")
}

/// How many targets may be asked for at once: where a deployment has exactly one, a longer list is an error
/// (docs/codedeploy-contract.md 1.4). Of hosts it is what a batch takes.
fn most_at_once(platform: Platform, batch: usize) -> usize {
    match platform {
        Platform::Lambda | Platform::Ecs => 1,
        Platform::Server => batch,
    }
}

/// A page of ids, which come in their order: those after the last one of the page before; and the token of the next page, if there is
/// more.
fn page(ids: impl Iterator<Item = String>, after: Option<&str>) -> (Vec<String>, Option<String>) {
    let mut rest = ids.skip_while(|id| after.is_some_and(|after| id.as_str() <= after));
    let page: Vec<String> = rest.by_ref().take(IDS).collect();
    let next = page.last().filter(|_| rest.next().is_some()).map(|last| token::encode(LISTING, last));
    (page, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_of_many_targets_has_pages_of_which_each_goes_on_after_the_one_before() {
        let hosts: Vec<String> = (0..250).map(|number| format!("i-{number:04}")).collect();
        let (mut listed, mut sizes, mut after) = (Vec::new(), Vec::new(), None::<String>);
        loop {
            let (ids, next) = page(hosts.iter().cloned(), after.as_deref());
            sizes.push(ids.len());
            listed.extend(ids);
            let Some(next) = next else { break };
            after = token::decode(LISTING, Some(&next)).unwrap();
        }
        assert_eq!((listed, sizes), (hosts, vec![100, 100, 50]));
        assert_eq!(page((0..100).map(|number| format!("i-{number:04}")), None).1, None, "that was all");
    }

    #[test]
    fn who_asks_for_more_targets_than_there_can_be_is_refused_and_of_hosts_there_can_be_many() {
        let most = [Platform::Lambda, Platform::Ecs, Platform::Server].map(|platform| most_at_once(platform, 100));
        assert_eq!(most, [1, 1, 100]);
    }
}
