//! A call as it travels in HTTP, in either of the two protocols ([`Protocol`]): the front doors share it, and none of them knows
//! an operation.
//!
//! Nothing here waits or talks. A request that is no call becomes the error a client expects, always HTTP 400: clients retry
//! what is a 5xx, and a malformed request stays malformed.

use crate::call::{Call, Reply};
use crate::error::{ApiError, Code};
use crate::protocol::Protocol;

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

/// A response, for any HTTP server to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Reads a request. Which operation it is, and whether there is such a one, is for the dispatcher.
pub fn read(request: &Request<'_>) -> Result<Call, ApiError> {
    let protocol = Protocol::of(request);
    if request.method != "POST" {
        let method: String = request.method.chars().take(20).collect();
        return Err(unknown(&format!("an operation is called by POST, not {method}")));
    }
    Ok(Call { target: protocol.target(request)?, body: protocol.input(request)? })
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

/// Writes a response in the protocol of the request. An error is said in the body, where most clients look, and with JSON in a
/// header, where some do (docs/codedeploy-contract.md 1.2).
pub fn write(request: &Request<'_>, reply: &Reply, request_id: &str) -> Response {
    let error = reply.body["__type"].as_str().filter(|_| reply.status >= 300);
    let (headers, body) = Protocol::of(request).output(request, &reply.body, error);
    let headers = [("x-amzn-requestid", request_id.to_owned())].into_iter().chain(headers).collect();
    Response { status: reply.status, headers, body }
}

#[cfg(test)]
mod tests;
