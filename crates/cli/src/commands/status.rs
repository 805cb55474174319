//! `status`: a deployment now, or until it is over; or what is live on a target.

use serde_json::json;

use crate::api::{Api, ApiError, Operation};
use crate::args::{Status, Subject};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::view::{DeploymentView, DescribeDeploymentInput, DescribeTargetInput, TargetView};
use crate::watch::follow::{From, Interrupt, follow};
use crate::{status_text, target_text, view};

/// Runs it.
pub(crate) async fn run(
    api: &impl Api,
    console: &mut Console<'_>,
    status: &Status,
    interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    match &status.subject {
        Subject::Deployment(id) if status.watch => follow(api, console, id, From::Existing, interrupt).await,
        Subject::Deployment(id) => deployment(api, console, id).await,
        Subject::Target(name) => target(api, console, name, status.watch.then_some(interrupt)).await,
    }
}

async fn deployment(api: &impl Api, console: &mut Console<'_>, id: &str) -> Result<Ending, Failure> {
    let question = DescribeDeploymentInput { deployment_id: Some(id.to_owned()), look: Some(true) };
    let document = api.call(Operation::DescribeDeployment, &json!(question)).await.map_err(perhaps_target)?;
    let deployment: DeploymentView = view::read(&document)?;
    let text = status_text::render(&deployment, (console.now)(), &console.zone, |what| console.command(what));
    console.answer(&document, &text)?;
    Ok(deployment.outcome.map_or(Ending::Done, Ending::Deployment))
}

/// Half the name of a target looks like an id.
fn perhaps_target(error: ApiError) -> Failure {
    match error {
        ApiError::Refused { code, message } if code == "DeploymentDoesNotExistException" => {
            let message =
                format!("{message}; a target is a function with its alias, like storefront:live, or CLUSTER/SERVICE");
            Failure::Api(ApiError::Refused { code, message })
        }
        error => Failure::Api(error),
    }
}

/// The deployment that is at the target is watched, if there is one and that is wanted.
async fn target(
    api: &impl Api,
    console: &mut Console<'_>,
    name: &str,
    watch: Option<Interrupt<'_>>,
) -> Result<Ending, Failure> {
    let question = DescribeTargetInput { target: Some(name.to_owned()) };
    let document = api.call(Operation::DescribeTarget, &json!(question)).await?;
    let target: TargetView = view::read(&document)?;
    if let (Some(id), Some(interrupt)) = (&target.active, watch) {
        return follow(api, console, id, From::Existing, interrupt).await;
    }
    console.answer(&document, &target_text::render(&target, &console.zone, |what| console.command(what)))?;
    Ok(Ending::Done)
}
