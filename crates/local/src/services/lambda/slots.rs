//! How many calls run at once: as many as an account's limit, and what comes beyond it is throttled.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::LocalError;
use crate::http::Answer;

/// What calls run in: each has one until it is over.
#[derive(Debug)]
pub(crate) struct Slots(Arc<Semaphore>);

/// What a call has until it is over.
pub(crate) type Slot = OwnedSemaphorePermit;

impl Slots {
    /// So many.
    pub(crate) fn new(concurrency: usize) -> Self {
        Self(Arc::new(Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS))))
    }

    /// A free one, or Lambda's refusal.
    pub(crate) fn take(&self) -> Result<Slot, LocalError> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| LocalError::Refused {
            operation: "Invoke".to_owned(),
            status: 429,
            code: "TooManyRequestsException".to_owned(),
            message: "Rate Exceeded.".to_owned(),
        })
    }
}

/// GetAccountSettings: so many calls at once, and nothing of it reserved.
pub(crate) fn account_settings(concurrency: usize) -> Answer {
    let limit = json!({
        "ConcurrentExecutions": concurrency,
        "UnreservedConcurrentExecutions": concurrency,
        "CodeSizeUnzipped": 262_144_000,
        "CodeSizeZipped": 52_428_800,
        "TotalCodeSize": 80_530_636_800_u64,
    });
    Answer::json(200, &json!({ "AccountLimit": limit, "AccountUsage": { "FunctionCount": 0, "TotalCodeSize": 0 } }))
}

#[cfg(test)]
mod tests {
    use super::Slots;

    #[test]
    fn a_call_beyond_the_limit_is_throttled_and_the_next_one_goes_when_another_is_over() {
        let slots = Slots::new(2);
        let (first, _second) = (slots.take(), slots.take());
        assert_eq!(slots.take().unwrap_err().code(), Some("TooManyRequestsException"));
        drop(first);
        assert!(slots.take().is_ok());
    }
}
