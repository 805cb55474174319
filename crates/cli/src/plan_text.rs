//! A plan in words: what happens when, and why it cannot.

use std::fmt::Write;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::times::{span, stamp};
use crate::view::{HookView, PlanAnswer, PlanView, Refusal, StepView, Target};

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
        _ = writeln!(text, "  {}", nothing_to_do(plan));
        return text;
    }
    if plan.start_weight > 0 {
        _ = writeln!(text, "  {} % of the traffic is on {} already.", plan.start_weight, plan.goal());
    }
    text.push('\n');
    let mut table = Timetable { start: now, zone, elapsed: 0, approximate: false, text };
    match plan.target() {
        Target::Alias { .. } => {}
        Target::Service { .. } => before_traffic(&mut table, plan),
    }
    table.hooks(plan, "BeforeAllowTraffic");
    for step in &plan.steps {
        table.row(&step_words(step));
        table.elapsed += step.hold_seconds.unwrap_or(0);
        table.approximate |= step.await_continue;
    }
    table.hooks(plan, "AfterAllowTraffic");
    match plan.target() {
        Target::Alias { .. } => {}
        Target::Service { .. } => {
            if let Some(watched) = plan.watched_seconds {
                table.row(&format!("all of the traffic is watched for {} more", span(watched)));
                table.elapsed += watched;
            }
            after_traffic(&mut table, plan, plan.kept_seconds());
        }
    }
    let Timetable { approximate, mut text, .. } = table;
    text.push('\n');
    let most = if approximate { " at most" } else { "" };
    let more = match (plan.target(), plan.hooks.is_empty()) {
        (Target::Alias { .. }, true) => "",
        (Target::Alias { .. }, false) => ", and the time the hooks take",
        (Target::Service { .. }, true) => ", and the time the new task set takes",
        (Target::Service { .. }, false) => ", and the time the new task set and the hooks take",
    };
    _ = writeln!(text, "  total     {}{most}{more}", span(plan.total_seconds));
    if let Some(count) = plan.warm_concurrency {
        _ = writeln!(text, "  warm      {} has {count} provisioned concurrent executions until the end", plan.goal());
    }
    _ = writeln!(text, "  alarms    {}", alarm_words(plan));
    _ = writeln!(text, "  rollback  {}", rollback_words(&plan.rollback_on));
    text
}

/// A service's way to its first shift: the green task set, test traffic, and the wait for a person.
fn before_traffic(table: &mut Timetable<'_>, plan: &PlanView) {
    table.hooks(plan, "BeforeInstall");
    let behind = plan.pair.as_ref().map(|pair| format!(" behind {}", pair.green.target_group)).unwrap_or_default();
    table.row(&format!("Install: a task set of {}{behind}", plan.to));
    table.hooks(plan, "AfterInstall");
    table.hooks(plan, "AfterAllowTestTraffic");
    if let Some(seconds) = plan.ready_seconds {
        table.row(&format!("waits until continued; stops after {}", span(seconds)));
        table.elapsed += seconds;
        table.approximate = true;
    }
}

/// What becomes of the task set that had the traffic.
fn after_traffic(table: &mut Timetable<'_>, plan: &PlanView, kept: u64) {
    if kept > 0 {
        table.row(&format!("the task set of {} is kept for {}, or until continued", plan.from, span(kept)));
        table.elapsed += kept;
        table.approximate = true;
    }
    table.row(&format!("the task set of {} is removed", plan.from));
}

/// That the target is where it is to go.
pub(crate) fn nothing_to_do(plan: &PlanView) -> String {
    format!("Nothing to do: {} is on {} {} already.", plan.target(), plan.target().kind(), plan.to)
}

/// What goes where, and how.
pub(crate) fn headline(plan: &PlanView) -> String {
    let strategy = plan.strategy.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
    format!("{} from {} {} to {}{strategy}", plan.target(), plan.target().kind(), plan.from, plan.to)
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

    fn hooks(&mut self, plan: &PlanView, event: &str) {
        for hook in plan.hooks.iter().filter(|hook| hook.event == event) {
            self.row(&hook_words(hook));
        }
    }
}

fn hook_words(hook: &HookView) -> String {
    let mut words = format!("{}: {}, at most {}", hook.event, hook.function, span(hook.timeout_seconds));
    if !hook.parameters.is_empty() {
        _ = write!(words, ", with {}", hook.parameters.join(", "));
    }
    if hook.keep_output {
        words.push_str("; what it says is kept (KeepOutput)");
    }
    words
}

fn step_words(step: &StepView) -> String {
    let mut words = format!("{:>3} %", step.weight);
    match (step.await_continue, step.hold_seconds.unwrap_or(0)) {
        (false, 0) => {}
        (false, held) if step.weight >= 100 => _ = write!(words, "  watched for {}", span(held)),
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
        return match plan.target() {
            Target::Alias { .. } => "none: nothing but a hook or a person stops it",
            Target::Service { .. } => "none: nothing but a hook, a task set that is not well or a person stops it",
        }
        .to_owned();
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
    use crate::testing::{alias, berlin, noon, service_plan};
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
                    "target": alias("storefront"), "from": "1", "to": "2", "strategy": "Canary10Percent5Minutes", "startWeight": 0,
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
                    "target": alias("storefront"), "from": "1", "to": "2", "strategy": null, "startWeight": 5,
                    "steps": [
                        {"weight": 10, "holdSeconds": 300},
                        {"weight": 50, "holdSeconds": 3600, "awaitContinue": true, "onTimeout": "Stop"},
                        {"weight": 100, "holdSeconds": 900}
                    ],
                    "hooks": [
                        {"event": "BeforeAllowTraffic", "function": "check", "timeoutSeconds": 600, "parameters": ["/shop/db/password"], "keepOutput": true},
                        {"event": "AfterAllowTraffic", "function": "smoke", "timeoutSeconds": 3600, "parameters": []}
                    ],
                    "alarms": ["errors", "latency"], "rollbackOn": [], "pollSeconds": 60, "totalSeconds": 4800
                },
                "refusals": [], "notes": ["live has provisioned concurrency on version 1: version 2 starts cold"]
            }),
            expect![[r#"
                storefront:live from version 1 to 2
                  5 % of the traffic is on version 2 already.

                  2026-07-14 12:00:00 +02:00  +0s         BeforeAllowTraffic: check, at most 10m, with /shop/db/password; what it says is kept (KeepOutput)
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
    fn a_plan_for_a_service_tells_what_happens_to_both_task_sets() {
        check(
            json!({
                "plan": service_plan(json!({
                    "readySeconds": 3600, "totalSeconds": 5700,
                    "hooks": [
                        {"event": "BeforeInstall", "function": "ready", "timeoutSeconds": 60, "parameters": []},
                        {"event": "AfterAllowTestTraffic", "function": "try", "timeoutSeconds": 60, "parameters": []},
                        {"event": "AfterAllowTraffic", "function": "smoke", "timeoutSeconds": 60, "parameters": []}
                    ],
                })),
                "refusals": [], "notes": []
            }),
            expect![[r#"
                shop/web from task definition web:1 to web:2, Canary10Percent5Minutes

                  2026-07-14 12:00:00 +02:00  +0s         BeforeInstall: ready, at most 1m
                  2026-07-14 12:00:00 +02:00  +0s         Install: a task set of web:2 behind web-green
                  2026-07-14 12:00:00 +02:00  +0s         AfterAllowTestTraffic: try, at most 1m
                  2026-07-14 12:00:00 +02:00  +0s         waits until continued; stops after 1h
                  2026-07-14 13:00:00 +02:00  ≤ +1h        10 %  for 5m
                  2026-07-14 13:05:00 +02:00  ≤ +1h 5m    100 %
                  2026-07-14 13:05:00 +02:00  ≤ +1h 5m    AfterAllowTraffic: smoke, at most 1m
                  2026-07-14 13:05:00 +02:00  ≤ +1h 5m    the task set of web:1 is kept for 30m, or until continued
                  2026-07-14 13:35:00 +02:00  ≤ +1h 35m   the task set of web:1 is removed

                  total     1h 35m at most, and the time the new task set and the hooks take
                  alarms    none: nothing but a hook, a task set that is not well or a person stops it
                  rollback  off: a split is left as it is
            "#]],
        );
        check(
            json!({"plan": service_plan(json!({"terminationSeconds": 0, "watchedSeconds": 20, "totalSeconds": 320})), "refusals": [], "notes": []}),
            expect![[r#"
                shop/web from task definition web:1 to web:2, Canary10Percent5Minutes

                  2026-07-14 12:00:00 +02:00  +0s         Install: a task set of web:2 behind web-green
                  2026-07-14 12:00:00 +02:00  +0s          10 %  for 5m
                  2026-07-14 12:05:00 +02:00  +5m         100 %
                  2026-07-14 12:05:00 +02:00  +5m         all of the traffic is watched for 20s more
                  2026-07-14 12:05:20 +02:00  +5m 20s     the task set of web:1 is removed

                  total     5m 20s, and the time the new task set takes
                  alarms    none: nothing but a hook, a task set that is not well or a person stops it
                  rollback  off: a split is left as it is
            "#]],
        );
        check(
            json!({"plan": service_plan(json!({"from": "web:2", "steps": []})), "refusals": [], "notes": []}),
            expect![[r#"
                shop/web from task definition web:2 to web:2, Canary10Percent5Minutes
                  Nothing to do: shop/web is on task definition web:2 already.
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
                "plan": {"target": alias("storefront"), "from": "2", "to": "2", "strategy": "AllAtOnce", "steps": [], "totalSeconds": 0},
                "refusals": [], "notes": []
            }),
            expect![[r#"
                storefront:live from version 2 to 2, AllAtOnce
                  Nothing to do: storefront:live is on version 2 already.
            "#]],
        );
    }
}
