//! Lists of deployments to come back to: those that an alarm is to stop, and those that may have a write on its way yet.

use jiff::Timestamp;
use rollout::ids::{AlarmName, DeploymentId};
use steps::ports::{ExpectLateWrites, ForgetLateWrites, PortError, ReadLateWrites, Watches};

use super::item::{deployment_key, expiring, keyed, string, text};
use crate::account::Account;
use crate::failure::table_error;

fn key(alarm: &AlarmName) -> String {
    format!("ALARM#{alarm}")
}

/// The list of those that may have a write on its way.
const LATE: &str = "LATE";

impl Watches for Account {
    async fn watch(&self, alarm: &AlarmName, id: &DeploymentId, until: Timestamp) -> Result<(), PortError> {
        self.enlist(key(alarm), id, until).await
    }

    async fn unwatch(&self, alarm: &AlarmName, id: &DeploymentId) -> Result<(), PortError> {
        self.strike(key(alarm), id).await
    }

    async fn watchers(&self, alarm: &AlarmName) -> Result<Vec<DeploymentId>, PortError> {
        self.enlisted(key(alarm)).await
    }
}

impl ExpectLateWrites for Account {
    async fn expect_late(&self, id: &DeploymentId, until: Timestamp) -> Result<(), PortError> {
        self.enlist(LATE.to_owned(), id, until).await
    }
}

impl ReadLateWrites for Account {
    async fn expected_late(&self) -> Result<Vec<DeploymentId>, PortError> {
        self.enlisted(LATE.to_owned()).await
    }
}

impl ForgetLateWrites for Account {
    async fn forget_late(&self, id: &DeploymentId) -> Result<(), PortError> {
        self.strike(LATE.to_owned(), id).await
    }
}

impl Account {
    async fn enlist(&self, list: String, id: &DeploymentId, until: Timestamp) -> Result<(), PortError> {
        self.put(expiring(keyed(list, deployment_key(id)), until)).await
    }

    async fn strike(&self, list: String, id: &DeploymentId) -> Result<(), PortError> {
        self.delete(keyed(list, deployment_key(id))).await
    }

    async fn enlisted(&self, list: String) -> Result<Vec<DeploymentId>, PortError> {
        let mut pages = self
            .dynamodb()
            .query()
            .table_name(&self.stack.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(list))
            .into_paginator()
            .items()
            .send();
        let mut ids = Vec::new();
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| table_error("Query", error))?;
            let id = string(&item, "sk").and_then(|sk| DeploymentId::parse(sk.strip_prefix("DEPLOYMENT#")?).ok());
            ids.extend(id);
        }
        Ok(ids)
    }
}
