//! What changed between two looks at a deployment. Pure: two views in, lines out.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::plan_text::headline;
use crate::status_text::{
    doubt_words, error_words, leaving_words, next_words, routing_words, state, tasks_words, trouble_words,
    warming_words, without_repeated_end,
};
use crate::times::{clock, seconds_between, span};
use crate::view::{DeploymentView, EcsTaskSet, EventView, Moment};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// When, by the stack's clock where it says so.
    pub(crate) at: Timestamp,
    /// What.
    pub(crate) text: String,
}

/// What happened since `before`, in the order it happened; `before` is absent at the first look.
pub(crate) fn changes(
    before: Option<&DeploymentView>,
    after: &DeploymentView,
    now: Timestamp,
    zone: &TimeZone,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut tell =
        |at: Option<Moment>, text: String| changes.push(Change { at: at.map_or(now, |Moment(at)| at), text });
    for event in &after.events {
        let known = before.and_then(|view| view.events.iter().find(|known| known.name == event.name));
        let worth_telling = after.has_work(event) || event.status == "Failed";
        if let Some((at, text)) = event_change(known, event, zone).filter(|_| worth_telling) {
            tell(at, text);
        }
        if let Some(text) = awaited_change(known, event).filter(|_| worth_telling) {
            tell(None, text);
        }
    }
    if let Some((at, text)) = weight_change(before, after, now, zone) {
        tell(at, text);
    }
    if let Some(text) = tasks_change(before, after) {
        tell(None, text);
    }
    for text in wait_changes(before, after) {
        tell(None, text);
    }
    for text in alarm_changes(before, after) {
        tell(None, text);
    }
    changes.sort_by_key(|change| change.at);
    if before.is_none_or(|view| view.plan.is_none())
        && let Some(plan) = &after.plan
    {
        let at = changes.first().map_or(now, |first| first.at.min(now));
        changes.insert(0, Change { at, text: format!("{}: {}", after.deployment_id, headline(plan)) });
    }
    let mut last = |text: String| changes.push(Change { at: now, text });
    for text in [pause_change(before, after, now, zone), kept_change(before, after)].into_iter().flatten() {
        last(text);
    }
    if after.stopping() && before.is_none_or(|view| view.error != after.error) {
        last(format!("stopping: {}", reason_beside_events(after)));
    }
    if let Some(text) = leaving_words(after).filter(|text| before.and_then(leaving_words).as_ref() != Some(text)) {
        last(text);
    }
    if let Some(outcome) = after.outcome.filter(|outcome| before.and_then(|view| view.outcome) != Some(*outcome)) {
        let at = after.complete_time.map_or(now, |Moment(at)| at);
        let at = changes.last().map_or(at, |last| at.max(last.at));
        changes.push(Change { at, text: format!("over: {outcome}") });
    }
    changes
}

/// What it waits for, and what is not known yet, where that is news.
fn wait_changes(before: Option<&DeploymentView>, after: &DeploymentView) -> Vec<String> {
    let mut changes = Vec::new();
    for words in [warming_words, trouble_words] {
        changes.extend(words(after).filter(|text| before.and_then(words).as_ref() != Some(text)));
    }
    for (label, doubt) in doubt_words(after) {
        if !before.is_some_and(|before| doubt_words(before).any(|known| known.1 == doubt)) {
            changes.push(format!("{label}: {doubt}"));
        }
    }
    let queued =
        after.queued.as_ref().filter(|queued| before.is_none_or(|before| before.queued.as_ref() != Some(queued)));
    changes.extend(queued.map(|queued| format!("queued: {}", queued.text)));
    changes
}

fn alarm_changes(before: Option<&DeploymentView>, after: &DeploymentView) -> Vec<String> {
    let mut changes = Vec::new();
    for alarm in after.alarms_read() {
        let known = before.and_then(|view| view.alarms.iter().find(|known| known.name == alarm.name));
        let state = alarm.state.as_deref().unwrap_or("unknown");
        let why = alarm.why.as_ref().map_or_else(String::new, |why| format!(", {why}"));
        match known.map(|known| known.state.as_deref().unwrap_or("unknown")) {
            Some(known) if known == state => {}
            Some(known) => changes.push(format!("alarm {}: {known} to {state}{why}", alarm.name)),
            None => changes.push(format!("alarm {}: {state}{why}", alarm.name)),
        }
    }
    changes
}

fn event_change(known: Option<&EventView>, event: &EventView, zone: &TimeZone) -> Option<(Option<Moment>, String)> {
    if known.is_some_and(|known| known.status == event.status) {
        return None;
    }
    match event.status.as_str() {
        "Pending" | "Skipped" => None,
        "InProgress" => {
            let answer = event.deadline.map(|Moment(by)| format!("; must answer by {}", clock(by, zone)));
            Some((event.start_time, format!("{} started{}", event.name, answer.unwrap_or_default())))
        }
        status => {
            let mut text = format!("{} {}", event.name, status.to_lowercase());
            if let (Some(Moment(start)), Some(Moment(end))) = (event.start_time, event.end_time) {
                _ = write!(text, " after {}", span(seconds_between(start, end)));
            }
            if let Some(message) = event.message.as_ref().filter(|_| status != "Succeeded") {
                _ = write!(text, ": {message}");
            }
            Some((event.end_time, text))
        }
    }
}

/// What a hook that is waited for returned instead of an answer.
fn awaited_change(known: Option<&EventView>, event: &EventView) -> Option<String> {
    let said = |event: &EventView| event.message.clone().filter(|_| event.status == "InProgress");
    let news = said(event).filter(|news| known.and_then(said).as_ref() != Some(news))?;
    Some(format!("{}: {news}", event.name))
}

fn weight_change(
    before: Option<&DeploymentView>,
    after: &DeploymentView,
    now: Timestamp,
    zone: &TimeZone,
) -> Option<(Option<Moment>, String)> {
    let weight = after.weight()?;
    let plan = after.plan.as_ref();
    let goal = after.goal();
    let was = before.and_then(DeploymentView::weight).unwrap_or_else(|| plan.map_or(0, |plan| plan.start_weight));
    if weight == was {
        return None;
    }
    // Who joins in the middle has seen nothing move: the story begins with what is.
    if before.is_none() {
        let mut text = format!("{weight} % of the traffic is on {goal}");
        next_of(&mut text, after, now, zone);
        return Some((after.progress.as_ref().and_then(|progress| progress.since), text));
    }
    if weight < was {
        // It may have had all of it between two looks.
        let was = if took_all(after) { 100 } else { was };
        return Some((None, format!("traffic back: {was} % to {weight} % on {goal}")));
    }
    // What ends a deployment is told beside: then this is no step of its own.
    let since = |view: &DeploymentView| view.progress.as_ref().and_then(|progress| progress.since);
    let is_same = since(after).is_some() && before.and_then(since) == since(after);
    if after.error.is_some() || is_same {
        return Some((None, format!("traffic is found with {weight} % on {goal}")));
    }
    let mut text = format!("traffic {was} % to {weight} % on {goal}");
    next_of(&mut text, after, now, zone);
    Some((after.progress.as_ref().and_then(|progress| progress.since), text))
}

/// Whether all traffic was moved, whatever became of it.
fn took_all(deployment: &DeploymentView) -> bool {
    deployment.events.iter().any(|event| event.name == "AllowTraffic" && event.status == "Succeeded")
}

/// Adds what comes next, where nothing else tells it.
fn next_of(text: &mut String, after: &DeploymentView, now: Timestamp, zone: &TimeZone) {
    if !after.waits()
        && !after.keeps_old()
        && let Some(next) = next_words(after, now, Some(zone))
    {
        _ = write!(text, "; {next}");
    }
}

/// Tasks of the green task set that came or went. Blue's go by themselves, at its end.
fn tasks_change(before: Option<&DeploymentView>, after: &DeploymentView) -> Option<String> {
    let running = after.outcome.is_none() && !after.stopping() && after.leaving().is_none();
    let green = after.green().filter(|_| running)?;
    let known = before.and_then(DeploymentView::green);
    let counts = |set: &EcsTaskSet| (set.running_count, set.desired_count);
    // Tasks that die and are started again are told of once, with the reason.
    let is_news = trouble_words(after).is_none() || green.running_count == green.desired_count;
    (is_news && known.map(counts) != Some(counts(green))).then(|| format!("green task set: {}", tasks_words(green)))
}

fn kept_change(before: Option<&DeploymentView>, after: &DeploymentView) -> Option<String> {
    match (before.is_some_and(DeploymentView::keeps_old), after.keeps_old()) {
        (false, true) => {
            let kept = after.plan.as_ref().map_or(0, |plan| plan.kept_seconds());
            Some(format!("all traffic has moved; the old task set is kept for {}", span(kept)))
        }
        _ => None,
    }
}

/// Whether it has come to wait for a person, or waits at another step than before.
pub(crate) fn pauses(before: Option<&DeploymentView>, after: &DeploymentView) -> bool {
    after.waits() && before.is_none_or(|before| !before.waits() || before.weight() != after.weight())
}

fn pause_change(
    before: Option<&DeploymentView>,
    after: &DeploymentView,
    now: Timestamp,
    zone: &TimeZone,
) -> Option<String> {
    if pauses(before, after) {
        let waits = next_words(after, now, Some(zone)).unwrap_or_default();
        return Some(format!("paused at {} %, {waits}", after.weight().unwrap_or(0)));
    }
    match (before.is_some_and(DeploymentView::waits), after.waits()) {
        (true, false) if after.outcome.is_none() && !after.stopping() => Some("continued".to_owned()),
        // A hold that was skipped waits for the next look.
        (false, false) if after.resumed() && before.is_some_and(|before| !before.resumed() && !before.keeps_old()) => {
            next_words(after, now, Some(zone))
        }
        _ => None,
    }
}

/// What went wrong, in one line.
fn reason(view: &DeploymentView) -> String {
    view.error.as_ref().map_or("no reason is known".to_owned(), error_words)
}

/// The same without the words that the event which failed has told.
fn reason_beside_events(view: &DeploymentView) -> String {
    let failed = view.events.iter().filter(|event| event.status == "Failed");
    without_repeated_end(&reason(view), failed.filter_map(|event| event.message.as_deref()))
}

/// How it ended, in one sentence.
pub(crate) fn last_sentence(view: &DeploymentView) -> String {
    let mut text = format!("{} {}", view.deployment_id, state(view));
    if view.error.is_some() {
        _ = write!(text, ": {}", reason(view));
    }
    if let Some(leftover) = &view.leftover {
        _ = write!(text, "; left {}", routing_words(leftover));
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests;
