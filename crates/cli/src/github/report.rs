//! What is told to GitHub at each turn of a deployment. Outside of its jobs nothing is.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use crate::api::ApiError;
use crate::console::Console;
use crate::failure::Failure;
use crate::github::command::{Annotation, Instruction, Level, Place};
use crate::github::{outputs, summary};
use crate::status_text::{error_words, state, traffic_at_end};
use crate::view::{DeploymentView, Outcome, PlanAnswer, PlanView};

/// How many annotations of one kind a step may make; the runner leaves out the others.
const ANNOTATIONS: usize = 10;

/// A deployment was begun. Its id is kept at once, for a step that stops it when the job is cancelled.
pub(crate) fn begun(console: &mut Console<'_>, id: &str, plan: Option<&PlanView>) -> Result<(), Failure> {
    match &console.job {
        Some(job) => {
            let file = job.outputs.clone();
            append(console, "GITHUB_OUTPUT", file.as_deref(), &outputs::begun(id, plan))
        }
        None => Ok(()),
    }
}

/// It waits for a person, who has to look up from elsewhere.
pub(crate) fn waits(console: &mut Console<'_>, view: &DeploymentView, advice: &str) -> Result<(), Failure> {
    annotate(console, Level::Notice, &format!("Deployment {} waits", view.deployment_id), advice, None)
}

/// It is not watched any more: it is over, or nobody looks on.
pub(crate) fn seen_last(console: &mut Console<'_>, view: &DeploymentView) -> Result<(), Failure> {
    let Some(job) = console.job.clone() else { return Ok(()) };
    let level = match view.outcome {
        Some(Outcome::Succeeded) => Level::Notice,
        Some(Outcome::Stopped) | None => Level::Warning,
        Some(Outcome::RolledBack | Outcome::Failed | Outcome::Unresolved) => Level::Error,
    };
    let (title, sentence) = words(view);
    let why = view.error.as_ref().and_then(|error| error.message.as_deref());
    annotate(console, level, &title, &sentence, why.and_then(|why| job.place(why)))?;
    append(console, "GITHUB_OUTPUT", job.outputs.as_deref(), &outputs::of(view))?;
    let text = summary::of(view, &console.zone);
    append(console, "GITHUB_STEP_SUMMARY", job.summary.as_deref(), &text)
}

/// What, how it ended, and why.
fn words(view: &DeploymentView) -> (String, String) {
    let id = &view.deployment_id;
    let what = view.plan.as_ref().map_or_else(|| format!("Deployment {id}"), |plan| plan.target().to_string());
    let title = match view.outcome {
        Some(_) => format!("{what} {}", state(view)),
        None => format!("{what} is not over: {}", state(view)),
    };
    let traffic = traffic_at_end(view).map(|traffic| format!("{traffic} ({id})"));
    let told = match (&view.error, traffic) {
        (Some(error), Some(traffic)) => format!("{}; {traffic}", error_words(error)),
        (Some(error), None) => format!("{} ({id})", error_words(error)),
        (None, traffic) => traffic.unwrap_or_else(|| id.clone()),
    };
    (title, told)
}

/// It was refused, and nothing was begun.
pub(crate) fn refused(console: &mut Console<'_>, answer: &PlanAnswer) -> Result<(), Failure> {
    let Some(job) = console.job.clone() else { return Ok(()) };
    for refusal in answer.refusals.iter().take(ANNOTATIONS) {
        annotate(console, Level::Error, &format!("Refused: {}", refusal.code), &refusal.message, None)?;
    }
    append(console, "GITHUB_STEP_SUMMARY", job.summary.as_deref(), &summary::refused(answer))
}

/// The command could not do its work. What is wrong with an AppSpec is told where it stands.
pub(crate) fn failed(console: &mut Console<'_>, failure: &Failure) -> Result<(), Failure> {
    let told = match failure {
        Failure::Api(ApiError::Refused { message, .. }) => message.clone(),
        other => other.to_string(),
    };
    for sentence in told.lines().take(ANNOTATIONS) {
        let place = console.job.as_ref().and_then(|job| job.place(sentence));
        annotate(console, Level::Error, "tideshift", sentence, place)?;
    }
    Ok(())
}

fn annotate(
    console: &mut Console<'_>,
    level: Level,
    title: &str,
    message: &str,
    place: Option<Place>,
) -> Result<(), Failure> {
    if console.job.is_none() {
        return Ok(());
    }
    let annotation = Annotation { level, title: title.to_owned(), message: message.to_owned(), place };
    console.instruct(&Instruction::annotate(&annotation))
}

/// Adds to a file of the runner. One that cannot be written is no reason to fail: the deployment is what it is.
fn append(console: &mut Console<'_>, variable: &str, file: Option<&Path>, text: &str) -> Result<(), Failure> {
    let Some(file) = file else { return Ok(()) };
    let written = OpenOptions::new().append(true).create(true).open(file);
    match written.and_then(|mut file| file.write_all(text.as_bytes())) {
        Ok(()) => Ok(()),
        Err(error) => {
            let message = format!("cannot write the file that {variable} names: {error}");
            annotate(console, Level::Warning, "tideshift", &message, None)
        }
    }
}

/// Folds what is told meanwhile.
pub(crate) fn folded(
    console: &mut Console<'_>,
    title: &str,
    tell: impl FnOnce(&mut Console<'_>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    if console.job.is_none() {
        return Ok(());
    }
    console.instruct(&Instruction::group(title))?;
    tell(console)?;
    console.instruct(&Instruction::end_of_group())
}
