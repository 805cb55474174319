//! One call: from the request to the function and back.

use std::future::Future;

use codedeploy::call::{Call, Reply};
use codedeploy::error::ErrorBody;
use serde_json::json;

/// Calls the `api` function.
pub trait Invoke: Send + Sync + 'static {
    /// Hands it a payload, once.
    fn invoke(&self, payload: Vec<u8>) -> impl Future<Output = Result<Invoked, Unreached>> + Send;
}

/// What the function answered.
#[derive(Debug, Clone)]
pub struct Invoked {
    /// Its payload.
    pub payload: Vec<u8>,
    /// Lambda's id of the request.
    pub request_id: Option<String>,
}

/// What a client is told whose endpoint is none of its service; clients do not ask again.
pub(crate) const WRONG_ENDPOINT: &str = "InvalidEndpointException";

/// Why it gave no answer, in the terms a client of AWS knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreached {
    /// The HTTP status: a 5xx is tried again by clients.
    pub status: u16,
    /// The error's name.
    pub code: String,
    /// The sentence.
    pub message: String,
}

impl Unreached {
    /// No answer.
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }
}

impl From<Unreached> for Reply {
    fn from(unreached: Unreached) -> Self {
        let Unreached { status, code, message } = unreached;
        Self { status, body: json!(ErrorBody { kind: Some(code), message: Some(message) }) }
    }
}

/// Forwards a call: the reply, and the request's id where there is one.
pub(crate) async fn forward(api: &impl Invoke, call: &Call) -> (Reply, Option<String>) {
    let payload = match serde_json::to_vec(call) {
        Ok(payload) => payload,
        Err(error) => return (Unreached::new(400, "SerializationException", error.to_string()).into(), None),
    };
    match api.invoke(payload).await {
        Ok(Invoked { payload, request_id }) => {
            let reply = serde_json::from_slice(&payload).unwrap_or_else(|_| {
                let message = "the function answered in a form of its own: is it a Tideshift stack of this version?";
                Unreached::new(500, "InternalFailure", message).into()
            });
            (reply, request_id)
        }
        Err(unreached) => (unreached.into(), None),
    }
}
