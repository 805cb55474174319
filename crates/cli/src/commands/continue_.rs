//! `continue`: go on from a step that waits.

use serde_json::json;

use crate::api::{Api, Operation};
use crate::args::Continue;
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;

/// Runs it.
pub(crate) async fn run(api: &impl Api, console: &mut Console<'_>, wanted: &Continue) -> Result<Ending, Failure> {
    let id = &wanted.id;
    let document = json!({"deploymentId": id});
    api.call(Operation::ContinueDeployment, &document).await?;
    console.answer(&document, &format!("{id} goes on\n"))?;
    Ok(Ending::Done)
}
