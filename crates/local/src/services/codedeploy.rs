//! CodeDeploy's place at the endpoint: the stack's own `api` function, called directly.

use std::sync::Arc;

use ::http::{HeaderName, HeaderValue};
use codedeploy::call::Reply;
use codedeploy::error::{ApiError, Code};
use codedeploy::http;

use super::lambda::Functions;
use crate::arn::FunctionRef;
use crate::call::{CODEDEPLOY, Call};
use crate::clock;
use crate::http::{Answer, Request};
use crate::service::{Answering, Service};

/// The door.
pub(crate) struct CodeDeploy {
    pub(crate) functions: Arc<Functions>,
    /// The stack's name.
    pub(crate) stack: String,
}

impl Service for CodeDeploy {
    fn claims(&self, call: &Call) -> bool {
        call.service == CODEDEPLOY
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move { self.codedeploy(&call.request).await })
    }
}

impl CodeDeploy {
    /// Answers as the service does.
    async fn codedeploy(&self, request: &Request) -> Answer {
        let headers: Vec<(&str, &str)> =
            request.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
        let (method, path) = (request.method.as_str(), request.path.as_str());
        let asked = http::Request { method, path, headers: &headers, body: &request.body };
        let (reply, id) = match http::read(&asked) {
            Ok(call) => self.api(&call).await,
            Err(error) => (Err(error).into(), None),
        };
        let response = http::write(&asked, &reply, &id.unwrap_or_else(clock::uuid));
        let mut answer = Answer::empty(response.status);
        for (name, value) in response.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                answer.headers.insert(HeaderName::from_static(name), value);
            }
        }
        answer.body = response.body.into();
        answer
    }

    async fn api(&self, call: &codedeploy::call::Call) -> (Reply, Option<String>) {
        let failed = |code, message: String| Err(ApiError::new(code, message)).into();
        let name = format!("{}-api", self.stack);
        let payload = match serde_json::to_vec(call) {
            Ok(payload) => payload.into(),
            Err(error) => return (failed(Code::SerializationException, error.to_string()), None),
        };
        let function = FunctionRef { name: name.clone(), qualifier: None };
        match self.functions.invoke(&function, payload, false).await {
            Ok((outcome, _)) if outcome.failed => {
                let said = String::from_utf8_lossy(&outcome.payload).into_owned();
                (failed(Code::InternalFailure, format!("{name} failed: {said}")), Some(outcome.request_id))
            }
            Ok((outcome, _)) => {
                let reply = serde_json::from_slice(&outcome.payload);
                let odd = |_| failed(Code::InternalFailure, format!("{name} answered in a form of its own"));
                (reply.unwrap_or_else(odd), Some(outcome.request_id))
            }
            Err(refusal) => {
                if refusal.status == ::http::StatusCode::TOO_MANY_REQUESTS {
                    return (failed(Code::ThrottlingException, "Rate exceeded".to_owned()), None);
                }
                let why = refusal.value()["message"].as_str().unwrap_or("no reason was given").to_owned();
                (failed(Code::ServiceUnavailable, format!("{name} cannot be called: {why}")), None)
            }
        }
    }
}
