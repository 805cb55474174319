//! Warming: the new version of a function gets provisioned concurrency before its first call, and loses it at the end.

mod before;
mod concurrency;
pub mod cool;
mod given;

pub use before::{LIMIT, Next, missed, next, refused, wanted};
pub use concurrency::{Asked, FoundConcurrency, Heat, Refusal, Warm, Warmth};
pub(crate) use given::take_back;
pub use given::{Answer, Cooled, Gift, Given};
