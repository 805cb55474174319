//! Listings of deployments, over the index by status and the one by group.

use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use jiff::{SignedDuration, Timestamp};
use rollout::ids::DeploymentId;
use steps::ports::{Filter, Listing, PortError, Row};

use super::item::{Item, string, text};
use crate::account::Account;
use crate::failure::table_error;

/// The index: `status`, then `created`.
pub(super) const BY_STATUS: &str = "by-status";

/// The index: `group`, which is the group's id and outlives a rename, then `created`; the status comes along.
const BY_GROUP: &str = "by-group";

impl Listing for Account {
    async fn newest(&self, filter: &Filter, limit: usize) -> Result<Vec<Row>, PortError> {
        let Some(times) = Times::of(filter) else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        match &filter.group {
            Some(group) => {
                let query = self.index(BY_GROUP, "group", group, &times).projection_expression("pk, created, #status");
                let query = query.expression_attribute_names("#status", "status");
                let of = |item: &Item| {
                    let status = string(item, "status").unwrap_or_default();
                    filter.statuses.iter().any(|wanted| wanted.as_str() == status)
                };
                found.extend(highest(query, of, filter, limit).await?);
            }
            None => {
                // The one row more says whether the time of the last one goes on.
                let page = i32::try_from(limit + 1).unwrap_or(i32::MAX);
                for status in &filter.statuses {
                    let query = self.index(BY_STATUS, "status", status.as_str(), &times).limit(page);
                    found.extend(highest(query, |_| true, filter, limit).await?);
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

/// Reads rows until the highest `limit` are among them. An index is in the order of time only: of rows of one time, all are
/// read before it is known which come first.
async fn highest(
    query: QueryFluentBuilder,
    wanted: impl Fn(&Item) -> bool,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Row>, PortError> {
    let mut found: Vec<Row> = Vec::new();
    let mut items = query.into_paginator().items().send();
    while let Some(item) = items.next().await {
        let item = item.map_err(|error| table_error("Query", error))?;
        let Some(row) = row(&item) else { continue };
        if found.len() >= limit && found.last().is_none_or(|last| last.0 != row.0) {
            break;
        }
        if wanted(&item) && filter.below.as_ref().is_none_or(|below| row < *below) {
            found.push(row);
        }
    }
    Ok(found)
}

fn row(item: &Item) -> Option<Row> {
    let created = string(item, "created")?.parse().ok()?;
    let pk = string(item, "pk")?;
    Some((created, DeploymentId::parse(pk.strip_prefix("DEPLOYMENT#")?).ok()?))
}

/// The times a filter leaves, ends included, as BETWEEN wants them.
struct Times {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Times {
    /// `None`: none at all, which DynamoDB would refuse to look for.
    fn of(filter: &Filter) -> Option<Self> {
        let step = SignedDuration::from_nanos(1);
        let from = filter.after.map(|after| after.saturating_add(step).unwrap_or(after));
        let before = filter.before.map(|before| before.saturating_sub(step).unwrap_or(before));
        let to = [before, filter.below.as_ref().map(|row| row.0)].into_iter().flatten().min();
        from.zip(to).is_none_or(|(from, to)| from <= to).then_some(Self { from, to })
    }
}

impl Account {
    /// A query of an index, newest first, within these times.
    fn index(&self, index: &str, key: &str, value: &str, times: &Times) -> QueryFluentBuilder {
        let mut query = self
            .dynamodb()
            .query()
            .table_name(&self.stack.table)
            .index_name(index)
            .scan_index_forward(false)
            .expression_attribute_names("#key", key)
            .expression_attribute_values(":key", text(value));
        // Fixed width, as it is written.
        for (name, time) in [(":from", times.from), (":to", times.to)] {
            if let Some(time) = time {
                query = query.expression_attribute_values(name, text(format!("{time:.9}")));
            }
        }
        query.key_condition_expression(match (times.from, times.to) {
            (None, None) => "#key = :key",
            (None, Some(_)) => "#key = :key AND created <= :to",
            (Some(_), None) => "#key = :key AND created >= :from",
            (Some(_), Some(_)) => "#key = :key AND created BETWEEN :from AND :to",
        })
    }
}
