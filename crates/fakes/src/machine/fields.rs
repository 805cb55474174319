//! The fields of a state.

use serde_json::Value;

pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn number(value: &Value, field: &str, otherwise: u64) -> u64 {
    value.get(field).and_then(Value::as_u64).unwrap_or(otherwise)
}
