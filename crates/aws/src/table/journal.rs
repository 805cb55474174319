//! Journals. A line has its key in its sort key, and is written once. Older code wrote lines without keys: they are read beside them.

use rollout::ids::DeploymentId;
use rollout::journal::{Line, merged};
use steps::ports::{Journal, PortError};

use super::item::{deployment_key, keyed, string, text, value, with};
use crate::account::Account;
use crate::failure::table_error;

/// What the sort key of a line begins with.
const LINE: &str = "LINE#";
/// The same of older code, which has the time and a number after it.
const OLDER: &str = "LOG#";
/// What both begin with, and nothing else of a deployment.
const BOTH: &str = "L";

impl Journal for Account {
    async fn append(&self, id: &DeploymentId, line: &Line) -> Result<(), PortError> {
        let sk = format!("{LINE}{}", line.key());
        let put = self
            .dynamodb()
            .put_item()
            .table_name(&self.stack.table)
            .set_item(Some(with(keyed(deployment_key(id), sk), line)?))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        match put.map_err(|error| table_error("PutItem", error)) {
            // It is told: the first one stays.
            Ok(_) | Err(PortError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn lines(&self, id: &DeploymentId) -> Result<Vec<Line>, PortError> {
        let mut pages = self
            .dynamodb()
            .query()
            .table_name(&self.stack.table)
            // Who catches up does not tell again what was told a moment ago.
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", text(deployment_key(id)))
            .expression_attribute_values(":sk", text(BOTH))
            .into_paginator()
            .items()
            .send();
        let (mut older, mut newer) = (Vec::new(), Vec::new());
        while let Some(item) = pages.next().await {
            let item = item.map_err(|error| table_error("Query", error))?;
            let sk = string(&item, "sk").unwrap_or_default();
            if sk.starts_with(OLDER) {
                older.push(value(item)?);
            } else if sk.starts_with(LINE) {
                newer.push(value(item)?);
            }
        }
        Ok(merged(older, newer))
    }
}
