use crate::progress::Position;
use crate::progress::Waiting;
use crate::strategy::Step;
use proptest::prelude::*;

use super::*;
use crate::testing::{a_plan, a_service_plan, steps};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Lets a clock of the test's own drive a plan; returns when each weight was set.
fn drive(plan: &Plan, mut clock: impl FnMut(NextShift) -> i64) -> Vec<(i64, u8)> {
    let (mut now, mut progress, mut taken) = (0, Progress::default(), Vec::new());
    for _ in 0..10_000 {
        let shift = next_shift(plan, &progress, at(now));
        match shift {
            NextShift::Take { step, weight } => {
                taken.push((now, weight.percent()));
                progress.at = Some(Position { step, since: at(now), continued: false });
            }
            NextShift::Done | NextShift::Expired { .. } => return taken,
            NextShift::Hold(_) | NextShift::Await(_) => now += clock(shift),
        }
    }
    panic!("the rollout never ends: {taken:?}");
}

fn punctual(shift: NextShift) -> i64 {
    match shift {
        NextShift::Hold(wait) | NextShift::Await(wait) => wait.0 as i64,
        NextShift::Take { .. } | NextShift::Expired { .. } | NextShift::Done => 0,
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
    let progress = Progress { at: Some(Position { step: 0, since: at(0), continued: false }), ..Progress::default() };
    assert_eq!(next_shift(&plan, &progress, at(10)), NextShift::Await(Seconds(290)));
    plan.alarms.names.insert(crate::ids::AlarmName::parse("errors").unwrap());
    assert_eq!(next_shift(&plan, &progress, at(10)), NextShift::Hold(plan.poll));
}

#[test]
fn a_pause_waits_for_a_person_and_then_goes_on_or_stops_as_the_plan_says() {
    for (on_timeout, expected) in [
        (OnTimeout::Stop, NextShift::Expired { after: Seconds(60) }),
        (OnTimeout::Continue, NextShift::Take { step: 1, weight: Weight::FULL }),
    ] {
        let mut plan = a_plan("Canary10Percent5Minutes");
        plan.shift_mut().steps[0].hold = Hold::UntilContinued { timeout: Seconds(60), on_timeout };
        let mut progress =
            Progress { at: Some(Position { step: 0, since: at(0), continued: false }), ..Progress::default() };
        assert_eq!(next_shift(&plan, &progress, at(20)), NextShift::Await(Seconds(40)));
        assert!(progress.awaits_continue(&plan));
        assert_eq!(next_shift(&plan, &progress, at(60)), expected);
        progress.at = Some(Position { step: 0, since: at(0), continued: true });
        assert_eq!(next_shift(&plan, &progress, at(20)), NextShift::Take { step: 1, weight: Weight::FULL });
    }
}

#[test]
fn nobody_continuing_is_told_in_minutes_where_the_time_has_whole_ones() {
    let periods = [0, 1, 30, 60, 90, 120, 600, 3_600].map(|seconds| expired(Seconds(seconds)).message);
    let said = "The deployment timed out while waiting for a notification to continue. This time out period is ";
    let told: Vec<&str> = periods.iter().filter_map(|message| message.strip_prefix(said)).collect();
    expect_test::expect!["0 seconds. 1 second. 30 seconds. 1 minute. 90 seconds. 2 minutes. 10 minutes. 60 minutes."]
        .assert_eq(&told.join(" "));
    assert_eq!(expired(Seconds(60)).code, ErrorCode::ManualStop);
}

#[test]
fn a_person_ends_the_time_that_a_step_holds_and_the_next_step_is_due() {
    let mut plan = a_plan("Canary10Percent5Minutes");
    let mut progress =
        Progress { at: Some(Position { step: 0, since: at(0), continued: false }), ..Progress::default() };
    assert_eq!(next_shift(&plan, &progress, at(10)), NextShift::Await(Seconds(290)), "ended at once");
    assert!(!progress.awaits_continue(&plan), "nobody has to");
    assert!(!progress.clone().resume(&plan, WaitKind::Ready), "CodeDeploy's ContinueDeployment ends pauses only");
    assert!(!progress.clone().skip_hold(&plan, at(300)), "over");
    assert!(progress.skip_hold(&plan, at(10)) && !progress.skip_hold(&plan, at(11)), "once");
    assert!(progress.is_resumed());
    assert_eq!(next_shift(&plan, &progress, at(11)), NextShift::Take { step: 1, weight: Weight::FULL });

    plan.shift_mut().steps[0].hold = Hold::For(Seconds(59));
    progress.at = Some(Position { step: 0, since: at(0), continued: false });
    assert_eq!(next_shift(&plan, &progress, at(10)), NextShift::Hold(Seconds(49)), "over soon");
    plan.shift_mut().steps[0].hold = Hold::UntilContinued { timeout: Seconds(60), on_timeout: OnTimeout::Stop };
    assert!(!progress.skip_hold(&plan, at(10)), "a pause is continued, not skipped");
    assert!(!Progress::default().skip_hold(&plan, at(10)));
}

fn waiting_plan(on_timeout: OnTimeout) -> Plan {
    let mut plan = a_service_plan("ECSCanary10Percent5Minutes");
    if let crate::target::Target::EcsService(service) = &mut plan.target {
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
    paused.shift_mut().steps[0].hold = Hold::UntilContinued { timeout: Seconds(60), on_timeout: OnTimeout::Stop };
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
        plan.shift_mut().steps = continuing(steps);
        let taken = drive(&plan, punctual);
        prop_assert!(taken.windows(2).all(|pair| pair[0].1 < pair[1].1));
        prop_assert_eq!(taken.last().map(|last| last.1), Some(100));
    }

    #[test]
    fn no_clock_outruns_or_skips_a_step(steps in steps(), jumps in proptest::collection::vec(-50i64..5_000, 1..50)) {
        let mut plan = a_plan("AllAtOnce");
        plan.shift_mut().steps = continuing(steps);
        let mut jumps = jumps.into_iter().cycle();
        // The clock jumps about, but time passes in the end.
        let taken = drive(&plan, |shift| jumps.next().unwrap_or(0) + punctual(shift) / 2 + 60);
        prop_assert_eq!(taken.len(), plan.shift().steps.len(), "every step is taken once");
        for (pair, step) in taken.windows(2).zip(&plan.shift().steps) {
            prop_assert!(pair[1].0 - pair[0].0 >= step.hold_seconds().0 as i64, "held in full");
        }
    }

    #[test]
    fn the_same_question_gets_the_same_answer(steps in steps(), now in 0i64..10_000) {
        let mut plan = a_plan("AllAtOnce");
        plan.shift_mut().steps = steps;
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
