//! CloudWatch and CodePipeline speak RPC v2 CBOR with today's SDKs; moto takes JSON. This turns the one into the other.
//!
//! JSON does not tell a whole double from an integer, nor a time from a number, and a strict reader of CBOR wants to
//! know: the names of members decide, which are CloudWatch's with a capital letter, and CodePipeline's without.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Number, Value};

/// The content type of the protocol.
pub(crate) const CONTENT_TYPE: &str = "application/cbor";

/// Reads one CBOR value; `None` where it is malformed.
pub(crate) fn decode(bytes: &[u8]) -> Option<Value> {
    if bytes.is_empty() {
        return Some(Value::Object(Map::new()));
    }
    let mut reader = Reader { rest: bytes };
    reader.value(32)
}

struct Reader<'a> {
    rest: &'a [u8],
}

enum Length {
    Known(u64),
    Indefinite,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, count: u64) -> Option<&[u8]> {
        let (taken, rest) = self.rest.split_at_checked(usize::try_from(count).ok()?)?;
        self.rest = rest;
        Some(taken)
    }

    fn length(&mut self, info: u8) -> Option<Length> {
        let width = match info {
            0..=23 => return Some(Length::Known(u64::from(info))),
            24..=27 => 1_u64 << (info - 24),
            31 => return Some(Length::Indefinite),
            _ => return None,
        };
        let number = self.take(width)?.iter().fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        Some(Length::Known(number))
    }

    fn at_break(&mut self) -> bool {
        if self.rest.first() == Some(&0xff) {
            self.rest = &self.rest[1..];
            return true;
        }
        false
    }

    fn bytes(&mut self, length: &Length) -> Option<Vec<u8>> {
        match length {
            Length::Known(count) => Some(self.take(*count)?.to_vec()),
            Length::Indefinite => {
                let mut whole = Vec::new();
                while !self.at_break() {
                    let head = self.byte()?;
                    let Length::Known(count) = self.length(head & 0x1f)? else { return None };
                    whole.extend_from_slice(self.take(count)?);
                }
                Some(whole)
            }
        }
    }

    fn value(&mut self, depth: u8) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        let head = self.byte()?;
        let (major, info) = (head >> 5, head & 0x1f);
        if major == 7 {
            return self.simple(info);
        }
        let length = self.length(info)?;
        Some(match (major, length) {
            (0, Length::Known(number)) => number.into(),
            (1, Length::Known(number)) => (-1 - i64::try_from(number).ok()?).into(),
            (2, length) => STANDARD.encode(self.bytes(&length)?).into(),
            (3, length) => String::from_utf8(self.bytes(&length)?).ok()?.into(),
            (4, length) => {
                let mut items = Vec::new();
                while self.more(&length, items.len()) {
                    items.push(self.value(depth)?);
                }
                items.into()
            }
            (5, length) => {
                let mut members = Map::new();
                let mut seen = 0;
                while self.more(&length, seen) {
                    let Value::String(key) = self.value(depth)? else { return None };
                    members.insert(key, self.value(depth)?);
                    seen += 1;
                }
                members.into()
            }
            (6, Length::Known(_)) => self.value(depth)?,
            _ => return None,
        })
    }

    fn more(&mut self, length: &Length, seen: usize) -> bool {
        match length {
            Length::Known(count) => (seen as u64) < *count,
            Length::Indefinite => !self.at_break(),
        }
    }

    fn simple(&mut self, info: u8) -> Option<Value> {
        Some(match info {
            20 => false.into(),
            21 => true.into(),
            22 | 23 => Value::Null,
            25 => half(u16::from_be_bytes(self.take(2)?.try_into().ok()?)).into(),
            26 => f64::from(f32::from_be_bytes(self.take(4)?.try_into().ok()?)).into(),
            27 => f64::from_be_bytes(self.take(8)?.try_into().ok()?).into(),
            _ => return None,
        })
    }
}

fn half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from((bits >> 10) & 0x1f), f64::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2_f64.powi(exponent - 15),
    }
}

/// Writes a value as their clients expect it.
pub(crate) fn encode(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, value, Kind::Plain);
    out
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Double,
    Time,
}

fn kind(member: &str) -> Kind {
    match member {
        "Threshold" | "Sum" | "Average" | "Minimum" | "Maximum" | "SampleCount" | "Value" | "Values" | "Counts" => {
            Kind::Double
        }
        "LastModified" | "StartTime" | "EndTime" => Kind::Time,
        "created" | "updated" | "startTime" | "lastUpdateTime" | "lastStatusChange" => Kind::Time,
        _ if member.ends_with("Timestamp") || member.ends_with("Timestamps") => Kind::Time,
        _ => Kind::Plain,
    }
}

fn write(out: &mut Vec<u8>, value: &Value, as_kind: Kind) {
    match (value, as_kind) {
        (Value::Null, _) => out.push(0xf6),
        (Value::Bool(is), _) => out.push(if *is { 0xf5 } else { 0xf4 }),
        (Value::Number(number), Kind::Plain) => plain(out, number),
        (Value::Number(number), kind) => {
            if kind == Kind::Time {
                out.push(0xc1);
            }
            double(out, number.as_f64().unwrap_or_default());
        }
        (Value::String(text), Kind::Time) if text.parse::<jiff::Timestamp>().is_ok() => {
            out.push(0xc1);
            let at = text.parse::<jiff::Timestamp>().unwrap_or_default();
            #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit")]
            double(out, at.as_millisecond() as f64 / 1e3);
        }
        (Value::String(text), _) => {
            head(out, 3, text.len() as u64);
            out.extend_from_slice(text.as_bytes());
        }
        (Value::Array(items), kind) => {
            head(out, 4, items.len() as u64);
            for item in items {
                write(out, item, kind);
            }
        }
        (Value::Object(members), _) => {
            let present = members.iter().filter(|(_, value)| !value.is_null()).collect::<Vec<_>>();
            head(out, 5, present.len() as u64);
            for (name, value) in present {
                head(out, 3, name.len() as u64);
                out.extend_from_slice(name.as_bytes());
                write(out, value, kind(name));
            }
        }
    }
}

fn plain(out: &mut Vec<u8>, number: &Number) {
    if let Some(positive) = number.as_u64() {
        head(out, 0, positive);
    } else if let Some(negative) = number.as_i64() {
        head(out, 1, negative.unsigned_abs() - 1);
    } else {
        let number = number.as_f64().unwrap_or_default();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and small, as just checked")]
        if number.fract() == 0.0 && (0.0..1e15).contains(&number) {
            head(out, 0, number as u64);
        } else {
            double(out, number);
        }
    }
}

fn double(out: &mut Vec<u8>, number: f64) {
    out.push(0xfb);
    out.extend_from_slice(&number.to_be_bytes());
}

fn head(out: &mut Vec<u8>, major: u8, number: u64) {
    let major = major << 5;
    match number {
        0..=23 => out.push(major | number.to_be_bytes()[7]),
        24..=0xff => out.extend([major | 24, number.to_be_bytes()[7]]),
        0x100..=0xffff => {
            out.push(major | 25);
            out.extend_from_slice(&number.to_be_bytes()[6..]);
        }
        0x1_0000..=0xffff_ffff => {
            out.push(major | 26);
            out.extend_from_slice(&number.to_be_bytes()[4..]);
        }
        _ => {
            out.push(major | 27);
            out.extend_from_slice(&number.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{decode, encode};

    #[test]
    fn what_is_written_is_read_back() {
        let value = json!({
            "MetricAlarms": [{ "AlarmName": "a", "Period": 60, "ActionsEnabled": true, "Delta": -3, "Big": 70_000 }],
            "Threshold": 1.5,
        });
        assert_eq!(decode(&encode(&value)), Some(value));
    }

    #[test]
    fn a_whole_threshold_stays_a_double_and_a_time_is_tagged() {
        assert_eq!(encode(&json!({ "Threshold": 1 }))[11], 0xfb);
        let time = encode(&json!({ "Timestamp": 1 }));
        assert_eq!(time[11..13], [0xc1, 0xfb]);
        assert_eq!(encode(&json!({ "created": 1 }))[9..11], [0xc1, 0xfb], "CodePipeline's, too");
    }

    #[test]
    fn an_sdks_indefinite_map_is_read() {
        let bytes = [0xbf, 0x61, b'a', 0x9f, 0x61, b'x', 0xff, 0xff];
        assert_eq!(decode(&bytes), Some(json!({ "a": ["x"] })));
    }

    #[test]
    fn garbage_is_refused_and_not_believed() {
        assert_eq!(decode(&[0xbf, 0x61]), None);
        assert_eq!(decode(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), None);
        assert_eq!(decode(&[0x81; 64]), None);
    }
}
