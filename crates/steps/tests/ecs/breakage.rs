//! What can come in between at any call of a deployment to a service, beside what can at any deployment.

use fakes::event::{self, Event};

use super::stories::STORIES;
use crate::breakage::at_every_call;

fn with_event(event: impl Fn() -> Event) {
    at_every_call(&STORIES, |simulation, _, number| simulation.before_call(number, event()), |_, _, _| Ok(()));
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
    with_event(|| event::tasks_die("web-green"));
}

#[test]
fn ecs_may_tell_of_the_service_before_any_call() {
    with_event(event::steady);
}
