//! The most that a strategy may ask for. What is too little, `steps::faults` refuses.

use crate::seconds::Seconds;

/// The most steps a strategy may have. A linear strategy of 1 percent has as many.
pub const MAX_STEPS: usize = 100;

/// The longest time a rollout may take from its first weight to its end.
pub const MAX_TOTAL: Seconds = Seconds::DAY.saturating_mul(7);
