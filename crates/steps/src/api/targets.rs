//! The targets of a deployment. One to Lambda has exactly one.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{
    BatchGetDeploymentTargetsInput, DeploymentTarget, GetDeploymentTargetInput, ListDeploymentTargetsInput,
};
use codedeploy::token;
use codedeploy::values;
use rollout::deployment::Status;
use serde_json::{Value, json};

use super::{Api, wire};
use crate::ports::{Loaded, Records};

impl<S: Records, F, O, A, W, C> Api<'_, S, F, O, A, W, C> {
    pub(super) async fn list_targets(&self, body: &Value) -> Result<Value, ApiError> {
        let input: ListDeploymentTargetsInput = call::input(body)?;
        let loaded = self.begun(input.deployment_id).await?;
        token::decode::<String>("ListDeploymentTargets", input.next_token.as_deref())?;
        let mut listed = wire::target_id(&loaded);
        for (name, wanted) in input.target_filters.into_iter().flatten() {
            match name.as_str() {
                "TargetStatus" => {
                    for status in &wanted {
                        values::TARGET_STATUS.checked(status, Code::InvalidInstanceStatusException)?;
                    }
                    let status = wire::target(&loaded, &self.settings.home)
                        .and_then(|target| target.lambda_target?.status)
                        .unwrap_or_default();
                    listed = listed.filter(|_| wanted.contains(&status));
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
        Ok(json!({"deploymentTarget": self.target(&loaded, &id)?}))
    }

    pub(super) async fn batch_get_targets(&self, body: &Value) -> Result<Value, ApiError> {
        let input: BatchGetDeploymentTargetsInput = call::input(body)?;
        let loaded = self.begun(input.deployment_id).await?;
        let ids = input.target_ids.unwrap_or_default();
        if ids.is_empty() {
            return Err(no_target_id());
        }
        if ids.len() > 1 {
            let message = "a deployment to Lambda has exactly one target";
            return Err(ApiError::new(Code::DeploymentTargetListSizeExceededException, message));
        }
        let targets = ids.iter().map(|id| self.target(&loaded, id)).collect::<Result<Vec<_>, _>>()?;
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

    fn target(&self, loaded: &Loaded, id: &str) -> Result<DeploymentTarget, ApiError> {
        wire::target(loaded, &self.settings.home).filter(|_| wire::target_id(loaded).as_deref() == Some(id)).ok_or_else(
            || {
                let message = format!("the deployment {} has no target {id}", loaded.deployment.id);
                ApiError::new(Code::DeploymentTargetDoesNotExistException, message)
            },
        )
    }
}

fn no_target_id() -> ApiError {
    ApiError::new(Code::DeploymentTargetIdRequiredException, "targetId is missing: ListDeploymentTargets tells it")
}
