//! A service that answers what a test says and remembers what it was sent.

use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::test_util::infallible_client_fn;
use serde_json::{Value, json};

/// What arrived.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) path: String,
    /// `X-Amz-Target`, behind the point.
    pub(crate) operation: String,
    pub(crate) body: Value,
}

/// What goes back: the HTTP status, the name of the error if it is one, the body.
pub(crate) type Answer = (u16, Option<&'static str>, Value);

pub(crate) fn fine(body: Value) -> Answer {
    (200, None, body)
}

pub(crate) fn error(status: u16, code: &'static str) -> Answer {
    (status, Some(code), json!({"__type": format!("com.amazonaws#{code}"), "message": "said the service"}))
}

/// A service.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) config: SdkConfig,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Service {
    pub(crate) fn answering(answer: impl Fn(&Sent) -> Answer + Send + Sync + 'static) -> Self {
        let sent = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&sent);
        let client = infallible_client_fn(move |request| {
            let operation = request.headers().get("x-amz-target").and_then(|value| value.to_str().ok());
            let body = request.body().bytes().unwrap_or_default();
            let arrived = Sent {
                path: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
                operation: operation.and_then(|target| target.split('.').next_back()).unwrap_or_default().to_owned(),
                body: serde_json::from_slice(body).unwrap_or_default(),
            };
            let (status, code, body) = answer(&arrived);
            seen.lock().unwrap().push(arrived);
            let response = http::Response::builder().status(status);
            let response = match code {
                Some(code) => response.header("x-amzn-errortype", code),
                None => response,
            };
            response.body(body.to_string()).unwrap()
        });
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-central-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "key", None, None, "test")))
            .retry_config(RetryConfig::disabled())
            .http_client(client)
            .build();
        Self { config, sent }
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}
