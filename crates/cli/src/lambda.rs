//! The stack's `api` function, called through AWS Lambda. Translates what AWS says into what a person can do.

use std::error::Error;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{Config, ProvideCredentials};
use aws_sdk_lambda::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::operation::invoke::{InvokeError, InvokeOutput};
use aws_sdk_lambda::primitives::Blob;
use proxy::Call;
use proxy::log_group;
use serde_json::{Value, json};

use crate::api::{Api, ApiError, Operation, is_repeatable, read_answer};
use crate::cause::innermost;
use crate::doctor::account::Account;
use crate::ecs::Ecs;
use crate::function_logs::CloudWatchLogs;

/// Longer than the function's own time limit.
const ANSWER_WITHIN: Duration = Duration::from_secs(70);

/// The stack, reached through AWS Lambda.
pub(crate) struct Lambda {
    client: Client,
    config: SdkConfig,
    stack: String,
    endpoint: Option<Endpoint>,
}

impl Lambda {
    /// Takes credentials, region and endpoint from where every AWS program takes them. Asks nobody yet.
    pub(crate) async fn from_env(stack: &str) -> Self {
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ANSWER_WITHIN).build();
        let config = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts).load().await;
        let endpoint = Endpoint::of(std::env::var(OF_LAMBDA).ok(), config.endpoint_url());
        Self { client: Client::new(&config), config, stack: stack.to_owned(), endpoint }
    }

    /// The same function, for requests that are forwarded as they come.
    pub(crate) fn for_proxy(&self) -> Result<proxy::Function, ApiError> {
        if self.config.region().is_none() {
            return Err(self.place().no_region());
        }
        Ok(proxy::Function::api(&self.config, &self.stack))
    }

    /// ECS under the same credentials, for requests that are forwarded as they come.
    pub(crate) fn ecs_for_proxy(&self) -> Ecs {
        Ecs::new(&self.config)
    }

    /// What else can be asked of the account under the same credentials.
    pub(crate) fn account(&self) -> Result<Account, ApiError> {
        if self.config.region().is_none() {
            return Err(self.place().no_region());
        }
        Ok(Account::new(&self.config))
    }

    /// The logs of the account, read under the same credentials.
    pub(crate) fn logs(&self) -> Result<CloudWatchLogs, ApiError> {
        if self.config.region().is_none() {
            return Err(self.place().no_region());
        }
        Ok(CloudWatchLogs::new(&self.config))
    }

    fn function(&self) -> String {
        format!("{}-api", self.stack)
    }

    fn place(&self) -> Place {
        Place {
            stack: self.stack.clone(),
            region: self.config.region().map(|region| region.to_string()),
            endpoint: self.endpoint.clone(),
        }
    }

    /// What the SDK's error means. A request that never left may have lacked credentials: then that is the reason.
    async fn explain(&self, error: SdkError<InvokeError>) -> ApiError {
        if let SdkError::DispatchFailure(_) | SdkError::ConstructionFailure(_) = &error
            && let Some(credentials) = self.config.credentials_provider()
            && let Err(missing) = credentials.provide_credentials().await
        {
            return self.place().no_credentials(&missing);
        }
        match &error {
            SdkError::ServiceError(refused) => {
                let refused = refused.err();
                self.place().refused(refused.code().unwrap_or("UnknownError"), refused.message())
            }
            SdkError::TimeoutError(_) => self.place().unreachable("it took too long"),
            other => self.place().unreachable(&innermost(other)),
        }
    }
}

impl Api for Lambda {
    async fn call(&self, operation: Operation, body: &Value) -> Result<Value, ApiError> {
        if self.config.region().is_none() {
            return Err(self.place().no_region());
        }
        let payload = json!(Call { target: operation.target(), body: body.clone() }).to_string();
        let mut once = Config::builder();
        if !is_repeatable(operation) {
            once = once.retry_config(RetryConfig::disabled());
        }
        let invoked = self
            .client
            .invoke()
            .function_name(self.function())
            .payload(Blob::new(payload))
            .customize()
            .config_override(once)
            .send()
            .await;
        match invoked {
            Ok(output) => answer(&self.function(), &log_group(&self.stack), &output),
            Err(error) => Err(self.explain(error).await),
        }
    }
}

/// What the function returned, unless it broke.
fn answer(function: &str, log_group: &str, output: &InvokeOutput) -> Result<Value, ApiError> {
    let payload = output.payload().map_or(&[][..], Blob::as_ref);
    if output.function_error().is_none() {
        return read_answer(function, payload);
    }
    let broken: Value = serde_json::from_slice(payload).unwrap_or_default();
    let kind = broken["errorType"].as_str().unwrap_or("no error type");
    let message = broken["errorMessage"].as_str().unwrap_or("no message");
    Err(ApiError::NoAnswer(format!("{function} failed ({kind}: {message}): its log group {log_group} says more")))
}

/// The endpoint of Lambda alone, which wins over that of every service.
const OF_LAMBDA: &str = "AWS_ENDPOINT_URL_LAMBDA";

/// Where Lambda is asked, where that was said.
#[derive(Debug, Clone)]
struct Endpoint {
    url: String,
    /// What says so.
    variable: &'static str,
}

impl Endpoint {
    fn of(lambda: Option<String>, all: Option<&str>) -> Option<Self> {
        let lambda = lambda.filter(|url| !url.is_empty()).map(|url| Self { url, variable: OF_LAMBDA });
        lambda.or_else(|| Some(Self { url: all?.to_owned(), variable: "AWS_ENDPOINT_URL" }))
    }
}

/// Where the stack was looked for.
struct Place {
    stack: String,
    region: Option<String>,
    endpoint: Option<Endpoint>,
}

impl Place {
    fn region(&self) -> &str {
        self.region.as_deref().unwrap_or("no region")
    }

    fn at(&self) -> String {
        self.endpoint
            .as_ref()
            .map_or_else(|| self.region().to_owned(), |endpoint| format!("{} at {}", self.region(), endpoint.url))
    }

    fn no_region(&self) -> ApiError {
        ApiError::NoAccess(
            "no AWS region is set: set AWS_REGION, or a region in the profile that AWS_PROFILE names".to_owned(),
        )
    }

    fn no_credentials(&self, missing: &(dyn Error + Send + Sync + 'static)) -> ApiError {
        // The first line: the others tell how each provider of the chain was tried.
        let chain = DisplayErrorContext(missing).to_string();
        let why = chain.lines().next().unwrap_or_default();
        let why = why.split([';', '(']).next().unwrap_or_default().trim_end();
        let why = why.strip_suffix(". Attempted:").unwrap_or(why);
        ApiError::NoAccess(format!(
            "no AWS credentials ({why}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with aws sso login"
        ))
    }

    fn unreachable(&self, why: &str) -> ApiError {
        let advice = match &self.endpoint {
            Some(Endpoint { variable, .. }) => format!("is it running, and is {variable} right?"),
            None => "is the network up, and the region right?".to_owned(),
        };
        ApiError::NoAnswer(format!("cannot reach AWS Lambda in {} ({why}): {advice}", self.at()))
    }

    fn refused(&self, code: &str, message: Option<&str>) -> ApiError {
        let Self { stack, .. } = self;
        let message = message.unwrap_or("no reason was given");
        let place = self.at();
        match code {
            "ResourceNotFoundException" => ApiError::NoAccess(format!(
                "there is no function {stack}-api in {place}: name the stack with --stack or TIDESHIFT_STACK (tried: {stack}), or its region with AWS_REGION"
            )),
            "AccessDeniedException" | "AccessDenied" => ApiError::NoAccess(format!(
                "these credentials may not call {stack}-api in {place}: they need lambda:InvokeFunction on it ({message})"
            )),
            "ExpiredTokenException"
            | "ExpiredToken"
            | "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "InvalidClientTokenId"
            | "MissingAuthenticationTokenException" => ApiError::NoAccess(format!(
                "AWS does not take these credentials in {place}: sign in again, or set AWS_PROFILE ({code})"
            )),
            // Lambda has no such errors: a proxy has the first one, another service the second.
            "InvalidEndpointException" | "UnknownOperationException" => {
                let variable = self.endpoint.as_ref().map_or("AWS_ENDPOINT_URL", |endpoint| endpoint.variable);
                ApiError::NoAccess(format!(
                    "it is not Lambda that answers in {place}, which this program calls: unset {variable}, or let it name Lambda; \
                     clients of CodeDeploy are sent to a proxy by AWS_ENDPOINT_URL_CODEDEPLOY ({message})"
                ))
            }
            "TooManyRequestsException" => {
                ApiError::Throttled(format!("{stack}-api in {place} has too much to do now ({message}): try again"))
            }
            "RequestTooLargeException" => ApiError::Refused {
                code: code.to_owned(),
                message: "the AppSpec is too large for one call: is it the right file?".to_owned(),
            },
            _ => {
                ApiError::NoAnswer(format!("{stack}-api in {place} could not be called ({code}: {message}): try again"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn place(endpoint: Option<&str>) -> Place {
        Place {
            stack: "shop".to_owned(),
            region: Some("eu-central-1".to_owned()),
            endpoint: Endpoint::of(None, endpoint),
        }
    }

    #[track_caller]
    fn check(error: ApiError, expected: Expect) {
        expected.assert_eq(&error.to_string());
    }

    #[test]
    fn every_way_not_to_reach_the_stack_says_what_to_do() {
        check(
            place(None).no_region(),
            expect!["no AWS region is set: set AWS_REGION, or a region in the profile that AWS_PROFILE names"],
        );
        check(
            place(None).no_credentials(&std::io::Error::other("no providers in chain provided credentials")),
            expect![
                "no AWS credentials (no providers in chain provided credentials): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with aws sso login"
            ],
        );
        check(
            place(Some("http://127.0.0.1:4566")).unreachable("Connection refused"),
            expect![
                "cannot reach AWS Lambda in eu-central-1 at http://127.0.0.1:4566 (Connection refused): is it running, and is AWS_ENDPOINT_URL right?"
            ],
        );
        check(
            Place {
                endpoint: Endpoint::of(Some("http://127.0.0.1:8378".to_owned()), Some("http://127.0.0.1:1")),
                ..place(None)
            }
            .unreachable("Connection refused"),
            expect![
                "cannot reach AWS Lambda in eu-central-1 at http://127.0.0.1:8378 (Connection refused): is it running, and is AWS_ENDPOINT_URL_LAMBDA right?"
            ],
        );
        check(
            place(Some("http://127.0.0.1:8378"))
                .refused("InvalidEndpointException", Some("this endpoint serves CodeDeploy alone")),
            expect![
                "it is not Lambda that answers in eu-central-1 at http://127.0.0.1:8378, which this program calls: unset AWS_ENDPOINT_URL, or let it name Lambda; clients of CodeDeploy are sent to a proxy by AWS_ENDPOINT_URL_CODEDEPLOY (this endpoint serves CodeDeploy alone)"
            ],
        );
        check(
            place(None).unreachable("dns error"),
            expect!["cannot reach AWS Lambda in eu-central-1 (dns error): is the network up, and the region right?"],
        );
        check(
            place(None).refused("ResourceNotFoundException", Some("Function not found")),
            expect![
                "there is no function shop-api in eu-central-1: name the stack with --stack or TIDESHIFT_STACK (tried: shop), or its region with AWS_REGION"
            ],
        );
        check(
            place(None).refused("AccessDeniedException", Some("User is not authorized")),
            expect![
                "these credentials may not call shop-api in eu-central-1: they need lambda:InvokeFunction on it (User is not authorized)"
            ],
        );
        check(
            place(None).refused("ExpiredTokenException", None),
            expect![
                "AWS does not take these credentials in eu-central-1: sign in again, or set AWS_PROFILE (ExpiredTokenException)"
            ],
        );
        check(
            place(None).refused("TooManyRequestsException", Some("Rate Exceeded.")),
            expect!["shop-api in eu-central-1 has too much to do now (Rate Exceeded.): try again"],
        );
        check(
            place(None).refused("ServiceException", Some("no reason")),
            expect!["shop-api in eu-central-1 could not be called (ServiceException: no reason): try again"],
        );
    }

    #[test]
    fn a_function_that_breaks_points_at_its_log() {
        let output = InvokeOutput::builder()
            .function_error("Unhandled")
            .payload(Blob::new(r#"{"errorType":"Runtime.ExitError","errorMessage":"signal: killed"}"#))
            .build();
        check(
            answer("shop-api", "one-for-all", &output).expect_err("a broken function"),
            expect!["shop-api failed (Runtime.ExitError: signal: killed): its log group one-for-all says more"],
        );
    }
}
