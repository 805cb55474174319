//! Runs of hooks.

use rollout::event::LifecycleEvent;
use rollout::ids::{DeploymentId, HookExecutionId};
use serde_json::Value;
use steps::ports::{HookRun, HookRuns, PortError, TaskToken};

use super::item::{Item, deployment_key, expiring, keyed, string, text};
use crate::account::Account;
use crate::failure::table_error;

fn run_key(id: &HookExecutionId) -> Item {
    keyed(format!("HOOK#{id}"), "HOOK")
}

fn details_key(id: &DeploymentId, event: LifecycleEvent) -> Item {
    keyed(deployment_key(id), format!("DETAILS#{event}"))
}

impl HookRuns for Account {
    async fn keep_run(&self, run: &HookRun) -> Result<(), PortError> {
        let mut item = expiring(run_key(&run.id), run.expires);
        item.insert("deployment".to_owned(), text(run.deployment.as_str()));
        item.insert("event".to_owned(), text(run.event.as_str()));
        item.insert("token".to_owned(), text(&run.token.0));
        self.put(item).await
    }

    async fn find_run(&self, id: &HookExecutionId) -> Result<Option<HookRun>, PortError> {
        Ok(self.get(run_key(id)).await?.and_then(|item| {
            Some(HookRun {
                id: id.clone(),
                deployment: DeploymentId::parse(&string(&item, "deployment")?).ok()?,
                event: LifecycleEvent::parse(&string(&item, "event")?)?,
                token: TaskToken(string(&item, "token")?),
                expires: jiff::Timestamp::from_second(item.get("expires")?.as_n().ok()?.parse().ok()?).ok()?,
            })
        }))
    }

    async fn keep_details(
        &self,
        id: &DeploymentId,
        event: LifecycleEvent,
        details: Option<&Value>,
    ) -> Result<(), PortError> {
        let Some(details) = details else { return Ok(()) };
        let mut item = details_key(id, event);
        item.insert("details".to_owned(), text(details.to_string()));
        self.put(item).await
    }

    async fn details(&self, id: &DeploymentId, event: LifecycleEvent) -> Result<Option<Value>, PortError> {
        let item = self.get(details_key(id, event)).await?;
        Ok(item.and_then(|item| serde_json::from_str(&string(&item, "details")?).ok()))
    }
}

impl Account {
    pub(super) async fn get(&self, key: Item) -> Result<Option<Item>, PortError> {
        let read = self
            .dynamodb()
            .get_item()
            .table_name(&self.stack.table)
            .set_key(Some(key))
            .consistent_read(true)
            .send()
            .await;
        Ok(read.map_err(|error| table_error("GetItem", error))?.item)
    }
}
