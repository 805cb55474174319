//! The targets of a deployment. Each has exactly one (docs/codedeploy-contract.md 1.4): an alias or a service.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{
    BatchGetDeploymentTargetsInput, DeploymentTarget, GetDeploymentTargetInput, ListDeploymentTargetsInput,
};
use codedeploy::token;
use codedeploy::values;
use rollout::deployment::Status;
use rollout::service::live::LiveService;
use rollout::service::preflight::ServiceFound;
use serde_json::{Value, json};

use super::{Api, wire};
use crate::ports::{Loaded, ReadServices, Records};

impl<S: Records, F, O, E: ReadServices, A, P, W, M, C> Api<'_, S, F, O, E, A, P, W, M, C> {
    pub(super) async fn list_targets(&self, body: &Value) -> Result<Value, ApiError> {
        let input: ListDeploymentTargetsInput = call::input(body)?;
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
        Ok(json!({"targetIds": listed.into_iter().collect::<Vec<_>>()}))
    }

    pub(super) async fn get_target(&self, body: &Value) -> Result<Value, ApiError> {
        let input: GetDeploymentTargetInput = call::input(body)?;
        let loaded = self.begun(input.deployment_id).await?;
        let id = input.target_id.filter(|id| !id.is_empty()).ok_or_else(no_target_id)?;
        Ok(json!({"deploymentTarget": self.target(&loaded, &id).await?}))
    }

    pub(super) async fn batch_get_targets(&self, body: &Value) -> Result<Value, ApiError> {
        let input: BatchGetDeploymentTargetsInput = call::input(body)?;
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
        Ok(json!({"deploymentTargets": targets}))
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
        match self.services.service(&service.cluster, &service.service).await {
            Ok(ServiceFound::Live(live)) => Some(live),
            Ok(ServiceFound::OutOfScope { .. } | ServiceFound::NoCluster | ServiceFound::NoService) => None,
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
