//! Listings of deployments, over the index by status and the one by group.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use jiff::Timestamp;
use rollout::ids::DeploymentId;
use steps::ports::{Filter, Listing, PortError};

use super::Table;
use super::item::{Item, string, text};
use crate::failure::port_error;

/// The index: `status`, then `created`.
pub(super) const BY_STATUS: &str = "by-status";

/// The index: `group`, then `created`; the status comes along.
const BY_GROUP: &str = "by-group";

impl Listing for Table {
    async fn newest(&self, filter: &Filter, limit: usize) -> Result<Vec<(Timestamp, DeploymentId)>, PortError> {
        let mut found = Vec::new();
        match &filter.group {
            Some((application, group)) => {
                let group = format!("{application}/{group}");
                let pages = self.index(BY_GROUP, "group", &group, filter).projection_expression("pk, created, #status");
                let pages = pages.expression_attribute_names("#status", "status");
                let mut items = pages.into_paginator().items().send();
                while let Some(item) = items.next().await {
                    let item = item.map_err(|error| port_error("Query", error))?;
                    let status = string(&item, "status").unwrap_or_default();
                    if filter.statuses.iter().any(|wanted| wanted.as_str() == status) {
                        found.extend(row(&item));
                    }
                    if found.len() >= limit {
                        break;
                    }
                }
            }
            None => {
                for status in &filter.statuses {
                    let page = self
                        .index(BY_STATUS, "status", status.as_str(), filter)
                        .limit(i32::try_from(limit).unwrap_or(i32::MAX));
                    let page = page.send().await.map_err(|error| port_error("Query", error))?;
                    found.extend(page.items().iter().filter_map(row));
                }
            }
        }
        // One that moved on between two queries was found twice. None is missed: statuses are asked for in the order they come.
        found.sort_by(|left, right| right.cmp(left));
        found.dedup();
        found.truncate(limit);
        Ok(found)
    }
}

fn row(item: &Item) -> Option<(Timestamp, DeploymentId)> {
    let created = string(item, "created")?.parse().ok()?;
    let pk = string(item, "pk")?;
    Some((created, DeploymentId::parse(pk.strip_prefix("DEPLOYMENT#")?).ok()?))
}

impl Table {
    /// A query of an index, newest first, within the filter's times.
    fn index(&self, index: &str, key: &str, value: &str, filter: &Filter) -> QueryFluentBuilder {
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .index_name(index)
            .scan_index_forward(false)
            .expression_attribute_names("#key", key)
            .expression_attribute_values(":key", text(value));
        // Fixed width, as it is written; a bound is exclusive, and BETWEEN is not.
        let time = |at: Timestamp| text(format!("{at:.9}"));
        let step = jiff::SignedDuration::from_nanos(1);
        match (filter.after, filter.before) {
            (None, None) => query.key_condition_expression("#key = :key"),
            (None, Some(before)) => query
                .key_condition_expression("#key = :key AND created < :before")
                .expression_attribute_values(":before", time(before)),
            (Some(after), None) => query
                .key_condition_expression("#key = :key AND created > :after")
                .expression_attribute_values(":after", time(after)),
            (Some(after), Some(before)) => query
                .key_condition_expression("#key = :key AND created BETWEEN :after AND :before")
                .expression_attribute_values(":after", time(after.saturating_add(step).unwrap_or(after)))
                .expression_attribute_values(":before", time(before.saturating_sub(step).unwrap_or(before))),
        }
    }
}
