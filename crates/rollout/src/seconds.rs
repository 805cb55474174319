//! Lengths of time in whole seconds, which is what Step Functions waits in.

use std::fmt;
use std::ops::Add;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::text::quoted;

/// A length of time in whole seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub u64);

/// A text that is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a length of time: write seconds, or a number with s, m, h or d, such as 90, 90s, 5m, 1h30m or 2d")]
pub struct SecondsError(String);

impl Seconds {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// 60 seconds.
    pub const MINUTE: Self = Self(60);
    /// 60 minutes.
    pub const HOUR: Self = Self(3_600);
    /// 24 hours.
    pub const DAY: Self = Self(86_400);

    /// The units, from long to short. Weeks and months are missing on purpose: a rollout lasts at most a week.
    const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

    /// `minutes` minutes, or as many as there are.
    pub const fn minutes(minutes: u64) -> Self {
        Self(minutes.saturating_mul(60))
    }

    /// Reads `90`, `90s`, `5m`, `1h`, `2d`, or several of them from long to short: `1h30m`, `1h 30m`.
    pub fn parse(text: &str) -> Result<Self, SecondsError> {
        Self::read(text.trim()).ok_or_else(|| SecondsError(quoted(text)))
    }

    fn read(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut units = Self::UNITS.iter();
        let mut total = 0u64;
        loop {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let (number, after) = rest.split_at(digits);
            let number: u64 = number.parse().ok()?;
            let mut letters = after.chars();
            let Some(letter) = letters.next() else {
                // A bare number is seconds, and stands alone: the 30 of 1h30 could be minutes as well.
                return (digits == text.len()).then_some(Self(number));
            };
            let (_, seconds) = units.find(|(unit, _)| *unit == letter)?;
            total = total.checked_add(number.checked_mul(*seconds)?)?;
            rest = letters.as_str().trim_start();
            if rest.is_empty() {
                return Some(Self(total));
            }
        }
    }

    /// The whole seconds from `since` to `now`; none where the clock jumped back.
    pub fn between(since: Timestamp, now: Timestamp) -> Self {
        Self(u64::try_from(now.duration_since(since).as_secs()).unwrap_or(0))
    }

    /// The sum, or the longest time there is.
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left of this time after `other`, or nothing.
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// `times` times as long, or the longest time there is.
    pub const fn saturating_mul(self, times: u64) -> Self {
        Self(self.0.saturating_mul(times))
    }

    /// Whether this is no time at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// Never overflows: a time too long to count is refused as too long, not wrapped to a short one.
impl Add for Seconds {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl std::iter::Sum for Seconds {
    fn sum<I: Iterator<Item = Self>>(times: I) -> Self {
        times.fold(Self::ZERO, Self::saturating_add)
    }
}

impl FromStr for Seconds {
    type Err = SecondsError;

    fn from_str(text: &str) -> Result<Self, SecondsError> {
        Self::parse(text)
    }
}

impl From<Seconds> for SignedDuration {
    fn from(seconds: Seconds) -> Self {
        Self::from_secs(i64::try_from(seconds.0).unwrap_or(i64::MAX))
    }
}

impl From<Seconds> for std::time::Duration {
    fn from(seconds: Seconds) -> Self {
        Self::from_secs(seconds.0)
    }
}

/// Whole seconds, rounded up, so that a wait is never too short; nothing for a negative time.
impl From<SignedDuration> for Seconds {
    fn from(duration: SignedDuration) -> Self {
        let started = u64::from(duration.subsec_nanos() > 0);
        Self(u64::try_from(duration.as_secs()).unwrap_or_default().saturating_add(started))
    }
}

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        let mut parts = Vec::new();
        for (unit, seconds) in Self::UNITS {
            if rest >= seconds {
                parts.push(format!("{}{unit}", rest / seconds));
                rest %= seconds;
            }
        }
        f.pad(if parts.is_empty() { "0s".into() } else { parts.join(" ") }.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_write_them() {
        for (text, seconds) in [
            ("90", 90),
            ("90s", 90),
            ("5m", 300),
            ("1h", 3_600),
            ("2d", 172_800),
            ("1h30m", 5_400),
            (" 1h 30m ", 5_400),
            ("0", 0),
        ] {
            assert_eq!(Seconds::parse(text), Ok(Seconds(seconds)), "{text}");
        }
    }

    #[test]
    fn times_that_could_mean_two_things_are_refused() {
        for text in [
            "",
            " ",
            "m",
            "5 minutes",
            "1h30",
            "30m1h",
            "5m5m",
            "-5m",
            "1.5h",
            "5M",
            "PT5M",
            "99999999999999999999",
            "999999999999999999d",
            "٣m",
        ] {
            assert!(Seconds::parse(text).is_err(), "{text}");
        }
        assert_eq!(
            Seconds::parse("5 minutes").unwrap_err().to_string(),
            "`5 minutes` is not a length of time: write seconds, or a number with s, m, h or d, such as 90, 90s, 5m, \
             1h30m or 2d"
        );
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        for seconds in [0, 1, 45, 60, 61, 300, 5_400, 86_400, 90_061, 604_800, u64::MAX] {
            let shown = Seconds(seconds).to_string();
            assert_eq!(Seconds::parse(&shown), Ok(Seconds(seconds)), "{shown}");
        }
        assert_eq!(Seconds(5_400).to_string(), "1h 30m");
        assert_eq!(Seconds(172_800).to_string(), "2d");
        assert_eq!(Seconds(0).to_string(), "0s");
    }

    #[test]
    fn a_begun_second_counts_as_a_second() {
        assert_eq!(Seconds::from(SignedDuration::new(1, 1)), Seconds(2));
        assert_eq!(Seconds::from(SignedDuration::new(-1, -1)), Seconds(0));
        assert_eq!(SignedDuration::from(Seconds(u64::MAX)), SignedDuration::from_secs(i64::MAX));
    }

    #[test]
    fn only_whole_seconds_have_gone_by_and_never_less_than_none() {
        let at = |milliseconds| Timestamp::from_millisecond(milliseconds).unwrap();
        for (since, now, gone) in [(0, 1_999, 1), (500, 1_499, 0), (0, 0, 0), (5_000, 0, 0), (-1_000, 1_000, 2)] {
            assert_eq!(Seconds::between(at(since), at(now)), Seconds(gone), "{since} to {now}");
        }
    }

    #[test]
    fn no_sum_overflows() {
        assert_eq!(Seconds(u64::MAX) + Seconds(1), Seconds(u64::MAX));
        assert_eq!([Seconds(1), Seconds(2)].into_iter().sum::<Seconds>(), Seconds(3));
    }
}
