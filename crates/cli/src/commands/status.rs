//! `status`: a deployment now, or until it is over.

use serde_json::json;

use crate::api::{Api, Operation};
use crate::args::Watched;
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::view::DeploymentView;
use crate::watch::follow::{From, Interrupt, follow};
use crate::{status_text, view};

/// Runs it.
pub(crate) async fn run(
    api: &impl Api,
    console: &mut Console<'_>,
    watched: &Watched,
    interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    if watched.watch {
        return follow(api, console, &watched.id, From::Existing, interrupt).await;
    }
    let document = api.call(Operation::DescribeDeployment, &json!({"deploymentId": watched.id})).await?;
    let deployment: DeploymentView = view::read(&document)?;
    let text = status_text::render(&deployment, (console.now)(), &console.zone, |what| console.command(what));
    console.answer(&document, &text)?;
    Ok(deployment.outcome.map_or(Ending::Done, Ending::Deployment))
}
