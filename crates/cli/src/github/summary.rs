//! What is shown of a deployment on the page of the run, in Markdown.

use std::fmt::Write;

use jiff::tz::TimeZone;

use crate::github::markdown::{cell, lines};
use crate::plan_text::headline;
use crate::status_text::{error_words, state, traffic_at_end};
use crate::times::{seconds_between, span, stamp};
use crate::view::{DeploymentView, EventView, Moment, PlanAnswer};

/// How many lines of the journal are shown; the runner takes 1 MiB of all.
const LINES: usize = 100;

/// A deployment as it was seen last.
pub(super) fn of(view: &DeploymentView, zone: &TimeZone) -> String {
    let what = view.plan.as_ref().map_or_else(|| view.deployment_id.clone(), |plan| plan.target().to_string());
    let mut text = format!("## {}: {}\n\n| | |\n|---|---|\n", cell(&what), cell(&state(view)));
    let mut row = |name: &str, value: String| _ = writeln!(text, "| {name} | {value} |");
    row("Deployment", cell(&view.deployment_id));
    if let Some(plan) = &view.plan {
        row("What", cell(&headline(plan)));
    }
    row("Outcome", format!("**{}**", cell(&state(view))));
    if let Some(traffic) = traffic_at_end(view) {
        row("Traffic", cell(&traffic));
    }
    if let Some(error) = &view.error {
        row("Cause", cell(&error_words(error)));
    }
    if let (Some(Moment(start)), Some(Moment(end))) = (view.create_time, view.complete_time) {
        row("Took", span(seconds_between(start, end)));
    }
    if let Some(plan) = view.plan.as_ref().filter(|plan| !plan.alarms.is_empty()) {
        row("Alarms", cell(&plan.alarms.join(", ")));
    }
    if let Some(arn) = &view.execution {
        row("Execution", link(arn));
    }
    steps(&mut text, view, zone);
    for event in &view.events {
        log(&mut text, event);
    }
    text.push('\n');
    text
}

/// A deployment that was refused.
pub(super) fn refused(answer: &PlanAnswer) -> String {
    let what = answer.plan.as_ref().map_or("Deployment".to_owned(), |plan| plan.target().to_string());
    let mut text = format!("## {}: refused, nothing was started\n\n| Reason | |\n|---|---|\n", cell(&what));
    for refusal in &answer.refusals {
        _ = writeln!(text, "| {} | {} |", cell(&refusal.code), cell(&refusal.message));
    }
    text.push('\n');
    text
}

/// Its lifecycle events with how long each took, and its journal.
fn steps(text: &mut String, view: &DeploymentView, zone: &TimeZone) {
    let begun: Vec<&EventView> = view.events.iter().filter(|event| event.start_time.is_some()).collect();
    if !begun.is_empty() {
        text.push_str("\n| Event | Status | Began | Took |\n|---|---|---|---|\n");
        for event in begun {
            let began = event.start_time.map(|Moment(at)| stamp(at, zone)).unwrap_or_default();
            let took = event.start_time.zip(event.end_time).map(|(from, to)| span(seconds_between(from.0, to.0)));
            let took = took.unwrap_or_default();
            _ = writeln!(text, "| {} | {} | {} | {took} |", cell(&event.name), cell(&event.status), cell(&began));
        }
    }
    if !view.journal.is_empty() {
        text.push_str("\n| When | What happened |\n|---|---|\n");
        let earlier = view.journal.len().saturating_sub(LINES);
        if earlier > 0 {
            _ = writeln!(text, "| | {earlier} earlier |");
        }
        for entry in &view.journal[earlier..] {
            _ = writeln!(text, "| {} | {} |", cell(&stamp(entry.at.0, zone)), cell(&entry.text));
        }
    }
}

/// What a hook that failed printed last.
fn log(text: &mut String, event: &EventView) {
    if let Some(tail) = event.log_tail.as_ref().filter(|_| event.status == "Failed") {
        _ = write!(text, "\nThe last lines of the log of {}:\n\n{}", cell(&event.name), lines(tail));
    }
}

/// The execution in the console of AWS, where its partition is one that has a console of a known name.
fn link(arn: &str) -> String {
    let parts: Vec<&str> = arn.split(':').collect();
    let console = match parts.get(1) {
        Some(&"aws") => Some("console.aws.amazon.com"),
        Some(&"aws-cn") => Some("console.amazonaws.cn"),
        Some(&"aws-us-gov") => Some("console.amazonaws-us-gov.com"),
        _ => None,
    };
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-_:".contains(c));
    match (console, parts.get(3), parts.last()) {
        (Some(console), Some(region), Some(name)) if plain(arn) => {
            format!("[{}](https://{console}/states/home?region={region}#/v2/executions/details/{arn})", cell(name))
        }
        _ => cell(arn),
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use serde_json::json;

    use super::*;
    use crate::testing::{alias, at, berlin};
    use crate::view;

    #[test]
    fn a_deployment_that_was_put_back_is_told_with_its_steps_its_cause_and_the_way_to_its_execution() {
        let view = view::read(&json!({
            "deploymentId": "d-1", "status": "Failed", "outcome": "RolledBack", "createTime": at(0), "completeTime": at(95),
            "execution": "arn:aws:states:eu-west-1:111122223333:execution:tideshift-lambda:d-1",
            "progress": {"weight": 0}, "error": {"code": "HOOK_FAILED", "message": "the hook | said <no>"},
            "plan": {"target": alias("f"), "from": "1", "to": "2", "strategy": "Canary10Percent5Minutes", "alarms": ["errors", "a|b"]},
            "events": [
                {"name": "BeforeAllowTraffic", "status": "Failed", "startTime": at(1), "endTime": at(61), "logTail": "a\n</pre>"},
                {"name": "AllowTraffic", "status": "Skipped"},
            ],
            "journal": [{"at": at(2), "text": "::error::x | y"}],
        }))
        .expect("a deployment");
        expect![[r#"
            ## f:live: RolledBack

            | | |
            |---|---|
            | Deployment | d-1 |
            | What | f:live from version 1 to 2, Canary10Percent5Minutes |
            | Outcome | **RolledBack** |
            | Traffic | everything on version 1 |
            | Cause | HOOK&#95;FAILED: the hook &#124; said &#60;no&#62; |
            | Took | 1m 35s |
            | Alarms | errors, a&#124;b |
            | Execution | [d-1](https://console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/arn:aws:states:eu-west-1:111122223333:execution:tideshift-lambda:d-1) |

            | Event | Status | Began | Took |
            |---|---|---|---|
            | BeforeAllowTraffic | Failed | 2026-07-14 12:00:01 +02:00 | 1m |

            | When | What happened |
            |---|---|
            | 2026-07-14 12:00:02 +02:00 | ::error::x &#124; y |

            The last lines of the log of BeforeAllowTraffic:

            <pre>
            a
            &lt;/pre&gt;
            </pre>

        "#]].assert_eq(&of(&view, &berlin()));
    }

    #[test]
    fn an_execution_elsewhere_is_named_and_not_linked() {
        assert_eq!(
            link("arn:aws-iso:states:us-iso-east-1:1:execution:m:d-1"),
            "arn:aws-iso:states:us-iso-east-1:1:execution:m:d-1"
        );
        assert!(!link("arn:aws:states:eu-west-1:1:execution:m:d)](x").contains("](https"));
    }

    #[test]
    fn a_refusal_is_a_table_of_its_reasons() {
        let answer = view::read(&json!({
            "plan": null, "refusals": [{"code": "AlarmActive", "message": "alarm a|b is in ALARM"}], "notes": []
        }))
        .expect("an answer");
        expect![[r#"
            ## Deployment: refused, nothing was started

            | Reason | |
            |---|---|
            | AlarmActive | alarm a&#124;b is in ALARM |

        "#]]
        .assert_eq(&refused(&answer));
    }
}
