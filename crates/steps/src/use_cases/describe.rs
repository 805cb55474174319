//! GetDeployment and BatchGetDeployments as CodeDeploy shows them, and DescribeDeployment with all that is known.

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{
    BatchGetDeploymentsInput, BatchGetDeploymentsOutput, DeploymentIdInput, DeploymentInfo, GetDeploymentOutput,
};
use codedeploy::view::{DeploymentView, DescribeDeploymentInput};
use rollout::deployment::Phase;
use rollout::drift::called;
use rollout::ending::Traffic;
use rollout::ids::DeploymentId;
use rollout::service::preflight::Which;

use super::{UseCases, batch, task_sets, view, wire};
use crate::answering::failed;
use crate::effective;
use crate::ports::{Journal, Loaded, ReadAlarms, ReadAlias, ReadListeners, ReadRequests, ReadServices, Records};
use crate::targets;

impl<P: Records + Journal + ReadAlarms + ReadAlias + ReadListeners + ReadRequests + ReadServices> UseCases<'_, P> {
    pub(crate) async fn get(&self, input: DeploymentIdInput) -> Result<GetDeploymentOutput, ApiError> {
        let loaded = self.named(input.deployment_id).await?;
        Ok(GetDeploymentOutput { deployment_info: Some(self.info(&loaded).await?) })
    }

    /// Ids that nobody knows are left out.
    pub(crate) async fn batch_get(
        &self,
        input: BatchGetDeploymentsInput,
    ) -> Result<BatchGetDeploymentsOutput, ApiError> {
        let ids = input.deployment_ids.unwrap_or_default();
        if ids.is_empty() {
            return Err(ApiError::new(Code::DeploymentIdRequiredException, "deploymentIds is empty"));
        }
        batch(ids.len(), self.settings)?;
        let mut infos = Vec::with_capacity(ids.len());
        for id in ids {
            let id = DeploymentId::parse(&id)
                .map_err(|error| ApiError::new(Code::InvalidDeploymentIdException, error.to_string()))?;
            if let Some(loaded) = self.ports.load(&id).await.map_err(failed)? {
                infos.push(self.info(&loaded).await?);
            }
        }
        Ok(BatchGetDeploymentsOutput { deployments_info: Some(infos) })
    }

    async fn info(&self, loaded: &Loaded) -> Result<DeploymentInfo, ApiError> {
        Ok(wire::info(loaded, effective::recorded(self.ports, &loaded.deployment.id).await?))
    }

    pub(crate) async fn describe(&self, input: DescribeDeploymentInput) -> Result<DeploymentView, ApiError> {
        let loaded = self.named(input.deployment_id).await?;
        let lines = self.ports.lines(&loaded.deployment.id).await.map_err(failed)?;
        let names = loaded.plan.as_ref().map(|plan| plan.alarms.names.clone()).unwrap_or_default();
        // What an alarm says matters while it can still stop the deployment.
        let readings = if loaded.deployment.phase.is_final() || names.is_empty() {
            None
        } else {
            Some(self.ports.alarms(&names).await)
        };
        let mut shown = view::description(&loaded, &lines, readings.as_ref());
        if loaded.plan.is_none() {
            shown.asked = self.wanted(&loaded.deployment.id).await?.as_ref().and_then(view::asked);
        }
        if let Some((plan, service)) = loaded.plan.as_ref().and_then(|plan| Some((plan, plan.target.service()?))) {
            let live = self.live(&loaded).await;
            shown.task_sets = task_sets::info(&loaded, plan, service, live.as_ref());
        }
        if input.look == Some(true) {
            shown.changed = self.changed(&loaded).await;
            shown.left_now = self.left_now(&loaded).await;
        }
        Ok(shown)
    }

    /// Where each place of a service sends its calls now, where the deployment left them divided: a rule may be elsewhere than
    /// its record says, which has one place.
    async fn left_now(&self, loaded: &Loaded) -> Option<String> {
        let Phase::Ended { traffic: Traffic::Left(_) | Traffic::Foreign(Some(_)), .. } = &loaded.deployment.phase
        else {
            return None;
        };
        let plan = loaded.plan.as_ref().filter(|plan| plan.target.service().is_some())?;
        Some(targets::look(self.ports, &plan.target).await.ok()?.found(&plan.target, Which::Production))
    }

    /// What was found of the target, where somebody else has changed it since the deployment looked last. What cannot be looked at
    /// now is not told.
    async fn changed(&self, loaded: &Loaded) -> Option<String> {
        let plan = loaded.plan.as_ref().filter(|_| loaded.deployment.phase == Phase::Running)?;
        let look = targets::look(self.ports, &plan.target).await.ok()?;
        let tell = |(which, found): (Which, String)| match which {
            Which::Production => found,
            Which::Test => format!("{}: {found}", called(&plan.target, which)),
        };
        let told: Vec<String> = look.changed(plan, &loaded.deployment).into_iter().map(tell).collect();
        (!told.is_empty()).then(|| told.join("; and "))
    }
}
