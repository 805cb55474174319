//! Where an alias sends its calls.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::Version;
use crate::weight::Weight;

/// A share of calls in hundredths of a percent, 1 to 10,000.
///
/// An alias written by somebody else may carry any fraction; our own steps are whole percents ([`Weight`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Share(u16);

impl Share {
    /// The share nearest to a fraction between 0 and 1, as `AdditionalVersionWeights` holds it; `None` for no share at all.
    pub fn from_fraction(fraction: f64) -> Option<Self> {
        let hundredths = (fraction.clamp(0.0, 1.0) * 10_000.0).round() as u16;
        (hundredths > 0).then_some(Self(hundredths))
    }

    /// The fraction between 0 and 1.
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 10_000.0
    }

    /// The share in whole percent, rounded down.
    pub fn weight(self) -> Weight {
        Weight::try_from((self.0 / 100) as u8).unwrap_or(Weight::FULL)
    }
}

impl From<Weight> for Share {
    fn from(weight: Weight) -> Self {
        Self(u16::from(weight.percent()) * 100)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 100 {
            0 => write!(f, "{} %", self.0 / 100),
            rest => write!(f, "{}.{rest:02} %", self.0 / 100),
        }
    }
}

/// The second version of a weighted alias. Lambda allows one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Additional {
    /// The version that gets `share` of the calls.
    pub version: Version,
    /// Its share; the primary version gets the rest.
    pub share: Share,
}

/// Where an alias sends its calls: `FunctionVersion`, and at most one entry of `AdditionalVersionWeights`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Routing {
    /// `FunctionVersion`.
    pub primary: Version,
    /// The additional version, where the alias is split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<Additional>,
}

impl Routing {
    /// Every call to one version.
    pub fn all_on(version: Version) -> Self {
        Self { primary: version, additional: None }
    }

    /// `weight` of the calls to `to`, the rest to `from`. At 100 % `to` becomes the primary version and the split ends,
    /// as CodeDeploy does it (contract 13.1).
    pub fn shifted(from: Version, to: Version, weight: Weight) -> Self {
        if weight == Weight::FULL {
            Self::all_on(to)
        } else if weight == Weight::ZERO || from == to {
            Self::all_on(from)
        } else {
            Self { primary: from, additional: Some(Additional { version: to, share: weight.into() }) }
        }
    }

    /// Whether calls go to two versions.
    pub fn is_split(&self) -> bool {
        self.additional.is_some()
    }

    /// The one version that gets every call, if there is one.
    pub fn only(&self) -> Option<Version> {
        self.additional.is_none().then_some(self.primary)
    }

    /// The versions that get calls.
    pub fn versions(&self) -> impl Iterator<Item = Version> + '_ {
        std::iter::once(self.primary).chain(self.additional.iter().map(|additional| additional.version))
    }

    /// The share of calls that `version` gets, in whole percent, rounded down.
    pub fn weight_of(&self, version: Version) -> Weight {
        match &self.additional {
            Some(additional) if additional.version == version => additional.share.weight(),
            Some(additional) if self.primary == version => {
                Weight::try_from(100 - additional.share.weight().percent()).unwrap_or(Weight::FULL)
            }
            None if self.primary == version => Weight::FULL,
            _ => Weight::ZERO,
        }
    }
}

impl fmt::Display for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.additional {
            None => write!(f, "version {}", self.primary),
            Some(Additional { version, share }) => {
                write!(f, "version {} with {share} on version {version}", self.primary)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(number: u64) -> Version {
        Version::try_from(number).unwrap()
    }

    #[test]
    fn a_shift_keeps_the_old_version_primary_until_the_new_one_has_everything() {
        let at = |percent: u8| Routing::shifted(v(1), v(2), Weight::try_from(percent).unwrap()).to_string();
        assert_eq!(at(0), "version 1");
        assert_eq!(at(10), "version 1 with 10 % on version 2");
        assert_eq!(at(99), "version 1 with 99 % on version 2");
        assert_eq!(at(100), "version 2");
    }

    #[test]
    fn a_fraction_written_by_somebody_else_is_kept_to_the_hundredth_of_a_percent() {
        assert_eq!(Share::from_fraction(0.3333).unwrap().to_string(), "33.33 %");
        assert_eq!(Share::from_fraction(0.1), Some(Weight::try_from(10u8).unwrap().into()));
        assert_eq!(Share::from_fraction(0.0), None, "no share is no split");
    }

    #[test]
    fn the_weight_of_a_version_counts_what_it_gets_as_primary_too() {
        let split = Routing::shifted(v(1), v(2), Weight::try_from(30u8).unwrap());
        assert_eq!(split.weight_of(v(2)).percent(), 30);
        assert_eq!(split.weight_of(v(1)).percent(), 70);
        assert_eq!(split.weight_of(v(3)), Weight::ZERO);
    }
}
