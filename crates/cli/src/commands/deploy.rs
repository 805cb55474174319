//! `deploy`: plan first, start only what can go.

use proxy::shapes::CreateDeploymentOutput;
use serde_json::{Value, json};

use crate::api::{Api, ApiError, Operation};
use crate::args::{Deploy, Output, What};
use crate::console::Console;
use crate::exit::Ending;
use crate::failure::Failure;
use crate::github::report;
use crate::view::PlanAnswer;
use crate::watch::follow::{From, Interrupt, follow};
use crate::{appspec, in_flags, plan_text, request, view};

/// Runs it.
pub(crate) async fn run(
    api: &impl Api,
    console: &mut Console<'_>,
    deploy: &Deploy,
    interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let body = request::body(&deploy.what, &appspec::content(&deploy.what)?);
    order(api, console, &body, Some(&deploy.what), deploy.watch, interrupt).await
}

/// Plans what a CreateDeployment asks for, and starts it if it can go. `what` has the flags that it was made of.
pub(super) async fn order(
    api: &impl Api,
    console: &mut Console<'_>,
    body: &Value,
    what: Option<&What>,
    watch: bool,
    interrupt: Interrupt<'_>,
) -> Result<Ending, Failure> {
    let planned = api.call(Operation::PlanDeployment, body).await;
    let document = planned.map_err(|error| match what {
        Some(what) => in_flags::reworded(what, error),
        None => error,
    })?;
    let answer: PlanAnswer = view::read(&document)?;
    if !answer.refusals.is_empty() {
        let tip = what.and_then(|what| what.alarms_apart(&answer.refusals));
        return refused(console, &document, &answer, tip);
    }
    if console.output == Output::Text
        && let Some(plan) = &answer.plan
    {
        let text = plan_text::render(&answer, (console.now)(), &console.zone);
        report::folded(console, &format!("Plan: {}", plan_text::headline(plan)), |console| {
            console.tell(text.trim_end())
        })?;
    }
    for note in &answer.notes {
        progress(console, &format!("note: {note}"))?;
    }
    let created = api.call(Operation::CreateDeployment, body).await.map_err(|error| perhaps_created(console, error))?;
    let created: CreateDeploymentOutput = view::read(&created)?;
    let id = &created.deployment_id.ok_or_else(|| {
        ApiError::Unreadable(
            "the stack started a deployment without telling its id: are the program and the stack of the same version?"
                .to_owned(),
        )
    })?;
    report::begun(console, id, answer.plan.as_ref())?;
    if watch {
        return follow(api, console, id, From::New, interrupt).await;
    }
    let document = json!({"deploymentId": id, "plan": document["plan"], "notes": document["notes"]});
    console.answer(&document, &format!("{id}\n"))?;
    let told = match answer.plan.as_ref().filter(|plan| plan.steps.is_empty()) {
        Some(plan) => {
            format!("{} Its record: {}", plan_text::nothing_to_do(plan), console.command(&format!("status {id}")))
        }
        None => format!("Under way. Watch it with: {}", console.command(&format!("status {id} --watch"))),
    };
    progress(console, &told)?;
    Ok(Ending::Done)
}

fn refused(
    console: &mut Console<'_>,
    document: &Value,
    answer: &PlanAnswer,
    tip: Option<String>,
) -> Result<Ending, Failure> {
    match console.output {
        Output::Text => {
            let refusals = plan_text::render_refusals(&answer.refusals);
            let tip = tip.map(|tip| format!("\n{tip}")).unwrap_or_default();
            console.tell(&format!("{}{tip}", refusals.trim_end()))?;
        }
        Output::Json => {
            let mut document = document.clone();
            document["error"] = error(answer);
            console.answer(&document, "")?
        }
    }
    report::refused(console, answer)?;
    Ok(Ending::Refused)
}

/// The refusals as the error that every document of a failure has: the first one's code, all their sentences.
fn error(answer: &PlanAnswer) -> Value {
    let messages: Vec<&str> = answer.refusals.iter().map(|refusal| refusal.message.as_str()).collect();
    json!({"code": answer.refusals.first().map(|refusal| &refusal.code), "message": messages.join("; ")})
}

fn progress(console: &mut Console<'_>, line: &str) -> Result<(), Failure> {
    match console.output {
        Output::Text => console.tell(line),
        Output::Json => Ok(()),
    }
}

/// An order whose answer was lost may have been carried out.
fn perhaps_created(console: &Console<'_>, error: ApiError) -> Failure {
    match error {
        source @ (ApiError::NoAnswer(_) | ApiError::Unreadable(_)) => {
            let advice =
                format!("the deployment may have been started all the same: look with {}", console.command("list"));
            Failure::PerhapsDone { source, advice }
        }
        error @ (ApiError::Refused { .. } | ApiError::Throttled(_) | ApiError::NoAccess(_)) => Failure::Api(error),
    }
}
