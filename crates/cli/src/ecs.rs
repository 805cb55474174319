//! ECS behind `tideshift proxy --ecs`: whatever a client asked, sent with the credentials of who runs the proxy.
//!
//! The SDK's own client sends it, so that endpoint, credentials and signature are what every AWS program here has. It is told to
//! describe services, whatever is asked: all operations of ECS go the same way to the same place. [`Instead`] puts the client's
//! request in before it is signed, and takes the answer out as it came.

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_ecs::Client;
use aws_sdk_ecs::config::http::HttpRequest;
use aws_sdk_ecs::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextMut,
    BeforeTransmitInterceptorContextMut,
};
use aws_sdk_ecs::config::{Builder, ConfigBag, Intercept, ProvideCredentials, RuntimeComponents};
use aws_sdk_ecs::error::{BoxError, SdkError};
use aws_smithy_types::body::SdkBody;
use http_body_util::Limited;
use proxy::{Answered, Sent, Unreached};

use crate::cause::innermost;

/// ECS answers in a second or two; clients wait a minute.
const ANSWER_WITHIN: Duration = Duration::from_secs(40);

/// Larger than any answer: ten services with a hundred events each are a megabyte.
const LARGEST: usize = 16 << 20;

/// ECS, in the region and with the credentials of who runs this.
#[derive(Debug)]
pub(crate) struct Ecs {
    client: Client,
    config: SdkConfig,
}

impl Ecs {
    /// Takes credentials, region and endpoint from where every AWS program takes them.
    pub(crate) fn new(config: &SdkConfig) -> Self {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ANSWER_WITHIN);
        let once = Builder::from(config).retry_config(RetryConfig::disabled()).timeout_config(timeouts.build());
        Self { client: Client::from_conf(once.build()), config: config.clone() }
    }

    async fn explain<E: Error + 'static>(&self, error: SdkError<E>) -> Unreached {
        if let SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) = &error
            && let Some(credentials) = self.config.credentials_provider()
            && credentials.provide_credentials().await.is_err()
        {
            let message = "the proxy has no AWS credentials to call ECS with: give it some, or sign in again";
            return Unreached::new(400, "MissingAuthenticationTokenException", message);
        }
        let why = match &error {
            SdkError::TimeoutError(_) => "it took too long".to_owned(),
            other => innermost(other),
        };
        let advice = "is the network up, and the region right, or AWS_ENDPOINT_URL_ECS if that is set?";
        let region = self.config.region().map_or("no region", |region| region.as_ref());
        Unreached::new(
            503,
            "ServiceUnavailable",
            format!("the proxy has no answer of ECS in {region} ({why}): {advice}"),
        )
    }
}

impl proxy::Ecs for Ecs {
    async fn send(&self, request: Sent) -> Result<Answered, Unreached> {
        let outcome = Arc::new(Mutex::new(None));
        let instead = Instead { request, outcome: Arc::clone(&outcome) };
        let understood = self.client.describe_services().customize().interceptor(instead).send().await;
        let outcome = outcome.lock().ok().and_then(|mut outcome| outcome.take());
        match (outcome, understood) {
            (Some(answered), _) => Ok(answered),
            (None, Err(error)) => Err(self.explain(error).await),
            (None, Ok(_)) => Err(Unreached::new(500, "InternalFailure", "the answer of ECS was lost in the proxy")),
        }
    }
}

/// Puts a client's request in the place of the one that the SDK has made, and keeps what is answered, whatever it means.
#[derive(Debug)]
struct Instead {
    request: Sent,
    outcome: Arc<Mutex<Option<Answered>>>,
}

impl Instead {
    fn put_into(&self, request: &mut HttpRequest) -> Result<(), BoxError> {
        let Sent { path, headers, body } = &self.request;
        if path != "/" {
            let whole = format!("{}{path}", request.uri().trim_end_matches('/'));
            request.set_uri(whole)?;
        }
        let of_the_sdk: Vec<String> = request.headers().iter().map(|(name, _)| name.to_owned()).collect();
        for name in of_the_sdk {
            request.headers_mut().remove(name);
        }
        for (name, value) in headers {
            request.headers_mut().try_insert(name.clone(), value.clone())?;
        }
        *request.body_mut() = body.clone().into();
        Ok(())
    }
}

impl Intercept for Instead {
    fn name(&self) -> &'static str {
        "Instead"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.put_into(context.request_mut())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response_mut().body_mut();
        let whole = std::mem::replace(body, SdkBody::taken());
        *body = SdkBody::from_body_1_x(Limited::new(whole, LARGEST));
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        // One that broke off, or is too large, is none.
        if let Some(body) = response.body().bytes() {
            let header = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            let headers = response.headers().iter().map(header).collect();
            let answered = Answered { status: response.status().as_u16(), headers, body: body.to_vec() };
            self.outcome.lock().map_err(|_| "nobody takes the answer")?.replace(answered);
        }
        Ok(())
    }
}
