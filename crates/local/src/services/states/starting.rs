//! What Step Functions takes of a StartExecution.

use crate::call::Call;
use crate::clock;
use crate::http::{Answer, Request};

/// The request to start an execution, or how AWS refuses it. One without a name gets a random one: moto would call it `None`.
/// moto also takes every name.
pub(super) fn starting(mut call: Call) -> Result<Request, Box<Answer>> {
    let input = call.text("input").unwrap_or("{}");
    if serde_json::from_str::<serde::de::IgnoredAny>(input).is_err() {
        let message = format!("Invalid State Machine Execution Input: '{input}'");
        return Err(Box::new(Answer::error(400, "InvalidExecutionInput", &message)));
    }
    match call.text("name") {
        Some(name) if is_name(name) => {}
        Some(name) => {
            return Err(Box::new(Answer::error(400, "InvalidName", &format!("Invalid Name: '{name}'"))));
        }
        None => {
            call.input["name"] = clock::uuid().into();
            call.request.body = call.input.to_string().into();
        }
    }
    Ok(call.request)
}

/// What StartExecution takes as a name: 1 to 80 characters (docs/aws-realities.md 2.1), and none that brackets, matches, separates or cannot be
/// seen.
fn is_name(name: &str) -> bool {
    let refused = |c: char| c.is_whitespace() || c.is_control() || "<>{}[]?*\"#%\\^|~`$&,;:/".contains(c);
    (1..=80).contains(&name.chars().count()) && !name.contains(refused)
}
