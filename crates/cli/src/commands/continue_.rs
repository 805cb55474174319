//! `continue`: go on from a step that waits, take the next step before its time, or end the wait before the old task set is removed.

use proxy::shapes::ContinueDeploymentInput;
use serde_json::json;

use crate::api::{Api, Operation};
use crate::args::Continue;
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::watch::follow::{From, Interrupt, follow};

/// Runs it.
pub(crate) async fn run(
    api: &impl Api,
    console: &mut Console<'_>,
    wanted: &Continue,
    interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let id = &wanted.id;
    let mut order = ContinueDeploymentInput { deployment_id: Some(id.clone()), ..ContinueDeploymentInput::default() };
    let mut text = format!("{id} goes on\n");
    if wanted.termination {
        order.deployment_wait_type = Some("TERMINATION_WAIT".to_owned());
        text = format!("{id} removes the old task set\n");
    }
    if wanted.skip_hold {
        order.skip_hold = Some(true);
        text = format!(
            "{id} takes its next step: at once, or with its next look, which tideshift status {id} tells; a hold of less than a minute \
             ends by itself first\n"
        );
    }
    let document = json!(order);
    api.call(Operation::ContinueDeployment, &document).await?;
    if wanted.watch {
        return follow(api, console, id, From::Existing, interrupt).await;
    }
    console.answer(&document, &text)?;
    Ok(Ending::Done)
}
