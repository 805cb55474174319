//! Which deployments an alarm is to stop.

use jiff::Timestamp;
use rollout::ids::{AlarmName, DeploymentId};
use steps::ports::{PortError, Watches};

use super::Table;
use super::item::{deployment_key, expiring, keyed, string, text};
use crate::failure::port_error;

fn key(alarm: &AlarmName) -> String {
    format!("ALARM#{alarm}")
}

impl Watches for Table {
    async fn watch(&self, alarm: &AlarmName, id: &DeploymentId, until: Timestamp) -> Result<(), PortError> {
        self.put(expiring(keyed(key(alarm), deployment_key(id)), until)).await
    }

    async fn unwatch(&self, alarm: &AlarmName, id: &DeploymentId) -> Result<(), PortError> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(keyed(key(alarm), deployment_key(id))))
            .send()
            .await;
        deleted.map(drop).map_err(|error| port_error("DeleteItem", error))
    }

    async fn watchers(&self, alarm: &AlarmName) -> Result<Vec<DeploymentId>, PortError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(key(alarm)))
            .into_paginator()
            .items()
            .send();
        let mut ids = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| port_error("Query", error))?;
            let id = string(&item, "sk").and_then(|sk| DeploymentId::parse(sk.strip_prefix("DEPLOYMENT#")?).ok());
            ids.extend(id);
        }
        Ok(ids)
    }
}
