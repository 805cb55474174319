//! Listings of deployments, newest first.

use codedeploy::error::{ApiError, Code};
use codedeploy::shapes::{ListInput, ListOutput};
use codedeploy::token;
use codedeploy::values;
use codedeploy::view::{DeploymentList, ListDeploymentsInput, ListedDeployment, Outcome};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use jiff::SignedDuration;
use rollout::deployment::Status;
use rollout::ids::DeploymentId;
use rollout::request::Request;

use super::describe_target::Named;
use super::{UseCases, view, wire};
use crate::answering::failed;
use crate::effective;
use crate::group;
use crate::lookup::GroupName;
use crate::ports::{Filter, Listing, Loaded, ReadCatalogue, ReadRequests, Records, Row};
use crate::request::Envelope;

/// Ids on a page (docs/codedeploy-contract.md 1.1).
const IDS: usize = 100;

/// Summaries on a page: each is read by itself.
const SUMMARIES: usize = 50;

/// How many deployments are looked at for a page of those of one target: a page may have fewer then, and say where to go on.
const LOOKED_AT: usize = 200;

/// How many records are read side by side.
const AT_ONCE: usize = 16;

impl<P: Records + Listing + ReadCatalogue + ReadRequests> UseCases<'_, P> {
    /// ListDeployments: ids.
    pub(crate) async fn list(&self, input: ListInput) -> Result<ListOutput, ApiError> {
        let (ids, next_token) = self.page(input, "ListDeployments", IDS).await?;
        Ok(ListOutput { deployments: Some(ids.iter().map(ToString::to_string).collect()), next_token })
    }

    /// The same with targets and outcomes.
    pub(crate) async fn describe_all(&self, input: ListDeploymentsInput) -> Result<DeploymentList, ApiError> {
        let target = input.target.as_deref().map(Named::parse).transpose()?;
        let limit = input.limit.map_or(SUMMARIES, |limit| (limit as usize).clamp(1, SUMMARIES));
        let outcomes = input.outcomes.clone().unwrap_or_default();
        let (rows, next_token) = self.summaries(input.into(), target.as_ref(), &outcomes, limit).await?;
        Ok(DeploymentList { deployments: rows.into_iter().map(|(_, row)| row).collect(), next_token })
    }

    /// Deployments with their rows, newest first: those of a target, where one is named, and those that ended so, where that is said.
    /// Says where to go on.
    pub(super) async fn summaries(
        &self,
        mut input: ListInput,
        target: Option<&Named>,
        outcomes: &[Outcome],
        limit: usize,
    ) -> Result<(Vec<(Loaded, ListedDeployment)>, Option<String>), ApiError> {
        let (mut rows, mut looked_at) = (Vec::new(), 0);
        loop {
            let size = limit - rows.len();
            let (ids, next) = self.page(input.clone(), "DescribeDeployments", size).await?;
            looked_at += size;
            let read = stream::iter(&ids).map(async |id| self.row(id).await).buffered(AT_ONCE);
            let read: Vec<Option<(Loaded, ListedDeployment)>> = read.try_collect().await?;
            let is_wanted = |row: &ListedDeployment| {
                let ended_so = || row.outcome.is_some_and(|outcome| outcomes.contains(&outcome));
                target.is_none_or(|target| target.is_of(row)) && (outcomes.is_empty() || ended_so())
            };
            rows.extend(read.into_iter().flatten().filter(|(_, row)| is_wanted(row)));
            let takes_all = target.is_none() && outcomes.is_empty();
            if rows.len() >= limit || next.is_none() || looked_at >= LOOKED_AT || takes_all {
                return Ok((rows, next));
            }
            input.next_token = next;
        }
    }

    /// A deployment with its row, if it still has a record.
    async fn row(&self, id: &DeploymentId) -> Result<Option<(Loaded, ListedDeployment)>, ApiError> {
        let Some(loaded) = self.ports.load(id).await.map_err(failed)? else { return Ok(None) };
        let wanted = if loaded.plan.is_none() { self.wanted(id).await? } else { None };
        let row = view::summary(&loaded, wanted.as_ref());
        Ok(Some((loaded, row)))
    }

    async fn page(
        &self,
        input: ListInput,
        operation: &str,
        limit: usize,
    ) -> Result<(Vec<DeploymentId>, Option<String>), ApiError> {
        let named = GroupName::read_if_any(input.application_name.as_deref(), input.deployment_group_name.as_deref())?;
        let range = input.create_time_range.unwrap_or_default();
        let (start, end) = (range.start.map(|time| time.0), range.end.map(|time| time.0));
        if start.zip(end).is_some_and(|(start, end)| start > end) {
            let message = "the createTimeRange ends before it starts";
            return Err(ApiError::new(Code::InvalidTimeRangeException, message));
        }
        let wanted = statuses(&input.include_only_statuses.unwrap_or_default())?;
        let below: Option<Row> = token::decode(operation, input.next_token.as_deref())?;
        // What the deployments of a group have in common, whatever it was called when they were created.
        let group = match named {
            Some(named) => Some(group::key(&named.find(self.ports).await?.1.info)),
            None => None,
        };
        if input.external_id.is_some_and(|id| !id.is_empty()) {
            // Only deployments that CloudFormation made have one.
            return Ok((Vec::new(), None));
        }
        // A range includes its ends, as they are shown: to the millisecond. The filter's bounds are exclusive.
        let after = start.and_then(|start| start.checked_sub(SignedDuration::from_nanos(1)).ok());
        let before = end.and_then(|end| end.checked_add(SignedDuration::from_millis(1)).ok());
        let filter = Filter { group, statuses: wanted.stored, after, before, below };
        // The one row more says whether there is a next page.
        let mut found = self.ports.newest(&filter, limit + 1).await.map_err(failed)?;
        let goes_on = found.len() > limit;
        found.truncate(limit);
        let next = goes_on.then(|| found.last().map(|last| token::encode(operation, last))).flatten();
        let mut ids: Vec<DeploymentId> = found.into_iter().map(|row| row.1).collect();
        if let Some(shown) = wanted.shown {
            // Whether a running deployment is paused is in its record, not in its listing.
            let mut kept = Vec::with_capacity(ids.len());
            for id in ids {
                if let Some(loaded) = self.ports.load(&id).await.map_err(failed)?
                    && shown.contains(&wire::status(&loaded))
                {
                    kept.push(id);
                }
            }
            ids = kept;
        }
        Ok((ids, next))
    }
}

impl<P: Records + ReadRequests> UseCases<'_, P> {
    /// What a deployment without a plan was asked to do, as far as its request says it.
    pub(super) async fn wanted(&self, id: &DeploymentId) -> Result<Option<Request>, ApiError> {
        let asked = effective::recorded(self.ports, id).await?;
        let envelope = asked.and_then(|asked| Envelope::of(&asked).ok());
        Ok(envelope.and_then(|envelope| envelope.at_hand(&self.settings.site())))
    }
}

/// The statuses a listing asks for.
struct Wanted {
    /// As they are stored.
    stored: Vec<Status>,
    /// As they are shown, where that is not the same: a paused deployment is stored as running.
    shown: Option<Vec<Status>>,
}

fn statuses(names: &[String]) -> Result<Wanted, ApiError> {
    let mut shown = Vec::new();
    for name in names {
        values::DEPLOYMENT_STATUS.checked(name, Code::InvalidDeploymentStatusException)?;
        let all = Status::STORED.into_iter().chain([Status::Ready]);
        shown.extend(all.filter(|status| status.as_str() == name));
    }
    if names.is_empty() {
        return Ok(Wanted { stored: Status::STORED.to_vec(), shown: None });
    }
    let ready = shown.contains(&Status::Ready);
    let running = shown.contains(&Status::InProgress);
    let mut stored: Vec<Status> = shown.iter().copied().filter(|status| *status != Status::Ready).collect();
    if ready && !running {
        stored.push(Status::InProgress);
    }
    Ok(Wanted { stored, shown: (ready != running).then_some(shown) })
}
