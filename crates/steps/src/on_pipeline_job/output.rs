//! What came of a call, for the log: nobody waits for it.

use serde::Serialize;

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Output {
    /// CodePipeline is to ask again.
    GoesOn,
    /// The job succeeded.
    Succeeded,
    /// The job failed.
    Failed,
    /// CodePipeline takes no answer for the job any more.
    TooLate,
}
