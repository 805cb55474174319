//! Every operation of the API, with what it takes and what it refuses.

mod infos;
mod listings;
mod plans;
mod views;

use expect_test::{Expect, expect};
use fakes::Simulation;
use rollout::ids::DeploymentId;
use serde_json::{Value, json};

use crate::story::{created, request, world};

const CREATE: &str = "CodeDeploy_20141006.CreateDeployment";
const GET: &str = "CodeDeploy_20141006.GetDeployment";
const LIST: &str = "CodeDeploy_20141006.ListDeployments";
const STOP: &str = "CodeDeploy_20141006.StopDeployment";
const CONTINUE: &str = "CodeDeploy_20141006.ContinueDeployment";
const HOOK_STATUS: &str = "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus";
const PLAN: &str = "Tideshift.PlanDeployment";
const DESCRIBE: &str = "Tideshift.DescribeDeployment";
const DESCRIBE_ALL: &str = "Tideshift.ListDeployments";
const DESCRIBE_TARGET: &str = "Tideshift.DescribeTarget";
const REPAIR: &str = "Tideshift.RepairDeployment";

/// Status, name of the error and its sentence.
fn refusal(simulation: &Simulation, target: &str, body: Value) -> String {
    let reply = simulation.api(target, body);
    let text = |key: &str| reply.body[key].as_str().unwrap_or("-").to_owned();
    format!("{} {}: {}", reply.status, text("__type"), text("message"))
}

#[track_caller]
fn check(target: &str, bodies: impl IntoIterator<Item = Value>, expected: Expect) {
    let simulation = Simulation::new(world());
    let refusals: Vec<String> = bodies.into_iter().map(|body| refusal(&simulation, target, body)).collect();
    expected.assert_eq(&refusals.join("\n"));
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

/// A request with one member changed.
fn with(member: &str, value: Value) -> Value {
    let mut body = request("AllAtOnce").json();
    body[member] = value;
    body
}

fn alarms(alarms: Value) -> Value {
    with("overrideAlarmConfiguration", alarms)
}

#[test]
fn an_operation_nobody_knows_is_refused() {
    let names = [
        "CodeDeploy_20141006.DeleteDeployment",
        "Tideshift.GetDeployment",
        "GetDeployment",
        "",
        "é".repeat(200).leak(),
    ];
    for name in names {
        let simulation = Simulation::new(world());
        let refused = refusal(&simulation, name, json!({}));
        assert!(refused.starts_with("400 UnknownOperationException: there is no operation"), "{refused}");
    }
}

#[test]
fn the_input_of_every_operation_is_an_object_of_the_right_shape() {
    let simulation = Simulation::new(world());
    for body in [json!(null), json!([]), json!("d-1"), json!(1)] {
        for target in [CREATE, GET, LIST, STOP, CONTINUE, PLAN, DESCRIBE, DESCRIBE_ALL, REPAIR] {
            let refused = refusal(&simulation, target, body.clone());
            assert_eq!(refused, "400 SerializationException: the input is a JSON object", "{target} {body}");
        }
        // Whatever a hook sends may hold a secret: no answer repeats it.
        let refused = refusal(&simulation, HOOK_STATUS, body.clone());
        let expected = "the input has a deploymentId, a lifecycleEventHookExecutionId and a status, each a text";
        assert_eq!(refused, format!("400 SerializationException: {expected}"), "{body}");
    }
    for (target, body) in [
        (GET, json!({"deploymentId": 1})),
        (STOP, json!({"deploymentId": "d-1", "autoRollbackEnabled": "yes"})),
        (LIST, json!({"includeOnlyStatuses": "Succeeded"})),
        (CREATE, json!({"revision": "AppSpec"})),
        (CREATE, alarms(json!({"alarms": ["errors"]}))),
    ] {
        let refused = refusal(&simulation, target, body.clone());
        assert!(refused.starts_with("400 SerializationException: "), "{target} {body}: {refused}");
    }
}

#[test]
fn every_operation_about_one_deployment_wants_one_that_exists() {
    let simulation = Simulation::new(world());
    let expected = "\
400 DeploymentIdRequiredException: deploymentId is missing
400 DeploymentIdRequiredException: deploymentId is missing
400 InvalidDeploymentIdException: `d 1` is not a deployment id: write 1 to 80 of A-Z a-z 0-9 _ . -
400 DeploymentDoesNotExistException: The deployment d-NONE could not be found";
    let refusals = |target| {
        let bodies = [
            json!({}),
            json!({"deploymentId": null}),
            json!({"deploymentId": "d 1"}),
            json!({"deploymentId": "d-NONE"}),
        ];
        bodies.map(|body| refusal(&simulation, target, body)).join("\n")
    };
    for target in [GET, STOP, CONTINUE, DESCRIBE, REPAIR] {
        assert_eq!(refusals(target), expected, "{target}");
    }
    // Whatever a hook sends may hold a secret: no answer repeats it.
    let to_hooks = "\
400 DeploymentIdRequiredException: deploymentId is missing
400 DeploymentIdRequiredException: deploymentId is missing
400 InvalidDeploymentIdException: the deploymentId is not one
400 DeploymentDoesNotExistException: The deployment could not be found";
    assert_eq!(refusals(HOOK_STATUS), to_hooks);
}

#[test]
fn create_refuses_an_envelope_that_is_wrong() {
    let revision = |revision: Value| with("revision", revision);
    let content = |content: Value| revision(json!({"revisionType": "AppSpecContent", "appSpecContent": content}));
    check(
        CREATE,
        [
            json!({}),
            revision(json!({})),
            revision(json!({"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k"}})),
            revision(json!({"revisionType": "Zip"})),
            content(json!({})),
            content(json!({"content": "x".repeat(65 * 1024)})),
            with("deploymentConfigName", json!("Canary5")),
            with("deploymentConfigName", json!("CodeDeployDefault.OneAtATime")),
            with("deploymentConfigName", json!("CodeDeployDefault.ECSCanary10Percent5Minutes")),
            with("applicationName", json!("a b")),
            with("deploymentGroupName", json!("web")),
            with("description", json!("é".repeat(1_001))),
            json!({"revison": {"revisionType": "S3"}}),
        ],
        expect![[r#"
            400 RevisionRequiredException: RevisionLocation must be specified
            400 RevisionRequiredException: RevisionLocation must be specified
            400 InvalidRevisionException: revision.s3Location.bundleType is missing
            400 InvalidRevisionException: there is no RevisionLocationType 'Zip': write one of S3, GitHub, String, AppSpecContent
            400 InvalidRevisionException: revision.appSpecContent.content is missing; it holds the AppSpec, as YAML or JSON text
            400 InvalidRevisionException: the AppSpec has 66560 bytes; at most 65536 are taken
            400 DeploymentConfigDoesNotExistException: no configuration is called `Canary5`: any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first
            400 InvalidTrafficRoutingConfigurationException: `CodeDeployDefault.OneAtATime` is a configuration for EC2/on-premises, and this deployment is for Lambda: write AllAtOnce, or a part of the traffic at a time, such as Linear10PercentEvery1Minute
            400 InvalidTrafficRoutingConfigurationException: `CodeDeployDefault.ECSCanary10Percent5Minutes` is a configuration for ECS, and this deployment is for Lambda: write CodeDeployDefault.LambdaCanary10Percent5Minutes
            400 DeploymentGroupNameRequiredException: deploymentGroupName is missing
            400 ApplicationNameRequiredException: applicationName is missing
            400 DescriptionTooLongException: a description has at most 1000 characters
            400 RevisionRequiredException: RevisionLocation must be specified (ignored: revison is no member of the API; did you mean revision?)"#]],
    );
}

/// As AWS does it: the client may be newer than this. Who only slipped is told by the plan.
#[test]
fn a_member_that_nobody_knows_stops_no_deployment_and_is_noted_in_the_plan() {
    let body = json!({
        "revision": request("AllAtOnce").json()["revision"],
        "overrideAlarmConfiguration": {"enabled": false, "ignorePollAlarmFailures": true},
        "overrideAlarmsConfiguration": null,
        "deploymentPriority": {"level": "HIGH"},
    });
    let simulation = Simulation::new(world());
    let plan = simulation.api(PLAN, body.clone()).body;
    expect![[r#"
        [
          "ignored: overrideAlarmsConfiguration is no member of the API; did you mean overrideAlarmConfiguration?",
          "ignored: deploymentPriority is no member of the API",
          "ignored: overrideAlarmConfiguration.ignorePollAlarmFailures is no member of the API; did you mean ignorePollAlarmFailure?"
        ]"#]]
    .assert_eq(&pretty(&plan["notes"]));
    assert_eq!(plan["refusals"], json!([]), "{plan:#}");
    assert_eq!(simulation.api(CREATE, body).status, 200);
}

#[test]
fn create_refuses_alarms_that_are_wrong() {
    let many: Vec<Value> = (0..51).map(|number| json!({"name": format!("alarm-{number}")})).collect();
    check(
        CREATE,
        [
            alarms(json!({"enabled": true})),
            alarms(json!({"alarms": many})),
            alarms(json!({"alarms": [{"name": "errors"}, {"name": "latency"}, {"name": "errors"}]})),
            alarms(json!({"alarms": [{}]})),
            alarms(json!({"alarms": [{"name": ""}]})),
        ],
        expect![[r#"
            400 InvalidAlarmConfigException: alarms are enabled, but none is named
            400 AlarmsLimitExceededException: 51 alarms are named; a deployment watches at most 50: combine some into a composite alarm
            400 InvalidAlarmConfigException: the alarm errors is named twice
            400 InvalidAlarmConfigException: an alarm has no name
            400 InvalidAlarmConfigException: an alarm has no name"#]],
    );
}

#[test]
fn create_refuses_rollback_events_that_are_wrong() {
    let rollback = |rollback: Value| with("autoRollbackConfiguration", rollback);
    check(
        CREATE,
        [
            rollback(json!({"enabled": true})),
            rollback(json!({"enabled": true, "events": []})),
            rollback(json!({"enabled": true, "events": ["DEPLOYMENT_STOPPED"]})),
        ],
        expect![[r#"
            400 InvalidAutoRollbackConfigException: rollback is enabled, but no event is named
            400 InvalidAutoRollbackConfigException: rollback is enabled, but no event is named
            400 InvalidAutoRollbackConfigException: there is no rollback event DEPLOYMENT_STOPPED; write one of DEPLOYMENT_FAILURE, DEPLOYMENT_STOP_ON_ALARM, DEPLOYMENT_STOP_ON_REQUEST"#]],
    );
}

#[test]
fn a_deployment_with_an_appspec_that_is_wrong_is_created_and_fails() {
    let content = json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": "version: 0.0"}});
    let simulation = Simulation::new(world());
    let id = simulation.create(with("revision", content));
    simulation.run();
    let shown = simulation.api(GET, json!({"deploymentId": id})).body;
    expect![[r#"
        {
          "deploymentInfo": {
            "deploymentId": "d-1",
            "revision": {
              "revisionType": "AppSpecContent",
              "appSpecContent": {
                "sha256": "61e3942b5adadc9bea4d6feffc38d6567dff72bd20136aca04f5f20755ede10a"
              }
            },
            "status": "Failed",
            "errorInformation": {
              "code": "INVALID_LAMBDA_CONFIGURATION",
              "message": "The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is missing or has an invalid configuration. line 1, Resources: missing: write a list with the function to move"
            },
            "createTime": 1767355200.0,
            "completeTime": 1767355200.0,
            "deploymentOverview": {
              "Pending": 0,
              "InProgress": 0,
              "Succeeded": 0,
              "Failed": 0,
              "Skipped": 1,
              "Ready": 0
            },
            "creator": "user",
            "ignoreApplicationStopFailures": false,
            "updateOutdatedInstancesOnly": false,
            "instanceTerminationWaitTimeStarted": false,
            "computePlatform": "Lambda"
          }
        }"#]].assert_eq(&pretty(&shown));
}

#[test]
fn alarms_that_are_switched_off_are_not_watched() {
    let simulation = Simulation::new(world());
    let body = alarms(json!({"enabled": false, "alarms": [{"name": "errors"}]}));
    assert_eq!(simulation.api(PLAN, body).body["plan"]["alarms"], json!([]));
}

#[test]
fn rollback_happens_after_what_was_named_and_always_where_nothing_was() {
    let simulation = Simulation::new(world());
    let on = |configuration: Value| {
        let mut body = request("AllAtOnce").json();
        if !configuration.is_null() {
            body["autoRollbackConfiguration"] = configuration;
        }
        simulation.api(PLAN, body).body["plan"]["rollbackOn"].clone()
    };
    let all = json!(["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]);
    assert_eq!(on(json!(null)), all);
    assert_eq!(on(json!({})), all);
    assert_eq!(on(json!({"enabled": false})), json!([]));
    assert_eq!(on(json!({"events": ["DEPLOYMENT_FAILURE"]})), json!(["DEPLOYMENT_FAILURE"]));
}

#[test]
fn a_paused_deployment_shows_as_ready_and_is_continued_once() {
    let steps = json!([{"Weight": 10, "UntilContinued": {"Timeout": "1h"}}]);
    let (simulation, id) = created(world(), &request(steps));
    let body = || json!({"deploymentId": id});
    simulation.run_until(60);
    assert_eq!(simulation.api(GET, body()).body["deploymentInfo"]["status"], "Ready");
    let wait_type = json!({"deploymentId": id, "deploymentWaitType": "READY_WAIT"});
    assert_eq!(simulation.api(CONTINUE, wait_type).status, 200);
    simulation.run();
    assert_eq!(simulation.api(GET, body()).body["deploymentInfo"]["status"], "Succeeded");
    expect!["400 DeploymentAlreadyCompletedException: The deployment d-1 has already completed: it succeeded at 2026-01-02T12:01:00Z"]
        .assert_eq(&refusal(&simulation, CONTINUE, body()));
}

#[test]
fn what_is_over_cannot_be_stopped_or_repaired() {
    let (simulation, id) = created(world(), &request("AllAtOnce"));
    simulation.run();
    let body = || json!({"deploymentId": id});
    let refusals = [STOP, REPAIR].map(|target| refusal(&simulation, target, body())).join("\n");
    expect![[r#"
        400 DeploymentAlreadyCompletedException: The deployment d-1 has already completed: it succeeded at 2026-01-02T12:00:00Z
        400 DeploymentAlreadyCompletedException: The deployment d-1 has already completed: it succeeded at 2026-01-02T12:00:00Z"#]]
    .assert_eq(&refusals);
}

#[test]
fn a_deployment_can_be_stopped_before_it_begins_and_again() {
    let (simulation, id) = created(world(), &request("AllAtOnce"));
    for _ in 0..2 {
        let stopped = simulation.api(STOP, json!({"deploymentId": id}));
        assert_eq!((stopped.status, &stopped.body["status"]), (200, &json!("Pending")));
    }
    simulation.run();
    let shown = simulation.api(GET, json!({"deploymentId": id})).body;
    assert_eq!(shown["deploymentInfo"]["status"], "Stopped");
    assert!(simulation.world().writes().iter().all(|write| !write.ours));
}

#[test]
fn the_callback_of_a_hook_is_read_closely() {
    let world = world();
    world.hook("checks", |_| steps::ports::Called::Returned(json!(null)));
    let (simulation, id) = created(world, &request("AllAtOnce").hook("BeforeAllowTraffic", "checks"));
    simulation.run_until(10);
    let other = simulation.create(request("AllAtOnce").json());
    let run = simulation.world().hook_calls()[0].1["LifecycleEventHookExecutionId"].clone();
    let body = |id: &DeploymentId, run: &Value, status: &str| json!({"deploymentId": id, "lifecycleEventHookExecutionId": run, "status": status});
    let refusals = [
        refusal(&simulation, HOOK_STATUS, json!({"deploymentId": id, "status": "Succeeded"})),
        refusal(&simulation, HOOK_STATUS, body(&id, &json!("an other run"), "Succeeded")),
        refusal(&simulation, HOOK_STATUS, body(&id, &json!("hook-run-99"), "Succeeded")),
        refusal(&simulation, HOOK_STATUS, body(&other, &run, "Succeeded")),
        refusal(&simulation, HOOK_STATUS, body(&id, &run, "Skipped")),
        refusal(&simulation, HOOK_STATUS, json!({"deploymentId": id, "lifecycleEventHookExecutionId": run})),
    ];
    expect![[r#"
        400 InvalidLifecycleEventHookExecutionIdException: the lifecycleEventHookExecutionId is not one this deployment handed out
        400 InvalidLifecycleEventHookExecutionIdException: the lifecycleEventHookExecutionId is not one this deployment handed out
        400 InvalidLifecycleEventHookExecutionIdException: the lifecycleEventHookExecutionId is not one this deployment handed out
        400 InvalidLifecycleEventHookExecutionIdException: the lifecycleEventHookExecutionId is not one this deployment handed out
        400 InvalidLifecycleEventHookExecutionStatusException: the status of a hook is Succeeded or Failed, not something else
        400 InvalidLifecycleEventHookExecutionStatusException: the status of a hook is Succeeded or Failed, not missing"#]].assert_eq(&refusals.join("\n"));
    let answered = simulation.api(HOOK_STATUS, body(&id, &run, "Succeeded"));
    assert_eq!((answered.status, answered.body), (200, json!({"lifecycleEventHookExecutionId": run})));
    let again = refusal(&simulation, HOOK_STATUS, body(&id, &run, "Failed"));
    assert_eq!(
        again,
        "400 LifecycleEventAlreadyCompletedException: the BeforeAllowTraffic event has already completed"
    );
    simulation.run();
    let shown = simulation.api(GET, json!({"deploymentId": id})).body;
    assert_eq!(shown["deploymentInfo"]["status"], "Succeeded");
}
