//! `logs`: what happened to a deployment, in order, with what the stack's functions logged and the way to its hooks' logs; as it
//! happens, if wanted.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::api::{Api, ApiError, Operation};
use crate::args::{Logs, Output};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::function_logs::{FunctionLogs, ReadLogs};
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
    logs: &impl ReadLogs,
    console: &mut Console<'_>,
    wanted: &Logs,
    mut interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    tokio::select! {
        biased;
        () = &mut interrupt => Ok(Ending::Interrupted),
        ended = tell(api, logs, console, wanted) => ended,
    }
}

async fn tell(
    api: &impl Api,
    logs: &impl ReadLogs,
    console: &mut Console<'_>,
    wanted: &Logs,
) -> Result<Ending, Failure> {
    let body = json!({"deploymentId": wanted.id});
    let (mut told, mut silent): (Vec<LogLine>, u32) = (Vec::new(), 0);
    let mut functions = FunctionLogs::default();
    loop {
        match api.call(Operation::DescribeDeployment, &body).await {
            Ok(document) => {
                silent = 0;
                let deployment: DeploymentView = view::read(&document)?;
                let mut new: Vec<LogLine> =
                    lines(&deployment).into_iter().filter(|line| !told.contains(line)).collect();
                new.extend(functions.new_lines(logs, console, &deployment).await?);
                new.sort_by_key(|line| line.at);
                if console.output == Output::Text {
                    let text: String = new.iter().map(|line| render(line, &console.zone) + "\n").collect();
                    console.answer(&Value::Null, &text)?;
                }
                told.extend(new);
                if !wanted.follow || deployment.outcome.is_some() {
                    told.sort_by_key(|line| line.at);
                    return ended(console, &deployment, &told, functions.unread.as_deref());
                }
            }
            Err(ApiError::NoAnswer(_) | ApiError::Throttled(_)) if wanted.follow && silent < SILENT => silent += 1,
            Err(error) => return Err(error.into()),
        }
        sleep(EVERY).await;
    }
}

fn ended(
    console: &mut Console<'_>,
    deployment: &DeploymentView,
    told: &[LogLine],
    unread: Option<&str>,
) -> Result<Ending, Failure> {
    let pointers = pointers(deployment, &console.stack);
    match console.output {
        Output::Json => {
            let lines: Vec<Value> = told.iter().map(|line| json!({"at": Moment(line.at), "text": line.text})).collect();
            let document = json!({
                "deploymentId": deployment.deployment_id, "lines": lines, "functionLogs": pointers, "unread": unread,
            });
            console.answer(&document, "")?;
        }
        Output::Text => {
            if let Some(why) = unread {
                console.tell(&format!(
                    "\nWhat the stack's functions logged is missing, or a part of it: {why}. Who may read it sees it by:"
                ))?;
                for pointer in &pointers {
                    console.tell(&format!("  {pointer}"))?;
                }
            }
        }
    }
    Ok(deployment.outcome.map_or(Ending::Done, Ending::Deployment))
}
