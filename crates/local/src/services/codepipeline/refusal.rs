//! How a request is refused.

use crate::arn::ACCOUNT;
use crate::http::Answer;

/// An error of the API, by AWS's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A member is not as the API's model wants it.
    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new("ValidationException", message)
    }

    /// A pipeline does not hold together.
    pub(super) fn structure(message: impl Into<String>) -> Self {
        Self::new("InvalidStructureException", message)
    }

    /// An action is not one that its provider takes.
    pub(super) fn action(message: impl Into<String>) -> Self {
        Self::new("InvalidActionDeclarationException", message)
    }

    pub(super) fn no_pipeline(name: &str) -> Self {
        let message = format!("Account '{ACCOUNT}' does not have a pipeline with name '{name}'");
        Self::new("PipelineNotFoundException", message)
    }

    pub(super) fn no_execution(pipeline: &str, id: &str) -> Self {
        let message =
            format!("Account '{ACCOUNT}' does not have an execution with id '{id}' for pipeline '{pipeline}'");
        Self::new("PipelineExecutionNotFoundException", message)
    }

    pub(super) fn answer(&self) -> Answer {
        Answer::error(400, self.code, &self.message)
    }
}
