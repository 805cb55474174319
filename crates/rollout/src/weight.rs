//! A share of traffic.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A share of traffic in whole percent, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u8")]
pub struct Weight(u8);

/// A number that is no share of traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a weight of {0} percent does not exist: write 0 to 100")]
pub struct WeightError(u64);

impl Weight {
    /// No traffic.
    pub const ZERO: Self = Self(0);
    /// All traffic.
    pub const FULL: Self = Self(100);

    /// The weight of `percent`, or 100 % where that is more.
    pub const fn clamped(percent: u8) -> Self {
        if percent > 100 { Self::FULL } else { Self(percent) }
    }

    /// The percentage.
    pub const fn percent(self) -> u8 {
        self.0
    }

    /// The fraction between 0 and 1, as an alias holds it.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl TryFrom<u64> for Weight {
    type Error = WeightError;

    fn try_from(percent: u64) -> Result<Self, WeightError> {
        match u8::try_from(percent) {
            Ok(small) if small <= 100 => Ok(Self(small)),
            _ => Err(WeightError(percent)),
        }
    }
}

impl TryFrom<u8> for Weight {
    type Error = WeightError;

    fn try_from(percent: u8) -> Result<Self, WeightError> {
        Self::try_from(u64::from(percent))
    }
}

impl From<Weight> for u8 {
    fn from(weight: Weight) -> Self {
        weight.0
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} %", self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_is_never_above_one_hundred() {
        assert_eq!(Weight::try_from(100u64), Ok(Weight::FULL));
        assert_eq!(Weight::try_from(0u8), Ok(Weight::ZERO));
        assert_eq!(Weight::clamped(255), Weight::FULL);
        let refused = Weight::try_from(300u64).unwrap_err();
        assert_eq!(refused.to_string(), "a weight of 300 percent does not exist: write 0 to 100");
    }

    #[test]
    fn a_weight_is_a_number_in_json_and_checked_on_the_way_in() {
        assert_eq!(serde_json::to_string(&Weight::clamped(30)).unwrap(), "30");
        assert_eq!(serde_json::from_str::<Weight>("30").unwrap(), Weight::clamped(30));
        assert!(serde_json::from_str::<Weight>("101").is_err());
        assert!(serde_json::from_str::<Weight>("-1").is_err());
    }

    #[test]
    fn a_weight_reads_as_percent_and_is_written_as_a_fraction() {
        assert_eq!(Weight::clamped(30).to_string(), "30 %");
        assert_eq!(Weight::clamped(30).fraction(), 0.3);
    }
}
