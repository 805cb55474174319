//! Pages of names: where one begins, where it ends, and the token of the next.

use codedeploy::error::{ApiError, Code};
use codedeploy::token;
use serde_json::Value;

/// The name after which a page begins; none is before the first.
pub(super) fn begins_after(operation: &str, token: Option<&str>) -> Result<Option<String>, ApiError> {
    let after: Option<String> = token::decode(operation, token)?;
    match after {
        Some(name) if name.is_empty() || name.len() > 1_000 => {
            Err(ApiError::new(Code::InvalidNextTokenException, "the nextToken is not one that a listing handed out"))
        }
        after => Ok(after),
    }
}

/// Cuts a list to a page; the token says which was the last.
pub(super) fn cut(operation: &str, names: &mut Vec<String>, limit: usize) -> Option<String> {
    if names.len() <= limit {
        return None;
    }
    names.truncate(limit);
    names.last().map(|last| token::encode(operation, last))
}

/// An output with its `nextToken`, if there is more.
pub(super) fn with_token(mut output: Value, next: Option<String>) -> Value {
    if let Some(next) = next {
        output["nextToken"] = next.into();
    }
    output
}
