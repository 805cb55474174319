//! Journals.

use rollout::ids::DeploymentId;
use rollout::journal::Line;
use steps::ports::{Journal, PortError};

use super::Table;
use super::item::{deployment_key, keyed, text, value, with};
use crate::failure::port_error;

impl Journal for Table {
    async fn append(&self, id: &DeploymentId, line: &Line) -> Result<(), PortError> {
        // Fixed width, so that the keys sort by time; the number keeps two lines of one moment apart.
        let sk = format!("LOG#{:020}#{:04x}", line.at.as_nanosecond(), fastrand::u16(..));
        self.put(with(keyed(deployment_key(id), sk), line)?).await
    }

    async fn lines(&self, id: &DeploymentId) -> Result<Vec<Line>, PortError> {
        let mut pages = self
            .client
            .query()
            .table_name(&self.name)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", text(deployment_key(id)))
            .expression_attribute_values(":sk", text("LOG#"))
            .into_paginator()
            .items()
            .send();
        let mut lines = Vec::new();
        while let Some(item) = pages.next().await {
            lines.push(value(item.map_err(|error| port_error("Query", error))?)?);
        }
        Ok(lines)
    }
}
