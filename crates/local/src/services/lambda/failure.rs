//! An error as Lambda words its own.

use hyper::body::Bytes;
use serde_json::{Value, json};

/// `{errorType, errorMessage}`.
pub(super) fn failure(error_type: &str, message: &str) -> Bytes {
    let body: Value = json!({ "errorType": error_type, "errorMessage": message });
    Bytes::from(body.to_string())
}
