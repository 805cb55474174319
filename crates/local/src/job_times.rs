//! How long CodePipeline waits for a job.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The times of a pipeline's jobs. Unless it is told otherwise, the local stack's are a twentieth of AWS's
/// (docs/codedeploy-contract.md 10.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct JobTimes {
    /// How long a job may be silent, in milliseconds: 20 minutes on AWS.
    pub answer_ms: u64,
    /// After how many milliseconds a function is called again that gave a token: about 30 seconds on AWS.
    pub again_ms: u64,
    /// How long an action may take in all, in milliseconds: 24 hours on AWS.
    pub total_ms: u64,
}

impl Default for JobTimes {
    fn default() -> Self {
        Self { answer_ms: 60_000, again_ms: 1_500, total_ms: 72 * 60_000 }
    }
}

impl JobTimes {
    pub(crate) fn answer(self) -> Duration {
        Duration::from_millis(self.answer_ms)
    }

    pub(crate) fn again(self) -> Duration {
        Duration::from_millis(self.again_ms)
    }

    pub(crate) fn total(self) -> Duration {
        Duration::from_millis(self.total_ms)
    }
}
