//! What a service of AWS is to the router.

use std::future::Future;
use std::pin::Pin;

use crate::call::Call;
use crate::http::Answer;

/// An answer that is being made.
pub(crate) type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

/// A service, as far as moto does not do it alone.
pub(crate) trait Service: Send + Sync {
    /// Whether it answers a call. No two claim the same one; what none claims is moto's.
    fn claims(&self, call: &Call) -> bool;

    /// Answers a call that it claims.
    fn answer(&self, call: Call) -> Answering<'_>;
}
