//! The deprecated operations about the instances of a deployment: those of its targets (`wire::targets`) that are hosts. A deployment to
//! Lambda or ECS has none, and there are no others yet.

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{
    BatchGetDeploymentInstancesInput, GetDeploymentInstanceInput, ListDeploymentInstancesInput, Nothing,
};
use codedeploy::values;
use rollout::ids::DeploymentId;
use rollout::platform::Platform;

use super::{UseCases, batch};
use crate::ports::Records;

impl<P: Records> UseCases<'_, P> {
    pub(crate) async fn list_instances(&self, input: ListDeploymentInstancesInput) -> Result<Nothing, ApiError> {
        for status in input.instance_status_filter.iter().flatten() {
            values::INSTANCE_STATUS.checked(status, Code::InvalidInstanceStatusException)?;
        }
        for kind in input.instance_type_filter.iter().flatten() {
            values::INSTANCE_TYPE.checked(kind, Code::InvalidInstanceTypeException)?;
        }
        self.no_instances(input.deployment_id).await
    }

    pub(crate) async fn get_instance(&self, input: GetDeploymentInstanceInput) -> Result<Nothing, ApiError> {
        let ids: Vec<String> = input.instance_id.into_iter().collect();
        self.instances_named(input.deployment_id, &ids).await
    }

    pub(crate) async fn batch_get_instances(
        &self,
        input: BatchGetDeploymentInstancesInput,
    ) -> Result<Nothing, ApiError> {
        let ids = input.instance_ids.unwrap_or_default();
        batch(ids.len(), self.settings)?;
        self.instances_named(input.deployment_id, &ids).await
    }

    async fn instances_named(&self, deployment: Option<String>, ids: &[String]) -> Result<Nothing, ApiError> {
        if deployment.is_some() && (ids.is_empty() || ids.iter().any(String::is_empty)) {
            return Err(ApiError::new(Code::InstanceIdRequiredException, "instanceId is missing"));
        }
        self.no_instances(deployment).await
    }

    async fn no_instances(&self, deployment: Option<String>) -> Result<Nothing, ApiError> {
        let deployment = self.named(deployment).await?.deployment;
        let (id, platform): (&DeploymentId, Platform) = (&deployment.id, deployment.platform);
        let message = format!(
            "the deployment {id} is for {platform} and has no instances: ask for its targets with ListDeploymentTargets and \
             BatchGetDeploymentTargets"
        );
        Err(ApiError::new(Code::InvalidComputePlatformException, message))
    }
}
