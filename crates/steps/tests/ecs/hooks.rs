//! The hooks of a deployment to a service.

use expect_test::expect;
use serde_json::{Value, json};
use steps::ports::Called;

use super::{Deploy, check, created, deploy, world};

const EVENTS: [&str; 5] =
    ["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"];

fn with_all_hooks() -> Deploy {
    EVENTS.iter().fold(deploy("AllAtOnce").tested().keeps(5), |deploy, event| deploy.hook(event, "checks"))
}

#[test]
fn the_five_hooks_run_in_their_order() {
    check(
        world(),
        &with_all_hooks(),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, with waits of 5m at most
                0s  checks is called for BeforeInstall
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               29s  d-1: the green task set ecs-svc/2 is ready for traffic
               29s  checks is called for AfterInstall
               29s  test forwards to web-blue 0, web-green 100
               29s  d-1: test traffic goes to the green task set
               29s  checks is called for AfterAllowTestTraffic
               29s  checks is called for BeforeAllowTraffic
               29s  prod forwards to web-blue 0, web-green 100
               29s  api forwards to web-blue 0, web-green 100
               29s  d-1: 100 % of the calls to target group web-green
               29s  ECS makes ecs-svc/2 the primary
               29s  d-1: the primary task set is ecs-svc/2
               29s  checks is called for AfterAllowTraffic
              329s  d-1: committed: past the point of no return
              329s  ECS scales ecs-svc/1 to zero
              347s  ECS deletes ecs-svc/1
              347s  d-1: the task set ecs-svc/1 was removed
              347s  d-1: ended: Succeeded
              347s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue 0 and web-green 100, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_hook_is_told_of_the_service_and_its_task_sets() {
    let (simulation, id) = created(world(), &with_all_hooks());
    simulation.run();
    let calls = simulation.world().hook_calls();
    let events: Vec<Value> = calls.iter().map(|(_, payload)| payload["LifecycleEvent"].clone()).collect();
    assert_eq!(events, EVENTS);
    let weights: Vec<Value> = calls.iter().map(|(_, payload)| payload["Weight"].clone()).collect();
    assert_eq!(weights, [0, 0, 0, 0, 100]);
    assert!(calls.iter().all(|(_, payload)| payload["DeploymentId"] == json!(id)));
    expect![[r#"
        {
          "DeploymentId": "d-1",
          "LifecycleEventHookExecutionId": "hook-run-4",
          "LifecycleEvent": "AfterAllowTestTraffic",
          "Cluster": "shop",
          "Service": "web",
          "CurrentTaskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:1",
          "TargetTaskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:2",
          "CurrentTaskSet": "ecs-svc/1",
          "CurrentTargetGroup": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-blue/73e2d6bc24d8a067",
          "TargetTargetGroup": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-green/73e2d6bc24d8a067",
          "Weight": 0,
          "Deadline": "2026-01-02T13:00:29Z",
          "Parameters": {}
        }"#]].assert_eq(&serde_json::to_string_pretty(&calls[2].1).unwrap());
}

#[test]
fn a_no_before_the_installation_leaves_nothing() {
    let world = world();
    world.hook("checks", |_| Called::Returned(json!({"status": "Failed"})));
    check(
        world,
        &deploy("AllAtOnce").hook("BeforeInstall", "checks"),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, 20s at least
                0s  checks is called for BeforeInstall
                0s  d-1: stopping before any traffic was moved: HOOK_EXECUTION_FAILURE: the BeforeInstall hook checks failed: the hook returned Failed
                0s  d-1: traffic: no call ever went to the new version
                0s  d-1: ended: Failed, HOOK_EXECUTION_FAILURE
                0s  execution d-1 ends: FAILED HOOK_EXECUTION_FAILURE
            Failed, HOOK_EXECUTION_FAILURE; prod on web-blue, api on web-blue, test on web-blue, ecs-svc/1 of web:1 PRIMARY; the lock is free
            BeforeInstall Failed, Install Skipped, AfterInstall Skipped, AllowTestTraffic Skipped, AfterAllowTestTraffic Skipped, BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_no_after_the_test_traffic_takes_that_back_and_removes_the_new_task_set() {
    let world = world();
    world.hook("checks", |_| Called::Returned(json!({"status": "Failed"})));
    check(
        world,
        &deploy("AllAtOnce").tested().hook("AfterAllowTestTraffic", "checks"),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, 20s at least
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               29s  d-1: the green task set ecs-svc/2 is ready for traffic
               29s  test forwards to web-blue 0, web-green 100
               29s  d-1: test traffic goes to the green task set
               29s  checks is called for AfterAllowTestTraffic
               29s  d-1: stopping, putting the traffic back: HOOK_EXECUTION_FAILURE: the AfterAllowTestTraffic hook checks failed: the hook returned Failed
               29s  test forwards to web-blue 100, web-green 0
               29s  d-1: traffic: put back, every call goes to target group web-blue
               29s  ECS scales ecs-svc/2 to zero
               47s  ECS deletes ecs-svc/2
               47s  d-1: the task set ecs-svc/2 was removed
               47s  d-1: ended: RolledBack, HOOK_EXECUTION_FAILURE
               47s  execution d-1 ends: FAILED HOOK_EXECUTION_FAILURE
            RolledBack, HOOK_EXECUTION_FAILURE; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue 100 and web-green 0, ecs-svc/1 of web:1 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Failed, BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_no_after_the_traffic_puts_it_back_and_the_old_task_set_is_the_primary_again() {
    let world = world();
    world.hook("checks", |_| Called::Returned(json!({"status": "Failed"})));
    check(
        world,
        &deploy("AllAtOnce").hook("AfterAllowTraffic", "checks"),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, 20s at least
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               29s  d-1: the green task set ecs-svc/2 is ready for traffic
               29s  prod forwards to web-blue 0, web-green 100
               29s  api forwards to web-blue 0, web-green 100
               29s  d-1: 100 % of the calls to target group web-green
               29s  ECS makes ecs-svc/2 the primary
               29s  d-1: the primary task set is ecs-svc/2
               29s  checks is called for AfterAllowTraffic
               29s  d-1: stopping, putting the traffic back: HOOK_EXECUTION_FAILURE: the AfterAllowTraffic hook checks failed: the hook returned Failed
               29s  prod forwards to web-blue 100, web-green 0
               29s  api forwards to web-blue 100, web-green 0
               29s  d-1: traffic: put back, every call goes to target group web-blue
               29s  ECS makes ecs-svc/1 the primary
               29s  d-1: the primary task set is ecs-svc/1
               49s  ECS scales ecs-svc/2 to zero
               66s  ECS deletes ecs-svc/2
               66s  d-1: the task set ecs-svc/2 was removed
               66s  d-1: ended: RolledBack, HOOK_EXECUTION_FAILURE
               66s  execution d-1 ends: FAILED HOOK_EXECUTION_FAILURE
            RolledBack, HOOK_EXECUTION_FAILURE; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/1 of web:1 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Failed
        "#]],
    );
}
