//! What comes next, and how long it takes.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::times::{due, seconds_between, span};
use crate::view::{DeploymentView, Moment, StepView, Target};

/// What comes next and when, if that is known. With a zone, the clock time too.
pub(crate) fn next_words(deployment: &DeploymentView, now: Timestamp, zone: Option<&TimeZone>) -> Option<String> {
    if deployment.stopping() || deployment.outcome.is_some() {
        return None;
    }
    let (plan, progress) = (deployment.plan.as_ref()?, deployment.progress.as_ref()?);
    let weight = progress.weight.unwrap_or(plan.start_weight);
    let when = progress.next_at.map(|Moment(next)| {
        let left = span(seconds_between(now, next));
        zone.map_or(format!("in {left}"), |zone| format!("at {} (in {left})", due(next, now, zone)))
    });
    if deployment.waits() {
        let current = plan.steps.iter().rfind(|step| step.weight <= weight);
        let then = match current.and_then(|step| step.on_timeout.as_deref()) {
            Some("Continue") => "goes on",
            Some(_) | None => "stops",
        };
        let waits = "waits to be continued";
        return Some(when.map_or(waits.to_owned(), |when| format!("{waits}; {then} {when}")));
    }
    if deployment.keeps_old() {
        let ahead = progress.next_at.is_some_and(|Moment(next)| next > now);
        let kept = match when.filter(|_| ahead) {
            Some(when) => format!("removed {when}"),
            None => format!("kept for {}", span(plan.kept_seconds())),
        };
        return Some(format!("the old task set is {kept}, or once continued"));
    }
    let next = plan.steps.iter().find(|step| step.weight > weight);
    if let Some(words) = resumed_words(deployment, next) {
        return Some(words);
    }
    let held = progress.next_at.is_some_and(|Moment(next)| next > now);
    if next.is_none()
        && !held
        && matches!(plan.target(), Target::Service { .. })
        && deployment.phase.as_deref() == Some("running")
    {
        return Some("the new task set is watched with all of the traffic, then the old one is removed".to_owned());
    }
    // Its time is over, and what comes then is a hook's turn, or the end.
    if next.is_none() && !held {
        return hook_words(deployment);
    }
    let when = when?;
    Some(next.map_or(format!("ends {when}"), |step| format!("next {} % {when}", step.weight)))
}

/// Which hook is at work.
fn hook_words(deployment: &DeploymentView) -> Option<String> {
    let hook = deployment.events.iter().find(|event| event.status == "InProgress" && event.deadline.is_some())?;
    Some(format!("waits for the {} hook", hook.name))
}

/// What comes at the next look, where a person has ended what went on.
fn resumed_words(deployment: &DeploymentView, next: Option<&StepView>) -> Option<String> {
    if !deployment.resumed() {
        return None;
    }
    let comes = next.map_or("what follows the last step".to_owned(), |next| format!("{} %", next.weight));
    // Who ended the wait before the traffic has let a hook begin.
    hook_words(deployment).or_else(|| Some(format!("told to go on: {comes} comes with the next look")))
}

/// How long the rest of the steps takes, if nothing waits for a person.
pub(crate) fn seconds_left(deployment: &DeploymentView, now: Timestamp) -> Option<u64> {
    // How long the old task set has been kept is not told.
    if deployment.waits() || deployment.keeps_old() || deployment.stopping() || deployment.outcome.is_some() {
        return None;
    }
    let plan = deployment.plan.as_ref()?;
    let moved = deployment.progress.as_ref().is_some_and(|progress| progress.since.is_some());
    if plan.ready_seconds.is_some() && !moved {
        return None;
    }
    let weight = deployment.weight().unwrap_or(plan.start_weight);
    let next = deployment.progress.as_ref().and_then(|progress| progress.next_at);
    let held = next.map_or(0, |Moment(next)| seconds_between(now, next));
    let mut ahead = plan.steps.iter().filter(|step| step.weight > weight);
    let kept = plan.kept_seconds() + plan.watched_seconds.unwrap_or(0);
    ahead.try_fold(held + kept, |left, step| (!step.await_continue).then(|| left + step.hold_seconds.unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::status_text::tests::plan;
    use crate::testing::{at, noon, service_plan};
    use crate::view;

    #[test]
    fn the_time_left_of_a_service_has_the_old_task_set_in_it() {
        let left = |plan: Value, progress: Value| {
            let view = json!({"deploymentId": "d-1", "status": "InProgress", "plan": plan, "progress": progress});
            seconds_left(&view::read(&view).expect("a deployment"), noon())
        };
        let (plan, moving) = (service_plan(json!({})), json!({"weight": 10, "since": at(-270), "nextAt": at(30)}));
        assert_eq!(left(plan.clone(), moving.clone()), Some(1830));
        assert_eq!(left(plan.clone(), json!({"weight": 0})), Some(2100));
        assert_eq!(left(plan, json!({"weight": 100, "nextAt": at(-5), "awaitingTermination": true})), None);
        let asking = service_plan(json!({"readySeconds": 60}));
        assert_eq!(left(asking.clone(), json!({"weight": 0})), None);
        assert_eq!(left(asking, moving), Some(1830));
    }

    #[test]
    fn the_time_left_ends_where_a_person_is_waited_for() {
        let left = |weight: u64, awaiting: bool| {
            let view: DeploymentView = view::read(&json!({
                "deploymentId": "d-1", "status": "InProgress", "plan": plan(),
                "progress": {"weight": weight, "nextAt": at(30), "awaitingContinue": awaiting}
            }))
            .expect("a deployment");
            seconds_left(&view, noon())
        };
        assert_eq!(left(10, false), None);
        assert_eq!(left(50, true), None);
        assert_eq!(left(50, false), Some(90));
        assert_eq!(left(100, false), Some(30));
    }
}
