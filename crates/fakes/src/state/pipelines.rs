//! CodePipeline: its jobs, and what it was told of them.

use std::collections::{BTreeMap, BTreeSet};

use rollout::ids::DeploymentId;
use rollout::pipeline::Fault;
use serde_json::Value;
use steps::ports::JobDetails;

/// An answer that CodePipeline has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members are those of the port")]
pub enum Said {
    /// The job goes on.
    GoesOn { job: String, token: String, details: JobDetails },
    /// It succeeded.
    Succeeded { job: String, details: JobDetails, variables: BTreeMap<String, String> },
    /// It failed.
    Failed { job: String, fault: Fault, deployment: Option<DeploymentId> },
}

#[derive(Debug, Default)]
pub(crate) struct Pipelines {
    pub(crate) said: Vec<Said>,
    pub(crate) over: BTreeSet<String>,
    /// The id of the credentials that may read artifacts; any may where nobody said which.
    pub(crate) readers: Option<String>,
    pub(crate) fetched: u64,
    pub(crate) registered: Vec<Value>,
}
