//! The one place of the local stack that reads the clock, and makes the random names AWS would.

use jiff::Timestamp;

/// This moment.
#[expect(clippy::disallowed_methods, reason = "the stack plays AWS, whose clock is the real one")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// This moment, in seconds since 1970 with a fraction.
pub(crate) fn now_seconds() -> f64 {
    let now = now();
    #[expect(clippy::cast_precision_loss, reason = "microseconds since 1970 fit")]
    let micros = now.as_microsecond() as f64;
    micros / 1e6
}

/// `2026-01-02T03:04:05Z`, as EventBridge writes times.
pub(crate) fn whole_seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// A random identifier in UUID form.
pub(crate) fn uuid() -> String {
    codedeploy::names::uuid(fastrand::u128(..))
}
