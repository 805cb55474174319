//! One attempt of a task.

use std::task::Poll;

use serde_json::{Value, json};

use super::data::Scope;
use super::execution::{Execution, Failure};
use super::fields::text;
use super::timeline::{First, first};
use crate::state::executions::Ended;
use crate::world::World;

const INVOKE: &str = "arn:aws:states:::lambda:invoke";
const INVOKE_AND_WAIT: &str = "arn:aws:states:::lambda:invoke.waitForTaskToken";
const PUT_EVENTS: &str = "arn:aws:states:::events:putEvents";

/// Makes one attempt and returns the task's result.
pub(super) async fn task(execution: &Execution, state: &Value, input: &Value) -> Result<Value, Failure> {
    let world = &*execution.world;
    let token = (text(state, "Resource") == INVOKE_AND_WAIT).then(|| Token::new(world));
    let scope = Scope { input, execution, token: token.as_ref().map(|token| token.text.as_str()) };
    let parameters = scope.fill(state.get("Parameters").unwrap_or(&Value::Null))?;
    let timeout = match scope.seconds(state, "TimeoutSeconds", "TimeoutSecondsPath")? {
        Some(0) => return Err(Failure::runtime("a timeout of no time at all")),
        timeout => timeout.unwrap_or(99_999_999),
    };
    world.state().history.push(parameters.clone());
    let attempt = attempt(execution, text(state, "Resource"), parameters, token.as_ref());
    let ended = match first(attempt, execution.sleep(timeout)).await {
        First::One(ended) => ended,
        First::Other(()) => Err(Failure::new("States.Timeout", "")),
    };
    world.state().history.push(match &ended {
        Ok(result) => result.clone(),
        Err(Failure { error, cause }) => json!({"Error": error, "Cause": cause}),
    });
    let result = ended?;
    let selected = match state.get("ResultSelector") {
        Some(template) => Scope { input: &result, execution, token: None }.fill(template)?,
        None => result,
    };
    match state.get("OutputPath").and_then(Value::as_str) {
        Some(path) => Scope { input: &selected, execution, token: None }.at(path),
        None => Ok(selected),
    }
}

async fn attempt(
    execution: &Execution,
    resource: &str,
    parameters: Value,
    token: Option<&Token<'_>>,
) -> Result<Value, Failure> {
    let payload = parameters.get("Payload").cloned().unwrap_or_default();
    let call = (execution.invoke)(text(&parameters, "FunctionName"), payload);
    match (resource, token) {
        (INVOKE, _) => Ok(json!({"Payload": call.await?})),
        (INVOKE_AND_WAIT, Some(token)) => {
            let called = async {
                match call.await {
                    Ok(_) => std::future::pending().await,
                    Err(failure) => failure,
                }
            };
            match first(token.ended(), called).await {
                First::One(Ok(output)) => Ok(output),
                First::One(Err((error, cause))) => Err(Failure::new(error, cause)),
                First::Other(failure) => Err(failure),
            }
        }
        (PUT_EVENTS, _) => {
            let world = &execution.world;
            world.note(format!("told: {}", parameters["Entries"][0]["Detail"]));
            world.state().told.push(parameters.clone());
            Ok(json!({}))
        }
        (other, _) => Err(Failure::runtime(format!("{other} is a resource the simulation does not know"))),
    }
}

/// A task token, open as long as somebody waits for it.
struct Token<'a> {
    world: &'a World,
    text: String,
}

impl<'a> Token<'a> {
    fn new(world: &'a World) -> Self {
        let text = world.state().waits.open();
        Self { world, text }
    }

    async fn ended(&self) -> Ended {
        std::future::poll_fn(|context| match self.world.state().waits.ended(&self.text, context.waker()) {
            Some(ended) => Poll::Ready(ended),
            None => Poll::Pending,
        })
        .await
    }
}

impl Drop for Token<'_> {
    fn drop(&mut self) {
        self.world.state().waits.close(&self.text);
    }
}
