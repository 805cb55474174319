//! `stop`: end a deployment before its time.

use serde_json::json;

use crate::api::{Api, Operation};
use crate::args::{Output, Stop};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::watch::follow::{From, Interrupt, follow};

/// Runs it.
pub(crate) async fn run(
    api: &impl Api,
    console: &mut Console<'_>,
    stop: &Stop,
    interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let id = &stop.id;
    let mut body = json!({"deploymentId": id});
    if stop.no_rollback {
        body["autoRollbackEnabled"] = json!(false);
    }
    let mut document = api.call(Operation::StopDeployment, &body).await?;
    if stop.watch {
        return follow(api, console, id, From::Existing, interrupt).await;
    }
    document["deploymentId"] = json!(id);
    let said = document["statusMessage"].as_str().unwrap_or("The deployment is stopping");
    let text = format!("{id}: {said}\n");
    console.answer(&document, &text)?;
    if console.output == Output::Text {
        console.tell(&format!("Watch it with: {}", console.command(&format!("status {id} --watch"))))?;
    }
    Ok(Ending::Done)
}
