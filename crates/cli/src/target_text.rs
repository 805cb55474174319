//! What is live on a target, in words.

use std::fmt::Write;

use jiff::tz::TimeZone;

use crate::list_text;
use crate::status_text::routing_words;
use crate::times::stamp;
use crate::view::{LiveTaskSet, Moment, TargetView};

/// Everything worth knowing at a glance; `command` writes a command as one would type it here.
pub(crate) fn render(view: &TargetView, zone: &TimeZone, command: impl Fn(&str) -> String) -> String {
    let target = &view.target.parts;
    let mut text = format!("{target}\n\n");
    let live = view.live.as_ref().map_or("unknown".to_owned(), routing_words);
    let note = view.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    _ = writeln!(text, "  live      {live}{note}");
    match &view.last_good {
        Some(good) => {
            let at = good.create_time.map(|Moment(at)| format!(", {}", stamp(at, zone))).unwrap_or_default();
            let kind = target.kind();
            _ = writeln!(text, "  last good {kind} {} (deployment {}{at})", good.revision, good.deployment_id);
        }
        None => text.push_str("  last good unknown: no deployment of late succeeded here\n"),
    }
    if let Some(id) = &view.active {
        _ = writeln!(text, "  at it     deployment {id}: {}", command(&format!("status {id} --watch")));
    }
    if !view.task_sets.is_empty() {
        text.push_str("\n  task sets\n");
        for set in &view.task_sets {
            _ = writeln!(text, "    {}", task_set_words(set));
        }
    }
    text.push_str("\n  deployments, newest first\n");
    for line in list_text::render(&view.history, zone, false).lines() {
        _ = writeln!(text, "    {line}");
    }
    text
}

fn task_set_words(set: &LiveTaskSet) -> String {
    let weight = set.weight.map_or("  -".to_owned(), |weight| format!("{weight:>3}"));
    let (group, tasks) = (set.target_group.as_deref().unwrap_or("-"), (set.running_count, set.desired_count));
    let test = set.test_weight.filter(|test| *test > 0);
    let test = test.map(|test| format!("  and {test} % of the test traffic")).unwrap_or_default();
    format!(
        "{:<9} {weight} %  {:<12} {} of {} tasks run  {group:<20} {}{test}",
        set.status, set.task_definition, tasks.0, tasks.1, set.task_set
    )
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{alias, at, berlin, service};
    use crate::view;

    #[track_caller]
    fn check(target: Value, expected: Expect) {
        let view: TargetView = view::read(&target).expect("a target");
        expected.assert_eq(&render(&view, &berlin(), |what| format!("tideshift {what}")));
    }

    #[test]
    fn an_alias_shows_what_is_live_what_was_good_last_and_what_was_deployed() {
        let row = |id: &str, outcome: Value, from: &str, to: &str| {
            json!({"deploymentId": id, "status": "InProgress", "outcome": outcome, "target": alias("storefront"),
                   "from": from, "to": to, "createTime": at(0)})
        };
        let history = [row("d-3", Value::Null, "2", "3"), row("d-2", json!("Succeeded"), "1", "2")];
        check(
            json!({
                "target": alias("storefront"), "live": {"version": "2", "additionalVersion": "3", "additionalWeight": 10},
                "active": "d-3", "lastGood": {"revision": "2", "deploymentId": "d-2", "createTime": at(-60)}, "history": history
            }),
            expect![[r#"
                storefront:live

                  live      10 % on version 3, the rest on version 2
                  last good version 2 (deployment d-2, 2026-07-14 11:59:00 +02:00)
                  at it     deployment d-3: tideshift status d-3 --watch

                  deployments, newest first
                    ID   STATE       TARGET           CHANGE  CREATED                     NOTE
                    d-3  InProgress  storefront:live  2 to 3  2026-07-14 12:00:00 +02:00
                    d-2  Succeeded   storefront:live  1 to 2  2026-07-14 12:00:00 +02:00
            "#]],
        );
    }

    #[test]
    fn a_service_shows_its_task_sets_and_what_cannot_be_told() {
        let set = |status: &str, weight: Value| {
            json!({"taskSet": "ecs-svc/1", "taskDefinition": "web:1", "status": status, "desiredCount": 2,
            "runningCount": 2, "targetGroup": "web-blue", "weight": weight, "testWeight": weight})
        };
        check(
            json!({"target": service(), "live": null, "note": "its listener could not be read",
                   "taskSets": [set("PRIMARY", json!(100)), set("DRAINING", Value::Null)], "history": []}),
            expect![[r#"
                shop/web

                  live      unknown (its listener could not be read)
                  last good unknown: no deployment of late succeeded here

                  task sets
                    PRIMARY   100 %  web:1        2 of 2 tasks run  web-blue             ecs-svc/1  and 100 % of the test traffic
                    DRAINING    - %  web:1        2 of 2 tasks run  web-blue             ecs-svc/1

                  deployments, newest first
                    No deployments yet.
            "#]],
        );
    }
}
