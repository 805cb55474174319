//! A deployment in words.

mod next;

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) use next::{next_words, seconds_left};

use crate::plan_text::headline;
use crate::target::backend;
use crate::times::{clock, seconds_between, span, stamp};
use crate::view::{
    DeploymentView, DoubtAbout, EcsTaskSet, ErrorView, EventView, LeftWarm, Moment, Outcome, RoutingView, StarterView,
    Target,
};

/// How many lines of the journal are shown.
const JOURNAL_LINES: usize = 20;

/// Everything worth knowing at a glance; `command` writes a command as one would type it here.
pub(crate) fn render(
    deployment: &DeploymentView,
    now: Timestamp,
    zone: &TimeZone,
    command: impl Fn(&str) -> String,
) -> String {
    let mut text = head(deployment);
    text.push('\n');
    origin(&mut text, deployment, zone);
    so_far(&mut text, deployment, now, zone);
    lists(&mut text, deployment, zone);
    if let Some(advice) = advice(deployment, command) {
        _ = writeln!(text, "\n  {advice}");
    }
    text
}

/// What it is.
fn head(deployment: &DeploymentView) -> String {
    let mut text = format!("{}  {}\n", deployment.deployment_id, state(deployment));
    if let Some(plan) = &deployment.plan {
        _ = writeln!(text, "  {}", headline(plan));
    } else if let Some(asked) = &deployment.asked {
        let target = &asked.target.parts;
        _ = writeln!(text, "  {target} to {} {}", target.kind(), asked.to);
    }
    if let Some(description) = &deployment.description {
        _ = writeln!(text, "  {description}");
    }
    if let (Some(application), Some(group)) = (&deployment.application_name, &deployment.deployment_group_name) {
        _ = writeln!(text, "  {application} / {group}");
    }
    text
}

/// When, and by whom.
fn origin(text: &mut String, deployment: &DeploymentView, zone: &TimeZone) {
    for (name, at) in
        [("created", deployment.create_time), ("started", deployment.start_time), ("ended", deployment.complete_time)]
    {
        if let Some(Moment(at)) = at {
            _ = writeln!(text, "  {name:<9} {}", stamp(at, zone));
        }
    }
    if let Some(who) = deployment.started_by.as_ref().and_then(starter_words) {
        _ = writeln!(text, "  {:<9} {who}", "by");
    }
    for hook in deployment.plan.iter().flat_map(|plan| &plan.hooks).filter(|hook| hook.keep_output) {
        _ = writeln!(text, "  {:<9} what {} says, in its {} hook (KeepOutput)", "kept", hook.function, hook.event);
    }
}

/// What has become of it so far.
fn so_far(text: &mut String, deployment: &DeploymentView, now: Timestamp, zone: &TimeZone) {
    if let Some(of) = &deployment.rollback_of {
        let why =
            of.error.as_ref().map(|error| format!(", which ended with {}", error_words(error))).unwrap_or_default();
        _ = writeln!(text, "  {:<9} of {}{why}", "rollback", of.deployment_id);
    }
    if let Some(by) = &deployment.rolled_back_by {
        _ = writeln!(text, "  {:<9} is shown as {by}", "rollback");
    }
    if let Some(queued) = &deployment.queued {
        _ = writeln!(text, "  {:<9} {}", "waits", queued.text);
    }
    if let Some(weight) = deployment.weight() {
        _ = writeln!(text, "  {:<9} {}", "traffic", traffic_words(deployment, weight, now, zone));
    }
    for waits in [warming_words(deployment), trouble_words(deployment)].into_iter().flatten() {
        _ = writeln!(text, "  {:<9} {waits}", "waits");
    }
    for (label, doubt) in doubt_words(deployment) {
        _ = writeln!(text, "  {label:<9} {doubt}");
    }
    if let Some(error) = &deployment.error {
        _ = writeln!(text, "  {:<9} {}", "error", error_words(error));
    }
    if let Some(changed) = &deployment.changed {
        _ = writeln!(text, "  {:<9} {changed}: it ends with DRIFT when it looks next", "changed");
    }
    if let Some(leftover) = &deployment.leftover {
        _ = writeln!(text, "  {:<9} {}", "left", routing_words(leftover));
    }
    if let Some(now) = &deployment.left_now {
        _ = writeln!(text, "  {:<9} {now}", "now");
    }
    if let Some(left) = &deployment.left_warm {
        _ = writeln!(text, "  {:<9} {}", "left", left_warm_words(left));
    }
}

/// Its events, task sets and alarms, and its journal.
fn lists(text: &mut String, deployment: &DeploymentView, zone: &TimeZone) {
    if !deployment.events.is_empty() {
        text.push_str("\n  events\n");
        let width = deployment.events.iter().map(|event| event.name.len()).max().unwrap_or_default();
        for event in &deployment.events {
            event_lines(text, event, width, zone, deployment.error.as_ref());
        }
    }
    if !deployment.task_sets.is_empty() {
        text.push_str("\n  task sets\n");
        for set in &deployment.task_sets {
            _ = writeln!(text, "    {}", task_set_words(set));
        }
    }
    if !deployment.alarms_read().is_empty() {
        text.push_str("\n  alarms\n");
        for alarm in deployment.alarms_read() {
            let why = alarm.why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
            _ = writeln!(text, "    {:<18} {}{why}", alarm.state.as_deref().unwrap_or("unknown"), alarm.name);
        }
    }
    if !deployment.journal.is_empty() {
        text.push_str("\n  journal\n");
        let earlier = deployment.journal.len().saturating_sub(JOURNAL_LINES);
        if earlier > 0 {
            _ = writeln!(text, "    ... {earlier} earlier: --output json shows all");
        }
        for entry in &deployment.journal[earlier..] {
            let told = without_repeated_error(&entry.text, deployment.error.as_ref());
            _ = writeln!(text, "    {}  {told}", stamp(entry.at.0, zone));
        }
    }
}

/// What stands before the reason in the error of a deployment that is unresolved.
const AFTER: &str = " after this: ";

/// What went wrong: its name, and the sentence.
pub(crate) fn error_words(error: &ErrorView) -> String {
    match &error.message {
        Some(message) => format!("{}: {message}", error.code),
        None => error.code.clone(),
    }
}

/// A text of a deployment without the sentence that its error tells already.
fn without_repeated_error<'a>(text: &'a str, error: Option<&ErrorView>) -> std::borrow::Cow<'a, str> {
    match error.and_then(|error| error.message.as_deref()).filter(|told| !told.is_empty()) {
        Some(told) if told == text || told.ends_with(&format!(": {text}")) => "see the error above".into(),
        Some(told) => {
            // Of one that is unresolved, the error says what ended it after what keeps it from its end.
            let parts = std::iter::once(told).chain(told.split_once(AFTER).map(|(_, why)| why));
            let shorter = |part: &str| text.replace(&format!(": {part}"), " (see the error above)");
            parts.map(shorter).find(|shorter| shorter != text).map_or(text.into(), Into::into)
        }
        None => text.into(),
    }
}

/// A text without its end, where one of these has told that already.
pub(crate) fn without_repeated_end<'a>(text: &str, told: impl IntoIterator<Item = &'a str>) -> String {
    let cut =
        told.into_iter().filter_map(|told| text.strip_suffix(told)?.strip_suffix(": ")).min_by_key(|cut| cut.len());
    cut.unwrap_or(text).to_owned()
}

/// Who asked for it, where that is known.
fn starter_words(starter: &StarterView) -> Option<String> {
    match starter {
        StarterView::Caller { arn } => Some(arn.clone()),
        StarterView::Invocation => Some("whoever invoked the API's function: CloudTrail knows".to_owned()),
        StarterView::Execution => Some("whoever started its execution: CloudTrail knows".to_owned()),
        StarterView::Pipeline { job } => Some(format!("the job {job} of CodePipeline")),
        StarterView::Other => None,
    }
}

/// The outcome once there is one, CodeDeploy's status until then.
pub(crate) fn state(deployment: &DeploymentView) -> String {
    deployment.outcome.map_or_else(|| deployment.status.clone(), |outcome| outcome.to_string())
}

/// What a person can do now, if anything.
pub(crate) fn advice(deployment: &DeploymentView, command: impl Fn(&str) -> String) -> Option<String> {
    let id = &deployment.deployment_id;
    match deployment.outcome {
        Some(Outcome::Unresolved) => Some(format!(
            "It could not be brought to its end without a person. Finish it with: {}",
            command(&format!("repair {id}"))
        )),
        Some(Outcome::Stopped | Outcome::Failed) if deployment.leftover.is_some() => Some(match deployment.left_to_others {
            false => "Calls stay where they were left until the next deployment, which takes that over.".to_owned(),
            true => "Calls stay where somebody else sent them. The next deployment is refused until that is ended by hand.".to_owned(),
        }),
        Some(Outcome::Succeeded | Outcome::RolledBack | Outcome::Stopped | Outcome::Failed) => None,
        None if trouble_words(deployment).is_some() => {
            let stop = command(&format!("stop {id}"));
            let fails = deployment.limits.and_then(|limits| limits.install_seconds).map_or_else(String::new, |limit| {
                format!("; it fails {} after Install began", span(limit))
            });
            Some(format!("All calls stay where they are{fails}. Stop it now with: {stop}"))
        }
        None if deployment.waits() => Some(format!("It waits. Go on with: {}", command(&format!("continue {id}")))),
        None => deployment.keeps_old().then(|| {
            let command = command(&format!("continue {id} --termination"));
            format!("The old task set is kept in case the traffic has to go back. Remove it now with: {command}")
        }),
    }
}

fn traffic_words(deployment: &DeploymentView, weight: u8, now: Timestamp, zone: &TimeZone) -> String {
    let mut words = format!("{weight} % on {}", deployment.goal());
    if deployment.outcome.is_some() {
        return words;
    }
    // That is when the last step was taken: what puts calls back, or finds them elsewhere, comes after.
    if let Some(Moment(since)) =
        deployment.progress.as_ref().and_then(|progress| progress.since).filter(|_| !deployment.stopping())
    {
        _ = write!(words, " since {}", clock(since, zone));
    }
    for more in [next_words(deployment, now, Some(zone)), leaving_words(deployment)].into_iter().flatten() {
        _ = write!(words, "; {more}");
    }
    words
}

/// Where the calls go that a deployment which is over has left; of one that is not over, where they were last.
pub(crate) fn traffic_at_end(deployment: &DeploymentView) -> Option<String> {
    if let Some(now) = &deployment.left_now {
        return Some(now.clone());
    }
    if let Some(leftover) = &deployment.leftover {
        return Some(routing_words(leftover));
    }
    let (plan, weight) = (deployment.plan.as_ref()?, deployment.weight()?);
    let home = match plan.target() {
        Target::Alias { .. } => format!("version {}", plan.from),
        Target::Service { .. } => format!("the blue task set ({})", plan.from),
    };
    if deployment.outcome == Some(Outcome::Unresolved) {
        return Some(format!("last seen with {weight} % on {}", deployment.goal()));
    }
    Some(match weight {
        0 => format!("everything on {home}"),
        100 => format!("everything on {}", deployment.goal()),
        weight => format!("{weight} % on {}, the rest on {home}", deployment.goal()),
    })
}

/// A task set in one line: which, what ECS calls it, its traffic, its tasks, and where it is.
fn task_set_words(set: &EcsTaskSet) -> String {
    let label = set.task_set_label.as_deref().unwrap_or("-");
    let Some(status) = &set.status else {
        return format!("{label:<6} gone");
    };
    let weight = set.traffic_weight.unwrap_or(0.0);
    let mut words = format!("{label:<6} {status:<9} {weight:>3} %  {}", tasks_words(set));
    let group = set.target_group.as_ref().and_then(|group| group.name.as_deref());
    _ = write!(words, "  {:<20} {}", group.unwrap_or("-"), set.identifer.as_deref().unwrap_or_default());
    words.trim_end().to_owned()
}

/// How far the removal of the task set that lost is.
pub(crate) fn leaving_words(deployment: &DeploymentView) -> Option<String> {
    let (name, set) = deployment.leaving().filter(|_| deployment.outcome.is_none())?;
    Some(match (&set.status, set.running_count.unwrap_or(0)) {
        (None, _) => format!("{name} is gone"),
        (Some(_), 0) => format!("{name} is being removed"),
        (Some(_), 1) => format!("{name} is being removed: 1 task still runs"),
        (Some(_), running) => format!("{name} is being removed: {running} tasks still run"),
    })
}

/// What happens to a version before its first call.
pub(crate) fn warming_words(deployment: &DeploymentView) -> Option<String> {
    let plan = deployment.plan.as_ref().filter(|_| deployment.progress.as_ref().is_some_and(|at| at.warming))?;
    let count = plan.warm_concurrency?;
    Some(format!("{} gets {count} provisioned concurrent executions; Lambda takes some minutes", plan.goal()))
}

/// What a version still has of a deployment that is over, and what to do.
fn left_warm_words(LeftWarm { version, concurrency, why, take_back, .. }: &LeftWarm) -> String {
    let why = why.as_deref().unwrap_or("nobody knows why");
    format!(
        "version {version} still has {concurrency} provisioned concurrent executions, which cost money ({why}): {take_back}"
    )
}

/// Why the new task set is not ready yet. Nothing waits for it once the deployment is stopping.
pub(crate) fn trouble_words(deployment: &DeploymentView) -> Option<String> {
    let why = deployment.progress.as_ref().filter(|_| !deployment.stopping())?.trouble.as_ref()?;
    Some(format!("the green task set is not ready yet; ECS says: {why}"))
}

/// What is not known yet of what may end it, each with the label that it has in a list.
pub(crate) fn doubt_words(deployment: &DeploymentView) -> impl Iterator<Item = (&'static str, &str)> {
    deployment.progress.iter().flat_map(|progress| &progress.doubts).map(|doubt| {
        let label = match doubt.about {
            DoubtAbout::Alarms | DoubtAbout::Target => "unsure",
            DoubtAbout::Replacement => "waits",
        };
        (label, doubt.text.as_str())
    })
}

/// How many of a task set's tasks run.
pub(crate) fn tasks_words(set: &EcsTaskSet) -> String {
    format!("{} of {} tasks run", set.running_count.unwrap_or(0), set.desired_count.unwrap_or(0))
}

/// Where calls go.
pub(crate) fn routing_words(leftover: &RoutingView) -> String {
    match (&leftover.additional_version, leftover.additional_weight) {
        (Some(version), Some(weight)) => {
            format!("{weight} % on {}, the rest on {}", backend(version), backend(&leftover.version))
        }
        (Some(_), None) | (None, _) => format!("everything on {}", backend(&leftover.version)),
    }
}

fn event_lines(text: &mut String, event: &EventView, width: usize, zone: &TimeZone, error: Option<&ErrorView>) {
    _ = write!(text, "    {:<width$} {:<10}", event.name, event.status);
    if let Some(Moment(start)) = event.start_time {
        _ = write!(text, " {}", clock(start, zone));
        if let Some(Moment(end)) = event.end_time {
            _ = write!(text, ", {}", span(seconds_between(start, end)));
        }
    }
    if let Some(Moment(deadline)) = event.deadline {
        _ = write!(text, ", must answer by {}", clock(deadline, zone));
    }
    let end = text.trim_end().len();
    text.truncate(end);
    text.push('\n');
    if let Some(message) = &event.message {
        _ = writeln!(text, "      {}", without_repeated_error(message, error));
    }
    for line in event.log_tail.iter().flat_map(|tail| tail.lines()) {
        _ = writeln!(text, "      | {line}");
    }
}

#[cfg(test)]
mod tests;
