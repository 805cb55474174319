//! `stop`: end a deployment before its time.

use proxy::shapes::{StopDeploymentInput, StopDeploymentOutput};
use serde_json::json;

use crate::api::{Api, Operation};
use crate::args::{Output, Stop};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::view;
use crate::watch::follow::{From, Interrupt, follow};

/// Runs it.
pub(crate) async fn run(
    api: &impl Api,
    console: &mut Console<'_>,
    stop: &Stop,
    interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let id = &stop.id;
    let order = StopDeploymentInput {
        deployment_id: Some(id.clone()),
        auto_rollback_enabled: stop.no_rollback.then_some(false),
    };
    let mut document = api.call(Operation::StopDeployment, &json!(order)).await?;
    if stop.watch {
        return follow(api, console, id, From::Existing, interrupt).await;
    }
    let answer: StopDeploymentOutput = view::read(&document)?;
    document["deploymentId"] = json!(id);
    let said = answer.status_message.unwrap_or_else(|| "The deployment is stopping".to_owned());
    let text = format!("{id}: {said}\n");
    console.answer(&document, &text)?;
    if console.output == Output::Text {
        console.tell(&format!("Watch it with: {}", console.command(&format!("status {id} --watch"))))?;
    }
    Ok(Ending::Done)
}
