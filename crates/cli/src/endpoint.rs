//! Where a stack is reached, and what a person is told to do who does not reach it there.

use std::error::Error;

use aws_sdk_lambda::error::DisplayErrorContext;

use crate::api::ApiError;

/// The variable for Lambda alone, which wins over that of every service.
pub(crate) const OF_LAMBDA: &str = "AWS_ENDPOINT_URL_LAMBDA";

/// The address at which Lambda is called, where one was set.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    url: String,
    /// What sets it.
    variable: &'static str,
}

impl Address {
    /// Of the settings for Lambda alone and for all services, the one that counts.
    pub(crate) fn of(lambda: Option<String>, all: Option<&str>) -> Option<Self> {
        let lambda = lambda.filter(|url| !url.is_empty()).map(|url| Self { url, variable: OF_LAMBDA });
        lambda.or_else(|| Some(Self { url: all?.to_owned(), variable: "AWS_ENDPOINT_URL" }))
    }
}

/// Where a stack is reached.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// The stack's name.
    pub(crate) stack: String,
    /// The Region, where one is set.
    pub(crate) region: Option<String>,
    /// Where Lambda is called, if not at its own address.
    pub(crate) address: Option<Address>,
}

impl Endpoint {
    fn region(&self) -> &str {
        self.region.as_deref().unwrap_or("no region")
    }

    fn at(&self) -> String {
        self.address
            .as_ref()
            .map_or_else(|| self.region().to_owned(), |address| format!("{} at {}", self.region(), address.url))
    }

    /// No Region is set.
    pub(crate) fn no_region(&self) -> ApiError {
        ApiError::NoAccess(
            "no AWS region is set: set AWS_REGION, or a region in the profile that AWS_PROFILE names".to_owned(),
        )
    }

    /// No credentials were found, for the reason that the chain of providers gives.
    pub(crate) fn no_credentials(&self, missing: &(dyn Error + Send + Sync + 'static)) -> ApiError {
        // The first line: the others tell how each provider of the chain was tried.
        let chain = DisplayErrorContext(missing).to_string();
        let why = chain.lines().next().unwrap_or_default();
        let why = why.split([';', '(']).next().unwrap_or_default().trim_end();
        let why = why.strip_suffix(". Attempted:").unwrap_or(why);
        ApiError::NoAccess(format!(
            "no AWS credentials ({why}): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with aws sso login"
        ))
    }

    /// Nobody answered.
    pub(crate) fn unreachable(&self, why: &str) -> ApiError {
        let advice = match &self.address {
            Some(Address { variable, .. }) => format!("is it running, and is {variable} right?"),
            None => "is the network up, and the region right?".to_owned(),
        };
        ApiError::NoAnswer(format!("cannot reach AWS Lambda in {} ({why}): {advice}", self.at()))
    }

    /// Lambda, or what answers in its place, refused the call.
    pub(crate) fn refused(&self, code: &str, message: Option<&str>) -> ApiError {
        let Self { stack, .. } = self;
        let message = message.unwrap_or("no reason was given");
        let at = self.at();
        match code {
            "ResourceNotFoundException" => ApiError::NoAccess(format!(
                "there is no function {stack}-api in {at}: name the stack with --stack or TIDESHIFT_STACK (tried: {stack}), or its region with AWS_REGION"
            )),
            "AccessDeniedException" | "AccessDenied" => ApiError::NoAccess(format!(
                "these credentials may not call {stack}-api in {at}: they need lambda:InvokeFunction on it ({message})"
            )),
            "ExpiredTokenException"
            | "ExpiredToken"
            | "UnrecognizedClientException"
            | "InvalidSignatureException"
            | "InvalidClientTokenId"
            | "MissingAuthenticationTokenException" => ApiError::NoAccess(format!(
                "AWS does not take these credentials in {at}: sign in again, or set AWS_PROFILE ({code})"
            )),
            // Lambda has no such errors: a proxy has the first one, another service the second.
            "InvalidEndpointException" | "UnknownOperationException" => {
                let variable = self.address.as_ref().map_or("AWS_ENDPOINT_URL", |address| address.variable);
                ApiError::NoAccess(format!(
                    "it is not Lambda that answers in {at}, which this program calls: unset {variable}, or let it name Lambda; \
                     clients of CodeDeploy are sent to a proxy by AWS_ENDPOINT_URL_CODEDEPLOY ({message})"
                ))
            }
            "TooManyRequestsException" => {
                ApiError::Throttled(format!("{stack}-api in {at} has too much to do now ({message}): try again"))
            }
            "RequestTooLargeException" => ApiError::Refused {
                code: code.to_owned(),
                message: "the AppSpec is too large for one call: is it the right file?".to_owned(),
            },
            _ => ApiError::NoAnswer(format!("{stack}-api in {at} could not be called ({code}: {message}): try again")),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn endpoint(address: Option<&str>) -> Endpoint {
        Endpoint {
            stack: "shop".to_owned(),
            region: Some("eu-central-1".to_owned()),
            address: Address::of(None, address),
        }
    }

    #[track_caller]
    fn check(error: ApiError, expected: Expect) {
        expected.assert_eq(&error.to_string());
    }

    #[test]
    fn who_has_no_region_or_credentials_is_told_what_to_set() {
        check(
            endpoint(None).no_region(),
            expect!["no AWS region is set: set AWS_REGION, or a region in the profile that AWS_PROFILE names"],
        );
        check(
            endpoint(None).no_credentials(&std::io::Error::other("no providers in chain provided credentials")),
            expect![
                "no AWS credentials (no providers in chain provided credentials): set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in with aws sso login"
            ],
        );
    }

    #[test]
    fn a_stack_that_nobody_answers_for_is_told_with_the_setting_that_may_be_wrong() {
        check(
            endpoint(Some("http://127.0.0.1:4566")).unreachable("Connection refused"),
            expect![
                "cannot reach AWS Lambda in eu-central-1 at http://127.0.0.1:4566 (Connection refused): is it running, and is AWS_ENDPOINT_URL right?"
            ],
        );
        check(
            Endpoint {
                address: Address::of(Some("http://127.0.0.1:8378".to_owned()), Some("http://127.0.0.1:1")),
                ..endpoint(None)
            }
            .unreachable("Connection refused"),
            expect![
                "cannot reach AWS Lambda in eu-central-1 at http://127.0.0.1:8378 (Connection refused): is it running, and is AWS_ENDPOINT_URL_LAMBDA right?"
            ],
        );
        check(
            endpoint(None).unreachable("dns error"),
            expect!["cannot reach AWS Lambda in eu-central-1 (dns error): is the network up, and the region right?"],
        );
    }

    #[test]
    fn a_call_that_is_refused_is_told_with_what_to_do() {
        check(
            endpoint(Some("http://127.0.0.1:8378"))
                .refused("InvalidEndpointException", Some("this endpoint serves CodeDeploy alone")),
            expect![
                "it is not Lambda that answers in eu-central-1 at http://127.0.0.1:8378, which this program calls: unset AWS_ENDPOINT_URL, or let it name Lambda; clients of CodeDeploy are sent to a proxy by AWS_ENDPOINT_URL_CODEDEPLOY (this endpoint serves CodeDeploy alone)"
            ],
        );
        check(
            endpoint(None).refused("ResourceNotFoundException", Some("Function not found")),
            expect![
                "there is no function shop-api in eu-central-1: name the stack with --stack or TIDESHIFT_STACK (tried: shop), or its region with AWS_REGION"
            ],
        );
        check(
            endpoint(None).refused("AccessDeniedException", Some("User is not authorized")),
            expect![
                "these credentials may not call shop-api in eu-central-1: they need lambda:InvokeFunction on it (User is not authorized)"
            ],
        );
        check(
            endpoint(None).refused("ExpiredTokenException", None),
            expect![
                "AWS does not take these credentials in eu-central-1: sign in again, or set AWS_PROFILE (ExpiredTokenException)"
            ],
        );
        check(
            endpoint(None).refused("TooManyRequestsException", Some("Rate Exceeded.")),
            expect!["shop-api in eu-central-1 has too much to do now (Rate Exceeded.): try again"],
        );
        check(
            endpoint(None).refused("ServiceException", Some("no reason")),
            expect!["shop-api in eu-central-1 could not be called (ServiceException: no reason): try again"],
        );
    }
}
