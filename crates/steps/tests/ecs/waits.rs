//! The waits around the traffic of a service.

use expect_test::expect;
use fakes::event;
use rollout::ids::DeploymentId;
use serde_json::{Value, json};

use super::{check, created, deploy, ended, world};

const CONTINUE: &str = "CodeDeploy_20141006.ContinueDeployment";
const SKIP: &str = "CodeDeploy_20141006.SkipWaitTimeForInstanceTermination";

fn go_on(id: &DeploymentId, wait: &str) -> event::Event {
    event::api(CONTINUE, json!({"deploymentId": id, "deploymentWaitType": wait}))
}

#[test]
fn a_person_lets_the_production_traffic_move() {
    let request = deploy("AllAtOnce").ready(60).tested();
    check(
        world(),
        &request,
        |simulation, id| simulation.at(600, go_on(id, "READY_WAIT")),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, with waits of 1h 20s at most
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               29s  d-1: the green task set ecs-svc/2 is ready for traffic
               29s  test forwards to web-blue 0, web-green 100
               29s  d-1: test traffic goes to the green task set
              600s  d-1: continued by a person
              600s  CodeDeploy_20141006.ContinueDeployment answers 200
              600s  prod forwards to web-blue 0, web-green 100
              600s  api forwards to web-blue 0, web-green 100
              600s  d-1: 100 % of the calls to target group web-green
              600s  ECS makes ecs-svc/2 the primary
              600s  d-1: the primary task set is ecs-svc/2
              620s  d-1: committed: past the point of no return
              620s  ECS scales ecs-svc/1 to zero
              638s  ECS deletes ecs-svc/1
              638s  d-1: the task set ecs-svc/1 was removed
              638s  d-1: ended: Succeeded
              638s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue 0 and web-green 100, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn production_traffic_that_nobody_lets_move_never_does() {
    check(
        world(),
        &deploy("AllAtOnce").ready(60),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, with waits of 1h 20s at most
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               29s  d-1: the green task set ecs-svc/2 is ready for traffic
             3629s  d-1: stopping before any traffic was moved: MANUAL_STOP: The deployment timed out while waiting for a notification to continue. This time out period is 60 minutes.
             3629s  d-1: traffic: no call ever went to the new version
             3629s  ECS scales ecs-svc/2 to zero
             3647s  ECS deletes ecs-svc/2
             3647s  d-1: the task set ecs-svc/2 was removed
             3647s  d-1: ended: Stopped, MANUAL_STOP
             3647s  execution d-1 ends: FAILED MANUAL_STOP
            Stopped, MANUAL_STOP; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/1 of web:1 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Skipped, AllowTestTraffic Skipped, AfterAllowTestTraffic Skipped, BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn an_old_task_set_that_somebody_deletes_is_waited_for_no_longer() {
    let delete = event::instant(|simulation| {
        simulation.world().change_service(|service| service.sets.retain(|set| set.primary));
    });
    check(
        world(),
        &deploy("AllAtOnce").keeps(30),
        |simulation, _| simulation.at(300, delete),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, with waits of 30m at most
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
              329s  d-1: committed: past the point of no return
              329s  d-1: ended: Succeeded
              329s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn the_old_task_set_is_kept_for_as_long_as_the_group_says() {
    check(
        world(),
        &deploy("AllAtOnce").keeps(30),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, with waits of 30m at most
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
             1829s  d-1: committed: past the point of no return
             1829s  ECS scales ecs-svc/1 to zero
             1847s  ECS deletes ecs-svc/1
             1847s  d-1: the task set ecs-svc/1 was removed
             1847s  d-1: ended: Succeeded
             1847s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_person_ends_the_wait_before_the_old_task_set_is_removed() {
    let request = deploy("AllAtOnce").keeps(600);
    check(
        world(),
        &request,
        |simulation, id| simulation.at(900, go_on(id, "TERMINATION_WAIT")),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, with waits of 10h at most
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
              900s  d-1: continued by a person
              900s  CodeDeploy_20141006.ContinueDeployment answers 200
              900s  d-1: committed: past the point of no return
              900s  ECS scales ecs-svc/1 to zero
              918s  ECS deletes ecs-svc/1
              918s  d-1: the task set ecs-svc/1 was removed
              918s  d-1: ended: Succeeded
              918s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn the_deprecated_call_ends_that_wait_as_well() {
    let (simulation, id) = created(world(), &deploy("AllAtOnce").keeps(600));
    simulation.at(900, event::api(SKIP, json!({"deploymentId": id})));
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded; prod on"), "{}", ended(&simulation, &id));
    assert!(simulation.world().clock.elapsed() < 1_000, "{}", simulation.world().story());
}

#[test]
fn the_deprecated_call_says_in_its_own_words_that_there_is_no_wait_to_end() {
    let (simulation, id) = created(world(), &deploy("AllAtOnce").keeps(600));
    let skipped = || simulation.api(SKIP, json!({"deploymentId": id})).body["__type"].clone();
    simulation.run_until(5);
    assert_eq!(skipped(), "DeploymentNotStartedException");
    simulation.run();
    assert_eq!(skipped(), "DeploymentAlreadyCompletedException");
}

#[test]
fn each_wait_is_continued_by_its_own_name_only() {
    let (simulation, id) = created(world(), &deploy("AllAtOnce").ready(60).keeps(60));
    let refused = |wait: &str| -> Value {
        let reply = simulation.api(CONTINUE, json!({"deploymentId": id, "deploymentWaitType": wait}));
        reply.body["__type"].clone()
    };
    simulation.run_until(5);
    assert_eq!(refused("READY_WAIT"), "DeploymentIsNotInReadyStateException");
    simulation.run_until(600);
    assert_eq!(refused("TERMINATION_WAIT"), "InvalidDeploymentStatusException");
    assert_eq!(simulation.api(CONTINUE, json!({"deploymentId": id})).status, 200);
    simulation.run_until(700);
    assert_eq!(refused("READY_WAIT"), "DeploymentIsNotInReadyStateException");
    assert_eq!(simulation.api(SKIP, json!({"deploymentId": id})).status, 200);
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded"), "{}", ended(&simulation, &id));
    assert_eq!(refused("TERMINATION_WAIT"), "DeploymentAlreadyCompletedException");
}
