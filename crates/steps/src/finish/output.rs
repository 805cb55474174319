//! What the execution of a deployment puts out: how it ended, for whoever started it, such as a pipeline.

use std::collections::BTreeMap;

use codedeploy::view::{Pair, ShownTarget};
use jiff::Timestamp;
use rollout::deployment::{Deployment, Outcome, Phase, Status};
use rollout::failure::names;
use rollout::plan::Plan;
use serde::Serialize;

use crate::ports::Loaded;
use crate::use_cases::view::{ends, pair, target};

/// How a deployment ended. What is not known is left out, but for error and cause: the state machine fails with them, and reads
/// them of every end.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// The deployment.
    pub deployment_id: String,
    /// How it ended, in our words.
    pub outcome: &'static str,
    /// The same in CodeDeploy's.
    pub status: &'static str,
    /// The name of what ended it, unless it succeeded.
    pub error: Option<String>,
    /// The sentence to that.
    pub cause: Option<String>,
    /// What it was of.
    #[serde(flatten)]
    pub moved: Option<Moved>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it was over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed: Option<Timestamp>,
    /// How long that took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<u64>,
    /// Where the console shows its execution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub console: Option<String>,
}

/// What a deployment moved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moved {
    /// The alias or the service.
    pub target: ShownTarget,
    /// The version, or task definition, that had the calls before.
    pub from: String,
    /// The one that was to have them.
    pub to: String,
    /// The task sets of a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pair: Option<Pair>,
    /// The share of the calls that each has now, in whole percent; absent where somebody else decides on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weights: Option<BTreeMap<String, u8>>,
}

impl Output {
    /// Of a deployment of which nothing else is known.
    pub(crate) fn unknown(id: &str, outcome: Outcome, error: &str, cause: String) -> Self {
        Self {
            deployment_id: id.to_owned(),
            outcome: outcome.as_str(),
            status: Status::Failed.as_str(),
            error: Some(error.to_owned()),
            cause: Some(cause),
            moved: None,
            started: None,
            completed: None,
            duration_seconds: None,
            console: None,
        }
    }

    /// Of one that is over.
    pub(crate) fn of(loaded: &Loaded) -> Self {
        let Deployment { id, phase, started, completed, .. } = &loaded.deployment;
        let (error, cause) = match phase {
            Phase::Unresolved { cannot, .. } => Some((names::UNRESOLVED.to_owned(), cannot.clone())),
            phase => phase.why().map(|why| (why.code.to_string(), why.message.clone())),
        }
        .unzip();
        let took = started.zip(*completed).map(|(began, ended)| ended.duration_since(began).as_secs());
        Self {
            deployment_id: id.to_string(),
            outcome: phase.outcome().unwrap_or(Outcome::Failed).as_str(),
            status: phase.status().as_str(),
            error,
            cause,
            moved: loaded.plan.as_ref().map(|plan| moved(&loaded.deployment, plan)),
            started: *started,
            completed: *completed,
            duration_seconds: took.and_then(|seconds| u64::try_from(seconds).ok()),
            console: loaded.deployment.execution.as_ref().and_then(|execution| execution.console()),
        }
    }
}

fn moved(deployment: &Deployment, plan: &Plan) -> Moved {
    let (from, to) = ends(plan);
    let weights = deployment.weight(plan).map(|weight| {
        // Where nothing was to be moved, both are the same.
        let rest = 100 - weight.percent();
        BTreeMap::from([(from.clone(), rest), (to.clone(), if from == to { 100 } else { weight.percent() })])
    });
    Moved { target: target(plan), from, to, pair: pair(plan), weights }
}
