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
use crate::logs_text::{LogLine, lines, pointer, render};
use crate::view::{self, DeploymentView, DescribeDeploymentInput};
use crate::watch::follow::Interrupt;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// How many looks in a row may stay without an answer.
const SILENT: u32 = 300;

/// What was read so far.
#[derive(Debug, Default)]
struct Read {
    deployment: Option<DeploymentView>,
    told: Vec<LogLine>,
    functions: FunctionLogs,
}

/// Runs it.
pub(crate) async fn run(
    api: &impl Api,
    logs: &impl ReadLogs,
    console: &mut Console<'_>,
    wanted: &Logs,
    mut interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let mut read = Read::default();
    tokio::select! {
        biased;
        () = &mut interrupt => interrupted(console, wanted, read),
        ended = tell(api, logs, console, wanted, &mut read) => ended,
    }
}

async fn tell(
    api: &impl Api,
    logs: &impl ReadLogs,
    console: &mut Console<'_>,
    wanted: &Logs,
    read: &mut Read,
) -> Result<Ending, Failure> {
    let body = json!(DescribeDeploymentInput { deployment_id: Some(wanted.id.clone()), look: None });
    let mut silent: u32 = 0;
    loop {
        match api.call(Operation::DescribeDeployment, &body).await {
            Ok(document) => {
                silent = 0;
                let deployment: DeploymentView = view::read(&document)?;
                let is_new = |line: &LogLine| !read.told.iter().any(|told| told.is_same(line));
                let new: Vec<LogLine> = lines(&deployment).into_iter().filter(is_new).collect();
                let is_last = !wanted.follow || deployment.outcome.is_some();
                read.deployment = Some(deployment.clone());
                // Who follows is not kept waiting for logs; who asks once gets all of it in one order.
                let mut rest = Vec::new();
                if is_last {
                    rest = new;
                } else {
                    show(console, read, new)?;
                }
                rest.extend(read.functions.new_lines(logs, console, &deployment).await?);
                show(console, read, rest)?;
                if is_last {
                    let unread = read.functions.unread.as_deref();
                    return ended(console, &deployment, &mut read.told, unread);
                }
                if console.left.out {
                    return Ok(Ending::Unread);
                }
            }
            Err(ApiError::NoAnswer(_) | ApiError::Throttled(_)) if wanted.follow && silent < SILENT => silent += 1,
            Err(error) => return Err(error.into()),
        }
        sleep(EVERY).await;
    }
}

/// Shows lines that are new, in their order.
fn show(console: &mut Console<'_>, read: &mut Read, mut new: Vec<LogLine>) -> Result<(), Failure> {
    new.sort_by_key(|line| line.at);
    if console.output == Output::Text {
        let text: String = new.iter().map(|line| render(line, &console.zone) + "\n").collect();
        console.answer(&Value::Null, &text)?;
    }
    read.told.extend(new);
    Ok(())
}

/// What was read until then is answered as one document; a person is told that the deployment goes on.
fn interrupted(console: &mut Console<'_>, wanted: &Logs, mut read: Read) -> Result<Ending, Failure> {
    match (&read.deployment, console.output) {
        (Some(deployment), Output::Json) => {
            ended(console, deployment, &mut read.told, read.functions.unread.as_deref())?;
        }
        (None, Output::Json) => {
            let nothing = json!({"deploymentId": wanted.id, "lines": [], "functionLogs": [], "unread": "interrupted"});
            console.answer(&nothing, "")?;
        }
        (_, Output::Text) => {
            let again = console.command(&format!("logs {} --follow", wanted.id));
            console.tell(&format!("{} goes on without being followed. Look again with: {again}", wanted.id))?;
        }
    }
    Ok(Ending::Interrupted)
}

fn ended(
    console: &mut Console<'_>,
    deployment: &DeploymentView,
    told: &mut [LogLine],
    unread: Option<&str>,
) -> Result<Ending, Failure> {
    told.sort_by_key(|line| line.at);
    let pointer = pointer(deployment, &console.stack);
    match console.output {
        Output::Json => {
            let document = json!({
                "deploymentId": deployment.deployment_id, "lines": told, "functionLogs": pointer.as_slice(), "unread": unread,
            });
            console.answer(&document, "")?;
        }
        Output::Text => {
            if let Some(why) = unread {
                console.tell(&format!(
                    "\nWhat the stack's functions logged is missing, or a part of it: {why}. Who may read it sees it by:"
                ))?;
                if let Some(pointer) = &pointer {
                    console.tell(&format!("  {pointer}"))?;
                }
            }
        }
    }
    Ok(deployment.outcome.map_or(Ending::Done, Ending::Deployment))
}
