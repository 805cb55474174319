//! GetDeployment as CodeDeploy shows it, and DescribeDeployment with all that is known.

use codedeploy::call;
use codedeploy::error::ApiError;
use codedeploy::shapes::DeploymentIdInput;
use serde_json::Value;

use super::{Api, failed, view};
use crate::ports::{
    Clock, EndWaits, HookRuns, Ids, Journal, Listing, Locks, ReadAlarms, ReadAlias, ReadFunctions, Records,
    StartExecutions,
};

impl<S, F, A, W, C> Api<'_, S, F, A, W, C>
where
    S: Records + Journal + Listing + Locks + HookRuns,
    F: ReadAlias + ReadFunctions,
    A: ReadAlarms,
    W: EndWaits + StartExecutions,
    C: Clock + Ids,
{
    pub(super) async fn get(&self, body: &Value) -> Result<Value, ApiError> {
        let input: DeploymentIdInput = call::input(body)?;
        let loaded = self.named(input.deployment_id).await?;
        Ok(view::deployment_info(&loaded))
    }

    pub(super) async fn describe(&self, body: &Value) -> Result<Value, ApiError> {
        let input: DeploymentIdInput = call::input(body)?;
        let loaded = self.named(input.deployment_id).await?;
        let lines = self.store.lines(&loaded.deployment.id).await.map_err(failed)?;
        let names = loaded.plan.as_ref().map(|plan| plan.alarms.names.clone()).unwrap_or_default();
        // What an alarm says matters while it can still stop the deployment.
        let readings = if loaded.deployment.phase.is_final() || names.is_empty() {
            None
        } else {
            Some(self.alarms.read(&names).await)
        };
        Ok(view::description(&loaded, &lines, readings.as_ref()))
    }
}
