//! Invoke/StepFunctions: an execution of a state machine, until it is over (docs/codedeploy-contract.md 10.2).

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::action::{Done, Task, Undone};
use super::execution::{Details, Failure};
use crate::arn::REGION;

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// Carries it out.
pub(super) async fn carry_out(task: &Task) -> Result<Done, Undone> {
    let machine = task.required("StateMachineArn").to_owned();
    let name = match task.setting("ExecutionNamePrefix") {
        Some(prefix) => format!("{prefix}-{}", task.acted.id),
        None => task.acted.id.clone(),
    };
    let asked = json!({ "stateMachineArn": machine, "name": name, "input": input(task).await? });
    let started = call(task, "StartExecution", &asked).await?;
    let execution = started["executionArn"].as_str().unwrap_or_default().to_owned();
    let url = format!(
        "https://{REGION}.console.aws.amazon.com/states/home?region={REGION}#/v2/executions/details/{execution}"
    );
    task.tell(Details { external_id: Some(execution.clone()), url: Some(url), ..Details::default() });
    let ended = tokio::select! {
        ended = end(task, &execution) => ended?,
        () = task.abandoned() => return Err(Undone::Abandoned),
    };
    let status = ended["status"].as_str().unwrap_or_default();
    if status != "SUCCEEDED" {
        let said = |member: &str| ended[member].as_str().map(|said| format!(": {said}")).unwrap_or_default();
        let message = format!("Execution {execution} {status}{}{}", said("error"), said("cause"));
        return Err(Failure::new("JobFailed", message.chars().take(5_000).collect::<String>()).into());
    }
    let output = ended["output"].as_str().unwrap_or("null");
    for (_, place) in &task.acted.outputs {
        task.artifacts().put(place, output.as_bytes().to_vec()).await?;
    }
    let variables = [("StateMachineArn", machine), ("ExecutionArn", execution)];
    let variables: BTreeMap<_, _> = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let details = Details { summary: Some("Execution succeeded".to_owned()), ..Details::default() };
    Ok(Done { variables, details, revision: None })
}

/// What the execution is started with.
async fn input(task: &Task) -> Result<String, Undone> {
    let input = task.setting("Input");
    match (task.setting("InputType"), task.acted.inputs.first()) {
        (Some("FilePath"), Some((_, place))) => Ok(task.artifacts().file(place, input.unwrap_or_default()).await?),
        _ => Ok(input.unwrap_or("{}").to_owned()),
    }
}

/// Waits for the end.
async fn end(task: &Task, execution: &str) -> Result<Value, Undone> {
    loop {
        let seen = call(task, "DescribeExecution", &json!({ "executionArn": execution })).await?;
        if seen["status"] != "RUNNING" {
            return Ok(seen);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn call(task: &Task, operation: &str, input: &Value) -> Result<Value, Undone> {
    let answer = task.aws.aws_json("AWSStepFunctions", operation, input).await;
    answer.map_err(|error| Undone::Failed(Failure::of(&error)))
}
