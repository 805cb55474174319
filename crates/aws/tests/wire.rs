//! A service that answers what a test says and remembers what it was sent.

use std::sync::{Arc, Mutex};

use aws::{Account, Stack};
use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::test_util::infallible_client_fn;
use rollout::platform::Platform;
use serde_json::{Value, json};

/// The account behind a service, with a stack in it.
pub(crate) fn account(config: &SdkConfig) -> Account {
    let machines = [(Platform::Lambda, "arn:lambda".to_owned()), (Platform::Ecs, "arn:ecs".to_owned())];
    Account::new(config, Stack { name: "stack".to_owned(), table: "table".to_owned(), machines: machines.into() })
}

/// What arrived.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) path: String,
    /// `X-Amz-Target`, behind the point; in a form, its `Action`.
    pub(crate) operation: String,
    /// The JSON, or the form's members.
    pub(crate) body: Value,
}

/// What goes back: the HTTP status, the name of the error if it is one, the body. XML goes back as it is.
pub(crate) type Answer = (u16, Option<&'static str>, Value);

pub(crate) fn fine(body: Value) -> Answer {
    (200, None, body)
}

pub(crate) fn error(status: u16, code: &'static str) -> Answer {
    said(status, code, "said the service")
}

/// An error in these words.
pub(crate) fn said(status: u16, code: &'static str, message: &str) -> Answer {
    (status, Some(code), json!({"__type": format!("com.amazonaws#{code}"), "message": message}))
}

/// An error of a service that speaks XML.
pub(crate) fn xml_error(status: u16, code: &'static str) -> Answer {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>said the service</Message></Error>");
    (status, None, Value::String(format!("<ErrorResponse>{error}<RequestId>r</RequestId></ErrorResponse>")))
}

/// The result of an operation of a service that speaks XML.
pub(crate) fn xml(operation: &str, result: &str) -> Answer {
    let (response, inner) = (format!("{operation}Response"), format!("{operation}Result"));
    (200, None, Value::String(format!("<{response}><{inner}>{result}</{inner}></{response}>")))
}

/// The members of a form.
fn form(body: &[u8]) -> Value {
    form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
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
            let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let body = request.body().bytes().unwrap_or_default();
            let mut arrived = Sent {
                path: request.uri().path_and_query().map(ToString::to_string).unwrap_or_default(),
                operation: header("x-amz-target").split('.').next_back().unwrap_or_default().to_owned(),
                body: serde_json::from_slice(body).unwrap_or_default(),
            };
            if header("content-type").starts_with("application/x-www-form-urlencoded") {
                arrived.body = form(body);
                arrived.operation = arrived.body["Action"].as_str().unwrap_or_default().to_owned();
            }
            let (status, code, body) = answer(&arrived);
            seen.lock().unwrap().push(arrived);
            let response = http::Response::builder().status(status);
            let response = match code {
                Some(code) => response.header("x-amzn-errortype", code),
                None => response,
            };
            let body = match body {
                Value::String(xml) if xml.starts_with('<') => xml,
                other => other.to_string(),
            };
            response.body(body).unwrap()
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
