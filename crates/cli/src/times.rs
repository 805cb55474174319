//! Clock times and durations, as people read them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A duration in its two largest units: `45s`, `5m`, `1h 5m`, `2d 3h`.
pub(crate) fn span(seconds: u64) -> String {
    let units = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let Some(first) = units.iter().position(|(count, _)| *count > 0) else {
        return "0s".to_owned();
    };
    let told: Vec<String> = units[first..]
        .iter()
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    told.join(" ")
}

/// Date, clock time and offset from UTC.
pub(crate) fn stamp(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z").to_string()
}

/// The clock time alone, for what happens within the hour.
pub(crate) fn clock(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%H:%M:%S").to_string()
}

/// The clock time of something to come, with its date unless that is today's.
pub(crate) fn due(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let format = if at.date() == now.date() { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" };
    at.strftime(format).to_string()
}

/// Whole seconds from `from` to `to`, none if it is past.
pub(crate) fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    let millis = to.as_millisecond().saturating_sub(from.as_millisecond());
    u64::try_from(millis).map_or(0, |millis| millis.div_ceil(1_000))
}

/// From when on: a while ago, a day, or a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Since {
    /// So many seconds ago.
    Ago(u64),
    /// The beginning of a day where the reader is.
    Day(Date),
    /// Then.
    At(Timestamp),
}

impl Since {
    /// Reads a flag.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let ago = || {
            let (count, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
            let unit = match unit {
                "s" => 1,
                "m" => 60,
                "h" => 3_600,
                "d" => 86_400,
                _ => return None,
            };
            count.parse::<u64>().ok()?.checked_mul(unit).map(Self::Ago)
        };
        let day = || text.parse().ok().filter(|_| !text.contains([':', 'T', ' '])).map(Self::Day);
        ago().or_else(day).or_else(|| text.parse().ok().map(Self::At)).ok_or_else(|| {
            format!(
                "`{text}` is no time: write 90m, 12h or 7d for that long ago, or 2026-07-14, or 2026-07-14T09:30:00Z"
            )
        })
    }

    /// The moment.
    pub(crate) fn moment(self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        match self {
            Self::Ago(seconds) => {
                let ago = i64::try_from(seconds).map_or(SignedDuration::MAX, SignedDuration::from_secs);
                now.saturating_sub(ago).unwrap_or(Timestamp::MIN)
            }
            Self::Day(day) => day.to_zoned(zone.clone()).map_or(Timestamp::MIN, |day| day.timestamp()),
            Self::At(at) => at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{berlin, noon};

    #[test]
    fn a_time_is_a_while_ago_a_day_or_a_moment() {
        let table = [
            ("90m", "2026-07-14T08:30:00Z"),
            ("2d", "2026-07-12T10:00:00Z"),
            ("2026-07-14", "2026-07-13T22:00:00Z"),
            ("2026-07-14T09:30:00Z", "2026-07-14T09:30:00Z"),
            ("2026-07-14T09:30:00+02:00", "2026-07-14T07:30:00Z"),
        ];
        for (text, expected) in table {
            let since = Since::parse(text).expect(text).moment(noon(), &berlin());
            assert_eq!(since.to_string(), expected, "{text}");
        }
        for odd in ["", "d", "soon", "-1d", "é", "7w", "2026-13-01"] {
            assert!(Since::parse(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn what_is_to_come_on_another_day_has_its_date() {
        let due = |at: &str| due(at.parse().expect("a time"), noon(), &berlin());
        assert_eq!(due("2026-07-14T21:59:59Z"), "23:59:59");
        assert_eq!(due("2026-07-14T22:00:00Z"), "2026-07-15 00:00:00");
    }

    #[test]
    fn a_span_tells_its_two_largest_units() {
        let table = [
            (0, "0s"),
            (45, "45s"),
            (300, "5m"),
            (330, "5m 30s"),
            (3_900, "1h 5m"),
            (3_630, "1h"),
            (90_000, "1d 1h"),
            (172_800, "2d"),
        ];
        for (seconds, told) in table {
            assert_eq!(span(seconds), told);
        }
    }

    #[test]
    fn what_is_past_is_no_time_away() {
        let at = |second| Timestamp::from_second(second).expect("a time");
        assert_eq!(seconds_between(at(10), at(14)), 4);
        assert_eq!(seconds_between(at(14), at(10)), 0);
    }
}
