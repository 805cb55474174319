//! Deployments to a service in which nothing goes wrong.

use expect_test::expect;
use fakes::event;
use rollout::service::Capacity;
use serde_json::json;

use super::{check, created, deploy, told, world};

#[test]
fn a_linear_deployment_moves_the_weights_and_removes_the_old_task_set() {
    check(
        world(),
        &deploy("Linear40PercentEvery1Minute"),
        |_, _| {},
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
              149s  prod forwards to web-blue 0, web-green 100
              149s  api forwards to web-blue 0, web-green 100
              149s  d-1: 100 % of the calls to target group web-green
              149s  ECS makes ecs-svc/2 the primary
              149s  d-1: the primary task set is ecs-svc/2
              169s  d-1: committed: past the point of no return
              169s  ECS scales ecs-svc/1 to zero
              187s  ECS deletes ecs-svc/1
              187s  d-1: the task set ecs-svc/1 was removed
              187s  d-1: ended: Succeeded
              187s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_canary_moves_a_part_and_then_the_rest() {
    check(
        world(),
        &deploy("Canary10Percent5Minutes").alarms(&["errors"]),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 2 steps, 5m 20s at least
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               29s  d-1: the green task set ecs-svc/2 is ready for traffic
               29s  prod forwards to web-blue 90, web-green 10
               29s  api forwards to web-blue 90, web-green 10
               29s  d-1: 10 % of the calls to target group web-green
              329s  prod forwards to web-blue 0, web-green 100
              329s  api forwards to web-blue 0, web-green 100
              329s  d-1: 100 % of the calls to target group web-green
              329s  ECS makes ecs-svc/2 the primary
              329s  d-1: the primary task set is ecs-svc/2
              349s  d-1: committed: past the point of no return
              349s  ECS scales ecs-svc/1 to zero
              367s  ECS deletes ecs-svc/1
              367s  d-1: the task set ecs-svc/1 was removed
              367s  d-1: ended: Succeeded
              367s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn all_at_once_is_one_write_of_each_place() {
    check(
        world(),
        &deploy("CodeDeployDefault.ECSAllAtOnce"),
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
               49s  ECS scales ecs-svc/1 to zero
               67s  ECS deletes ecs-svc/1
               67s  d-1: the task set ecs-svc/1 was removed
               67s  d-1: ended: Succeeded
               67s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn test_traffic_goes_to_the_new_task_set_first() {
    check(
        world(),
        &deploy("AllAtOnce").tested(),
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
               29s  prod forwards to web-blue 0, web-green 100
               29s  api forwards to web-blue 0, web-green 100
               29s  d-1: 100 % of the calls to target group web-green
               29s  ECS makes ecs-svc/2 the primary
               29s  d-1: the primary task set is ecs-svc/2
               49s  d-1: committed: past the point of no return
               49s  ECS scales ecs-svc/1 to zero
               67s  ECS deletes ecs-svc/1
               67s  d-1: the task set ecs-svc/1 was removed
               67s  d-1: ended: Succeeded
               67s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue 0 and web-green 100, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn news_of_a_steady_task_set_ends_the_wait_for_it_at_once() {
    let meanwhile = |simulation: &fakes::Simulation, _: &_| simulation.at(21, event::steady());
    check(
        world(),
        &deploy("AllAtOnce"),
        meanwhile,
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, 20s at least
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               21s  ECS tells of TASKSET_STEADY_STATE
               28s  d-1: the green task set ecs-svc/2 is ready for traffic
               28s  prod forwards to web-blue 0, web-green 100
               28s  api forwards to web-blue 0, web-green 100
               28s  d-1: 100 % of the calls to target group web-green
               28s  ECS makes ecs-svc/2 the primary
               28s  d-1: the primary task set is ecs-svc/2
               48s  d-1: committed: past the point of no return
               48s  ECS scales ecs-svc/1 to zero
               66s  ECS deletes ecs-svc/1
               66s  d-1: the task set ecs-svc/1 was removed
               66s  d-1: ended: Succeeded
               66s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn the_roles_of_the_target_groups_swap_with_every_deployment() {
    let (simulation, _) = created(world(), &deploy("AllAtOnce"));
    simulation.run();
    let second = simulation.create(deploy("Canary50Percent1Minute").to(3).json());
    simulation.run();
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
           49s  ECS scales ecs-svc/1 to zero
           67s  ECS deletes ecs-svc/1
           67s  d-1: the task set ecs-svc/1 was removed
           67s  d-1: ended: Succeeded
           67s  execution d-1 ends: SUCCEEDED
           67s  execution d-2 starts
           67s  CodeDeploy_20141006.CreateDeployment answers 200
           67s  d-2: planned: target group web-green to target group web-blue in 2 steps, 1m 20s at least
           67s  ECS makes ecs-svc/3 of web:3 on web-blue
           67s  d-2: the green task set ecs-svc/3 was created
           96s  d-2: the green task set ecs-svc/3 is ready for traffic
           96s  prod forwards to web-blue 50, web-green 50
           96s  api forwards to web-blue 50, web-green 50
           96s  d-2: 50 % of the calls to target group web-blue
          156s  prod forwards to web-blue 100, web-green 0
          156s  api forwards to web-blue 100, web-green 0
          156s  d-2: 100 % of the calls to target group web-blue
          156s  ECS makes ecs-svc/3 the primary
          156s  d-2: the primary task set is ecs-svc/3
          176s  d-2: committed: past the point of no return
          176s  ECS scales ecs-svc/2 to zero
          194s  ECS deletes ecs-svc/2
          194s  d-2: the task set ecs-svc/2 was removed
          194s  d-2: ended: Succeeded
          194s  execution d-2 ends: SUCCEEDED
        Succeeded; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/3 of web:3 PRIMARY; the lock is free
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
    "#]].assert_eq(&told(&simulation, &second));
}

#[test]
fn a_new_task_set_keeps_the_platform_version_of_the_old_one_on_fargate_alone() {
    for (kind, kept) in [("FARGATE", Some("1.4.0")), ("EC2", None)] {
        let world = world();
        world.change_service(|service| service.sets[0].capacity = Some(Capacity::LaunchType(kind.to_owned())));
        let (simulation, id) = created(world, &deploy("AllAtOnce"));
        simulation.run();
        assert!(super::ended(&simulation, &id).starts_with("Succeeded"), "{kind}: {}", told(&simulation, &id));
        let live = simulation.world().live_service().unwrap();
        let green = live.made_by(id.as_str()).unwrap();
        assert_eq!(green.capacity, Some(Capacity::LaunchType(kind.to_owned())));
        assert_eq!(green.platform_version.as_deref(), kept, "{kind}");
    }
}

#[test]
fn a_bake_time_on_the_last_step_keeps_the_old_task_set_the_primary() {
    let steps = json!([{"Weight": 100, "Hold": "10m"}]);
    check(
        world(),
        &deploy(steps),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, 10m at least
                0s  prod forwards to web-blue 100, web-green 0
                0s  api forwards to web-blue 100, web-green 0
                0s  ECS makes ecs-svc/2 of web:2 on web-green
                0s  d-1: the green task set ecs-svc/2 was created
               29s  d-1: the green task set ecs-svc/2 is ready for traffic
               29s  prod forwards to web-blue 0, web-green 100
               29s  api forwards to web-blue 0, web-green 100
               29s  d-1: 100 % of the calls to target group web-green
              629s  ECS makes ecs-svc/2 the primary
              629s  d-1: the primary task set is ecs-svc/2
              629s  d-1: committed: past the point of no return
              629s  ECS scales ecs-svc/1 to zero
              647s  ECS deletes ecs-svc/1
              647s  d-1: the task set ecs-svc/1 was removed
              647s  d-1: ended: Succeeded
              647s  execution d-1 ends: SUCCEEDED
            Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/2 of web:2 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}
