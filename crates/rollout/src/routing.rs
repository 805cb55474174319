//! Where a target sends its calls: an alias to its versions, a listener to its target groups.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{TargetGroupArn, Version};
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

/// What gets calls: a published version of a function, or the task set behind a target group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Backend {
    /// A published version.
    Version(Version),
    /// A target group.
    TargetGroup(TargetGroupArn),
}

impl Backend {
    /// What AWS calls it, as a command or an AppSpec needs it: the version's number, or the target group's ARN.
    pub fn id(&self) -> String {
        match self {
            Self::Version(version) => version.to_string(),
            Self::TargetGroup(group) => group.to_string(),
        }
    }

    /// The version, if it is one.
    pub fn version(&self) -> Option<Version> {
        match self {
            Self::Version(version) => Some(*version),
            Self::TargetGroup(_) => None,
        }
    }

    /// The target group, if it is one.
    pub fn target_group(&self) -> Option<&TargetGroupArn> {
        match self {
            Self::TargetGroup(group) => Some(group),
            Self::Version(_) => None,
        }
    }
}

impl From<Version> for Backend {
    fn from(version: Version) -> Self {
        Self::Version(version)
    }
}

impl From<TargetGroupArn> for Backend {
    fn from(group: TargetGroupArn) -> Self {
        Self::TargetGroup(group)
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => write!(f, "version {version}"),
            Self::TargetGroup(group) => write!(f, "target group {}", group.name()),
        }
    }
}

/// The second backend of a target whose calls are split.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Additional {
    /// What gets `share` of the calls.
    #[serde(alias = "version")]
    pub backend: Backend,
    /// Its share; the primary gets the rest.
    pub share: Share,
}

/// Where calls go: a primary, and where they are split, one more. For an alias that is `FunctionVersion` and at most one
/// entry of `AdditionalVersionWeights`; for a listener's action the two target groups of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Routing {
    /// What gets the calls that go nowhere else.
    pub primary: Backend,
    /// The other one, where calls are split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub additional: Option<Additional>,
}

impl Routing {
    /// Every call to one backend.
    pub fn all_on(backend: impl Into<Backend>) -> Self {
        Self { primary: backend.into(), additional: None }
    }

    /// `weight` of the calls to `to`, the rest to `from`. At 100 % `to` becomes the primary and the split ends, as CodeDeploy
    /// does it (docs/codedeploy-contract.md 13.1).
    pub fn shifted(from: impl Into<Backend>, to: impl Into<Backend>, weight: Weight) -> Self {
        let (from, to) = (from.into(), to.into());
        if weight == Weight::FULL {
            Self::all_on(to)
        } else if weight == Weight::ZERO || from == to {
            Self::all_on(from)
        } else {
            Self { primary: from, additional: Some(Additional { backend: to, share: weight.into() }) }
        }
    }

    /// Whether calls go to two backends.
    pub fn is_split(&self) -> bool {
        self.additional.is_some()
    }

    /// The one backend that gets every call, if there is one.
    pub fn only(&self) -> Option<&Backend> {
        self.additional.is_none().then_some(&self.primary)
    }

    /// What gets calls.
    pub fn backends(&self) -> impl Iterator<Item = &Backend> {
        std::iter::once(&self.primary).chain(self.additional.iter().map(|additional| &additional.backend))
    }

    /// The versions that get calls, where the target is an alias.
    pub fn versions(&self) -> impl Iterator<Item = Version> + '_ {
        self.backends().filter_map(Backend::version)
    }

    /// The same in whole percents, as a listener's weights are written: what is written and read again is the same. Who gets calls still
    /// gets some.
    pub fn in_whole_percents(&self) -> Self {
        let additional = self.additional.as_ref().map(|Additional { backend, share }| Additional {
            backend: backend.clone(),
            share: Share::from(Weight::clamped(share.weight().percent().clamp(1, 99))),
        });
        Self { primary: self.primary.clone(), additional }
    }

    /// The share of calls that `backend` gets, in whole percent, rounded down.
    pub fn weight_of(&self, backend: &Backend) -> Weight {
        match &self.additional {
            Some(additional) if additional.backend == *backend => additional.share.weight(),
            Some(additional) if self.primary == *backend => {
                Weight::try_from(100 - additional.share.weight().percent()).unwrap_or(Weight::FULL)
            }
            None if self.primary == *backend => Weight::FULL,
            _ => Weight::ZERO,
        }
    }
}

impl fmt::Display for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.additional {
            None => write!(f, "{}", self.primary),
            Some(Additional { backend, share }) => write!(f, "{} with {share} on {backend}", self.primary),
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
        assert_eq!(split.weight_of(&v(2).into()).percent(), 30);
        assert_eq!(split.weight_of(&v(1).into()).percent(), 70);
        assert_eq!(split.weight_of(&v(3).into()), Weight::ZERO);
    }
}
