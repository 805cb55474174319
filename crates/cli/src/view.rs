//! What the stack answers, as it is shown: in the shape the stack writes it in, with nothing in it that could forge a line.

use proxy::text::{in_lines, one_line};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::api::ApiError;

pub(crate) use proxy::time::Time as Moment;
pub(crate) use proxy::view::*;

/// The member that is shown line by line, each behind a margin; every other text has one line.
const IN_LINES: &str = "logTail";

/// The answer with every text in it such that it cannot forge a line of ours: much of it is written by strangers.
fn tamed(answer: &Value, member: &str) -> Value {
    match answer {
        Value::String(text) if member == IN_LINES => in_lines(text).into(),
        Value::String(text) => one_line(text).into(),
        Value::Array(items) => items.iter().map(|item| tamed(item, member)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), tamed(value, name))).collect(),
        plain => plain.clone(),
    }
}

/// Reads an answer, to be shown.
pub(crate) fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, ApiError> {
    handed_on(tamed(answer, ""))
}

/// Reads an answer of which parts are handed on as they are, and none is shown.
pub(crate) fn handed_on<T: DeserializeOwned>(answer: Value) -> Result<T, ApiError> {
    T::deserialize(answer).map_err(|error| {
        ApiError::Unreadable(format!(
            "the stack gave an answer this program does not read ({error}): are the program and the stack of the same version?"
        ))
    })
}
