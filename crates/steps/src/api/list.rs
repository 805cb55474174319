//! Listings of deployments, newest first.

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::ListInput;
use jiff::Timestamp;
use rollout::deployment::Status;
use rollout::ids::DeploymentId;
use serde_json::{Value, json};

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
    /// ListDeployments: ids.
    pub(super) async fn list(&self, body: &Value) -> Result<Value, ApiError> {
        let (ids, next) = self.page(body, IDS).await?;
        Ok(with_token(json!({"deployments": ids}), next))
    }

    /// The same with targets and outcomes.
    pub(super) async fn describe_all(&self, body: &Value) -> Result<Value, ApiError> {
        let (ids, next) = self.page(body, SUMMARIES).await?;
        let mut summaries = Vec::with_capacity(ids.len());
        for id in &ids {
            if let Some(loaded) = self.store.load(id).await.map_err(failed)? {
                summaries.push(view::summary(&loaded));
            }
        }
        Ok(with_token(json!({"deployments": summaries}), next))
    }

    async fn page(&self, body: &Value, limit: usize) -> Result<(Vec<DeploymentId>, Option<Timestamp>), ApiError> {
        let input: ListInput = call::input(body)?;
        let before = input.next_token.map(|token| token.parse::<Timestamp>()).transpose().map_err(|_| {
            ApiError::new(Code::InvalidNextTokenException, "the nextToken is not one a listing handed out")
        })?;
        let statuses = statuses(&input.include_only_statuses.unwrap_or_default())?;
        let found = self.store.newest(&statuses, before, limit).await.map_err(failed)?;
        let next = (found.len() == limit).then(|| found.last().map(|last| last.0)).flatten();
        Ok((found.into_iter().map(|row| row.1).collect(), next))
    }
}

/// Ids on a page (contract 1.1).
const IDS: usize = 100;

/// Summaries on a page: each is read by itself.
const SUMMARIES: usize = 50;

fn statuses(names: &[String]) -> Result<Vec<Status>, ApiError> {
    if names.is_empty() {
        return Ok(Status::STORED.to_vec());
    }
    let known = [Status::STORED.as_slice(), &[Status::Ready]].concat();
    names
        .iter()
        .map(|name| {
            known.iter().copied().find(|status| status.as_str() == name).ok_or_else(|| {
                ApiError::new(Code::InvalidDeploymentStatusException, format!("there is no deployment status {name}"))
            })
        })
        .collect()
}

fn with_token(mut page: Value, next: Option<Timestamp>) -> Value {
    if let Some(next) = next {
        page["nextToken"] = next.to_string().into();
    }
    page
}
