//! Deployments to functions.

use expect_test::expect;
use fakes::{Fault, Said};
use rollout::journal::Entry;
use rollout::starter::Starter;
use serde_json::json;

use super::{APPSPEC, Pipeline, deployment_of, line, upload};
use crate::story::{ended, world};

const CANARY: &str = "deploymentConfigName: CodeDeployDefault.LambdaCanary10Percent5Minutes\n";

#[test]
fn the_first_call_starts_a_deployment_and_later_ones_tell_how_it_is() {
    let files = [("appspec.yaml", APPSPEC), ("version.json", r#"{"Version": "2"}"#)];
    let pipeline = Pipeline::over(world(), &files, &format!("{CANARY}targetVersionPath: version.json"));
    let mut told = vec![line(&pipeline.told(1, None))];
    for (number, second) in [(2, 30), (3, 150), (4, 330)] {
        pipeline.simulation.run_until(second);
        told.push(line(&pipeline.told(number, pipeline.token().as_deref())));
    }
    expect![[r#"
        goes on (1), 0 %: Created
        goes on (2), 13 %: InProgress; 10 % of the calls to version 2; step 1 of 2; next at 2026-01-02T12:05:00Z
        goes on (3), 13 %: InProgress; 10 % of the calls to version 2; step 1 of 2; next at 2026-01-02T12:05:00Z
        succeeded, 100 %: Succeeded; every call to storefront:live goes to version 2
        deploymentId = d-00000001222243338444555555555555
        executionUrl = https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1#/v2/executions/details/arn:aws:states:eu-central-1:123456789012:execution:tideshift-lambda:d-00000001222243338444555555555555
        fromVersion = 1
        status = Succeeded
        target = storefront:live
        toVersion = 2"#]].assert_eq(&told.join("\n"));
    assert!(
        ended(&pipeline.simulation, &deployment_of(1))
            .starts_with("Succeeded; the alias is version 2; the lock is free")
    );
    let record = pipeline.world().deployment(&deployment_of(1)).unwrap();
    assert!(matches!(record.started_by, Some(Starter::Pipeline { .. })), "{:?}", record.started_by);
}

#[test]
fn a_version_may_stand_in_the_parameters_in_the_appspec_or_in_a_file_of_another_artifact() {
    let appspec = format!("{APPSPEC}        TargetVersion: 3\n");
    for (files, parameters, reached) in [
        (&[("appspec.yaml", APPSPEC)][..], "targetVersion: 2", 2),
        (&[("appspec.yaml", &appspec)], "description: x", 3),
        (&[("appspec.yml", &appspec)], "targetVersion: 3", 3),
        (&[("appspec.json", &json!({"version": 0.0, "Resources": [{"S": {"Type": "AWS::Lambda::Function", "Properties": {"Name": "storefront", "Alias": "live"}}}]}).to_string())], "targetVersion: '2'", 2),
        (&[("deploy/spec.yaml", &appspec)], "AppSpecTemplatePath: deploy/spec.yaml", 3),
    ] {
        let pipeline = Pipeline::over(world(), files, parameters);
        let said = pipeline.runs(1, 600);
        assert!(matches!(said, Said::Succeeded { .. }), "{said:?}");
        let ending = ended(&pipeline.simulation, &deployment_of(1));
        assert!(ending.starts_with(&format!("Succeeded; the alias is version {reached}")), "{parameters}: {ending}");
    }
    let mut pipeline = Pipeline::over(
        world(),
        &[("appspec.yaml", APPSPEC)],
        "AppSpecTemplateArtifact: Build\ntargetVersionArtifact: Version\ntargetVersionPath: out/version.txt",
    );
    pipeline.artifacts.push("Version");
    upload(pipeline.world(), "Version", &[("out/version.txt", "3\n")]);
    pipeline.runs(1, 600);
    assert!(ended(&pipeline.simulation, &deployment_of(1)).starts_with("Succeeded; the alias is version 3"));
}

#[test]
fn a_group_and_what_it_says_are_meant_as_in_create_deployment() {
    let parameters = "applicationName: shop\ndeploymentGroupName: web\ntargetVersion: 2";
    let pipeline = Pipeline::over(world(), &[("appspec.yaml", APPSPEC)], parameters).with_group("Lambda", json!({}));
    assert!(matches!(pipeline.runs(1, 600), Said::Succeeded { .. }));
    let labels = pipeline.world().deployment(&deployment_of(1)).unwrap().labels;
    assert_eq!(labels.group.map(|group| group.to_string()).as_deref(), Some("web"));
}

#[test]
fn asked_twice_for_one_job_it_starts_once_wherever_the_first_call_died() {
    let files = [("appspec.yaml", APPSPEC)];
    let pipeline = || Pipeline::over(world(), &files, "targetVersion: 2");
    let undisturbed = pipeline();
    undisturbed.told(1, None);
    let calls = undisturbed.world().faults.calls().len();
    assert!(calls > 8, "{calls}");
    for number in 1..=calls {
        for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Throttled, Fault::Lost] {
            let pipeline = pipeline();
            pipeline.world().faults.nth(number, fault);
            drop(pipeline.call(1, None));
            drop(pipeline.call(1, None));
            pipeline.simulation.run();
            let started = pipeline.world().executions_started();
            assert_eq!(started, 1, "call {number}, {fault:?}");
            assert!(
                ended(&pipeline.simulation, &deployment_of(1)).starts_with("Succeeded"),
                "call {number}, {fault:?}"
            );
        }
    }
}

#[test]
fn a_later_call_finds_the_deployment_by_its_token_whatever_the_job_is_called() {
    let pipeline = Pipeline::over(world(), &[("appspec.yaml", APPSPEC)], &format!("{CANARY}targetVersion: 2"));
    pipeline.told(1, None);
    let token = pipeline.token();
    pipeline.simulation.run_until(30);
    pipeline.told(77, token.as_deref());
    assert_eq!(pipeline.world().executions_started(), 1);
    assert!(pipeline.world().deployment(&deployment_of(77)).is_none());
}

#[test]
fn a_deployment_that_ends_badly_fails_the_job_with_its_own_code_and_the_last_line_of_the_hooks_log() {
    let hook = |world: &fakes::World| {
        world.hook("checks", |_| steps::ports::Called::Threw {
            kind: "ValueError".to_owned(),
            message: "the basket is empty".to_owned(),
            log_tail: "GET /basket\n0 items\n".to_owned(),
        });
    };
    let appspec = format!("{APPSPEC}Hooks:\n  - BeforeAllowTraffic: checks\n");
    let secret = appspec.replace(": checks", ": {Function: checks, Parameters: [/shop/password]}");
    let told = [appspec, secret].map(|appspec| {
        let world = world();
        hook(&world);
        world.parameter("/shop/password", "0 items");
        line(&Pipeline::over(world, &[("appspec.yaml", &appspec)], "targetVersion: 2").runs(1, 600))
    });
    expect![[r#"
        failed, JobFailed, d-00000001222243338444555555555555: HOOK_EXECUTION_FAILURE: the BeforeAllowTraffic hook checks failed: ValueError: the basket is empty; traffic: no call ever went to the new version; the BeforeAllowTraffic hook logged last: 0 items
        failed, JobFailed, d-00000001222243338444555555555555: HOOK_EXECUTION_FAILURE: the BeforeAllowTraffic hook checks failed: the hook threw an error; what it said is not kept, since it was handed parameters: see its log (log group /aws/lambda/checks, unless the function has another, request c6af9ac6-7b61-11e6-9a41-93e8deadbeef), or, where nothing of it is secret, write KeepOutput: true beside its Parameters; traffic: no call ever went to the new version"#]].assert_eq(&told.join("\n"));
}

#[test]
fn an_alarm_that_stops_the_deployment_fails_the_job() {
    let parameters =
        format!("{CANARY}targetVersion: 2\noverrideAlarmConfiguration: {{enabled: true, alarms: [{{name: errors}}]}}");
    let pipeline = Pipeline::over(world(), &[("appspec.yaml", APPSPEC)], &parameters);
    pipeline.told(1, None);
    pipeline.simulation.run_until(60);
    pipeline.world().alarm("errors", rollout::alarms::AlarmState::Alarm);
    pipeline.simulation.run_until(400);
    expect!["failed, JobFailed, d-00000001222243338444555555555555: ALARM_ACTIVE: One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <errors>; CloudWatch says of errors: Threshold Crossed: 7 is more than 5; traffic: put back, every call goes to version 1"].assert_eq(&line(&pipeline.told(2, pipeline.token().as_deref())));
}

#[test]
fn a_deployment_with_nothing_to_do_succeeds_and_says_so() {
    let pipeline = Pipeline::over(world(), &[("appspec.yaml", APPSPEC)], "targetVersion: 1");
    let said = pipeline.runs(1, 600);
    let Said::Succeeded { details, .. } = &said else { panic!("{said:?}") };
    assert_eq!(details.summary, "nothing to do: every call goes to version 1 already");
    let journal = pipeline.world().journal(&deployment_of(1));
    assert!(journal.iter().any(|line| matches!(line.entry, Entry::NothingToDo { .. })));
}

#[test]
fn of_a_large_artifact_little_is_fetched() {
    let noise: String = (0..6_000_000_u64)
        .map(|number| char::from(33 + (number.wrapping_mul(2_654_435_761) >> 9) as u8 % 90))
        .collect();
    let pipeline = Pipeline::over(world(), &[("app.bin", &noise), ("appspec.yaml", APPSPEC)], "targetVersion: 2");
    pipeline.told(1, None);
    let fetched = pipeline.world().bytes_of_artifacts();
    assert!(fetched < 100_000, "{fetched}");
}
