//! What becomes of an open deployment, phase by phase.

use jiff::SignedDuration;

use super::*;
use crate::deployment::{Before, Change};
use crate::ending::{Rollback, Traffic};
use crate::ids::{DeploymentId, ExecutionArn};
use crate::platform::Platform;
use crate::request::Labels;

const BORN: Timestamp = Timestamp::UNIX_EPOCH;

fn later(seconds: i64) -> Timestamp {
    BORN + SignedDuration::from_secs(seconds)
}

fn arn(name: &str) -> ExecutionArn {
    ExecutionArn::parse(name).unwrap()
}

fn after(changes: &[Change]) -> Deployment {
    let id = DeploymentId::parse("d-1").unwrap();
    let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), BORN);
    deployment.execution = Some(arn("own"));
    changes.iter().for_each(|change| deployment.apply(change.clone(), BORN).unwrap());
    deployment
}

fn interrupt() -> Change {
    Change::Interrupt(Ending::new(ErrorCode::ManualStop, "a stop"), Rollback::Restore)
}

fn running() -> Deployment {
    after(&[Change::Begin])
}

fn stopping() -> Deployment {
    after(&[Change::Begin, interrupt()])
}

fn open() -> [Deployment; 5] {
    [
        after(&[]),
        running(),
        stopping(),
        after(&[Change::Begin, Change::Commit]),
        after(&[Change::Begin, interrupt(), Change::Settle(Traffic::Untouched)]),
    ]
}

fn shown(fate: &Fate) -> String {
    match fate {
        Fate::End(why) => format!("End: {}", why.code),
        fate => format!("{fate:?}"),
    }
}

#[test]
fn a_dead_execution_is_followed_by_a_recovery_in_whatever_phase_it_died_once_it_had_begun() {
    for life in [Life::Over, Life::Unknown] {
        let said = open().map(|deployment| shown(&fate(&deployment, life, later(600))));
        let created = if life == Life::Over { "End: EXECUTION_LOST" } else { "End: INTERNAL_ERROR" };
        assert_eq!(said, [created, "Recover", "Recover", "Recover", "Recover"], "{life:?}");
    }
}

#[test]
fn an_execution_that_is_over_is_not_waited_for_and_one_that_nobody_knows_is_for_a_minute() {
    for (life, seconds, expected) in [
        (Life::Over, 0, "Recover"),
        (Life::Unknown, 0, "Leave"),
        (Life::Unknown, 59, "Leave"),
        (Life::Unknown, 60, "Recover"),
        // A clock that is behind.
        (Life::Unknown, -60, "Leave"),
        (Life::Running, 1_000_000, "Leave"),
    ] {
        assert_eq!(shown(&fate(&running(), life, later(seconds))), expected, "{life:?} after {seconds} s");
    }
}

#[test]
fn what_is_ending_for_minutes_while_its_own_execution_runs_is_reminded() {
    for deployment in open() {
        let reminded = matches!(deployment.phase, Phase::Stopping { .. } | Phase::Committing);
        assert_eq!(fate(&deployment, Life::Running, later(119)), Fate::Leave, "{}", deployment.phase.name());
        let expected = if reminded { Fate::Remind } else { Fate::Leave };
        assert_eq!(fate(&deployment, Life::Running, later(120)), expected, "{}", deployment.phase.name());
    }
    let mut recovered = stopping();
    recovered.recover(arn("recovery"), Before::Dead, BORN);
    assert_eq!(fate(&recovered, Life::Running, later(9_000)), Fate::Leave, "a recovery waits for no token");
}

#[test]
fn what_is_over_is_left_alone() {
    let over = [
        after(&[Change::NothingToDo]),
        after(&[Change::Begin, Change::Commit, Change::Finish]),
        after(&[Change::Refuse(Ending::new(ErrorCode::TargetLocked, "held"))]),
        after(&[Change::Begin, interrupt(), Change::GiveUp("denied".to_owned())]),
    ];
    for deployment in over {
        for life in [Life::Running, Life::Over, Life::Unknown] {
            assert_eq!(fate(&deployment, life, later(9_000)), Fate::Leave, "{}", deployment.phase.name());
        }
    }
}

#[test]
fn only_so_many_recoveries_die_one_after_the_other_and_a_taken_name_is_no_death() {
    let mut deployment = running();
    for number in 1..=MAX_RECOVERIES {
        assert_eq!(fate(&deployment, Life::Over, later(120)), Fate::Recover, "before recovery {number}");
        deployment.recover(arn("taken"), Before::Dead, BORN);
        deployment.recover(arn("recovery"), Before::NameTaken, BORN);
        assert_eq!(deployment.recovery.as_ref().unwrap().number, 2 * number);
    }
    assert!(matches!(fate(&deployment, Life::Over, later(120)), Fate::GiveUp(_)));
    deployment.recover(arn("asked for"), Before::Whatever, BORN);
    assert_eq!(fate(&deployment, Life::Over, BORN), Fate::Recover, "a person may try again");
}

/// When the next recovery is started of one whose recoveries die one after the other, in seconds after the last.
fn next_recovery_of(mut deployment: Deployment, died: u32) -> Option<i64> {
    (0..=died).for_each(|_| deployment.recover(arn("recovery"), Before::Dead, BORN));
    [0, 119, 120, 899, 900].into_iter().find(|after| fate(&deployment, Life::Over, later(*after)) == Fate::Recover)
}

#[test]
fn recoveries_that_die_at_once_do_not_use_each_other_up_before_what_kills_them_has_passed() {
    assert_eq!(next_recovery_of(running(), 1), Some(0));
    assert_eq!(next_recovery_of(running(), 2), Some(120));
    assert_eq!(next_recovery_of(running(), 18), Some(120));
    assert_eq!(next_recovery_of(running(), 19), None, "it is given up");
}

#[test]
fn where_only_the_books_are_open_recoveries_never_end() {
    let [.., committing, settled] = open();
    for deployment in [committing, settled] {
        assert_eq!(next_recovery_of(deployment.clone(), 18), Some(120));
        assert_eq!(next_recovery_of(deployment, 500), Some(900));
    }
}

#[test]
fn a_record_belongs_to_its_execution_and_its_last_recovery_and_to_nobody_else() {
    let mut deployment = running();
    assert_eq!(deployment.depends_on(), Some(&arn("own")));
    for recovery in ["one", "two"] {
        deployment.recover(arn(recovery), Before::Dead, BORN);
        assert_eq!(deployment.depends_on(), Some(&arn(recovery)));
    }
    let may = ["own", "one", "two", "other"].map(|name| deployment.belongs_to(&arn(name)));
    assert_eq!(may, [true, false, true, false]);
}

#[test]
fn a_record_of_older_code_belongs_to_nobody_yet() {
    let mut kept = serde_json::to_value(running()).unwrap();
    kept.as_object_mut().unwrap().remove("execution");
    let read: Deployment = serde_json::from_value(kept).unwrap();
    assert_eq!((read.depends_on(), read.belongs_to(&arn("own"))), (None, false));
}

#[test]
fn what_has_been_ending_for_long_or_is_dead_is_repaired_and_what_is_under_way_or_over_is_not() {
    let [created, running, stopping, committing, settled] = open();
    let ended = after(&[Change::Begin, interrupt(), Change::Settle(Traffic::Untouched), Change::Finish]);
    let given_up = after(&[Change::Begin, interrupt(), Change::GiveUp("no".to_owned())]);
    for (deployment, soon, late) in [
        (running, Repair::RecoverUnlessItRuns, Repair::RecoverUnlessItRuns),
        (stopping, Repair::RecoverUnlessItRuns, Repair::Recover),
        (committing, Repair::RecoverUnlessItRuns, Repair::Recover),
        (settled, Repair::RecoverUnlessItRuns, Repair::Recover),
        (given_up, Repair::Reopen, Repair::Reopen),
        (ended, Repair::Over, Repair::Over),
    ] {
        let since = deployment.ending.unwrap_or(deployment.created);
        let after = |seconds| repair(&deployment, since + jiff::SignedDuration::from_secs(seconds));
        assert_eq!((after(0), after(599), after(600)), (soon, soon, late), "{:?}", deployment.phase);
    }
    assert_eq!(repair(&created, created.created), Repair::RecoverUnlessItRuns);
}
