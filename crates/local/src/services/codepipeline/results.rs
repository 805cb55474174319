//! PutJobSuccessResult and PutJobFailureResult: what is taken of them (docs/codedeploy-contract.md 10.1).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::book::Book;
use super::execution::{Details, Failure};
use super::jobs::Answer;
use super::operations::read;
use super::refusal::Refusal;
use super::shape::{self, Faults, Presence};

/// What all output variables of an action may have together, in bytes (docs/codedeploy-contract.md 10.3).
const VARIABLES: usize = 122_880;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Success {
    job_id: String,
    continuation_token: Option<String>,
    #[serde(default)]
    execution_details: Told,
    output_variables: Option<BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Told {
    summary: Option<String>,
    external_execution_id: Option<String>,
    percent_complete: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    job_id: String,
    failure_details: FailureDetails,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FailureDetails {
    #[serde(rename = "type")]
    kind: String,
    message: String,
    external_execution_id: Option<String>,
}

/// A job went well, or goes on.
pub(super) fn success(book: &Book, input: &Value) -> Result<(), Refusal> {
    use Presence::{Optional, Required};
    let mut faults = Faults::default();
    faults.text("jobId", &input["jobId"], Required, &shape::ID);
    faults.text("continuationToken", &input["continuationToken"], Optional, &shape::CONTINUATION);
    let details = &input["executionDetails"];
    faults.text("executionDetails.summary", &details["summary"], Optional, &shape::SUMMARY);
    let external_id = &details["externalExecutionId"];
    faults.text("executionDetails.externalExecutionId", external_id, Optional, &shape::EXTERNAL_ID);
    faults.number("executionDetails.percentComplete", &details["percentComplete"], 0, 100);
    faults.map("outputVariables", &input["outputVariables"], &shape::OUTPUT, &shape::ANY);
    faults.refused()?;
    let Success { job_id, continuation_token, execution_details, output_variables } = read(input)?;
    let Told { summary, external_execution_id, percent_complete } = execution_details;
    let details = Details { summary, external_id: external_execution_id, url: None, percent: percent_complete };
    let answer = match (continuation_token, output_variables) {
        (Some(_), Some(_)) => {
            let message = "outputVariables can be included only when there is no continuationToken";
            return Err(Refusal::validation(message));
        }
        (Some(token), None) => Answer::Again { token, details },
        (None, variables) => Answer::Done { variables: fitting(variables.unwrap_or_default())?, details },
    };
    book.jobs.answer(&job_id, answer)
}

fn fitting(variables: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, Refusal> {
    let bytes: usize = variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > VARIABLES {
        let message = format!("The output variables have {bytes} bytes, of at most {VARIABLES}");
        return Err(Refusal::new("OutputVariablesSizeExceededException", message));
    }
    Ok(variables)
}

/// A job failed.
pub(super) fn failure(book: &Book, input: &Value) -> Result<(), Refusal> {
    use Presence::{Optional, Required};
    let mut faults = Faults::default();
    faults.text("jobId", &input["jobId"], Required, &shape::ID);
    let details = &input["failureDetails"];
    if faults.present("failureDetails", details) {
        faults.text("failureDetails.type", &details["type"], Required, &shape::FAILURE);
        faults.text("failureDetails.message", &details["message"], Required, &shape::MESSAGE);
        let external_id = &details["externalExecutionId"];
        faults.text("failureDetails.externalExecutionId", external_id, Optional, &shape::EXTERNAL_ID);
    }
    faults.refused()?;
    let Failed { job_id, failure_details: FailureDetails { kind, message, external_execution_id } } = read(input)?;
    let failure = Failure { code: kind, message };
    book.jobs.answer(&job_id, Answer::Failed { failure, external_id: external_execution_id })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// How a result for a job that waits is answered: `taken`, or the error's name and message.
    fn answered(put: fn(&Book, &Value) -> Result<(), Refusal>, mut input: Value) -> String {
        let book = Book::default();
        let (id, _answer) = book.jobs.open();
        if input["jobId"].is_null() {
            input["jobId"] = id.into();
        }
        put(&book, &input)
            .map_or_else(|refusal| format!("{}: {}", refusal.code, refusal.message), |()| "taken".to_owned())
    }

    #[test]
    fn a_result_within_all_limits_is_taken() {
        let token = json!({
            "continuationToken": "t".repeat(2_048),
            "executionDetails": {
                "summary": "s".repeat(2_048), "externalExecutionId": "e".repeat(1_500), "percentComplete": 100,
            },
        });
        assert_eq!(answered(success, token), "taken");
        assert_eq!(answered(success, json!({ "outputVariables": { "a@-_9": "" } })), "taken");
        let failed = json!({ "failureDetails": { "type": "RevisionUnavailable", "message": "m".repeat(5_000) } });
        assert_eq!(answered(failure, failed), "taken");
    }

    #[test]
    fn a_result_beyond_a_limit_is_refused() {
        for (input, why) in [
            (json!({ "continuationToken": "" }), "greater than or equal to 1"),
            (json!({ "continuationToken": "t".repeat(2_049) }), "less than or equal to 2048"),
            (json!({ "executionDetails": { "summary": "s".repeat(2_049) } }), "'executionDetails.summary'"),
            (json!({ "executionDetails": { "externalExecutionId": "e".repeat(1_501) } }), "less than or equal to 1500"),
            (json!({ "executionDetails": { "percentComplete": 101 } }), "less than or equal to 100"),
            (json!({ "executionDetails": { "percentComplete": -1 } }), "greater than or equal to 0"),
            (json!({ "outputVariables": { "a.b": "c" } }), r"[A-Za-z0-9@\-_]+"),
            (json!({ "continuationToken": "t", "outputVariables": {} }), "no continuationToken"),
            (json!({ "jobId": "no-id" }), "[0-9a-f]{8}-"),
        ] {
            let told = answered(success, input);
            assert!(told.starts_with("ValidationException: ") && told.contains(why), "{told}");
        }
        for (input, why) in [
            (json!({}), "Value null at 'failureDetails'"),
            (json!({ "failureDetails": { "type": "Other", "message": "m" } }), "enum value set"),
            (json!({ "failureDetails": { "type": "JobFailed", "message": "" } }), "greater than or equal to 1"),
            (json!({ "failureDetails": { "type": "JobFailed", "message": "m".repeat(5_001) } }), "equal to 5000"),
        ] {
            let told = answered(failure, input);
            assert!(told.starts_with("ValidationException: ") && told.contains(why), "{told}");
        }
        let large = answered(success, json!({ "outputVariables": { "a": "x".repeat(122_880) } }));
        assert!(large.starts_with("OutputVariablesSizeExceededException"), "{large}");
    }
}
