//! What an AWS error means to the caller (docs/codedeploy-contract.md 13.2, docs/aws-realities.md 2.10).

use std::error::Error;
use std::fmt::Display;

use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use steps::ports::PortError;

use crate::account::TAG;

/// Codes after which the same call may work later, beside every 5xx and every call that got no answer.
const BUSY: [&str; 22] = [
    "ThrottlingException",
    "Throttling",
    "ThrottledException",
    "TooManyRequestsException",
    "TooManyRequests",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "ProvisionedThroughputExceededException",
    "LimitExceededException",
    "SlowDown",
    "ServiceException",
    "InternalServerError",
    "ServerException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    // Another change of the same function or alias is in progress.
    "ResourceConflictException",
    "UpdateInProgressException",
    // Credentials are renewed by the time of the next attempt.
    "ExpiredTokenException",
    // S3's own names.
    "ExpiredToken",
    "RequestTimeout",
    "OperationAborted",
];

const CONFLICT: [&str; 4] = [
    "ConditionalCheckFailedException",
    "PreconditionFailedException",
    "ExecutionAlreadyExists",
    "TransactionConflictException",
];

const MISSING: [&str; 15] = [
    "ResourceNotFoundException",
    "ProvisionedConcurrencyConfigNotFoundException",
    "ParameterNotFound",
    // Of SSM, which says so of a parameter whose tags are asked for.
    "InvalidResourceId",
    "StateMachineDoesNotExist",
    "NoSuchBucket",
    "NoSuchKey",
    "NoSuchVersion",
    "ClusterNotFoundException",
    "ServiceNotFoundException",
    // Deleted, and still shown for a while.
    "ServiceNotActiveException",
    "TaskSetNotFoundException",
    "TargetGroupNotFound",
    "ListenerNotFound",
    "RuleNotFound",
];

/// What is refused to who has no right to it.
const FORBIDDEN: [&str; 2] = ["AccessDenied", "AccessDeniedException"];

/// Calls whose right hangs on what they are about: on its tag, or on its ARN in a parameter of the stack. AWS says neither.
/// A contract test holds this list against the template.
const BY_TAG_OR_NAME: [&str; 14] = [
    "GetAlias",
    "UpdateAlias",
    "GetFunctionConfiguration",
    "GetProvisionedConcurrencyConfig",
    "PutProvisionedConcurrencyConfig",
    "DeleteProvisionedConcurrencyConfig",
    "DescribeServices",
    "RegisterTaskDefinition",
    "CreateTaskSet",
    "UpdateTaskSet",
    "DeleteTaskSet",
    "UpdateServicePrimaryTaskSet",
    "ModifyListener",
    "ModifyRule",
];

/// Translates the failure of `call`.
pub(crate) fn port_error<E>(call: &str, error: SdkError<E, HttpResponse>) -> PortError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let Some(answer) = error.as_service_error() else {
        // No answer, or half of one: the call may or may not have been carried out.
        let unsent = matches!(error, SdkError::ConstructionFailure(_));
        let message = format!("{call}: {}", DisplayErrorContext(&error));
        return if unsent { PortError::Denied(message) } else { PortError::Passing(message) };
    };
    let code = answer.code().unwrap_or("unknown error");
    let message = format!("{call}: {code}: {}", answer.message().unwrap_or("no message"));
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    if CONFLICT.contains(&code) {
        PortError::Conflict(message)
    } else if MISSING.contains(&code) {
        PortError::Missing(message)
    } else if BUSY.contains(&code) || status >= 500 || status == 429 || status < 300 {
        // Below 300: carried out, and the answer came back garbled.
        PortError::Passing(message)
    } else if FORBIDDEN.contains(&code) && BY_TAG_OR_NAME.contains(&call) {
        PortError::Denied(format!(
            "{message}; see that what it is about still has its tag {}={}, or its place in the stack's parameters",
            TAG.0, TAG.1
        ))
    } else {
        PortError::Denied(message)
    }
}

/// Translates the failure of a call to our own table.
pub(crate) fn table_error<E>(call: &str, error: SdkError<E, HttpResponse>) -> PortError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let forbidden =
        error.as_service_error().and_then(|answer| answer.code()).is_some_and(|code| FORBIDDEN.contains(&code));
    match port_error(call, error) {
        PortError::Denied(why) if forbidden => PortError::Barred(why),
        PortError::Missing(why) => PortError::Barred(why),
        error => error,
    }
}

/// `None` where the answer is that there is no such thing.
pub(crate) fn found<T>(result: Result<T, PortError>) -> Result<Option<T>, PortError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(PortError::Missing(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An answer that makes no sense is not guessed at.
pub(crate) fn unreadable(call: &str, what: impl Display) -> PortError {
    PortError::Denied(format!("{call} answered oddly: {what}"))
}
