use expect_test::expect;
use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::code::ErrorCode;
use crate::deployment::Change;
use crate::ending::{Ending, Rollback, Traffic};
use crate::event::LifecycleEvent;
use crate::ids::{DeploymentId, FunctionName};
use crate::journal::{due, in_order};
use crate::lifecycle::Diagnostics;
use crate::platform::Platform;
use crate::preflight::VersionRefusal;
use crate::progress::Position;
use crate::queue::WaitsFor;
use crate::request::Labels;
use crate::testing::{a_plan, v};
use crate::verdict::{Judge, Verdict};

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

/// The report of a deployment to which this happened, second by second.
fn report(strategy: &str, happens: &[Change], and: impl FnOnce(&mut Deployment)) -> Report {
    let plan = a_plan(strategy);
    let id = DeploymentId::parse("d-1").unwrap();
    let mut deployment = Deployment::new(id, Platform::Lambda, Labels::default(), at(0));
    for (change, second) in happens.iter().zip(1..) {
        deployment.apply(change.clone(), at(second)).unwrap();
    }
    and(&mut deployment);
    let journal = in_order(due(&deployment, Some(&plan)));
    Report::of(&deployment, Some(&plan), &journal)
}

fn told(report: Report) -> String {
    match report {
        Report::Going { percent, summary } => format!("{percent} %: {summary}"),
        Report::Succeeded { summary, variables } => format!("done: {summary} {variables:?}"),
        Report::Failed(fault) => fault.to_string(),
    }
}

#[test]
fn a_deployment_that_goes_on_is_told_with_its_weight_its_step_what_comes_next_and_what_it_waits_for() {
    let step = |step| {
        move |deployment: &mut Deployment| {
            deployment.progress.at = Some(Position { step, since: at(5), continued: false });
        }
    };
    let canary = "CodeDeployDefault.LambdaCanary10Percent5Minutes";
    let told = [
        report(canary, &[], |_| {}),
        report(canary, &[Change::Queue(WaitsFor::Deployment { id: DeploymentId::parse("d-0").unwrap() })], |_| {}),
        report(canary, &[Change::Begin], |_| {}),
        report(canary, &[Change::Begin], step(0)),
        report(canary, &[Change::Begin], |deployment| {
            step(0)(deployment);
            deployment.hear(Judge::Alarms, &Verdict::Unsure("throttled".to_owned()), None, at(6));
        }),
        report(canary, &[Change::Begin, Change::Commit], step(1)),
        report(
            canary,
            &[
                Change::Begin,
                Change::Interrupt(Ending::new(ErrorCode::AlarmActive, "too many errors"), Rollback::Restore),
            ],
            |_| {},
        ),
    ]
    .map(told)
    .join("\n");
    expect![[r#"
        0 %: Created
        0 %: Queued; queued: its group has the deployment d-0, and this one begins after that
        5 %: InProgress; planned: version 1 to version 2 in 2 steps, 5m at least
        13 %: InProgress; 10 % of the calls to version 2; step 1 of 2; next at 1970-01-01T00:05:05Z
        13 %: InProgress; 10 % of the calls to version 2; step 1 of 2; next at 1970-01-01T00:05:05Z; waits: the alarms could not be read at the last look. It goes on for now, and stops if the next looks find them so, too: throttled
        95 %: InProgress; 100 % of the calls to version 2; step 2 of 2
        95 %: InProgress; stopping before any traffic was moved: ALARM_ACTIVE: too many errors"#]].assert_eq(&told);
}

#[test]
fn percents_never_go_back() {
    let mut last = 0;
    let mut seen = |report| {
        if let Report::Going { percent, .. } = report {
            assert!(percent >= last && percent < 100, "{percent} after {last}");
            last = percent;
        }
    };
    let linear = "CodeDeployDefault.LambdaLinear10PercentEvery1Minute";
    seen(report(linear, &[], |_| {}));
    for step in 0..10 {
        let position = Position { step, since: at(5), continued: false };
        seen(report(linear, &[Change::Begin], |deployment| deployment.progress.at = Some(position)));
    }
    seen(report(linear, &[Change::Begin, Change::Commit], |_| {}));
}

#[test]
fn a_success_tells_what_actions_behind_it_may_use() {
    let done = report("AllAtOnce", &[Change::Begin, Change::Commit, Change::Finish], |deployment| {
        let arn = "arn:aws:states:eu-west-1:111122223333:execution:tideshift-lambda:d-1";
        deployment.execution = Some(ExecutionArn::parse(arn).unwrap());
    });
    let Report::Succeeded { summary, variables } = done else { panic!("{done:?}") };
    let told: Vec<String> = variables.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    expect![[r#"
        Succeeded; every call to storefront:live goes to version 2
        deploymentId = d-1
        executionUrl = https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/arn:aws:states:eu-west-1:111122223333:execution:tideshift-lambda:d-1
        fromVersion = 1
        status = Succeeded
        target = storefront:live
        toVersion = 2"#]].assert_eq(&format!("{summary}\n{}", told.join("\n")));
}

#[test]
fn a_failure_has_the_deployments_own_code_and_the_type_that_fits() {
    let ended = |code| {
        let interrupt = Change::Interrupt(Ending::new(code, "why"), Rollback::Restore);
        told(report(
            "AllAtOnce",
            &[Change::Begin, interrupt, Change::Settle(Traffic::Restored(v(1).into())), Change::Finish],
            |_| {},
        ))
    };
    let told: Vec<String> = ErrorCode::ALL.into_iter().map(ended).collect();
    let missing = VersionRefusal::NoVersion { function: FunctionName::parse("storefront").unwrap(), version: v(9) };
    let gone = FailureType::of(&Ending::new(ErrorCode::InvalidLambdaFunction, missing.to_string()));
    assert_eq!(gone, FailureType::RevisionUnavailable);
    expect![[r#"
        ConfigurationError: INVALID_REVISION: why; traffic: put back, every call goes to version 1
        RevisionUnavailable: REVISION_MISSING: why; traffic: put back, every call goes to version 1
        ConfigurationError: INVALID_LAMBDA_CONFIGURATION: why; traffic: put back, every call goes to version 1
        ConfigurationError: INVALID_LAMBDA_FUNCTION: why; traffic: put back, every call goes to version 1
        ConfigurationError: INVALID_ECS_SERVICE: why; traffic: put back, every call goes to version 1
        JobFailed: ECS_UPDATE_ERROR: why; traffic: put back, every call goes to version 1
        JobFailed: ALARM_ACTIVE: why; traffic: put back, every call goes to version 1
        JobFailed: ALARM_UNREADABLE: why; traffic: put back, every call goes to version 1
        JobFailed: MANUAL_STOP: why; traffic: put back, every call goes to version 1
        JobFailed: HOOK_EXECUTION_FAILURE: why; traffic: put back, every call goes to version 1
        JobFailed: TIMEOUT: why; traffic: put back, every call goes to version 1
        JobFailed: DRIFT: why; traffic: put back, every call goes to version 1
        SystemUnavailable: TARGET_LOCKED: why; traffic: put back, every call goes to version 1
        JobFailed: SUPERSEDED: why; traffic: put back, every call goes to version 1
        RevisionOutOfSync: OUTDATED: why; traffic: put back, every call goes to version 1
        JobFailed: EXECUTION_LOST: why; traffic: put back, every call goes to version 1
        JobFailed: INTERNAL_ERROR: why; traffic: put back, every call goes to version 1"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn a_hook_that_failed_is_told_with_the_last_line_of_its_log_and_lambdas_own_lines_say_nothing() {
    let why = Ending::new(ErrorCode::HookExecutionFailure, "the hook said no");
    let failed = |log: &str| {
        let log_tail = log.to_owned();
        let happens = [
            Change::Begin,
            Change::Interrupt(why.clone(), Rollback::Restore),
            Change::Settle(Traffic::Untouched),
            Change::Finish,
        ];
        told(report("AllAtOnce", &happens, move |deployment| {
            let said = Diagnostics { message: "no".to_owned(), log_tail };
            deployment.events = crate::lifecycle::Lifecycle::new(LifecycleEvent::LAMBDA);
            deployment.events.begin(LifecycleEvent::BeforeAllowTraffic, at(1));
            deployment.events.end(LifecycleEvent::BeforeAllowTraffic, EventStatus::Failed, Some(said), at(2));
        }))
    };
    let log = "START RequestId: 1\nthe basket is empty\nEND RequestId: 1\nREPORT RequestId: 1 Duration: 3 ms\n";
    let told = [failed(log), failed(""), failed("START RequestId: 1\n")].join("\n");
    expect![[r#"
        JobFailed: HOOK_EXECUTION_FAILURE: the hook said no; traffic: no call ever went to the new version; the BeforeAllowTraffic hook logged last: the basket is empty
        JobFailed: HOOK_EXECUTION_FAILURE: the hook said no; traffic: no call ever went to the new version
        JobFailed: HOOK_EXECUTION_FAILURE: the hook said no; traffic: no call ever went to the new version"#]].assert_eq(&told);
}

#[test]
fn no_text_is_longer_than_codepipeline_takes_it() {
    let long = Ending::new(ErrorCode::AlarmActive, "ü".repeat(10_000));
    let interrupt = Change::Interrupt(long, Rollback::Restore);
    if let Report::Going { summary, .. } = report("AllAtOnce", &[Change::Begin, interrupt], |_| {}) {
        assert!(summary.chars().count() <= MAX_SUMMARY);
    }
    assert_eq!(clipped("abc", 3), "abc");
    assert_eq!(clipped("äbcd", 3), "äb…");
}
