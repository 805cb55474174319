//! A call by direct invoke of the `api` function: the target and body an HTTP client would send, and status and body back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{ApiError, Code};

/// What the caller sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// `X-Amz-Target`: prefix, point, operation.
    pub target: String,
    /// The operation's input.
    #[serde(default = "empty")]
    pub body: Value,
}

fn empty() -> Value {
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

/// Reads an operation's input; a wrong shape is a `SerializationException` that says where.
pub fn input<T: for<'de> Deserialize<'de>>(body: &Value) -> Result<T, ApiError> {
    if !body.is_object() {
        return Err(ApiError::new(Code::SerializationException, "the input is a JSON object"));
    }
    T::deserialize(body).map_err(|error| ApiError::new(Code::SerializationException, error.to_string()))
}
