//! A call by direct invoke of the `api` function: the target and body an HTTP client would send, and status and body back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::empty;
use crate::error::{ApiError, Code};

/// What the caller sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// `X-Amz-Target`: prefix, point, operation.
    pub target: String,
    /// The operation's input.
    #[serde(default = "no_members")]
    pub body: Value,
}

fn no_members() -> Value {
    json!({})
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The operation's output, or `{"__type", "message"}`.
    pub body: Value,
}

impl From<Result<Value, ApiError>> for Reply {
    fn from(result: Result<Value, ApiError>) -> Self {
        match result {
            Ok(body) => Self { status: 200, body },
            Err(error) => Self { status: error.status(), body: error.body() },
        }
    }
}

/// The longest sentence about an input that cannot be read: serde repeats what it found, which may be a page of text.
const LONGEST: usize = 300;

/// Reads an operation's input, without what counts as left out ([`empty`]) and what nobody knows
/// ([`unknown`](crate::unknown)); a wrong shape is a `SerializationException` that says where.
pub fn input<T: for<'de> Deserialize<'de>>(body: &Value) -> Result<T, ApiError> {
    let Value::Object(members) = body else {
        return Err(ApiError::new(Code::SerializationException, "the input is a JSON object"));
    };
    T::deserialize(Value::Object(empty::pruned(members)))
        .map_err(|error| ApiError::new(Code::SerializationException, clipped(&error.to_string(), LONGEST)))
}

/// At most `most` characters of a text, for messages.
pub fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shapes::ListApplicationsInput;

    #[test]
    fn a_wrong_type_is_named_and_not_repeated_by_the_page() {
        let page = "x".repeat(100_000);
        let error = input::<ListApplicationsInput>(&json!({"nextToken": [page]})).expect_err("a list is no token");
        assert_eq!(error.code, Code::SerializationException);
        assert!(error.message.len() < 400);
        for body in [json!(null), json!([]), json!("text"), json!(1)] {
            let error = input::<ListApplicationsInput>(&body).expect_err("no object");
            assert_eq!(error.code, Code::SerializationException);
        }
    }

    #[test]
    fn a_member_that_is_null_is_not_there() {
        let read: ListApplicationsInput = input(&json!({"nextToken": null, "unknown": 1})).expect("a client's input");
        assert_eq!(read, ListApplicationsInput::default());
    }
}
