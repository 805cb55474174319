//! What is known of a deployment, in the order it happened: its journal, what its hooks said, and where the logs are.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use proxy::log_group;
use serde::Serialize;

use crate::function_logs::pattern;
use crate::status_text::without_repeated_end;
use crate::times::stamp;
use crate::view::{DeploymentView, EventView, HookView, JournalEntry, JournalEvent, Moment};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LogLine {
    /// When, by the stack's clock.
    pub(crate) at: Moment,
    /// What tells it from the other lines, where that is not all that it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    /// What; more than one line where a hook's log is quoted.
    pub(crate) text: String,
    /// What the deployment is from then on, where a line of the journal says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// What a lifecycle event is from then on, where a line of the journal says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<JournalEvent>,
}

impl LogLine {
    /// A line that is known by what it says.
    pub(crate) fn new(at: Timestamp, text: String) -> Self {
        Self { at: Moment(at), key: None, text, status: None, event: None }
    }

    /// A line of the journal. Its text may leave out what is told elsewhere.
    fn of_journal(entry: &JournalEntry, text: String) -> Self {
        let JournalEntry { at, key, status, event, .. } = entry.clone();
        Self { at, key, text, status, event }
    }

    /// A line about a lifecycle event, which the record tells: no line of the journal does.
    fn of_event(event: &EventView, what: &str, status: &str, at: Timestamp, text: String) -> Self {
        let event = JournalEvent { name: event.name.clone(), status: status.to_owned() };
        Self { at: Moment(at), key: Some(format!("{}/{what}", event.name)), text, status: None, event: Some(event) }
    }

    /// Whether it tells that the deployment is over.
    fn is_end(&self) -> bool {
        self.key.as_deref().is_some_and(|key| key == "ended" || key.starts_with("ended/"))
    }

    /// Whether it tells the same as another line, in whatever words: what is told elsewhere is left out as soon as it is, and where a
    /// log ends is known at last.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.key, &other.key) {
            (Some(key), Some(others)) => key == others,
            (None, None) => (self.at, &self.text) == (other.at, &other.text),
            (Some(_), None) | (None, Some(_)) => false,
        }
    }
}

/// The lines of a deployment, oldest first.
pub(crate) fn lines(deployment: &DeploymentView) -> Vec<LogLine> {
    let failed = || {
        deployment.events.iter().filter(|event| event.status == "Failed").filter_map(|event| event.message.as_deref())
    };
    let journal =
        deployment.journal.iter().map(|entry| LogLine::of_journal(entry, without_repeated_end(&entry.text, failed())));
    let mut lines: Vec<LogLine> = journal.collect();
    for event in &deployment.events {
        let hooks = deployment.plan.iter().flat_map(|plan| &plan.hooks);
        match hooks.into_iter().find(|hook| hook.event == event.name) {
            Some(hook) => lines.extend(of_hook(event, hook)),
            None => lines.extend(of_event(event)),
        }
    }
    // Of one moment, the journal comes first: it says what was decided. Its end comes last.
    lines.sort_by_key(|line| (line.at, line.is_end()));
    lines
}

fn of_hook(event: &EventView, hook: &HookView) -> Vec<LogLine> {
    let Some(Moment(start)) = event.start_time.filter(|_| event.status != "Skipped") else { return Vec::new() };
    let name = function_name(&hook.function);
    let until = event.end_time.map(|Moment(end)| end);
    // Whether it could be called is told by how it ended.
    let log = filter(&format!("/aws/lambda/{name}"), start, until, None);
    let begins = format!("{} begins, with the hook {name}; its log: {log}", event.name);
    let mut lines = vec![LogLine::of_event(event, "begins", "InProgress", start, begins)];
    // What it returned instead of an answer, as long as it is waited for; when its time is over, its failure says so.
    if let Some(message) = event.message.as_ref().filter(|_| event.status == "InProgress") {
        lines.push(LogLine::new(start, format!("{}: {message}", event.name)));
    }
    lines.extend(of_event(event));
    lines
}

/// How an event ended, with what it has to say.
fn of_event(event: &EventView) -> Option<LogLine> {
    let Moment(at) = event.end_time.filter(|_| event.status != "Skipped")?;
    let mut text = format!("{} {}", event.name, event.status.to_lowercase());
    if let Some(message) = event.message.as_ref().filter(|_| event.status != "Succeeded") {
        text.push_str(&format!(": {message}"));
    }
    for line in event.log_tail.iter().flat_map(|tail| tail.lines()) {
        text.push_str(&format!("\n  | {line}"));
    }
    Some(LogLine::of_event(event, "ends", &event.status, at, text))
}

/// The name in a function's ARN, or the name.
fn function_name(function: &str) -> &str {
    let tail = function.split_once(":function:").map_or(function, |(_, tail)| tail);
    tail.split(':').next().unwrap_or(tail)
}

/// The command that shows what a log group has of a time: from a little before to a little after.
fn filter(group: &str, from: Timestamp, until: Option<Timestamp>, id: Option<&str>) -> String {
    let until = until.map_or(String::new(), |until| format!(" --end-time {}", until.as_millisecond() + 60_000));
    let pattern = id.map_or(String::new(), |id| format!(" --filter-pattern '{}'", pattern(id)));
    format!(
        "aws logs filter-log-events --log-group-name {group} --start-time {}{until}{pattern} --query 'events[].message' --output text",
        from.as_millisecond() - 1_000
    )
}

/// Where the functions of the stack log what they do with a deployment: the command that shows it.
pub(crate) fn pointer(deployment: &DeploymentView, stack: &str) -> Option<String> {
    let Moment(from) = deployment.create_time?;
    let until = deployment.complete_time.map(|Moment(end)| end);
    Some(filter(&log_group(stack), from, until, Some(&deployment.deployment_id)))
}

/// A line as it is printed.
pub(crate) fn render(line: &LogLine, zone: &TimeZone) -> String {
    format!("{}  {}", stamp(line.at.0, zone), line.text)
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{alias, at, berlin};
    use crate::view;

    #[test]
    fn journal_and_hooks_are_told_in_order_with_the_way_to_each_log() {
        let deployment: DeploymentView = view::read(&json!({
            "deploymentId": "d-1", "status": "Failed", "outcome": "Failed", "createTime": at(0), "completeTime": at(31),
            "plan": {"target": alias("f"), "from": "1", "to": "2",
                     "hooks": [{"event": "BeforeAllowTraffic", "function": "arn:aws:lambda:eu-west-1:111122223333:function:checks"},
                               {"event": "AfterAllowTraffic", "function": "report"}]},
            "events": [
                {"name": "BeforeAllowTraffic", "status": "Failed", "startTime": at(1), "endTime": at(30), "message": "ValueError: no", "logTail": "a\nb\n"},
                {"name": "AllowTraffic", "status": "Skipped"}, {"name": "AfterAllowTraffic", "status": "Skipped"}
            ],
            "journal": [{"at": at(0), "text": "planned"}, {"at": at(30), "text": "stopping"}]
        }))
        .expect("a deployment");
        let told: Vec<String> = lines(&deployment).iter().map(|line| render(line, &berlin())).collect();
        expect![[r#"
            2026-07-14 12:00:00 +02:00  planned
            2026-07-14 12:00:01 +02:00  BeforeAllowTraffic begins, with the hook checks; its log: aws logs filter-log-events --log-group-name /aws/lambda/checks --start-time 1784023200000 --end-time 1784023290000 --query 'events[].message' --output text
            2026-07-14 12:00:30 +02:00  stopping
            2026-07-14 12:00:30 +02:00  BeforeAllowTraffic failed: ValueError: no
              | a
              | b"#]].assert_eq(&told.join("\n"));
        expect![[r#"aws logs filter-log-events --log-group-name /aws/lambda/prod-functions --start-time 1784023199000 --end-time 1784023291000 --filter-pattern '{ $.fields.deployment = "d-1" }' --query 'events[].message' --output text"#]].assert_eq(&pointer(&deployment, "prod").expect("a command"));
    }

    #[test]
    fn what_a_hook_returned_instead_of_an_answer_is_told_while_it_is_waited_for_and_the_reason_of_its_end_once() {
        let told = |status: &str, message: &str, end: Option<i64>, journal: Value| {
            let deployment: DeploymentView = view::read(&json!({
                "deploymentId": "d-1", "status": "InProgress", "createTime": at(0),
                "plan": {"target": alias("f"), "from": "1", "to": "2", "hooks": [{"event": "BeforeAllowTraffic", "function": "check"}]},
                "events": [{"name": "BeforeAllowTraffic", "status": status, "startTime": at(1), "endTime": end, "message": message}],
                "journal": journal
            }))
            .expect("a deployment");
            let lines = lines(&deployment);
            lines[1..].iter().map(|line| render(line, &berlin()) + "\n").collect::<String>()
        };
        let waiting = told("InProgress", "it returned nothing (null), which is no answer", None, json!([]));
        let why = "the hook check did not answer within 1m: it returned nothing (null)";
        let stopping = json!([{"at": at(61), "text": format!("stopping: TIMEOUT: {why}")}]);
        expect![[r#"
            2026-07-14 12:00:01 +02:00  BeforeAllowTraffic: it returned nothing (null), which is no answer
            2026-07-14 12:01:01 +02:00  stopping: TIMEOUT
            2026-07-14 12:01:01 +02:00  BeforeAllowTraffic failed: the hook check did not answer within 1m: it returned nothing (null)
        "#]].assert_eq(&(waiting + &told("Failed", why, Some(at(61)), stopping)));
    }
}
