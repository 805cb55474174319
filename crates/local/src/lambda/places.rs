//! How many calls run at once: as many as an account's limit, and what comes beyond it is throttled.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::LocalError;

/// The places for calls.
#[derive(Debug)]
pub(crate) struct Places(Arc<Semaphore>);

/// A place that a call has until it is over.
pub(crate) type Place = OwnedSemaphorePermit;

impl Places {
    /// So many.
    pub(crate) fn new(concurrency: usize) -> Self {
        Self(Arc::new(Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS))))
    }

    /// A free place, or Lambda's refusal.
    pub(crate) fn take(&self) -> Result<Place, LocalError> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| LocalError::Refused {
            operation: "Invoke".to_owned(),
            status: 429,
            code: "TooManyRequestsException".to_owned(),
            message: "Rate Exceeded.".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn a_call_beyond_the_limit_is_throttled_and_the_next_one_goes_when_another_is_over() {
        let places = Places::new(2);
        let (first, _second) = (places.take(), places.take());
        assert_eq!(places.take().unwrap_err().code(), Some("TooManyRequestsException"));
        drop(first);
        assert!(places.take().is_ok());
    }
}
