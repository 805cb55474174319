//! What can come in between at any call of a deployment to a service, beside what can at any deployment.

use fakes::event::{self, Event};

use fakes::Schedule;

use super::stories::STORIES;
use super::{promises, told};
use crate::breakage::at_every_call;

fn with_event(event: impl Fn() -> Event) {
    at_every_call(&STORIES, |simulation, _, number| simulation.before_call(number, event()), |_, _, _| Ok(()));
}

/// Takes something away before each call of each story: afterwards calls are answered, or no ending says that all is well. What
/// happens once the last look has begun nobody can know: all that it reads is read at once.
fn taken_away(event: impl Fn() -> Event) {
    let mut complaints = Vec::new();
    for story in &STORIES {
        for number in 1.. {
            let (simulation, id) = (story.begin)(Schedule::InTurn);
            if simulation.world().faults.calls().len() >= number {
                continue;
            }
            simulation.before_call(number, event());
            simulation.run();
            let calls = simulation.world().faults.calls();
            let Some(call) = calls.get(number - 1) else { break };
            let answered = if number < last_look(&calls) { promises::answered(&simulation, &id) } else { Ok(()) };
            if let Err(complaint) = promises::kept(&simulation, &id).and(answered) {
                complaints.push(format!(
                    "{}, call {number} ({call}): {complaint}\n{}",
                    story.name,
                    told(&simulation, &id)
                ));
            }
        }
    }
    let shown: Vec<&str> = complaints.iter().take(3).map(String::as_str).collect();
    assert!(complaints.is_empty(), "{} broken:\n{}", complaints.len(), shown.join("\n"));
}

/// The number of the call that began the last look at both the task sets and their targets.
fn last_look(calls: &[&str]) -> usize {
    let ends = calls.iter().rposition(|call| *call == "health").unwrap_or_default();
    calls[..ends].iter().rposition(|call| *call == "service").map_or(0, |at| at + 1)
}

#[test]
fn the_old_tasks_may_die_before_any_call() {
    taken_away(|| event::tasks_die("web-blue"));
}

#[test]
fn the_old_tasks_may_be_taken_away_before_any_call() {
    taken_away(|| event::scaled_to_zero("web-blue"));
}

#[test]
fn the_old_task_set_may_be_deleted_before_any_call() {
    taken_away(|| event::set_deleted("web-blue"));
}

#[test]
fn the_new_tasks_may_be_taken_away_before_any_call() {
    taken_away(|| event::scaled_to_zero("web-green"));
}

#[test]
fn the_new_task_set_may_be_deleted_before_any_call() {
    taken_away(|| event::set_deleted("web-green"));
}

#[test]
fn the_traffic_may_be_sent_to_either_before_any_call() {
    taken_away(|| event::forwarded("prod", &[("web-blue", 100), ("web-green", 0)]));
    taken_away(|| event::forwarded("prod", &[("web-blue", 0), ("web-green", 100)]));
}

#[test]
fn somebody_may_send_a_rule_elsewhere_before_any_call() {
    with_event(|| event::forwarded("api", &[("docs", 1)]));
}

#[test]
fn somebody_may_move_the_weights_of_a_listener_before_any_call() {
    with_event(|| event::forwarded("prod", &[("web-blue", 34), ("web-green", 66)]));
}

#[test]
fn a_rule_may_be_deleted_before_any_call() {
    with_event(|| event::rule_deleted("api"));
}

#[test]
fn the_service_may_be_deleted_before_any_call() {
    with_event(event::service_deleted);
}

#[test]
fn the_new_tasks_may_die_before_any_call() {
    taken_away(|| event::tasks_die("web-green"));
}

#[test]
fn ecs_may_tell_of_the_service_before_any_call() {
    with_event(event::steady);
}
