//! A function of ours in AWS Lambda, and what Lambda says, told as an AWS service tells it.

use std::error::Error;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{Builder, ProvideCredentials};
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::RequestId;
use aws_sdk_lambda::operation::invoke::InvokeError;
use aws_sdk_lambda::primitives::Blob;

use crate::call::{Invoke, Invoked, Unreached, WRONG_ENDPOINT};

/// Longer than the function's own time limit, and shorter than the minute that clients wait.
const ANSWER_WITHIN: Duration = Duration::from_secs(40);

/// A function of a stack that answers calls of the API.
#[derive(Debug, Clone)]
pub struct Function {
    client: Client,
    config: SdkConfig,
    name: String,
    log_group: String,
}

/// Where all functions of a stack log.
pub fn log_group(stack: &str) -> String {
    format!("/aws/lambda/{stack}-functions")
}

impl Function {
    /// The one that answers the whole API, with these credentials, region and endpoint.
    pub fn api(config: &SdkConfig, stack: &str) -> Self {
        Self::named(config, stack, "api")
    }

    /// The one for hooks: it puts the status of a run, and does nothing else.
    pub fn hook_status(config: &SdkConfig, stack: &str) -> Self {
        Self::named(config, stack, "hook-status")
    }

    fn named(config: &SdkConfig, stack: &str, function: &str) -> Self {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ANSWER_WITHIN);
        let once = Builder::from(config).retry_config(RetryConfig::disabled()).timeout_config(timeouts.build());
        let (name, log_group) = (format!("{stack}-{function}"), log_group(stack));
        Self { client: Client::from_conf(once.build()), config: config.clone(), name, log_group }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    async fn explain(&self, error: SdkError<InvokeError>) -> Unreached {
        let name = &self.name;
        if let SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) = &error
            && let Some(credentials) = self.config.credentials_provider()
            && credentials.provide_credentials().await.is_err()
        {
            let message =
                format!("the proxy has no AWS credentials to call {name} with: give it some, or sign in again");
            return Unreached::new(400, "MissingAuthenticationTokenException", message);
        }
        match &error {
            SdkError::ServiceError(refused) => {
                let status = refused.raw().status().as_u16();
                let refused = refused.err();
                let region = self.config.region().map_or("no region", |region| region.as_ref());
                refusal(name, region, status, refused.code().unwrap_or("UnknownError"), refused.message())
            }
            SdkError::TimeoutError(_) => unavailable(name, "it took too long"),
            other => unavailable(name, &innermost(other)),
        }
    }
}

impl Invoke for Function {
    async fn invoke(&self, payload: Vec<u8>) -> Result<Invoked, Unreached> {
        let call = self.client.invoke().function_name(&self.name).payload(Blob::new(payload));
        let output = match call.send().await {
            Ok(output) => output,
            Err(error) => return Err(self.explain(error).await),
        };
        if output.function_error().is_some() {
            let message = format!("{} failed: its log group {} says more", self.name, self.log_group);
            return Err(Unreached::new(500, "InternalFailure", message));
        }
        let request_id = output.request_id().map(str::to_owned);
        let payload = output.payload.map(Blob::into_inner).unwrap_or_default();
        Ok(Invoked { payload, request_id })
    }
}

/// What a refusal of Lambda means to a client that asked CodeDeploy.
fn refusal(name: &str, region: &str, status: u16, code: &str, message: Option<&str>) -> Unreached {
    let said = message.unwrap_or("no reason was given");
    match code {
        "AccessDeniedException" | "AccessDenied" => Unreached::new(
            400,
            "AccessDeniedException",
            format!("the proxy's credentials need lambda:InvokeFunction on {name} ({said})"),
        ),
        "ResourceNotFoundException" => Unreached::new(
            400,
            code,
            format!(
                "there is no function {name} in {region}: name the stack with TIDESHIFT_STACK, its region with AWS_REGION"
            ),
        ),
        // A proxy has answered: it knows Lambda by its signature.
        WRONG_ENDPOINT => Unreached::new(
            400,
            code,
            "AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_LAMBDA, or endpoint_url in the profile, sends the proxy's own calls to a proxy: unset \
             it where the proxy is started",
        ),
        "TooManyRequestsException" => Unreached::new(400, "ThrottlingException", "Rate exceeded"),
        "RequestTooLargeException" | "InvalidRequestContentException" => {
            Unreached::new(400, "SerializationException", said)
        }
        _ if status >= 500 => unavailable(name, said),
        _ => Unreached::new(400, code, format!("{name} could not be called: {said}")),
    }
}

fn unavailable(name: &str, why: &str) -> Unreached {
    Unreached::new(503, "ServiceUnavailable", format!("{name} could not be reached: {why}"))
}

/// The reason at the bottom of the chain, which is the one that says something.
fn innermost(error: &SdkError<InvokeError>) -> String {
    let mut error: &(dyn Error + 'static) = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::refusal;

    #[test]
    fn what_lambda_refuses_is_told_in_codedeploys_terms() {
        let mut told = String::new();
        for (status, code) in [
            (403, "AccessDeniedException"),
            (404, "ResourceNotFoundException"),
            (403, "ExpiredTokenException"),
            (403, "UnrecognizedClientException"),
            (429, "TooManyRequestsException"),
            (413, "RequestTooLargeException"),
            (400, "InvalidEndpointException"),
            (502, "ResourceNotReadyException"),
            (500, "ServiceException"),
        ] {
            let unreached = refusal("shop-api", "eu-central-1", status, code, Some("said"));
            told.push_str(&format!("{} {}: {}\n", unreached.status, unreached.code, unreached.message));
        }
        expect![[r#"
            400 AccessDeniedException: the proxy's credentials need lambda:InvokeFunction on shop-api (said)
            400 ResourceNotFoundException: there is no function shop-api in eu-central-1: name the stack with TIDESHIFT_STACK, its region with AWS_REGION
            400 ExpiredTokenException: shop-api could not be called: said
            400 UnrecognizedClientException: shop-api could not be called: said
            400 ThrottlingException: Rate exceeded
            400 SerializationException: said
            400 InvalidEndpointException: AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_LAMBDA, or endpoint_url in the profile, sends the proxy's own calls to a proxy: unset it where the proxy is started
            503 ServiceUnavailable: shop-api could not be reached: said
            503 ServiceUnavailable: shop-api could not be reached: said
        "#]]
        .assert_eq(&told);
    }
}
