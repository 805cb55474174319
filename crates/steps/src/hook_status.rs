//! Hook status: the callback of a hook (docs/codedeploy-contract.md 3.5), and nothing else.
//!
//! A hook is a user's code, and may hold a secret it was handed. So the door it may knock at opens to one operation only, for
//! a run whose id nobody can guess; and nothing it writes there comes back or is kept, except that it succeeded or failed.

use codedeploy::call::{self, Call, Reply};
use codedeploy::error::{ApiError, Code};
use codedeploy::operation::Operation;
use codedeploy::shapes::PutHookStatusInput;
use serde_json::{Value, json};

use crate::ports::{Clock, EndWaits, FailWaits, HookRuns, Journal, Records};
use crate::powers;
use crate::use_cases::hook_status::put;

/// Answers a call of a hook. What is not PutLifecycleEventHookExecutionStatus is refused.
pub async fn answer(ports: &impl powers::HookStatus, call: &Call) -> Reply {
    let result = match Operation::from_target(&call.target) {
        Some(Operation::PutLifecycleEventHookExecutionStatus) => answer_put(ports, &call.body).await,
        Some(other) => Err(nothing_else(other.name())),
        None => Err(nothing_else("other operations")),
    };
    if let Err(error) = &result {
        tracing::info!(code = %error.code, message = %error.message, "refused");
    }
    result.into()
}

/// A call that is none, or of something else.
pub fn nothing_else(what: &str) -> ApiError {
    let message = format!(
        "hooks can do one thing here: PutLifecycleEventHookExecutionStatus; for {what} call the api function of the stack, with \
         permissions of its own"
    );
    ApiError::new(Code::AccessDeniedException, message)
}

/// Answers PutLifecycleEventHookExecutionStatus. What cannot be read is not repeated either.
pub(crate) async fn answer_put(
    ports: &(impl Clock + Records + Journal + EndWaits + FailWaits + HookRuns),
    body: &Value,
) -> Result<Value, ApiError> {
    let input: PutHookStatusInput = call::input(body).map_err(|_| {
        let message = "the input has a deploymentId, a lifecycleEventHookExecutionId and a status, each a text";
        ApiError::new(Code::SerializationException, message)
    })?;
    Ok(json!(put(ports, input).await?))
}
