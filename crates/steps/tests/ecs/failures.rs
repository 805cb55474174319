//! Deployments to a service that are stopped or fail.

use expect_test::expect;
use fakes::fleet::Tasks;
use fakes::{Fault, Simulation, event};
use rollout::ids::DeploymentId;
use serde_json::json;

use super::{Deploy, check, created, deploy, ended, promises, told, world};

fn linear() -> Deploy {
    deploy("Linear40PercentEvery1Minute").alarms(&["errors"])
}

fn at(seconds: i64, event: event::Event) -> impl FnOnce(&Simulation, &DeploymentId) {
    move |simulation, _| simulation.at(seconds, event)
}

#[test]
fn an_alarm_during_the_installation_removes_the_new_task_set() {
    check(
        world(),
        &linear(),
        at(10, event::alarm("errors")),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 3 steps, 2m 20s at least
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               10s  alarm errors goes to ALARM
               10s  d-1: stopping before any traffic was moved: ALARM_ACTIVE: One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <errors>; CloudWatch says of errors: Threshold Crossed: 7 is more than 5
               10s  d-1: traffic: no call ever went to the new version
               10s  ECS scales ecs-svc/2 to zero
               11s  ECS deletes ecs-svc/2
               11s  d-1: the task set ecs-svc/2 was removed
               11s  d-1: ended: Stopped, ALARM_ACTIVE
               11s  execution d-1 ends: FAILED ALARM_ACTIVE
            Stopped, ALARM_ACTIVE; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/1 of web:1 PRIMARY, ecs-svc/2 of web:2 DRAINING; the lock is free
            BeforeInstall Succeeded, Install Failed, AfterInstall Skipped, AllowTestTraffic Skipped, AfterAllowTestTraffic Skipped, BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn an_alarm_while_traffic_moves_puts_it_back_before_anything_is_removed() {
    check(
        world(),
        &linear().tested(),
        at(120, event::alarm("errors")),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 3 steps, 2m 20s at least
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               29s  d-1: the green task set ecs-svc/2 is ready for traffic
               29s  test forwards to web-blue 0, web-green 100
               29s  d-1: test traffic goes to the green task set
               29s  prod forwards to web-blue 60, web-green 40
               29s  api forwards to web-blue 60, web-green 40
               29s  d-1: 40 % of the calls to target group web-green
               89s  prod forwards to web-blue 20, web-green 80
               89s  api forwards to web-blue 20, web-green 80
               89s  d-1: 80 % of the calls to target group web-green
              120s  alarm errors goes to ALARM
              120s  d-1: stopping, putting the traffic back: ALARM_ACTIVE: One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <errors>; CloudWatch says of errors: Threshold Crossed: 7 is more than 5
              120s  prod forwards to web-blue 100, web-green 0
              120s  test forwards to web-blue 100, web-green 0
              120s  api forwards to web-blue 100, web-green 0
              120s  d-1: traffic: put back, every call goes to target group web-blue
              140s  ECS scales ecs-svc/2 to zero
              157s  ECS deletes ecs-svc/2
              157s  d-1: the task set ecs-svc/2 was removed
              157s  d-1: ended: RolledBack, ALARM_ACTIVE
              157s  execution d-1 ends: FAILED ALARM_ACTIVE
            RolledBack, ALARM_ACTIVE; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue 100 and web-green 0, ecs-svc/1 of web:1 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn an_alarm_while_the_old_task_set_is_kept_goes_back_to_it() {
    let request = deploy("AllAtOnce").alarms(&["errors"]).keeps(30);
    check(
        world(),
        &request,
        at(600, event::alarm("errors")),
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
              600s  alarm errors goes to ALARM
              600s  d-1: stopping, putting the traffic back: ALARM_ACTIVE: One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <errors>; CloudWatch says of errors: Threshold Crossed: 7 is more than 5
              600s  prod forwards to web-blue 100, web-green 0
              600s  api forwards to web-blue 100, web-green 0
              600s  d-1: traffic: put back, every call goes to target group web-blue
              600s  ECS makes ecs-svc/1 the primary
              600s  d-1: the primary task set is ecs-svc/1
              620s  ECS scales ecs-svc/2 to zero
              637s  ECS deletes ecs-svc/2
              637s  d-1: the task set ecs-svc/2 was removed
              637s  d-1: ended: RolledBack, ALARM_ACTIVE
              637s  execution d-1 ends: FAILED ALARM_ACTIVE
            RolledBack, ALARM_ACTIVE; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/1 of web:1 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_task_set_that_never_becomes_healthy_is_given_up_after_an_hour() {
    let world = world();
    world.next_tasks(Tasks { steady: None, die: None });
    check(
        world,
        &linear(),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 3 steps, 2m 20s at least
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               38s  d-1: the green task set is not ready yet: Essential container in task exited
             3600s  d-1: stopping before any traffic was moved: TIMEOUT: The deployment timed out while waiting for the replacement task set to become healthy. This time out period is 60 minutes. ECS says: Essential container in task exited
             3600s  d-1: traffic: no call ever went to the new version
             3600s  ECS scales ecs-svc/2 to zero
             3601s  ECS deletes ecs-svc/2
             3601s  d-1: the task set ecs-svc/2 was removed
             3601s  d-1: ended: Failed, TIMEOUT
             3601s  execution d-1 ends: FAILED TIMEOUT
            Failed, TIMEOUT; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/1 of web:1 PRIMARY, ecs-svc/2 of web:2 DRAINING; the lock is free
            BeforeInstall Succeeded, Install Failed, AfterInstall Skipped, AllowTestTraffic Skipped, AfterAllowTestTraffic Skipped, BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn tasks_that_die_after_the_traffic_has_moved_put_it_back() {
    let request = deploy("AllAtOnce").keeps(30);
    check(
        world(),
        &request,
        at(300, event::tasks_die("web-green")),
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
              300s  the tasks behind web-green die
              329s  d-1: stopping, putting the traffic back: ECS_UPDATE_ERROR: CodeDeploy detected that the replacement task set is unhealthy. None of its tasks runs.
              329s  prod forwards to web-blue 100, web-green 0
              329s  api forwards to web-blue 100, web-green 0
              329s  d-1: traffic: put back, every call goes to target group web-blue
              329s  ECS makes ecs-svc/1 the primary
              329s  d-1: the primary task set is ecs-svc/1
              349s  ECS scales ecs-svc/2 to zero
              351s  ECS deletes ecs-svc/2
              351s  d-1: the task set ecs-svc/2 was removed
              351s  d-1: ended: RolledBack, ECS_UPDATE_ERROR
              351s  execution d-1 ends: FAILED ECS_UPDATE_ERROR
            RolledBack, ECS_UPDATE_ERROR; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/1 of web:1 PRIMARY, ecs-svc/2 of web:2 DRAINING; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_target_group_that_somebody_deletes_ends_the_deployment() {
    check(
        world(),
        &linear(),
        at(120, event::group_deleted("web-green")),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 3 steps, 2m 20s at least
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               29s  d-1: the green task set ecs-svc/2 is ready for traffic
               29s  prod forwards to web-blue 60, web-green 40
               29s  api forwards to web-blue 60, web-green 40
               29s  d-1: 40 % of the calls to target group web-green
               89s  prod forwards to web-blue 20, web-green 80
               89s  api forwards to web-blue 20, web-green 80
               89s  d-1: 80 % of the calls to target group web-green
              120s  somebody deletes the target group web-green
              149s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod of the service shop/web was changed by somebody else while the deployment ran: it forwards at 2 places: to target group web-blue; to target group web-blue
              149s  d-1: traffic: put back, every call goes to target group web-blue
              169s  ECS scales ecs-svc/2 to zero
              186s  ECS deletes ecs-svc/2
              186s  d-1: the task set ecs-svc/2 was removed
              186s  d-1: ended: RolledBack, DRIFT
              186s  execution d-1 ends: FAILED DRIFT
            RolledBack, DRIFT; prod on web-blue, api on web-blue, test on web-blue, ecs-svc/1 of web:1 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_service_that_somebody_deletes_ends_the_deployment_and_the_traffic_goes_back() {
    check(
        world(),
        &linear(),
        at(120, event::service_deleted()),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 3 steps, 2m 20s at least
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               29s  d-1: the green task set ecs-svc/2 is ready for traffic
               29s  prod forwards to web-blue 60, web-green 40
               29s  api forwards to web-blue 60, web-green 40
               29s  d-1: 40 % of the calls to target group web-green
               89s  prod forwards to web-blue 20, web-green 80
               89s  api forwards to web-blue 20, web-green 80
               89s  d-1: 80 % of the calls to target group web-green
              120s  somebody deletes the service web
              149s  d-1: stopping, putting the traffic back: ECS_UPDATE_ERROR: no such resource: the service shop/web
              149s  d-1: traffic: the target no longer exists, or sends all calls elsewhere (to $LATEST, to other target groups); it was not touched
              149s  d-1: ended: Failed, ECS_UPDATE_ERROR
              149s  execution d-1 ends: FAILED ECS_UPDATE_ERROR
            Failed, ECS_UPDATE_ERROR; prod on web-blue 20 and web-green 80, api on web-blue 20 and web-green 80, test on web-blue, no service; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_throttled_load_balancer_is_waited_for() {
    let (simulation, id) = created(world(), &linear());
    simulation.at(70, event::instant(|simulation| simulation.world().faults.always("route", Fault::Throttled)));
    simulation.at(71, event::stop(&id, None));
    simulation.at(71 + 20 * 60, event::instant(|simulation| simulation.world().faults.heal()));
    simulation.run();
    assert_eq!(promises::kept(&simulation, &id), Ok(()), "{}", told(&simulation, &id));
    assert!(ended(&simulation, &id).starts_with("RolledBack, MANUAL_STOP; prod on web-blue 100 and web-green 0, "));
}

#[test]
fn a_task_set_that_cannot_be_removed_keeps_no_deployment_from_ending() {
    let world = world();
    world.faults.always("scale_to_zero", Fault::Denied);
    check(
        world,
        &deploy("AllAtOnce"),
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
               49s  d-1: committed: past the point of no return
               56s  d-1: a task set that is not needed any more is still there: refused: scale_to_zero is not allowed
               56s  d-1: ended: Succeeded
               56s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/1 of web:1, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn traffic_that_cannot_be_put_back_is_a_persons_job_and_a_repair_finishes_it() {
    let (simulation, id) = created(world(), &linear());
    simulation.at(100, event::instant(|simulation| simulation.world().faults.always("route", Fault::Denied)));
    simulation.at(101, event::stop(&id, None));
    simulation.run();
    expect![[r#"
        Unresolved, MANUAL_STOP, refused: route is not allowed; prod on web-blue 20 and web-green 80, api on web-blue 20 and web-green 80, test on web-blue, ecs-svc/1 of web:1 PRIMARY, ecs-svc/2 of web:2; the lock is held by d-1, alarms still watch
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
    "#]].assert_eq(&ended(&simulation, &id));
    assert_eq!(promises::kept(&simulation, &id), Ok(()));
    simulation.world().faults.heal();
    assert_eq!(simulation.api("Tideshift.RepairDeployment", json!({"deploymentId": id})).status, 200);
    simulation.run();
    expect![[r#"
        RolledBack, MANUAL_STOP; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/1 of web:1 PRIMARY; the lock is free
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
    "#]].assert_eq(&ended(&simulation, &id));
    assert_eq!(promises::kept(&simulation, &id), Ok(()));
}

#[test]
fn an_aborted_execution_is_followed_by_a_recovery_on_the_same_machine() {
    let (simulation, id) = created(world(), &linear());
    simulation.at(100, event::aborted(id.as_str()));
    simulation.run();
    assert_eq!(simulation.executions(), [id.to_string(), format!("{id}-recovery-1")]);
    expect![[r#"
        RolledBack, EXECUTION_LOST; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/1 of web:1 PRIMARY; the lock is free
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
    "#]].assert_eq(&ended(&simulation, &id));
    assert_eq!(promises::kept(&simulation, &id), Ok(()));
}

/// AWS's own templates have the test listener begin on the other target group.
#[test]
fn test_traffic_that_began_elsewhere_is_brought_back_there_and_keeps_no_task_set() {
    let began = [
        vec![("web-green", 1)],
        vec![("web-blue", 0), ("web-green", 100)],
        vec![("web-blue", 1), ("web-green", 1)],
        vec![("web-blue", 2), ("web-green", 1)],
    ];
    for (forwards, back) in began.iter().zip([
        vec![("web-green", 100)],
        vec![("web-green", 100)],
        vec![("web-blue", 50), ("web-green", 50)],
        vec![("web-blue", 67), ("web-green", 33)],
    ]) {
        let world = world();
        world.forward("test", forwards);
        let deploy = linear().tested().alarms(&["errors"]);
        let (simulation, id) = created(world, &deploy);
        at(120, event::alarm("errors"))(&simulation, &id);
        simulation.run();
        let world = simulation.world();
        let ended = told(&simulation, &id);
        assert!(ended.contains("ALARM_ACTIVE"), "{ended}");
        assert!(ended.contains("d-1: test traffic goes to the green task set"), "{ended}");
        let back: Vec<_> = back.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
        let mut shown = world.forwards("test");
        shown.retain(|(_, weight)| *weight > 0);
        assert_eq!(shown, back, "{forwards:?}\n{ended}");
        assert!(ended.contains("the task set ecs-svc/2 was removed"), "{ended}");
        assert_eq!(promises::kept(&simulation, &id), Ok(()), "{ended}");
    }
}
