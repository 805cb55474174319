//! How traffic moves: all at once, a canary, in equal parts, or by a list of steps. Everything becomes [`Step`]s.

mod error;
mod limits;
mod names;
mod predefined;
#[cfg(test)]
mod properties;
mod steps;
#[cfg(test)]
mod tests;

pub use error::StrategyError;
pub use limits::{MAX_STEPS, MAX_TOTAL};
pub use predefined::{MinimumHealthyHosts, PREDEFINED, Predefined, Rule};
pub(crate) use steps::faults;
pub use steps::{Step, Strategy};
