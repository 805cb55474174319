//! The port to the stack's `api` function: one operation, one answer.

use proxy::{ErrorBody, Reply};
use serde_json::Value;

pub(crate) use proxy::Operation;

/// Whether asking twice does the same as asking once. Only then is a lost answer asked for again.
pub(crate) fn is_repeatable(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::PlanDeployment
            | Operation::DescribeDeployment
            | Operation::DescribeDeployments
            | Operation::DescribeTarget
            | Operation::GetGroupPolicy
            | Operation::PlanUndo
            | Operation::PutGroupPolicy
    )
}

/// Why there is no good answer, told by what the caller can do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApiError {
    /// The stack understood, and says no.
    #[error("{message} ({code})")]
    Refused {
        /// CodeDeploy's name for it.
        code: String,
        /// The sentence.
        message: String,
    },
    /// Too much was asked at once. Nothing was done, so that the same order may be given again.
    #[error("{0}")]
    Throttled(String),
    /// Nobody answered this time; asking again may help.
    #[error("{0}")]
    NoAnswer(String),
    /// Nobody will answer until somebody changes something.
    #[error("{0}")]
    NoAccess(String),
    /// The answer is not one this program reads.
    #[error("{0}")]
    Unreadable(String),
}

/// Asks the stack.
pub(crate) trait Api {
    /// One operation, with the body CodeDeploy (or Tideshift) defines for it.
    async fn call(&self, operation: Operation, body: &Value) -> Result<Value, ApiError>;
}

/// Reads what the `api` function returned: `{"status", "body"}`.
pub(crate) fn read_answer(function: &str, payload: &[u8]) -> Result<Value, ApiError> {
    let unreadable = || {
        ApiError::Unreadable(format!(
            "{function} gave an answer this program does not read: are the program and the stack of the same version?"
        ))
    };
    let Reply { status, body } = serde_json::from_slice(payload).map_err(|_| unreadable())?;
    if status == 200 {
        return Ok(body);
    }
    let error = ErrorBody::of(&body);
    let code = error.code().unwrap_or("UnknownError");
    let message = error.message.as_deref().unwrap_or("no reason was given");
    // Who has too much to do is in the message: it may be any service that the function asked.
    let passing = || {
        let why = message.trim_start_matches("try again later: ");
        format!("{function} could not answer now: {why} ({code}); try again")
    };
    if code == THROTTLED {
        return Err(ApiError::Throttled(passing()));
    }
    if status >= 500 || PASSING.contains(&code) {
        return Err(ApiError::NoAnswer(passing()));
    }
    Err(ApiError::Refused { code: code.to_owned(), message: message.to_owned() })
}

/// CodeDeploy's name for too much at once.
const THROTTLED: &str = "ThrottlingException";

/// Errors that say nothing about the request: the next try may go well.
const PASSING: [&str; 2] = ["InternalFailure", "ServiceUnavailable"];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(payload: &str, expected: expect_test::Expect) {
        let told = match read_answer("tideshift-api", payload.as_bytes()) {
            Ok(body) => format!("ok {body}"),
            Err(error @ ApiError::Refused { .. }) => format!("refused: {error}"),
            Err(error @ ApiError::Throttled(_)) => format!("throttled: {error}"),
            Err(error @ ApiError::NoAnswer(_)) => format!("no answer: {error}"),
            Err(error) => format!("{error}"),
        };
        expected.assert_eq(&told);
    }

    #[test]
    fn an_answer_is_its_body() {
        check(
            r#"{"status":200,"body":{"deploymentId":"d-1"}}"#,
            expect_test::expect![[r#"ok {"deploymentId":"d-1"}"#]],
        );
    }

    #[test]
    fn a_refusal_keeps_the_servers_words() {
        check(
            r#"{"status":400,"body":{"__type":"com.amazonaws.codedeploy#DeploymentDoesNotExistException","message":"there is no deployment d-1"}}"#,
            expect_test::expect!["refused: there is no deployment d-1 (DeploymentDoesNotExistException)"],
        );
    }

    #[test]
    fn throttling_and_server_faults_may_be_tried_again() {
        check(
            r#"{"status":400,"body":{"__type":"ThrottlingException","message":"try again later: DescribeAlarms: Throttling: Rate exceeded"}}"#,
            expect_test::expect![
                "throttled: tideshift-api could not answer now: DescribeAlarms: Throttling: Rate exceeded (ThrottlingException); try again"
            ],
        );
        check(
            r#"{"status":500,"body":{"__type":"InternalFailure","message":"the table did not answer"}}"#,
            expect_test::expect![
                "no answer: tideshift-api could not answer now: the table did not answer (InternalFailure); try again"
            ],
        );
    }

    #[test]
    fn an_answer_of_another_shape_asks_about_versions() {
        for payload in ["", "null", "[]", r#"{"statusCode":200}"#, "<html>"] {
            check(
                payload,
                expect_test::expect![
                    "tideshift-api gave an answer this program does not read: are the program and the stack of the same version?"
                ],
            );
        }
    }
}
