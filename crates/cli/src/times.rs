//! Clock times and durations, as people read them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

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

/// Whole seconds from `from` to `to`, none if it is past.
pub(crate) fn seconds_between(from: Timestamp, to: Timestamp) -> u64 {
    let millis = to.as_millisecond().saturating_sub(from.as_millisecond());
    u64::try_from(millis).map_or(0, |millis| millis.div_ceil(1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

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
