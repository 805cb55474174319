//! Listings, over the index by status.

use jiff::Timestamp;
use rollout::deployment::Status;
use rollout::ids::DeploymentId;
use steps::ports::{Listing, PortError};

use super::Table;
use super::item::{string, text};
use crate::failure::port_error;

/// The index: `status`, then `created`.
pub(super) const BY_STATUS: &str = "by-status";

impl Listing for Table {
    async fn newest(
        &self,
        statuses: &[Status],
        before: Option<Timestamp>,
        limit: usize,
    ) -> Result<Vec<(Timestamp, DeploymentId)>, PortError> {
        let mut found = Vec::new();
        for status in statuses {
            let mut query = self
                .client
                .query()
                .table_name(&self.name)
                .index_name(BY_STATUS)
                .scan_index_forward(false)
                .limit(i32::try_from(limit).unwrap_or(i32::MAX))
                .expression_attribute_names("#status", "status")
                .expression_attribute_values(":status", text(status.as_str()));
            query = match before {
                None => query.key_condition_expression("#status = :status"),
                Some(before) => query
                    .key_condition_expression("#status = :status AND created < :before")
                    .expression_attribute_values(":before", text(format!("{before:.9}"))),
            };
            let page = query.send().await.map_err(|error| port_error("Query", error))?;
            found.extend(page.items().iter().filter_map(|item| {
                let created = string(item, "created")?.parse().ok()?;
                let pk = string(item, "pk")?;
                Some((created, DeploymentId::parse(pk.strip_prefix("DEPLOYMENT#")?).ok()?))
            }));
        }
        found.sort_by(|left, right| right.cmp(left));
        found.truncate(limit);
        Ok(found)
    }
}
