//! `undo`: go back to what was there before. The stack says what that is; the plan is shown before anything is started.

use serde_json::json;

use super::deploy;
use crate::api::{Api, Operation};
use crate::args::Undo;
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::plan_text;
use crate::view::{self, PlanAnswer, PlanUndoInput, UndoView};
use crate::watch::follow::Interrupt;

/// Runs it.
pub(crate) async fn run(
    api: &impl Api,
    console: &mut Console<'_>,
    asked: &Undo,
    interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let input = PlanUndoInput {
        target: asked.target.clone(),
        application_name: asked.application.clone(),
        deployment_group_name: asked.group.clone(),
        revision: asked.to.clone(),
    };
    let document = api.call(Operation::PlanUndo, &json!(input)).await?;
    // What is handed on must be as the stack has written it.
    let undo: UndoView = view::handed_on(document)?;
    let request = json!(undo.request);
    if asked.plan {
        let document = api.call(Operation::PlanDeployment, &request).await?;
        let answer: PlanAnswer = view::read(&document)?;
        console.answer(&document, &plan_text::render(&answer, (console.now)(), &console.zone))?;
        return Ok(if answer.refusals.is_empty() { Ending::Done } else { Ending::Refused });
    }
    deploy::order(api, console, &request, None, asked.watch, interrupt).await
}
