//! A request, how large each part of one may be, and what is said of one that is no call.

use crate::error::{ApiError, Code};

/// More than any valid request: the longest member is an AppSpec, which is refused long before it is this long. Below what
/// Lambda takes as a payload, also when all of it has to be escaped.
pub const MAX_BODY: usize = 1024 * 1024;

/// The deepest nesting of a body; the deepest input of the API has 6 levels. Well below where JSON parsers on the way give up,
/// which would look like a fault of ours.
pub const MAX_DEPTH: usize = 32;

/// Longer than any operation's name with its prefix.
pub(crate) const MAX_TARGET: usize = 256;

/// A request, as any HTTP server has it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// `POST`.
    pub method: &'a str,
    /// Without the query.
    pub path: &'a str,
    /// Names in any case.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body, without any transfer encoding.
    pub body: &'a [u8],
}

impl Request<'_> {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// What a server says that would not read a body to its end.
pub fn too_large() -> ApiError {
    unreadable(&format!("the body is larger than {MAX_BODY} bytes"))
}

/// What is said of a body that is nested too deep.
pub fn too_deep() -> ApiError {
    unreadable(&format!("the body is nested deeper than {MAX_DEPTH} levels"))
}

pub(crate) fn unreadable(message: &str) -> ApiError {
    ApiError::new(Code::SerializationException, message)
}

pub(crate) fn unknown(message: &str) -> ApiError {
    ApiError::new(Code::UnknownOperationException, message)
}
