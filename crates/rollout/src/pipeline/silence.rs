//! How it is known that a pipeline does not ask any more: a stopped one never says so, it only stays silent.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::parameters::OnAbandon;
use crate::ids::{JobId, TaskDefinition};

/// How long a pipeline may be silent. A job that is not answered for 20 minutes is over (docs/codedeploy-contract.md 10.1), and a token is
/// asked about within one; a few minutes more are for calls that come late.
pub const LONGEST: SignedDuration = SignedDuration::from_mins(25);

/// What is kept beside a deployment of a pipeline's last question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Question {
    /// The job that asked.
    pub job: JobId,
    /// When.
    pub at: Timestamp,
    /// How many questions were answered: one that comes again after that is no news.
    #[serde(default)]
    pub answered: u32,
    /// What becomes of the deployment once nobody asks.
    #[serde(default)]
    pub on_abandon: OnAbandon,
    /// The task definition that was registered for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered: Option<TaskDefinition>,
}

impl Question {
    /// The first one.
    pub fn first(job: JobId, on_abandon: OnAbandon, at: Timestamp) -> Self {
        Self { job, at, answered: 0, on_abandon, registered: None }
    }

    /// Whether the pipeline has been silent for too long.
    pub fn is_abandoned(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) > LONGEST
    }
}

/// How it was found that a job is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sign {
    /// CodePipeline takes no answer for it any more.
    Refused,
    /// Nobody has asked for a while.
    Silent,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_is_silent_once_it_has_not_asked_for_longer_than_a_job_lives() {
        let asked = Timestamp::UNIX_EPOCH;
        let question =
            Question::first(JobId::parse("11111111-2222-3333-4444-555555555555").unwrap(), OnAbandon::Leave, asked);
        assert!(!question.is_abandoned(asked + LONGEST));
        assert!(question.is_abandoned(asked + LONGEST + SignedDuration::from_secs(1)));
    }
}
