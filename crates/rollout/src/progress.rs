//! What a rollout does next.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ending::{Ending, ErrorCode};
use crate::ids::TaskSetId;
use crate::plan::Plan;
use crate::seconds::Seconds;
use crate::service::clear::Side;
use crate::service::older::Older;
use crate::service::watch::Old;
use crate::service::{SPREAD, Wait};
use crate::strategy::{Hold, OnTimeout, Step};
use crate::warm::Given;
use crate::weight::Weight;

/// How far a rollout is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The step in force, by index into the plan's steps, and since when; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Position>,
    /// Whether what was left behind before was sent home, in which place the new task set is made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leftover_ended: bool,
    /// When the new task set was made, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// The waits around the traffic that have begun.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waits: BTreeMap<WaitKind, Waiting>,
    /// When the new version was given provisioned concurrency: written down before it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warming: Option<Timestamp>,
    /// What became of that.
    #[serde(default, skip_serializing_if = "Given::is_default")]
    pub given: Given,
    /// Why the new task set is not there yet, in ECS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Since when a rollback waits for the old task set to be able to take the traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaits_home: Option<Timestamp>,
    /// Since when tasks are on their way of a service that wanted none before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cold: Option<Timestamp>,
    /// Whether a person had it repaired.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repaired: bool,
    /// How often the end of it was taken back, since the task set that had won was not well.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reopened: u32,
    /// Whether it had succeeded, and a write that came later sent calls elsewhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disturbed: bool,
    /// Task sets whose tasks ECS was asked to take away, or to delete, without an answer yet, with when it was asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub removing: BTreeMap<TaskSetId, Timestamp>,
    /// Where a rollback, or clearing up, sent calls without an answer yet. These writes take no lease.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sending: BTreeSet<Side>,
    /// What was told last of a write that came after its end, where nobody but a person can do anything about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// Whether what a later deployment had left behind was there when a late write was undone: the next one takes that over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beside_leftover: bool,
    /// Whether the task set that lost was kept for calls that somebody sends it: the next deployment takes that over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
    /// What writes of older deployments may still do that were never answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<Older>,
    /// Task sets of older deployments that ECS made after this one had won: they go.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub strays: BTreeSet<TaskSetId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A wait beside those of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WaitKind {
    /// Before production traffic moves: `READY_WAIT`.
    Ready,
    /// Before the old task set is removed: `TERMINATION_WAIT`.
    Termination,
}

/// A wait that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// When.
    pub since: Timestamp,
    /// Whether a person ended it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continued: bool,
}

/// A step in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// Index into the plan's steps.
    pub step: usize,
    /// When its weight was set.
    pub since: Timestamp,
    /// Whether a person let it continue.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continued: bool,
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    /// Take this step: set its weight.
    Take {
        /// Index into the plan's steps.
        step: usize,
        /// The weight to set.
        weight: Weight,
    },
    /// Keep the weight, and look again after this long.
    Hold(Seconds),
    /// Keep the weight until somebody continues the deployment, and look again after this long at the latest.
    Await(Seconds),
    /// Nobody continued the deployment in time, and the plan says to stop then.
    Expired {
        /// How long it waited.
        after: Seconds,
    },
    /// Every step is taken and held.
    Done,
}

/// Decides what a rollout does at `now`.
///
/// A step begins when its weight was really set, so a late look never skips or shortens one; a clock that jumps back only
/// makes a hold longer. Each call takes one step at most.
pub fn next_shift(plan: &Plan, progress: &Progress, now: Timestamp) -> Shift {
    let Some(position) = &progress.at else {
        return take(plan, 0);
    };
    let Some(step) = plan.steps.get(position.step) else {
        return Shift::Done;
    };
    let held = Seconds::between(position.since, now);
    let next = || take(plan, position.step + 1);
    let cut = |left| cut(plan, left);
    match step.hold {
        Hold::For(hold) if held >= hold || position.continued => next(),
        // Somebody may end it, and is not kept waiting for a look that comes late.
        Hold::For(hold) if is_awaited(plan, hold) => Shift::Await(Seconds(hold.0 - held.0)),
        Hold::For(hold) => Shift::Hold(cut(Seconds(hold.0 - held.0))),
        Hold::UntilContinued { .. } if position.continued => next(),
        Hold::UntilContinued { timeout, on_timeout } if held >= timeout => match on_timeout {
            OnTimeout::Continue => next(),
            OnTimeout::Stop => Shift::Expired { after: timeout },
        },
        Hold::UntilContinued { timeout, .. } => Shift::Await(cut(Seconds(timeout.0 - held.0))),
    }
}

/// Whether a hold that a person ends before its time ends at once: one that nothing else looks into, and that is not over soon
/// anyway. Where alarms are polled, or a service is watched, the next look ends it.
pub fn is_awaited(plan: &Plan, hold: Seconds) -> bool {
    const LONG: Seconds = Seconds(60);
    !plan.is_polled() && hold >= LONG
}

/// What a wait around the traffic does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextWait {
    /// Wait until somebody continues the deployment, and look again after this long at the latest.
    Await(Seconds),
    /// Nobody continued the deployment in time, and the plan says to stop then.
    Expired {
        /// How long it waited.
        after: Seconds,
    },
    /// It is over, or there is none.
    Over,
}

/// Decides what a wait around the traffic does at `now`. Once somebody has deleted the old task set, nothing is left to keep, and
/// nothing a rollback could go back to.
///
/// Before the old task set goes, the new one is watched for [`SPREAD`] with all of the traffic, whatever the plan or a person
/// say: the old one keeps its tasks for as long in any case, and until it loses them the traffic can go back at once.
pub fn next_wait(plan: &Plan, progress: &Progress, kind: WaitKind, old: Old, now: Timestamp) -> NextWait {
    if (kind, old) == (WaitKind::Termination, Old::Gone) {
        return NextWait::Over;
    }
    let moved = progress.at.as_ref().map_or(SPREAD, |position| Seconds::between(position.since, now));
    let over = match kind {
        WaitKind::Termination if plan.target.service().is_some() && moved < SPREAD => {
            NextWait::Await(Seconds(SPREAD.0 - moved.0))
        }
        WaitKind::Termination | WaitKind::Ready => NextWait::Over,
    };
    let Some(Wait { timeout, on_timeout }) = plan.wait(kind) else { return over };
    let Some(waiting) = progress.waits.get(&kind) else { return NextWait::Await(timeout) };
    let waited = Seconds::between(waiting.since, now);
    if waiting.continued {
        return over;
    }
    if waited < timeout {
        return NextWait::Await(cut(plan, Seconds(timeout.0 - waited.0)));
    }
    match on_timeout {
        OnTimeout::Continue => over,
        OnTimeout::Stop => NextWait::Expired { after: timeout },
    }
}

/// A wait is cut so that the alarms are looked at in between.
fn cut(plan: &Plan, left: Seconds) -> Seconds {
    if plan.is_polled() { left.min(plan.poll) } else { left }
}

/// The ending of a deployment that nobody continued in time. The sentence is CodeDeploy's, which knows whole minutes only
/// (contract 3.4); a time that has none is said in seconds.
pub fn expired(after: Seconds) -> Ending {
    let period = match (after.0 / 60, after.0 % 60) {
        (1, 0) => "1 minute".to_owned(),
        (minutes @ 2.., 0) => format!("{minutes} minutes"),
        _ if after.0 == 1 => "1 second".to_owned(),
        _ => format!("{} seconds", after.0),
    };
    let message = format!(
        "The deployment timed out while waiting for a notification to continue. This time out period is {period}."
    );
    Ending::new(ErrorCode::ManualStop, message)
}

fn take(plan: &Plan, step: usize) -> Shift {
    match plan.steps.get(step) {
        Some(next) => Shift::Take { step, weight: next.weight },
        None => Shift::Done,
    }
}

impl Progress {
    /// The share of the new version now.
    pub fn weight(&self, plan: &Plan) -> Weight {
        match &self.at {
            Some(position) => plan.steps.get(position.step).map_or(Weight::FULL, |step| step.weight),
            None => plan.start_weight(),
        }
    }

    /// When the next step is due, where that depends on the clock alone.
    pub fn next_at(&self, plan: &Plan) -> Option<Timestamp> {
        let wait = |kind| Some((self.waits.get(&kind)?.since, plan.wait(kind)?.timeout));
        let step = || {
            let position = self.at.as_ref()?;
            Some((position.since, plan.steps.get(position.step)?.hold_seconds()))
        };
        let (since, hold) = wait(WaitKind::Termination).or_else(step).or_else(|| wait(WaitKind::Ready))?;
        since.checked_add(jiff::SignedDuration::from_secs(i64::try_from(hold.0).ok()?)).ok()
    }

    /// Whether the deployment waits for a person, before its traffic has moved.
    pub fn awaits_continue(&self, plan: &Plan) -> bool {
        let paused = self.at.as_ref().is_some_and(|position| {
            let hold = plan.steps.get(position.step).map(|step| step.hold);
            !position.continued && matches!(hold, Some(Hold::UntilContinued { .. }))
        });
        paused || (self.at.is_none() && self.waits_for(WaitKind::Ready))
    }

    /// Whether a wait has begun and nobody has ended it.
    pub fn waits_for(&self, kind: WaitKind) -> bool {
        self.waits.get(&kind).is_some_and(|waiting| !waiting.continued)
    }

    /// Whether a person has ended the wait that is going on.
    pub fn is_resumed(&self) -> bool {
        match (self.waits.get(&WaitKind::Termination), &self.at, self.waits.get(&WaitKind::Ready)) {
            (Some(waiting), _, _) | (None, None, Some(waiting)) => waiting.continued,
            (None, Some(position), _) => position.continued,
            (None, None, None) => false,
        }
    }

    /// A person ends the time that a step holds its weight for. `false` if it is over, or if none is going on.
    pub fn skip_hold(&mut self, plan: &Plan, now: Timestamp) -> bool {
        let Some(position) = &mut self.at else { return false };
        let held = Seconds::between(position.since, now);
        let hold = plan.steps.get(position.step).map(|step| step.hold);
        let holds = matches!(hold, Some(Hold::For(hold)) if held < hold) && !position.continued;
        position.continued |= holds;
        holds
    }

    /// A person lets the deployment continue: the wait that is going on is over. `false` if none is.
    pub fn resume(&mut self, plan: &Plan, kind: WaitKind) -> bool {
        if kind == WaitKind::Ready && self.at.is_some() {
            let Some(position) = &mut self.at else { return false };
            position.continued = plan.steps.get(position.step).is_some_and(Step::is_pause);
            return position.continued;
        }
        match self.waits.get_mut(&kind) {
            Some(waiting) => {
                waiting.continued = true;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{a_plan, a_service_plan, steps};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Lets a clock of the test's own drive a plan; returns when each weight was set.
    fn drive(plan: &Plan, mut clock: impl FnMut(Shift) -> i64) -> Vec<(i64, u8)> {
        let (mut now, mut progress, mut taken) = (0, Progress::default(), Vec::new());
        for _ in 0..10_000 {
            let shift = next_shift(plan, &progress, at(now));
            match shift {
                Shift::Take { step, weight } => {
                    taken.push((now, weight.percent()));
                    progress.at = Some(Position { step, since: at(now), continued: false });
                }
                Shift::Done | Shift::Expired { .. } => return taken,
                Shift::Hold(_) | Shift::Await(_) => now += clock(shift),
            }
        }
        panic!("the rollout never ends: {taken:?}");
    }

    fn punctual(shift: Shift) -> i64 {
        match shift {
            Shift::Hold(wait) | Shift::Await(wait) => wait.0 as i64,
            Shift::Take { .. } | Shift::Expired { .. } | Shift::Done => 0,
        }
    }

    #[test]
    fn a_canary_takes_its_two_steps_on_time() {
        assert_eq!(drive(&a_plan("Canary10Percent5Minutes"), punctual), [(0, 10), (300, 100)]);
    }

    #[test]
    fn a_linear_rollout_reaches_everything_after_its_last_interval() {
        let taken = drive(&a_plan("Linear40PercentEvery1Minute"), punctual);
        assert_eq!(taken, [(0, 40), (60, 80), (120, 100)]);
    }

    #[test]
    fn a_wait_is_cut_by_the_poll_interval_only_where_alarms_are_watched() {
        let mut plan = a_plan("Canary10Percent5Minutes");
        let progress =
            Progress { at: Some(Position { step: 0, since: at(0), continued: false }), ..Progress::default() };
        assert_eq!(next_shift(&plan, &progress, at(10)), Shift::Await(Seconds(290)));
        plan.alarms.names.insert(crate::ids::AlarmName::parse("errors").unwrap());
        assert_eq!(next_shift(&plan, &progress, at(10)), Shift::Hold(plan.poll));
    }

    #[test]
    fn a_pause_waits_for_a_person_and_then_goes_on_or_stops_as_the_plan_says() {
        for (on_timeout, expected) in [
            (OnTimeout::Stop, Shift::Expired { after: Seconds(60) }),
            (OnTimeout::Continue, Shift::Take { step: 1, weight: Weight::FULL }),
        ] {
            let mut plan = a_plan("Canary10Percent5Minutes");
            plan.steps[0].hold = Hold::UntilContinued { timeout: Seconds(60), on_timeout };
            let mut progress =
                Progress { at: Some(Position { step: 0, since: at(0), continued: false }), ..Progress::default() };
            assert_eq!(next_shift(&plan, &progress, at(20)), Shift::Await(Seconds(40)));
            assert!(progress.awaits_continue(&plan));
            assert_eq!(next_shift(&plan, &progress, at(60)), expected);
            progress.at = Some(Position { step: 0, since: at(0), continued: true });
            assert_eq!(next_shift(&plan, &progress, at(20)), Shift::Take { step: 1, weight: Weight::FULL });
        }
    }

    #[test]
    fn nobody_continuing_is_told_in_minutes_where_the_time_has_whole_ones() {
        let periods = [0, 1, 30, 60, 90, 120, 600, 3_600].map(|seconds| expired(Seconds(seconds)).message);
        let said = "The deployment timed out while waiting for a notification to continue. This time out period is ";
        let told: Vec<&str> = periods.iter().filter_map(|message| message.strip_prefix(said)).collect();
        expect_test::expect![
            "0 seconds. 1 second. 30 seconds. 1 minute. 90 seconds. 2 minutes. 10 minutes. 60 minutes."
        ]
        .assert_eq(&told.join(" "));
        assert_eq!(expired(Seconds(60)).code, ErrorCode::ManualStop);
    }

    #[test]
    fn a_person_ends_the_time_that_a_step_holds_and_the_next_step_is_due() {
        let mut plan = a_plan("Canary10Percent5Minutes");
        let mut progress =
            Progress { at: Some(Position { step: 0, since: at(0), continued: false }), ..Progress::default() };
        assert_eq!(next_shift(&plan, &progress, at(10)), Shift::Await(Seconds(290)), "ended at once");
        assert!(!progress.awaits_continue(&plan), "nobody has to");
        assert!(!progress.clone().resume(&plan, WaitKind::Ready), "CodeDeploy's ContinueDeployment ends pauses only");
        assert!(!progress.clone().skip_hold(&plan, at(300)), "over");
        assert!(progress.skip_hold(&plan, at(10)) && !progress.skip_hold(&plan, at(11)), "once");
        assert!(progress.is_resumed());
        assert_eq!(next_shift(&plan, &progress, at(11)), Shift::Take { step: 1, weight: Weight::FULL });

        plan.steps[0].hold = Hold::For(Seconds(59));
        progress.at = Some(Position { step: 0, since: at(0), continued: false });
        assert_eq!(next_shift(&plan, &progress, at(10)), Shift::Hold(Seconds(49)), "over soon");
        plan.steps[0].hold = Hold::UntilContinued { timeout: Seconds(60), on_timeout: OnTimeout::Stop };
        assert!(!progress.skip_hold(&plan, at(10)), "a pause is continued, not skipped");
        assert!(!Progress::default().skip_hold(&plan, at(10)));
    }

    fn waiting_plan(on_timeout: OnTimeout) -> Plan {
        let mut plan = a_service_plan("ECSCanary10Percent5Minutes");
        if let crate::plan::Target::EcsService(service) = &mut plan.target {
            service.waits.ready = Some(Wait { timeout: Seconds(600), on_timeout });
            service.waits.termination = Seconds(300);
        }
        plan
    }

    fn waiting(kind: WaitKind, continued: bool) -> Progress {
        Progress { waits: [(kind, Waiting { since: at(100), continued })].into(), ..Progress::default() }
    }

    #[test]
    fn a_wait_around_the_traffic_lasts_until_somebody_continues_or_its_time_is_over() {
        let plan = waiting_plan(OnTimeout::Stop);
        for (kind, timeout, then) in [
            (WaitKind::Ready, 600, NextWait::Expired { after: Seconds(600) }),
            (WaitKind::Termination, 300, NextWait::Over),
        ] {
            assert_eq!(
                next_wait(&plan, &Progress::default(), kind, Old::There, at(100)),
                NextWait::Await(Seconds(timeout)),
                "not begun"
            );
            let look = |second| next_wait(&plan, &waiting(kind, false), kind, Old::There, at(second));
            assert_eq!(look(100), NextWait::Await(plan.poll), "the new task set is looked at in between");
            assert_eq!(look(90), NextWait::Await(plan.poll), "a clock that jumped back");
            assert_eq!(look(99 + timeout as i64), NextWait::Await(Seconds(1)));
            assert_eq!(look(100 + timeout as i64), then);
            assert_eq!(next_wait(&plan, &waiting(kind, true), kind, Old::There, at(101)), NextWait::Over);
        }
        let goes_on = waiting_plan(OnTimeout::Continue);
        let over = next_wait(&goes_on, &waiting(WaitKind::Ready, false), WaitKind::Ready, Old::There, at(700));
        assert_eq!(over, NextWait::Over);
    }

    #[test]
    fn an_old_task_set_that_somebody_deleted_is_not_kept() {
        let plan = waiting_plan(OnTimeout::Stop);
        let look = |kind| next_wait(&plan, &waiting(kind, false), kind, Old::Gone, at(101));
        assert_eq!(look(WaitKind::Termination), NextWait::Over);
        assert_eq!(look(WaitKind::Ready), NextWait::Await(plan.poll), "production traffic has not moved");
    }

    #[test]
    fn a_deployment_without_waits_waits_for_nothing() {
        for plan in [a_plan("AllAtOnce"), a_service_plan("ECSAllAtOnce")] {
            for kind in [WaitKind::Ready, WaitKind::Termination] {
                assert_eq!(next_wait(&plan, &Progress::default(), kind, Old::There, at(0)), NextWait::Over);
            }
        }
    }

    #[test]
    fn a_person_ends_the_wait_that_is_going_on_and_no_other() {
        let plan = waiting_plan(OnTimeout::Stop);
        let mut progress = Progress::default();
        for kind in [WaitKind::Ready, WaitKind::Termination] {
            assert!(!progress.resume(&plan, kind), "nothing waits yet");
        }
        progress = waiting(WaitKind::Ready, false);
        assert!(progress.awaits_continue(&plan) && progress.waits_for(WaitKind::Ready) && !progress.is_resumed());
        assert!(!progress.resume(&plan, WaitKind::Termination));
        assert!(progress.resume(&plan, WaitKind::Ready));
        assert!(!progress.awaits_continue(&plan) && progress.is_resumed());

        // Once traffic moves, the ready wait is a step's pause, if it has one.
        progress.at = Some(Position { step: 0, since: at(200), continued: false });
        assert!(!progress.is_resumed());
        assert!(!progress.resume(&plan, WaitKind::Ready), "this step waits for its time");
        let mut paused = plan.clone();
        paused.steps[0].hold = Hold::UntilContinued { timeout: Seconds(60), on_timeout: OnTimeout::Stop };
        assert!(progress.awaits_continue(&paused));
        assert!(progress.resume(&paused, WaitKind::Ready) && progress.is_resumed());

        progress.waits.insert(WaitKind::Termination, Waiting { since: at(300), continued: false });
        assert!(!progress.is_resumed() && progress.waits_for(WaitKind::Termination));
        assert!(!progress.awaits_continue(&plan), "traffic has moved");
        assert!(progress.resume(&plan, WaitKind::Termination) && progress.is_resumed());
    }

    proptest! {
        #[test]
        fn weights_only_climb_and_end_on_one_hundred(steps in steps()) {
            let mut plan = a_plan("AllAtOnce");
            plan.steps = continuing(steps);
            let taken = drive(&plan, punctual);
            prop_assert!(taken.windows(2).all(|pair| pair[0].1 < pair[1].1));
            prop_assert_eq!(taken.last().map(|last| last.1), Some(100));
        }

        #[test]
        fn no_clock_outruns_or_skips_a_step(steps in steps(), jumps in proptest::collection::vec(-50i64..5_000, 1..50)) {
            let mut plan = a_plan("AllAtOnce");
            plan.steps = continuing(steps);
            let mut jumps = jumps.into_iter().cycle();
            // The clock jumps about, but time passes in the end.
            let taken = drive(&plan, |shift| jumps.next().unwrap_or(0) + punctual(shift) / 2 + 60);
            prop_assert_eq!(taken.len(), plan.steps.len(), "every step is taken once");
            for (pair, step) in taken.windows(2).zip(&plan.steps) {
                prop_assert!(pair[1].0 - pair[0].0 >= step.hold_seconds().0 as i64, "held in full");
            }
        }

        #[test]
        fn the_same_question_gets_the_same_answer(steps in steps(), now in 0i64..10_000) {
            let mut plan = a_plan("AllAtOnce");
            plan.steps = steps;
            let progress = Progress { at: Some(Position { step: 0, since: at(100), continued: false }), ..Progress::default() };
            prop_assert_eq!(next_shift(&plan, &progress, at(now)), next_shift(&plan, &progress, at(now)));
        }
    }

    fn continuing(mut steps: Vec<Step>) -> Vec<Step> {
        for step in &mut steps {
            if let Hold::UntilContinued { on_timeout, .. } = &mut step.hold {
                *on_timeout = OnTimeout::Continue;
            }
        }
        steps
    }
}
