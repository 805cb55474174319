//! The one place of the tasks that reads the clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// This moment, in seconds since 1970 with a fraction, as the local stack stamps what it sees.
#[expect(clippy::disallowed_methods, reason = "a demo and a bench happen in real time")]
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}
