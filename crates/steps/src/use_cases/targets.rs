//! The targets of a deployment. Each has exactly one (docs/codedeploy-contract.md 1.4): an alias or a service.

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{
    BatchGetDeploymentTargetsInput, BatchGetDeploymentTargetsOutput, DeploymentTarget, GetDeploymentTargetInput,
    GetDeploymentTargetOutput, ListDeploymentTargetsInput, ListDeploymentTargetsOutput,
};
use codedeploy::token;
use codedeploy::values;
use rollout::deployment::Status;
use rollout::service::live::LiveService;

use super::{UseCases, wire};
use crate::ports::{Loaded, ReadServices, Records};

impl<P: Records + ReadServices> UseCases<'_, P> {
    pub(crate) async fn list_targets(
        &self,
        input: ListDeploymentTargetsInput,
    ) -> Result<ListDeploymentTargetsOutput, ApiError> {
        let loaded = self.begun(input.deployment_id).await?;
        token::decode::<String>("ListDeploymentTargets", input.next_token.as_deref())?;
        let mut listed = wire::target_id(&loaded);
        let filters = input.target_filters.into_iter().flatten();
        for (name, wanted) in filters.filter_map(|(name, wanted)| Some((name, wanted?))) {
            match name.as_str() {
                "TargetStatus" => {
                    for status in &wanted {
                        values::TARGET_STATUS.checked(status, Code::InvalidInstanceStatusException)?;
                    }
                    let status = wire::target_status(&loaded);
                    listed = listed.filter(|_| wanted.iter().any(|wanted| wanted == status));
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
        Ok(ListDeploymentTargetsOutput { target_ids: Some(listed.into_iter().collect()), next_token: None })
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
        if ids.len() > 1 {
            let message = "a deployment has exactly one target";
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
        if wire::target_id(loaded).as_deref() != Some(id) {
            let message = format!("the deployment {} has no target {id}", loaded.deployment.id);
            return Err(ApiError::new(Code::DeploymentTargetDoesNotExistException, message));
        }
        let live = self.live(loaded).await;
        wire::target(loaded, &self.settings.home, live.as_ref()).ok_or_else(|| {
            let message = format!("the deployment {} has no target", loaded.deployment.id);
            ApiError::new(Code::DeploymentTargetDoesNotExistException, message)
        })
    }

    /// The service of a deployment as it is now. What cannot be read is not shown.
    pub(super) async fn live(&self, loaded: &Loaded) -> Option<LiveService> {
        let service = loaded.plan.as_ref()?.target.service()?;
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
