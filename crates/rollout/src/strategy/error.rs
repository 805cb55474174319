//! What can be wrong with a strategy, and what to write instead.

use super::limits::{MAX_STEPS, MAX_TOTAL};
use crate::platform::Platform;
use crate::seconds::Seconds;
use crate::text::quoted;
use crate::weight::Weight;

/// Why a strategy cannot be carried out. Steps are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StrategyError {
    /// A canary or linear part outside of 1 to 99.
    #[error("a {kind} step of {percent} percent: write 1 to 99, or AllAtOnce to move all traffic in one step")]
    Percent {
        /// `canary` or `linear`.
        kind: &'static str,
        /// What was written.
        percent: u64,
    },
    /// A canary or linear strategy that waits for nothing.
    #[error("a {kind} interval of 0: write 1 second or more, or AllAtOnce to move all traffic in one step")]
    NoInterval {
        /// `canary` or `linear`.
        kind: &'static str,
    },
    /// All holds together are longer than a rollout may take.
    #[error(
        "the steps take {total} ({} seconds), and a rollout may take {MAX_TOTAL} ({} seconds): shorten the waits",
        .total.0, MAX_TOTAL.0
    )]
    TooLong {
        /// How long it would take.
        total: Seconds,
    },
    /// A list without a step.
    #[error("no steps: write at least one, such as Weight: 10 with Hold: 5m, or AllAtOnce")]
    NoSteps,
    /// A list with too many steps, counting the one at 100 % that ends it.
    #[error("{steps} steps: write at most {MAX_STEPS}, the one at 100 percent included")]
    TooManySteps {
        /// How many were written.
        steps: usize,
    },
    /// A step without traffic.
    #[error("step {step} has weight 0: write 1 to 100")]
    NoWeight {
        /// Which one.
        step: usize,
    },
    /// A step that takes traffic away, or adds none.
    #[error("step {step} has weight {}, and a step before it has {}: {}", .weight.percent(), .before.percent(), climb(*.before))]
    NotClimbing {
        /// Which one.
        step: usize,
        /// Its weight.
        weight: Weight,
        /// The weight it should be above.
        before: Weight,
    },
    /// A pause that nobody has time to end.
    #[error("step {step} waits until continued with a timeout of 0: write how long, such as 1h")]
    NoTimeout {
        /// Which one.
        step: usize,
    },
    /// A predefined configuration of another platform.
    #[error("{} is a configuration for {platform}, and this deployment is for {wanted}: write {instead}", quoted(.name))]
    OtherPlatform {
        /// What was written.
        name: String,
        /// What it is for.
        platform: Platform,
        /// What the deployment is for.
        wanted: Platform,
        /// What does the same there.
        instead: String,
    },
    /// A name that is none of the predefined ones and says nothing by itself.
    #[error("no configuration is called {}: {instead}", quoted(.name))]
    Unknown {
        /// What was written.
        name: String,
        /// What to write.
        instead: String,
    },
}

impl StrategyError {
    /// The step it is about, counted from 1; `None` when it is about all of them.
    pub fn step(&self) -> Option<usize> {
        match self {
            Self::NoWeight { step } | Self::NotClimbing { step, .. } | Self::NoTimeout { step } => Some(*step),
            _ => None,
        }
    }
}

fn climb(before: Weight) -> String {
    match before.percent() {
        100 => "nothing comes after 100; leave this step out".into(),
        99 => "weights climb; write 100".into(),
        percent => format!("weights climb; write {} to 100", percent + 1),
    }
}
