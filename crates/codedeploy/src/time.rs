//! Timestamps: epoch seconds with a fraction, both ways (docs/codedeploy-contract.md 1.1).

use std::fmt;

use jiff::Timestamp;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment. Written as a number, to the millisecond; read from a number or, as some clients send it, from ISO 8601 text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub Timestamp);

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(at)
    }
}

impl Time {
    /// Epoch seconds.
    pub fn seconds(self) -> f64 {
        self.0.as_millisecond() as f64 / 1_000.0
    }

    fn of(seconds: f64) -> Option<Self> {
        let milliseconds = (seconds * 1_000.0).round();
        // Every number that passes is a whole one far inside of what an i64 holds.
        let fits = milliseconds.is_finite() && milliseconds.abs() < 1e15;
        fits.then(|| Timestamp::from_millisecond(milliseconds as i64).ok()).flatten().map(Self)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.seconds())
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrText;

        impl Visitor<'_> for NumberOrText {
            type Value = Time;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a timestamp in epoch seconds, such as 1704067200.5")
            }

            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Time, E> {
                Time::of(seconds).ok_or_else(|| E::custom(format!("{seconds} is not a timestamp in epoch seconds")))
            }

            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Time, E> {
                self.visit_f64(seconds as f64)
            }

            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Time, E> {
                self.visit_f64(seconds as f64)
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
                text.parse().map(Time).map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }
        }

        deserializer.deserialize_any(NumberOrText)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_moment_is_written_as_a_number_and_read_from_a_number_or_text() {
        let moment = Time("2024-01-01T00:00:00.5Z".parse().unwrap());
        assert_eq!(json!(moment), json!(1_704_067_200.5));
        for written in [json!(1_704_067_200.5), json!("2024-01-01T00:00:00.500Z"), json!("2024-01-01T01:00:00.5+01:00")]
        {
            assert_eq!(serde_json::from_value::<Time>(written).unwrap(), moment);
        }
        assert_eq!(serde_json::from_value::<Time>(json!(-1)).unwrap().seconds(), -1.0);
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for odd in [json!("yesterday"), json!(1e300), json!(u64::MAX), json!(true), json!([1]), json!("")] {
            assert!(serde_json::from_value::<Time>(odd.clone()).is_err(), "{odd}");
        }
    }
}
