//! `plan`: what a deployment would do, or why it cannot go.

use crate::api::{Api, Operation};
use crate::args::{Output, What};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::view::PlanAnswer;
use crate::{appspec, in_flags, plan_text, request, view};

/// Runs it.
pub(crate) async fn run(api: &impl Api, console: &mut Console<'_>, what: &What) -> Result<Ending, Failure> {
    let body = request::body(what, &appspec::content(what)?);
    let planned = api.call(Operation::PlanDeployment, &body).await;
    let document = planned.map_err(|error| in_flags::reworded(what, error))?;
    let answer: PlanAnswer = view::read(&document)?;
    console.answer(&document, &plan_text::render(&answer, (console.now)(), &console.zone))?;
    if let Some(tip) = what.alarms_apart(&answer.refusals)
        && console.output == Output::Text
    {
        console.tell(&tip)?;
    }
    Ok(if answer.refusals.is_empty() { Ending::Done } else { Ending::Refused })
}
