//! Writes of older deployments of the same service that were never answered, and may arrive while another one is at work, or once
//! that has won.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::aftermath::may_come;
use super::clear::{LATEST, expected};
use crate::deployment::{Deployment, Lease};
use crate::plan::Plan;
use crate::routing::Routing;

/// What they may do. A deployment reads that under the lock, before it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Older {
    /// How they divide calls.
    pub routings: Vec<Routing>,
    /// Until when a task set that they may send calls to keeps its tasks. Later ones are the sweep's to find.
    pub until: Timestamp,
}

/// What `others` may still do to the target of `plan`; `None` where nothing can come of them.
pub fn older(plan: &Plan, others: &[(Plan, Deployment)]) -> Option<Older> {
    let of_target = |(other, deployment): &&(Plan, Deployment)| {
        other.target.key() == plan.target.key() && may_come(other, deployment)
    };
    let others: Vec<_> = others.iter().filter(of_target).collect();
    let ended = |deployment: &Deployment| deployment.completed.or(deployment.ending).unwrap_or(deployment.created);
    let last = others.iter().map(|(_, deployment)| ended(deployment)).max()?;
    let mut routings = Vec::new();
    for routing in others.iter().flat_map(|(other, deployment)| expected(other, deployment)) {
        if !routings.contains(&routing) {
            routings.push(routing);
        }
    }
    let until = last + SignedDuration::from_secs(i64::try_from(Lease::LENGTH.0 + LATEST.0).unwrap_or(i64::MAX));
    (!routings.is_empty()).then_some(Older { routings, until })
}
