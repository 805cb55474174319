//! Invoke, as the API has it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::deliver::deliver;
use super::functions::Functions;
use crate::arn::FunctionRef;
use crate::call::Call;
use crate::http::Answer;

/// Answers InvokeFunction.
pub(super) async fn invocation(functions: &Arc<Functions>, call: Call, function: FunctionRef) -> Answer {
    let header = |name: &str| call.request.header(name).unwrap_or_default().to_owned();
    let payload = if call.request.body.is_empty() { "{}".into() } else { call.request.body.clone() };
    if serde_json::from_slice::<serde::de::IgnoredAny>(&payload).is_err() {
        let message = "Could not parse request body into json";
        return Answer::error(400, "InvalidRequestContentException", message);
    }
    match header("x-amz-invocation-type").as_str() {
        "Event" => {
            if let Err(refusal) = functions.resolve(&function).await {
                return *refusal;
            }
            tokio::spawn(deliver(Arc::clone(functions), function, payload));
            return Answer::empty(202);
        }
        "DryRun" => return functions.resolve(&function).await.map_or_else(|refusal| *refusal, |_| Answer::empty(204)),
        _ => {}
    }
    let with_log = header("x-amz-log-type") == "Tail";
    let (outcome, version) = match functions.invoke(&function, payload, with_log).await {
        Ok(ran) => ran,
        Err(refusal) => return *refusal,
    };
    let mut answer = Answer::empty(200)
        .with("content-type", "application/json")
        .with("x-amz-executed-version", &version)
        .with("x-amzn-requestid", &outcome.request_id);
    if outcome.failed {
        answer = answer.with("x-amz-function-error", "Unhandled");
    }
    if with_log {
        answer = answer.with("x-amz-log-result", &STANDARD.encode(&outcome.log_tail));
    }
    answer.body = outcome.payload;
    answer
}
