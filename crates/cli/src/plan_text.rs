//! A plan in words: what happens when, and why it cannot.

use std::fmt::Write;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::times::{span, stamp};
use crate::view::{HookView, PlanAnswer, PlanView, Refusal, StepView};

/// The whole answer, with the clock times of a deployment started `now`.
pub(crate) fn render(answer: &PlanAnswer, now: Timestamp, zone: &TimeZone) -> String {
    let mut text = String::new();
    if let Some(plan) = &answer.plan {
        text.push_str(&render_plan(plan, now, zone));
    }
    if !answer.notes.is_empty() {
        text.push_str("  notes\n");
        for note in &answer.notes {
            _ = writeln!(text, "    - {note}");
        }
    }
    if !answer.refusals.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&render_refusals(&answer.refusals));
    }
    text
}

/// Every reason against it.
pub(crate) fn render_refusals(refusals: &[Refusal]) -> String {
    let reasons = if refusals.len() == 1 { "reason" } else { "reasons" };
    let mut text = format!("Refused for {} {reasons}; nothing was started:\n", refusals.len());
    for Refusal { code, message } in refusals {
        _ = writeln!(text, "  {code}: {message}");
    }
    text
}

fn render_plan(plan: &PlanView, now: Timestamp, zone: &TimeZone) -> String {
    let mut text = format!("{}\n", headline(plan));
    if plan.steps.is_empty() {
        _ = writeln!(text, "  Nothing to do: {}:{} is on version {} already.", plan.function, plan.alias, plan.to);
        return text;
    }
    if plan.start_weight > 0.0 {
        _ = writeln!(text, "  {} % of the traffic is on version {} already.", plan.start_weight, plan.to);
    }
    text.push('\n');
    let mut table = Timetable { start: now, zone, elapsed: 0, approximate: false, text };
    for hook in plan.hooks.iter().filter(|hook| hook.event == "BeforeAllowTraffic") {
        table.row(&hook_words(hook));
    }
    for step in &plan.steps {
        table.row(&step_words(step));
        table.elapsed += step.hold_seconds.unwrap_or(0);
        table.approximate |= step.await_continue;
    }
    for hook in plan.hooks.iter().filter(|hook| hook.event != "BeforeAllowTraffic") {
        table.row(&hook_words(hook));
    }
    let Timetable { approximate, mut text, .. } = table;
    text.push('\n');
    let beyond = match (plan.hooks.is_empty(), approximate) {
        (true, false) => "",
        (false, false) => ", and the time the hooks take",
        (true, true) => " at most",
        (false, true) => " at most, and the time the hooks take",
    };
    _ = writeln!(text, "  total     {}{beyond}", span(plan.total_seconds));
    _ = writeln!(text, "  alarms    {}", alarm_words(plan));
    _ = writeln!(text, "  rollback  {}", rollback_words(&plan.rollback_on));
    text
}

/// What goes where, and how.
pub(crate) fn headline(plan: &PlanView) -> String {
    let strategy = plan.strategy.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    format!("{}:{} from version {} to {}{strategy}", plan.function, plan.alias, plan.from, plan.to)
}

struct Timetable<'a> {
    start: Timestamp,
    zone: &'a TimeZone,
    elapsed: u64,
    approximate: bool,
    text: String,
}

impl Timetable<'_> {
    fn row(&mut self, what: &str) {
        let later = i64::try_from(self.elapsed).map_or(SignedDuration::MAX, SignedDuration::from_secs);
        let at = self.start.saturating_add(later).unwrap_or(Timestamp::MAX);
        let sign = if self.approximate { "≤ +" } else { "+" };
        let elapsed = format!("{sign}{}", span(self.elapsed));
        _ = writeln!(self.text, "  {}  {elapsed:<10}  {what}", stamp(at, self.zone));
    }
}

fn hook_words(hook: &HookView) -> String {
    let mut words = format!("{}: {}, at most {}", hook.event, hook.function, span(hook.timeout_seconds));
    if !hook.parameters.is_empty() {
        _ = write!(words, ", with {}", hook.parameters.join(", "));
    }
    words
}

fn step_words(step: &StepView) -> String {
    let mut words = format!("{:>3} %", step.weight);
    match (step.await_continue, step.hold_seconds.unwrap_or(0)) {
        (false, 0) => {}
        (false, held) if step.weight >= 100.0 => _ = write!(words, "  watched for {}", span(held)),
        (false, held) => _ = write!(words, "  for {}", span(held)),
        (true, 0) => words.push_str("  until continued"),
        (true, most) => {
            let then = match step.on_timeout.as_deref() {
                Some("Continue") => "goes on",
                Some(_) | None => "stops",
            };
            _ = write!(words, "  until continued; {then} after {}", span(most));
        }
    }
    words
}

fn alarm_words(plan: &PlanView) -> String {
    if plan.alarms.is_empty() {
        return "none: nothing but a hook or a person stops it".to_owned();
    }
    let polled =
        plan.poll_seconds.map(|seconds| format!(", looked at every {} too", span(seconds))).unwrap_or_default();
    format!("{}{polled}", plan.alarms.join(", "))
}

/// After what the traffic is put back.
fn rollback_words(events: &[String]) -> String {
    if events.is_empty() {
        return "off: a split is left as it is".to_owned();
    }
    let words: Vec<&str> = events
        .iter()
        .map(|event| match event.as_str() {
            "DEPLOYMENT_FAILURE" => "a failure",
            "DEPLOYMENT_STOP_ON_ALARM" => "an alarm",
            "DEPLOYMENT_STOP_ON_REQUEST" => "a stop by a user",
            other => other,
        })
        .collect();
    format!("after {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{berlin, noon};
    use crate::view;

    #[track_caller]
    fn check(answer: Value, expected: Expect) {
        let answer: PlanAnswer = view::read(&answer).expect("an answer");
        expected.assert_eq(&render(&answer, noon(), &berlin()));
    }

    #[test]
    fn a_plan_tells_each_step_with_its_clock_time() {
        check(
            json!({
                "plan": {
                    "function": "storefront", "alias": "live", "from": "1", "to": "2", "strategy": "Canary10Percent5Minutes", "startWeight": 0,
                    "steps": [
                        {"weight": 10, "holdSeconds": 300, "awaitContinue": false, "onTimeout": null},
                        {"weight": 100, "holdSeconds": 0, "awaitContinue": false, "onTimeout": null}
                    ],
                    "hooks": [], "alarms": [], "rollbackOn": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
                    "pollSeconds": 60, "totalSeconds": 300
                },
                "refusals": [], "notes": []
            }),
            expect![[r#"
                storefront:live from version 1 to 2, Canary10Percent5Minutes

                  2026-07-14 12:00:00 +02:00  +0s          10 %  for 5m
                  2026-07-14 12:05:00 +02:00  +5m         100 %

                  total     5m
                  alarms    none: nothing but a hook or a person stops it
                  rollback  after a failure, an alarm, a stop by a user
            "#]],
        );
    }

    #[test]
    fn pauses_hooks_and_alarms_are_told_with_their_limits() {
        check(
            json!({
                "plan": {
                    "function": "storefront", "alias": "live", "from": "1", "to": "2", "strategy": null, "startWeight": 5,
                    "steps": [
                        {"weight": 10, "holdSeconds": 300},
                        {"weight": 50, "holdSeconds": 3600, "awaitContinue": true, "onTimeout": "Stop"},
                        {"weight": 100, "holdSeconds": 900}
                    ],
                    "hooks": [
                        {"event": "BeforeAllowTraffic", "function": "check", "timeoutSeconds": 600, "parameters": ["/shop/db/password"]},
                        {"event": "AfterAllowTraffic", "function": "smoke", "timeoutSeconds": 3600, "parameters": []}
                    ],
                    "alarms": ["errors", "latency"], "rollbackOn": [], "pollSeconds": 60, "totalSeconds": 4800
                },
                "refusals": [], "notes": ["live has provisioned concurrency on version 1: version 2 starts cold"]
            }),
            expect![[r#"
                storefront:live from version 1 to 2
                  5 % of the traffic is on version 2 already.

                  2026-07-14 12:00:00 +02:00  +0s         BeforeAllowTraffic: check, at most 10m, with /shop/db/password
                  2026-07-14 12:00:00 +02:00  +0s          10 %  for 5m
                  2026-07-14 12:05:00 +02:00  +5m          50 %  until continued; stops after 1h
                  2026-07-14 13:05:00 +02:00  ≤ +1h 5m    100 %  watched for 15m
                  2026-07-14 13:20:00 +02:00  ≤ +1h 20m   AfterAllowTraffic: smoke, at most 1h

                  total     1h 20m at most, and the time the hooks take
                  alarms    errors, latency, looked at every 1m too
                  rollback  off: a split is left as it is
                  notes
                    - live has provisioned concurrency on version 1: version 2 starts cold
            "#]],
        );
    }

    #[test]
    fn every_refusal_has_its_reason() {
        check(
            json!({
                "plan": null,
                "refusals": [
                    {"code": "AlarmActive", "message": "alarm errors is in ALARM since 11:58: wait until it is OK"},
                    {"code": "VersionMissing", "message": "storefront has no version 9"}
                ],
                "notes": []
            }),
            expect![[r#"
                Refused for 2 reasons; nothing was started:
                  AlarmActive: alarm errors is in ALARM since 11:58: wait until it is OK
                  VersionMissing: storefront has no version 9
            "#]],
        );
    }

    #[test]
    fn a_plan_without_steps_says_so() {
        check(
            json!({
                "plan": {"function": "storefront", "alias": "live", "from": "2", "to": "2", "strategy": "AllAtOnce", "steps": [], "totalSeconds": 0},
                "refusals": [], "notes": []
            }),
            expect![[r#"
                storefront:live from version 2 to 2, AllAtOnce
                  Nothing to do: storefront:live is on version 2 already.
            "#]],
        );
    }
}
