//! `repair`: finish a deployment that could not put its traffic back by itself.

use proxy::shapes::DeploymentIdInput;
use serde_json::json;

use crate::api::{Api, Operation};
use crate::args::{Output, Watched};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::watch::follow::{From, Interrupt, follow};

/// Runs it.
pub(crate) async fn run(
    api: &impl Api,
    console: &mut Console<'_>,
    watched: &Watched,
    interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let id = &watched.id;
    let order = DeploymentIdInput { deployment_id: Some(id.clone()) };
    let document = api.call(Operation::RepairDeployment, &json!(order)).await?;
    if watched.watch {
        return follow(api, console, id, From::Existing, interrupt).await;
    }
    console.answer(&document, &format!("{id} is being repaired\n"))?;
    if console.output == Output::Text {
        console.tell(&format!("Watch it with: {}", console.command(&format!("status {id} --watch"))))?;
    }
    Ok(Ending::Done)
}
