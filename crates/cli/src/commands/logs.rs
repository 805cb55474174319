//! `logs`: what happened to a deployment, in order, with the way to the logs of its functions and hooks; as it happens, if wanted.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::api::{Api, ApiError, Operation};
use crate::args::{Logs, Output};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::logs_text::{LogLine, lines, pointers, render};
use crate::view::{self, DeploymentView, Moment};
use crate::watch::follow::Interrupt;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// How many looks in a row may stay without an answer.
const SILENT: u32 = 300;

/// Runs it.
pub(crate) async fn run(
    api: &impl Api,
    console: &mut Console<'_>,
    logs: &Logs,
    mut interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let body = json!({"deploymentId": logs.id});
    let (mut told, mut silent): (Vec<LogLine>, u32) = (Vec::new(), 0);
    loop {
        let answer = tokio::select! {
            biased;
            () = &mut interrupt => return Ok(Ending::Interrupted),
            answer = api.call(Operation::DescribeDeployment, &body) => answer,
        };
        match answer {
            Ok(document) => {
                silent = 0;
                let deployment: DeploymentView = view::read(&document)?;
                let new: Vec<LogLine> = lines(&deployment).into_iter().filter(|line| !told.contains(line)).collect();
                if console.output == Output::Text {
                    let text: String = new.iter().map(|line| render(line, &console.zone) + "\n").collect();
                    console.answer(&Value::Null, &text)?;
                }
                told.extend(new);
                if !logs.follow || deployment.outcome.is_some() {
                    return ended(console, &deployment, &told);
                }
            }
            Err(ApiError::NoAnswer(_) | ApiError::Throttled(_)) if logs.follow && silent < SILENT => silent += 1,
            Err(error) => return Err(error.into()),
        }
        tokio::select! {
            biased;
            () = &mut interrupt => return Ok(Ending::Interrupted),
            () = sleep(EVERY) => {}
        }
    }
}

fn ended(console: &mut Console<'_>, deployment: &DeploymentView, told: &[LogLine]) -> Result<Ending, Failure> {
    let pointers = pointers(deployment, &console.stack);
    match console.output {
        Output::Json => {
            let lines: Vec<Value> = told.iter().map(|line| json!({"at": Moment(line.at), "text": line.text})).collect();
            let document = json!({"deploymentId": deployment.deployment_id, "lines": lines, "functionLogs": pointers});
            console.answer(&document, "")?;
        }
        Output::Text => {
            console.tell("\nWhat the stack's functions logged of it:")?;
            for pointer in &pointers {
                console.tell(&format!("  {pointer}"))?;
            }
        }
    }
    Ok(deployment.outcome.map_or(Ending::Done, Ending::Deployment))
}
