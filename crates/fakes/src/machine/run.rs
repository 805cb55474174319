//! From state to state.

use serde_json::{Value, json};

use super::data::{Scope, holds, place};
use super::execution::{Execution, Failure};
use super::fields::{list, number, text};
use super::task::task;
use super::timeline::{Branch, all};

/// The fields of states that mean something here.
const KNOWN: [&str; 24] = [
    "Branches",
    "Catch",
    "Cause",
    "CausePath",
    "Choices",
    "Comment",
    "Default",
    "End",
    "Error",
    "ErrorPath",
    "Next",
    "OutputPath",
    "Parameters",
    "Resource",
    "Result",
    "ResultPath",
    "ResultSelector",
    "Retry",
    "Seconds",
    "SecondsPath",
    "TimeoutSeconds",
    "TimeoutSecondsPath",
    "Type",
    "StartAt",
];

/// Runs a state machine, or a branch of one.
pub(crate) fn run<'a>(execution: &'a Execution, machine: &'a Value, input: Value) -> Branch<'a, Value, Failure> {
    Box::pin(async move {
        let mut data = input;
        let mut name = text(machine, "StartAt");
        loop {
            let state = machine.get("States").and_then(|states| states.get(name)).unwrap_or(&Value::Null);
            for field in state.as_object().into_iter().flat_map(|fields| fields.keys()) {
                assert!(KNOWN.contains(&field.as_str()), "{name} has a {field} that the simulation does not know");
            }
            match step(execution, state, data).await? {
                After::End(output) => return Ok(output),
                After::Next(next, output) => (name, data) = (next, output),
            }
        }
    })
}

pub(super) enum After<'a> {
    Next(&'a str, Value),
    End(Value),
}

async fn step<'a>(execution: &'a Execution, state: &'a Value, input: Value) -> Result<After<'a>, Failure> {
    let scope = Scope { input: &input, execution, token: None };
    match text(state, "Type") {
        "Choice" => {
            for choice in list(state, "Choices") {
                if holds(choice, &input)? {
                    return Ok(After::Next(text(choice, "Next"), input));
                }
            }
            Ok(After::Next(text(state, "Default"), input))
        }
        "Pass" => {
            let result = match (state.get("Result"), state.get("Parameters")) {
                (Some(result), _) => result.clone(),
                (None, Some(template)) => scope.fill(template)?,
                (None, None) => input.clone(),
            };
            let placed = place(state, input.clone(), result)?;
            let put_out = match state.get("OutputPath").and_then(Value::as_str) {
                Some(path) => Scope { input: &placed, execution, token: None }.at(path)?,
                None => placed,
            };
            Ok(after(state, put_out))
        }
        "Wait" => {
            let seconds = scope.seconds(state, "Seconds", "SecondsPath")?.unwrap_or(0);
            execution.sleep(seconds).await;
            Ok(after(state, input))
        }
        "Succeed" => Ok(After::End(input)),
        "Fail" => {
            let said = |field: &str, path: &str| match state.get(path).and_then(Value::as_str) {
                Some(path) => Ok(scope.at(path)?.as_str().unwrap_or_default().to_owned()),
                None => Ok(text(state, field).to_owned()),
            };
            Err(Failure::new(said("Error", "ErrorPath")?, said("Cause", "CausePath")?))
        }
        "Task" => retried(execution, state, input, true).await,
        "Parallel" => retried(execution, state, input, false).await,
        other => Err(Failure::runtime(format!("there is no state of type {other}"))),
    }
}

/// A state that may fail, with its Retry and Catch.
async fn retried<'a>(
    execution: &'a Execution,
    state: &'a Value,
    input: Value,
    is_task: bool,
) -> Result<After<'a>, Failure> {
    let mut attempts = vec![0_u32; list(state, "Retry").len()];
    let failure = loop {
        let result = if is_task {
            task(execution, state, &input).await
        } else {
            let branches = list(state, "Branches").iter();
            all(branches.map(|branch| run(execution, branch, input.clone())).collect()).await.map(Value::Array)
        };
        let failure = match result {
            Ok(result) => return Ok(after(state, place(state, input, result)?)),
            Err(failure) => failure,
        };
        let retry = list(state, "Retry").iter().zip(&mut attempts).find(|(retry, _)| names(retry, &failure));
        match retry {
            Some((retry, made)) if u64::from(*made) < number(retry, "MaxAttempts", 3) => {
                // Full jitter is anything up to this; a simulation takes it all.
                let rate = number(retry, "BackoffRate", 2).saturating_pow(*made);
                let delay = number(retry, "IntervalSeconds", 1).saturating_mul(rate);
                *made += 1;
                execution.sleep(delay.min(number(retry, "MaxDelaySeconds", u64::MAX))).await;
            }
            _ => break failure,
        }
    };
    match list(state, "Catch").iter().find(|catch| names(catch, &failure)) {
        Some(catch) => {
            let said = json!({"Error": failure.error, "Cause": failure.cause});
            Ok(After::Next(text(catch, "Next"), place(catch, input, said)?))
        }
        None => Err(failure),
    }
}

/// Whether a retry or a catch is about this failure.
fn names(rule: &Value, failure: &Failure) -> bool {
    let listed = |name: &str| list(rule, "ErrorEquals").iter().any(|error| error.as_str() == Some(name));
    listed(&failure.error) || (listed("States.ALL") && failure.error != "States.Runtime")
}

fn after(state: &Value, output: Value) -> After<'_> {
    match state.get("Next").and_then(Value::as_str) {
        Some(next) => After::Next(next, output),
        None => After::End(output),
    }
}
