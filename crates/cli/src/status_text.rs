//! A deployment in words.

use std::fmt::Write;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::plan_text::headline;
use crate::times::{clock, seconds_between, span, stamp};
use crate::view::{DeploymentView, EventView, Leftover, Moment, Outcome};

/// How many lines of the journal are shown.
const JOURNAL_LINES: usize = 20;

/// Everything worth knowing at a glance; `command` writes a command as one would type it here.
pub(crate) fn render(
    deployment: &DeploymentView,
    now: Timestamp,
    zone: &TimeZone,
    command: impl Fn(&str) -> String,
) -> String {
    let mut text = format!("{}  {}\n", deployment.deployment_id, state(deployment));
    if let Some(plan) = &deployment.plan {
        _ = writeln!(text, "  {}", headline(plan));
    }
    if let Some(description) = &deployment.description {
        _ = writeln!(text, "  {description}");
    }
    if let (Some(application), Some(group)) = (&deployment.application_name, &deployment.deployment_group_name) {
        _ = writeln!(text, "  {application} / {group}");
    }
    text.push('\n');
    for (name, at) in
        [("created", deployment.create_time), ("started", deployment.start_time), ("ended", deployment.complete_time)]
    {
        if let Some(Moment(at)) = at {
            _ = writeln!(text, "  {name:<9} {}", stamp(at, zone));
        }
    }
    if let Some(weight) = deployment.weight() {
        _ = writeln!(text, "  {:<9} {}", "traffic", traffic_words(deployment, weight, now, zone));
    }
    if let Some(error) = &deployment.error {
        let message = error.message.as_ref().map(|message| format!(": {message}")).unwrap_or_default();
        _ = writeln!(text, "  {:<9} {}{message}", "error", error.code);
    }
    if let Some(leftover) = &deployment.leftover {
        _ = writeln!(text, "  {:<9} {}", "left", leftover_words(leftover));
    }
    if !deployment.events.is_empty() {
        text.push_str("\n  events\n");
        for event in &deployment.events {
            event_lines(&mut text, event, zone);
        }
    }
    if !deployment.alarms_read().is_empty() {
        text.push_str("\n  alarms\n");
        for alarm in deployment.alarms_read() {
            _ = writeln!(text, "    {:<18} {}", alarm.state.as_deref().unwrap_or("unknown"), alarm.name);
        }
    }
    if !deployment.journal.is_empty() {
        text.push_str("\n  journal\n");
        let earlier = deployment.journal.len().saturating_sub(JOURNAL_LINES);
        if earlier > 0 {
            _ = writeln!(text, "    ... {earlier} earlier: --output json shows all");
        }
        for entry in &deployment.journal[earlier..] {
            _ = writeln!(text, "    {}  {}", stamp(entry.at.0, zone), entry.text);
        }
    }
    if let Some(advice) = advice(deployment, command) {
        _ = writeln!(text, "\n  {advice}");
    }
    text
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
            "The traffic could not be put where it belongs. Finish it with: {}",
            command(&format!("repair {id}"))
        )),
        Some(Outcome::Succeeded | Outcome::RolledBack | Outcome::Stopped | Outcome::Failed) => None,
        None => deployment.waits().then(|| format!("It waits. Go on with: {}", command(&format!("continue {id}")))),
    }
}

fn traffic_words(deployment: &DeploymentView, weight: f64, now: Timestamp, zone: &TimeZone) -> String {
    let mut words = format!("{weight} % on {}", deployment.new_version());
    if deployment.outcome.is_some() {
        return words;
    }
    if let Some(Moment(since)) = deployment.progress.as_ref().and_then(|progress| progress.since) {
        _ = write!(words, " since {}", clock(since, zone));
    }
    if let Some(next) = next_words(deployment, now, Some(zone)) {
        _ = write!(words, "; {next}");
    }
    words
}

/// What comes next and when, if that is known. With a zone, the clock time too.
pub(crate) fn next_words(deployment: &DeploymentView, now: Timestamp, zone: Option<&TimeZone>) -> Option<String> {
    if deployment.stopping() || deployment.outcome.is_some() {
        return None;
    }
    let (plan, progress) = (deployment.plan.as_ref()?, deployment.progress.as_ref()?);
    let weight = progress.weight.unwrap_or(plan.start_weight);
    let when = progress.next_at.map(|Moment(next)| {
        let left = span(seconds_between(now, next));
        zone.map_or(format!("in {left}"), |zone| format!("at {} (in {left})", clock(next, zone)))
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
    let when = when?;
    let next = plan.steps.iter().find(|step| step.weight > weight);
    Some(next.map_or(format!("ends {when}"), |step| format!("next {} % {when}", step.weight)))
}

/// How long the rest of the steps takes, if nothing waits for a person.
pub(crate) fn seconds_left(deployment: &DeploymentView, now: Timestamp) -> Option<u64> {
    if deployment.waits() || deployment.stopping() || deployment.outcome.is_some() {
        return None;
    }
    let plan = deployment.plan.as_ref()?;
    let weight = deployment.weight().unwrap_or(plan.start_weight);
    let next = deployment.progress.as_ref().and_then(|progress| progress.next_at);
    let held = next.map_or(0, |Moment(next)| seconds_between(now, next));
    let mut ahead = plan.steps.iter().filter(|step| step.weight > weight);
    ahead.try_fold(held, |left, step| (!step.await_continue).then(|| left + step.hold_seconds.unwrap_or(0)))
}

/// Which split was left.
pub(crate) fn leftover_words(leftover: &Leftover) -> String {
    match &leftover.additional_version {
        Some(version) => {
            format!("{} % on version {version}, the rest on version {}", leftover.additional_weight, leftover.version)
        }
        None => format!("everything on version {}", leftover.version),
    }
}

fn event_lines(text: &mut String, event: &EventView, zone: &TimeZone) {
    _ = write!(text, "    {:<18} {:<10}", event.name, event.status);
    if let Some(Moment(start)) = event.start_time {
        _ = write!(text, " {}", clock(start, zone));
        if let Some(Moment(end)) = event.end_time {
            _ = write!(text, ", {}", span(seconds_between(start, end)));
        }
    }
    let end = text.trim_end().len();
    text.truncate(end);
    text.push('\n');
    for line in event.message.iter().flat_map(|message| message.lines()) {
        _ = writeln!(text, "      {line}");
    }
    for line in event.log_tail.iter().flat_map(|tail| tail.lines()) {
        _ = writeln!(text, "      | {line}");
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{at, berlin, noon};
    use crate::view;

    #[track_caller]
    fn check(deployment: Value, expected: Expect) {
        let deployment: DeploymentView = view::read(&deployment).expect("a deployment");
        expected.assert_eq(&render(&deployment, noon(), &berlin(), |what| format!("tideshift {what}")));
    }

    fn plan() -> Value {
        json!({
            "function": "storefront", "alias": "live", "from": "1", "to": "2", "strategy": "Linear", "startWeight": 0,
            "steps": [
                {"weight": 10, "holdSeconds": 300},
                {"weight": 50, "holdSeconds": 3600, "awaitContinue": true, "onTimeout": "Stop"},
                {"weight": 100, "holdSeconds": 60}
            ],
            "hooks": [], "alarms": ["errors"], "rollbackOn": [], "pollSeconds": 60, "totalSeconds": 3960
        })
    }

    #[test]
    fn a_deployment_under_way_tells_what_comes_next() {
        check(
            json!({
                "deploymentId": "d-1", "status": "InProgress", "outcome": null, "description": "spring sale",
                "applicationName": "shop", "deploymentGroupName": "web",
                "createTime": at(-70) as f64 + 0.25, "startTime": at(-65), "completeTime": null, "plan": plan(),
                "progress": {"weight": 10, "step": 1, "of": 3, "since": at(-60), "nextAt": at(240), "awaitingContinue": false},
                "events": [
                    {"name": "BeforeAllowTraffic", "status": "Succeeded", "startTime": at(-65), "endTime": at(-60), "message": null, "logTail": null},
                    {"name": "AllowTraffic", "status": "InProgress", "startTime": at(-60), "endTime": null, "message": null, "logTail": null},
                    {"name": "AfterAllowTraffic", "status": "Pending", "startTime": null, "endTime": null, "message": null, "logTail": null}
                ],
                "alarms": [{"name": "errors", "state": "OK"}], "error": null, "leftover": null,
                "journal": [{"at": at(-60), "text": "10 % to version 2"}]
            }),
            expect![[r#"
                d-1  InProgress
                  storefront:live from version 1 to 2, Linear
                  spring sale
                  shop / web

                  created   2026-07-14 11:58:50 +02:00
                  started   2026-07-14 11:58:55 +02:00
                  traffic   10 % on version 2 since 11:59:00; next 50 % at 12:04:00 (in 4m)

                  events
                    BeforeAllowTraffic Succeeded  11:58:55, 5s
                    AllowTraffic       InProgress 11:59:00
                    AfterAllowTraffic  Pending

                  alarms
                    OK                 errors

                  journal
                    2026-07-14 11:59:00 +02:00  10 % to version 2
            "#]],
        );
    }

    #[test]
    fn a_paused_deployment_tells_how_to_go_on() {
        check(
            json!({
                "deploymentId": "d-1", "status": "Ready", "outcome": null, "plan": plan(),
                "progress": {"weight": 50, "step": 2, "of": 3, "since": at(-60), "nextAt": at(3540), "awaitingContinue": true},
                "events": [], "alarms": [], "error": null, "leftover": null, "journal": []
            }),
            expect![[r#"
                d-1  Ready
                  storefront:live from version 1 to 2, Linear

                  traffic   50 % on version 2 since 11:59:00; waits to be continued; stops at 12:59:00 (in 59m)

                  It waits. Go on with: tideshift continue d-1
            "#]],
        );
    }

    #[test]
    fn a_failed_hook_shows_its_last_words() {
        check(
            json!({
                "deploymentId": "d-1", "status": "Failed", "outcome": "RolledBack", "createTime": at(-70), "completeTime": at(-10), "plan": plan(),
                "progress": {"weight": 0, "since": at(-10), "nextAt": null, "awaitingContinue": false},
                "events": [{
                    "name": "BeforeAllowTraffic", "status": "Failed", "startTime": at(-65), "endTime": at(-12),
                    "message": "the hook check threw ValueError", "logTail": "START\nTraceback\n  bad \u{1b}[31m"
                }],
                "alarms": [], "error": {"code": "HOOK_EXECUTION_FAILURE", "message": "BeforeAllowTraffic failed"}, "leftover": null, "journal": []
            }),
            expect![[r#"
                d-1  RolledBack
                  storefront:live from version 1 to 2, Linear

                  created   2026-07-14 11:58:50 +02:00
                  ended     2026-07-14 11:59:50 +02:00
                  traffic   0 % on version 2
                  error     HOOK_EXECUTION_FAILURE: BeforeAllowTraffic failed

                  events
                    BeforeAllowTraffic Failed     11:58:55, 53s
                      the hook check threw ValueError
                      | START
                      | Traceback
                      |   bad [31m
            "#]],
        );
    }

    #[test]
    fn what_was_left_and_what_to_do_is_told() {
        check(
            json!({
                "deploymentId": "d-1", "status": "Failed", "outcome": "Unresolved", "plan": plan(), "progress": null,
                "events": [], "alarms": [], "error": {"code": "UNRESOLVED", "message": null},
                "leftover": {"version": "1", "additionalVersion": "2", "additionalWeight": 50},
                "journal": (0..22).map(|n| json!({"at": at(n), "text": format!("try {n}")})).collect::<Vec<_>>()
            }),
            expect![[r#"
                d-1  Unresolved
                  storefront:live from version 1 to 2, Linear

                  error     UNRESOLVED
                  left      50 % on version 2, the rest on version 1

                  journal
                    ... 2 earlier: --output json shows all
                    2026-07-14 12:00:02 +02:00  try 2
                    2026-07-14 12:00:03 +02:00  try 3
                    2026-07-14 12:00:04 +02:00  try 4
                    2026-07-14 12:00:05 +02:00  try 5
                    2026-07-14 12:00:06 +02:00  try 6
                    2026-07-14 12:00:07 +02:00  try 7
                    2026-07-14 12:00:08 +02:00  try 8
                    2026-07-14 12:00:09 +02:00  try 9
                    2026-07-14 12:00:10 +02:00  try 10
                    2026-07-14 12:00:11 +02:00  try 11
                    2026-07-14 12:00:12 +02:00  try 12
                    2026-07-14 12:00:13 +02:00  try 13
                    2026-07-14 12:00:14 +02:00  try 14
                    2026-07-14 12:00:15 +02:00  try 15
                    2026-07-14 12:00:16 +02:00  try 16
                    2026-07-14 12:00:17 +02:00  try 17
                    2026-07-14 12:00:18 +02:00  try 18
                    2026-07-14 12:00:19 +02:00  try 19
                    2026-07-14 12:00:20 +02:00  try 20
                    2026-07-14 12:00:21 +02:00  try 21

                  The traffic could not be put where it belongs. Finish it with: tideshift repair d-1
            "#]],
        );
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
