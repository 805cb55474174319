//! The progress bar: weight, what comes next, alarms, time left. The words are pure; only `Bar` draws.

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::console::printable;
use crate::status_text::{leaving_words, next_words, seconds_left, tasks_words};
use crate::times::{clock, span};
use crate::view::{AlarmView, DeploymentView};
use crate::watch::changes::Change;

/// A bar on stderr; changes scroll by above it.
pub(crate) struct Bar {
    bar: ProgressBar,
    zone: TimeZone,
}

impl Bar {
    /// An empty bar.
    pub(crate) fn new(zone: TimeZone) -> Self {
        let bar = ProgressBar::new(100);
        if let Some(style) = style() {
            bar.set_style(style);
        }
        Self { bar, zone }
    }

    /// Draws the deployment as it is.
    pub(crate) fn draw(&self, view: &DeploymentView, now: Timestamp) {
        let what = view.plan.as_ref().map(|plan| format!("{} {} to {} · ", plan.target(), plan.from, plan.to));
        self.bar.set_message(printable(&format!("{}{}", what.unwrap_or_default(), message(view, now))));
        self.bar.set_position(u64::from(view.weight().unwrap_or(0)));
        self.bar.tick();
    }

    /// Shows a line above.
    pub(crate) fn line(&self, change: &Change) {
        self.bar.println(printable(&format!("{} {}", clock(change.at, &self.zone), change.text)));
    }

    /// Says why nothing moves, until the next look.
    pub(crate) fn note(&self, note: &str) {
        self.bar.set_message(printable(note));
    }

    /// Takes the bar away.
    pub(crate) fn clear(&self) {
        self.bar.finish_and_clear();
    }
}

/// A bar as wide as the terminal is when it is drawn, and one line of words under it, cut where the terminal ends. The marks are
/// eighths of a cell, so that 10 % are drawn as 10 %.
fn style() -> Option<ProgressStyle> {
    let style = ProgressStyle::with_template("{wide_bar:.green} {pos:>3} %\n{wide_msg}").ok()?;
    Some(style.progress_chars("█▉▊▋▌▍▎▏ "))
}

/// The line under the bar: what comes next, the time left, the alarms.
pub(super) fn message(view: &DeploymentView, now: Timestamp) -> String {
    let mut parts = Vec::new();
    let running = view.events.iter().find(|event| event.status == "InProgress" && event.name != "AllowTraffic");
    if let Some(leaving) = leaving_words(view) {
        parts.push(leaving);
    } else if view.stopping() {
        parts.push("stopping".to_owned());
    } else if let Some(event) = running {
        let tasks = view.green().filter(|_| event.name == "Install").map(|green| format!(", {}", tasks_words(green)));
        parts.push(format!("{} runs{}", event.name, tasks.unwrap_or_default()));
    } else if let Some(next) = next_words(view, now, None) {
        parts.push(next);
    } else {
        parts.push(view.status.clone());
    }
    if let Some(left) = seconds_left(view, now).filter(|left| *left > 0) {
        parts.push(format!("{} left", span(left)));
    }
    if let Some(alarms) = alarm_words(view.alarms_read()) {
        parts.push(alarms);
    }
    parts.join(" · ")
}

/// Alarms that are not OK by name; all of them while they are few.
fn alarm_words(alarms: &[AlarmView]) -> Option<String> {
    const FEW: usize = 3;
    let state = |alarm: &AlarmView| alarm.state.clone().unwrap_or_else(|| "unknown".to_owned());
    let (well, ill): (Vec<_>, Vec<_>) = alarms.iter().partition(|alarm| alarm.state.as_deref() == Some("OK"));
    let mut told: Vec<String> = ill.iter().map(|alarm| format!("{} {}", alarm.name, state(alarm))).collect();
    if alarms.len() <= FEW {
        told.extend(well.iter().map(|alarm| format!("{} OK", alarm.name)));
    } else if !well.is_empty() {
        told.push(format!("{} OK", well.len()));
    }
    (!told.is_empty()).then(|| format!("alarms: {}", told.join(", ")))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU16, Ordering};
    use std::sync::{Arc, Mutex};

    use expect_test::{Expect, expect};
    use indicatif::{ProgressDrawTarget, TermLike};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{alias, at, noon, service_plan, task_sets};
    use crate::view;

    /// A terminal of some width that remembers what was drawn last.
    #[derive(Debug, Clone, Default)]
    struct Terminal {
        width: Arc<AtomicU16>,
        drawn: Arc<Mutex<Vec<String>>>,
    }

    impl TermLike for Terminal {
        fn width(&self) -> u16 {
            self.width.load(Ordering::Relaxed)
        }
        fn move_cursor_up(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> std::io::Result<()> {
            Ok(())
        }
        fn write_line(&self, line: &str) -> std::io::Result<()> {
            self.write_str(line)
        }
        fn write_str(&self, text: &str) -> std::io::Result<()> {
            self.drawn.lock().expect("nobody died").push(text.to_owned());
            Ok(())
        }
        fn clear_line(&self) -> std::io::Result<()> {
            Ok(())
        }
        fn flush(&self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_bar_fits_every_width_also_one_that_changes_and_draws_ten_percent_as_ten_percent() {
        let view: DeploymentView = view::read(&json!({
            "deploymentId": "d-1", "status": "InProgress", "progress": {"weight": 10},
            "plan": {"target": alias("a-function-with-a-name-that-is-long-enough-for-any-terminal"), "from": "1", "to": "2"}
        }))
        .expect("a deployment");
        let terminal = Terminal::default();
        let target = ProgressDrawTarget::term_like(Box::new(terminal.clone()));
        let bar = Bar {
            bar: ProgressBar::with_draw_target(Some(100), target).with_style(style().expect("a style")),
            zone: TimeZone::UTC,
        };
        for width in [20, 47, 80, 230, 33] {
            terminal.width.store(width, Ordering::Relaxed);
            terminal.drawn.lock().expect("nobody died").clear();
            bar.draw(&view, noon());
            bar.bar.force_draw();
            let drawn = terminal.drawn.lock().expect("nobody died").join("\n");
            let plain = console_text(&drawn);
            let bars: Vec<&str> = plain.lines().filter(|line| line.contains(" 10 %")).collect();
            let last = bars.last().expect("a bar");
            assert!(plain.lines().all(|line| line.chars().count() <= usize::from(width)), "{width}: {plain}");
            let cells = usize::from(width) - " 10 %".len() - 1;
            let full = last.chars().filter(|c| *c == '█').count();
            assert!(full == cells / 10, "{width}: {full} of {cells}: {last}");
        }
    }

    /// Without what colours it.
    fn console_text(drawn: &str) -> String {
        let mut plain = String::new();
        let mut rest = drawn;
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            plain.push_str(before);
            rest = after.split_once('m').map_or("", |(_, after)| after);
        }
        plain + rest
    }

    #[track_caller]
    fn check(events: Value, progress: Value, alarms: &[(&str, &str)], expected: Expect) {
        let alarms: Vec<Value> = alarms.iter().map(|(name, state)| json!({"name": name, "state": state})).collect();
        let view: DeploymentView = view::read(&json!({
            "deploymentId": "d-1", "status": "InProgress", "events": events, "alarms": alarms, "progress": progress,
            "plan": {"target": alias("f"), "from": "1", "to": "2", "totalSeconds": 120,
                     "steps": [{"weight": 10, "holdSeconds": 60}, {"weight": 50, "holdSeconds": 60}, {"weight": 100}]}
        }))
        .expect("a deployment");
        expected.assert_eq(&message(&view, noon()));
    }

    #[test]
    fn the_next_step_the_time_left_and_the_alarms_stand_under_the_bar() {
        check(
            json!([]),
            json!({"weight": 10, "nextAt": at(45)}),
            &[("errors", "OK"), ("latency", "OK")],
            expect!["next 50 % in 45s · 1m 45s left · alarms: errors OK, latency OK"],
        );
    }

    #[test]
    fn a_hook_that_runs_is_named() {
        check(
            json!([{"name": "BeforeAllowTraffic", "status": "InProgress"}]),
            json!({"weight": 0}),
            &[],
            expect!["BeforeAllowTraffic runs · 2m left"],
        );
    }

    #[test]
    fn of_many_alarms_only_those_that_are_not_ok_are_named() {
        check(
            json!([]),
            json!({"weight": 50, "nextAt": at(5)}),
            &[("a", "OK"), ("b", "OK"), ("c", "INSUFFICIENT_DATA"), ("d", "OK")],
            expect!["next 100 % in 5s · 5s left · alarms: c INSUFFICIENT_DATA, 3 OK"],
        );
    }

    #[test]
    fn a_new_task_set_tells_how_many_of_its_tasks_run() {
        let view = view::read(&json!({
            "deploymentId": "d-1", "status": "InProgress", "plan": service_plan(json!({})), "progress": {"weight": 0},
            "events": [{"name": "Install", "status": "InProgress"}], "taskSets": task_sets(1, 0.0),
        }))
        .expect("a deployment");
        expect!["Install runs, 1 of 2 tasks run · 35m left"].assert_eq(&message(&view, noon()));
    }

    #[test]
    fn the_end_of_a_service_shows_what_it_waits_for() {
        let told = |phase: &str, error: Value| {
            let view = view::read(&json!({
                "deploymentId": "d-1", "status": "InProgress", "phase": phase, "plan": service_plan(json!({"terminationSeconds": 0})),
                "progress": {"weight": 100, "since": at(-5)}, "taskSets": task_sets(2, 100.0), "error": error,
            }))
            .expect("a deployment");
            message(&view, noon())
        };
        let stopped = json!({"code": "MANUAL_STOP", "message": "stopped by a user"});
        let told = [told("running", Value::Null), told("committing", Value::Null), told("settled", stopped)];
        expect![[r#"
            the new task set is watched with all of the traffic, then the old one is removed
            the old task set is being removed: 2 tasks still run
            the green task set is being removed: 2 tasks still run"#]]
        .assert_eq(&told.join("\n"));
    }

    #[test]
    fn a_pause_says_that_it_waits() {
        check(
            json!([]),
            json!({"weight": 50, "nextAt": at(600), "awaitingContinue": true}),
            &[],
            expect!["waits to be continued; stops in 10m"],
        );
    }
}
