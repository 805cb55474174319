//! How many events a plan can write into an execution's history.
//!
//! Step Functions ends an execution whose history reaches 25,000 events. No plan we accept can pass [`MAX_EVENTS`], even if
//! every task needs every retry it has: 100 steps are the most a strategy may have, and hooks and polls give way to them. The
//! numbers per loop follow from the retries in `statemachine`; a contract test counts them there.

use crate::hold::Hold;
use crate::next::is_awaited;
use crate::plan::Plan;
use crate::seconds::Seconds;

/// Promise P7: the most events a plan may write, by construction, and only if every single call needs every retry it has. The
/// rest, up to the service's own limit, is for what nobody thought of.
pub const MAX_EVENTS: u64 = 22_000;

/// The most events of one round AllowTraffic, Choice, Wait: entered, 8 attempts of 3, exited, and 2 each for Choice and Wait.
pub const PER_SHIFT: u64 = 30;

/// The most events of one wait for a token: entered, 8 attempts of 4 (such a task is also submitted), exited; and of the
/// AllowTraffic round that follows it.
pub const PER_AWAIT: u64 = 34 + PER_SHIFT;

/// The most events of one call of a hook: as a wait for a token, and 2 each for Choice and Wait.
pub const PER_HOOK_CALL: u64 = 38;

/// How often a hook that says it is in progress is called at most, where there are no more than two hooks.
pub const MAX_HOOK_CALLS: u64 = 60;

/// How often the hooks of a deployment with more than two are called at most, all together.
const ALL_HOOK_CALLS: u64 = 100;

/// What hooks leave to polls at least.
const FOR_POLLS: u64 = 500;

/// All that happens once: Prepare, Guard, Commit, Finish, and a rollback that needs all its retries, with its looks.
pub const FIXED: u64 = 3_500;

/// What an update of the stack amid a deployment adds: steps that find records of a newer format wait until they are new, too.
/// It is a part of [`FIXED`], since it happens once.
pub const UPGRADE: u64 = 64;

/// What waiting for the turn in a deployment group adds: looks, each with the wait before it.
pub const QUEUE: u64 = crate::queue::LOOKS as u64 * PER_AWAIT;

/// How often a rollback looks while a write of ours may still arrive: once a second ([`crate::settle::LOOK`]), as long as a lease
/// lives, and once more. One of these looks that needs retries takes the time of several.
pub const ROLLBACK_LOOKS: u64 = crate::deployment::Lease::LENGTH.0 / crate::settle::LOOK.0 + 1;

/// What a service adds: its states that happen once, the watch before the old task set goes, the looks at a task set that is
/// going or is to come back, and the ways back to the rollback.
pub const SERVICE: u64 = 4_300;

/// How often tasks that are on their way are looked at, at most: see [`crate::service::patience`].
pub const PATIENT_LOOKS: u64 = 16;

/// How often a task set that comes is looked at, at most: see [`crate::service::install::wait`].
pub const INSTALL_LOOKS: u64 = 40;

/// How often a version that is warmed is looked at, at most: see [`crate::warm`].
pub const WARM_LOOKS: u64 = 40;

/// How often the alarms are polled when the configured interval would outgrow the history.
///
/// Returns `configured`, or the shortest longer interval that fits. Without alarms an alias is not polled, and the interval
/// does not matter.
pub fn poll_interval(plan: &Plan, configured: Seconds) -> Seconds {
    let configured = Seconds(configured.0.max(1));
    if !plan.is_polled() {
        return configured;
    }
    let room = MAX_EVENTS.saturating_sub(without_polls(plan));
    // Every hold of h seconds is polled at most h / interval times beside its own step.
    let work: u64 = plan.holds().map(|hold| hold.longest().0.saturating_mul(per_look(plan, &hold))).sum();
    let shortest = if room == 0 { u64::MAX } else { work.div_ceil(room) };
    Seconds(configured.0.max(shortest))
}

/// The most events the plan can write, every retry counted.
pub fn worst_case(plan: &Plan) -> u64 {
    let polls = |hold: u64| if plan.is_polled() { hold / plan.poll.0.max(1) } else { 0 };
    let polling: u64 = plan.holds().map(|hold| polls(hold.longest().0) * per_look(plan, &hold)).sum();
    without_polls(plan) + polling
}

fn per_look(plan: &Plan, hold: &Hold) -> u64 {
    match hold {
        Hold::For(hold) if is_awaited(plan, *hold) => PER_AWAIT,
        Hold::For(_) => PER_SHIFT,
        Hold::UntilContinued { .. } => PER_AWAIT,
    }
}

fn without_polls(plan: &Plan) -> u64 {
    without_hooks(plan) + plan.hooks.len() as u64 * hook_calls(plan) * PER_HOOK_CALL
}

fn without_hooks(plan: &Plan) -> u64 {
    // A wait can end a moment early and need a second look; and every step takes one look of its own.
    let holds: u64 = plan.holds().map(|hold| PER_SHIFT + per_look(plan, &hold)).sum();
    let service = match plan.target.service() {
        // Where the service wanted no tasks, those it wants later may come up while traffic moves.
        Some(service) if service.desired == 0 => SERVICE + (INSTALL_LOOKS + PATIENT_LOOKS) * PER_AWAIT,
        Some(_) => SERVICE + INSTALL_LOOKS * PER_AWAIT,
        None => 0,
    };
    let warm = plan.shift().warm.map_or(0, |_| WARM_LOOKS * PER_SHIFT);
    FIXED + QUEUE + service + holds + warm
}

/// How often each hook of a plan that says it is in progress is called at most: [`MAX_HOOK_CALLS`], unless there are more than
/// two of them, or the plan's own steps leave less room.
pub fn hook_calls(plan: &Plan) -> u64 {
    let hooks = plan.hooks.len() as u64;
    let most = if hooks > 2 { ALL_HOOK_CALLS / hooks } else { MAX_HOOK_CALLS };
    let room = MAX_EVENTS.saturating_sub(without_hooks(plan) + FOR_POLLS);
    most.min(room / (hooks.max(1) * PER_HOOK_CALL)).max(1)
}

/// When a hook that is in progress is called again; it is called `most` times at most ([`hook_calls`]).
///
/// The first half of its calls come when the hook asked for them; the second half are spread over the time that is left,
/// so that a hook that asks every second cannot outgrow the history. `None`: its time is over.
pub fn next_hook_call(asked: Seconds, calls: u64, most: u64, left: Seconds) -> Option<Seconds> {
    if left.0 == 0 {
        return None;
    }
    let calls_left = most.saturating_sub(calls).max(1);
    let spread = if calls < most / 2 { 0 } else { left.0 / calls_left };
    Some(Seconds(asked.0.max(1).max(spread).min(left.0)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::appspec::Hook;
    use crate::event::LifecycleEvent;
    use crate::hold::{OnTimeout, Wait};
    use crate::ids::HookFunction;
    use crate::strategy::Step;
    use crate::testing::{a_plan, a_service_plan};
    use crate::weight::Weight;

    #[test]
    fn a_hook_that_asks_every_second_for_an_hour_is_called_no_more_often_than_the_history_bears() {
        let (mut left, mut calls) = (Seconds(3_600), 0);
        while let Some(wait) = next_hook_call(Seconds(1), calls, MAX_HOOK_CALLS, left) {
            calls += 1;
            left = Seconds(left.0 - wait.0);
        }
        assert!(calls <= MAX_HOOK_CALLS, "{calls} calls");
    }

    #[test]
    fn a_week_of_ten_steps_is_polled_as_often_as_the_history_bears() {
        let mut plan = a_plan("Linear10PercentEvery960Minutes");
        plan.alarms.names.insert(crate::ids::AlarmName::parse("errors").unwrap());
        plan.poll = poll_interval(&plan, Seconds(60));
        assert!(worst_case(&plan) <= MAX_EVENTS);
        assert!(plan.poll > Seconds(60) && plan.poll < Seconds(3_600), "{:?}", plan.poll);
    }

    /// The longest plan of a service that is accepted: five hooks, both waits at their longest.
    fn a_long_plan(steps: Vec<Step>, hooks: usize) -> Plan {
        let mut plan = a_service_plan("ECSAllAtOnce");
        plan.shift_mut().steps = steps;
        let events = LifecycleEvent::ECS.iter().filter(|event| event.is_hook());
        let hook = || Hook::new(HookFunction::parse("check").unwrap());
        plan.hooks = events.take(hooks).map(|event| (*event, hook())).collect();
        if let crate::target::Target::EcsService(service) = &mut plan.target {
            service.waits.ready = Some(Wait { timeout: Seconds::minutes(7_200), on_timeout: OnTimeout::Stop });
            service.waits.termination = Seconds::minutes(2_880);
        }
        plan.poll = poll_interval(&plan, Seconds(60));
        plan
    }

    #[test]
    fn a_hundred_pauses_and_five_hooks_around_a_service_fit_into_the_history() {
        let pause = Hold::UntilContinued { timeout: Seconds(6_048), on_timeout: OnTimeout::Continue };
        let steps = (1..=100).map(|weight| Step { weight: Weight::clamped(weight), hold: pause }).collect();
        let plan = a_long_plan(steps, 5);
        assert!(worst_case(&plan) <= MAX_EVENTS, "{}", worst_case(&plan));
        assert!(hook_calls(&plan) >= 4, "{} calls a hook", hook_calls(&plan));
    }

    #[test]
    fn the_hooks_of_an_ordinary_deployment_are_called_as_often_as_they_like() {
        assert_eq!(hook_calls(&a_plan("Linear10PercentEvery1Minute")), MAX_HOOK_CALLS);
        let steps = a_service_plan("ECSLinear10PercentEvery1Minutes").shift().steps.clone();
        assert_eq!(hook_calls(&a_long_plan(steps.clone(), 2)), MAX_HOOK_CALLS);
        assert_eq!(hook_calls(&a_long_plan(steps, 5)), 20);
    }

    proptest! {
        #[test]
        fn no_accepted_plan_can_outgrow_the_history(
            steps in crate::testing::steps(),
            configured in 1u64..4_000,
            watched in any::<bool>(),
        ) {
            let mut plan = a_plan("AllAtOnce");
            plan.shift_mut().steps = steps;
            if watched {
                plan.alarms.names.insert(crate::ids::AlarmName::parse("errors").unwrap());
            }
            plan.poll = poll_interval(&plan, Seconds(configured));
            prop_assert!(plan.poll >= Seconds(configured));
            prop_assert!(worst_case(&plan) <= MAX_EVENTS);
        }

        #[test]
        fn no_accepted_plan_of_a_service_can_outgrow_the_history(
            steps in crate::testing::steps(),
            hooks in 0usize..=5,
            configured in 1u64..4_000,
            watched in any::<bool>(),
        ) {
            let mut plan = a_long_plan(steps, hooks);
            if watched {
                plan.alarms.names.insert(crate::ids::AlarmName::parse("errors").unwrap());
            }
            plan.poll = poll_interval(&plan, Seconds(configured));
            prop_assert!(plan.poll >= Seconds(configured));
            prop_assert!(worst_case(&plan) <= MAX_EVENTS, "{}", worst_case(&plan));
            prop_assert!(hook_calls(&plan) >= 4);
        }
    }
}
