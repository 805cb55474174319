//! The end of a watched deployment, told so that it can be understood alone: at the end of a log nobody has read what stands above.

use std::fmt::Write;

use crate::plan_text::headline;
use crate::status_text::{advice, traffic_at_end};
use crate::times::{seconds_between, span};
use crate::view::{DeploymentView, Moment, Outcome};
use crate::watch::changes::last_sentence;

/// How it ended and why, where the calls go, how long it took, what a failed hook printed last, and what to type next.
pub(super) fn block(view: &DeploymentView, command: impl Fn(&str) -> String) -> String {
    let mut text = last_sentence(view);
    if let Some(plan) = &view.plan {
        _ = writeln!(text, "  {}", headline(plan));
    }
    let mut row = |name: &str, value: &str| _ = writeln!(text, "  {name:<9} {value}");
    if let Some(traffic) = traffic_at_end(view) {
        row("traffic", &traffic);
    }
    if let (Some(Moment(begun)), Some(Moment(over))) = (view.create_time, view.complete_time) {
        row("took", &span(seconds_between(begun, over)));
    }
    let told = view.error.as_ref().and_then(|error| error.message.as_deref()).unwrap_or_default();
    for event in view.events.iter().filter(|event| event.status == "Failed") {
        let more = event.message.as_deref().filter(|message| !told.contains(message));
        row("failed", &more.map_or_else(|| event.name.clone(), |message| format!("{}: {message}", event.name)));
        for line in event.log_tail.iter().flat_map(|tail| tail.lines()) {
            row("", &format!("| {line}"));
        }
    }
    let id = &view.deployment_id;
    let advised = advice(view, &command);
    if let Some(advice) = &advised {
        row("next", advice);
    }
    match (view.outcome, &view.plan) {
        // What is to be done has its command already.
        (Some(Outcome::Unresolved), _) => {}
        (Some(Outcome::Succeeded), Some(plan)) => row("look", &command(&format!("status {}", plan.target()))),
        (Some(Outcome::Succeeded), None) => row("look", &command(&format!("status {id}"))),
        (Some(Outcome::RolledBack | Outcome::Stopped | Outcome::Failed) | None, _) => {
            row(if advised.is_some() { "look" } else { "next" }, &command(&format!("logs {id}")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{alias, at, service_plan};
    use crate::view;

    #[track_caller]
    fn check(view: Value, expected: Expect) {
        let view: DeploymentView = view::read(&view).expect("a deployment");
        expected.assert_eq(&block(&view, |what| format!("tideshift {what}")));
    }

    fn over(outcome: &str, weight: u64) -> Value {
        json!({
            "deploymentId": "d-1", "status": "Failed", "outcome": outcome, "createTime": at(0), "completeTime": at(65),
            "progress": {"weight": weight}, "plan": {"target": alias("f"), "from": "1", "to": "2", "strategy": "Canary10Percent5Minutes"},
        })
    }

    #[test]
    fn a_success_says_where_the_traffic_is_and_how_long_it_took() {
        check(
            over("Succeeded", 100),
            expect![[r#"
            d-1 Succeeded
              f:live from version 1 to 2, Canary10Percent5Minutes
              traffic   everything on version 2
              took      1m 5s
              look      tideshift status f:live
        "#]],
        );
        let mut service = over("Succeeded", 100);
        service["plan"] = service_plan(json!({}));
        check(
            service,
            expect![[r#"
            d-1 Succeeded
              shop/web from task definition web:1 to web:2, Canary10Percent5Minutes
              traffic   everything on the green task set (web:2)
              took      1m 5s
              look      tideshift status shop/web
        "#]],
        );
    }

    #[test]
    fn a_hook_that_refused_is_quoted_with_its_last_lines() {
        let mut view = over("Failed", 0);
        view["error"] = json!({"code": "HOOK_FAILED", "message": "the hook check answered Failed: 3 of 5 checks fail"});
        view["events"] = json!([
            {"name": "BeforeAllowTraffic", "status": "Failed", "message": "3 of 5 checks fail", "logTail": "GET /\n503 ::error::x"},
            {"name": "AllowTraffic", "status": "Skipped"}
        ]);
        check(
            view,
            expect![[r#"
            d-1 Failed: HOOK_FAILED: the hook check answered Failed: 3 of 5 checks fail
              f:live from version 1 to 2, Canary10Percent5Minutes
              traffic   everything on version 1
              took      1m 5s
              failed    BeforeAllowTraffic
                        | GET /
                        | 503 ::error::x
              next      tideshift logs d-1
        "#]],
        );
    }

    #[test]
    fn what_was_left_in_between_and_what_needs_a_person_say_what_to_do() {
        let mut left = over("Stopped", 10);
        left["leftover"] = json!({"version": "1", "additionalVersion": "2", "additionalWeight": 10});
        check(
            left,
            expect![[r#"
            d-1 Stopped; left 10 % on version 2, the rest on version 1
              f:live from version 1 to 2, Canary10Percent5Minutes
              traffic   10 % on version 2, the rest on version 1
              took      1m 5s
              next      Calls stay where they were left until the next deployment, which takes that over.
              look      tideshift logs d-1
        "#]],
        );
        let mut unresolved = over("Unresolved", 50);
        unresolved["error"] = json!({"code": "UNRESOLVED", "message": "AWS refused"});
        check(
            unresolved,
            expect![[r#"
            d-1 Unresolved: UNRESOLVED: AWS refused
              f:live from version 1 to 2, Canary10Percent5Minutes
              traffic   last seen with 50 % on version 2
              took      1m 5s
              next      It could not be brought to its end without a person. Finish it with: tideshift repair d-1
        "#]],
        );
    }
}
