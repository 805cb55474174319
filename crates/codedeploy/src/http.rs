//! A call as it travels in HTTP, in either of the two protocols ([`Protocol`]): the front doors share it, and none of them knows
//! an operation.
//!
//! Nothing here waits or talks. A request that is no call becomes the error a client expects, always HTTP 400: clients retry
//! what is a 5xx, and a malformed request stays malformed.

mod request;

use crate::call::{Call, Reply};
use crate::error::ApiError;
use crate::protocol::Protocol;

pub use request::{MAX_BODY, MAX_DEPTH, Request, too_deep, too_large};
pub(crate) use request::{MAX_TARGET, unknown, unreadable};

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
