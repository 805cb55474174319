//! Listeners that somebody else changes while a deployment to a service runs.

use expect_test::expect;
use fakes::event;
use rollout::ids::DeploymentId;

use super::{Deploy, check, created, deploy, ended, promises, told, world};

fn linear() -> Deploy {
    deploy("Linear40PercentEvery1Minute")
}

fn at(seconds: i64, event: event::Event) -> impl FnOnce(&fakes::Simulation, &DeploymentId) {
    move |simulation, _| simulation.at(seconds, event)
}

#[test]
fn a_rule_that_forwards_to_another_group_is_not_overwritten_while_ours_are_put_back() {
    check(
        world(),
        &linear(),
        at(60, event::forwarded("api", &[("docs", 1)])),
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
               60s  somebody has api forward to docs 1
               89s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod of the service shop/web was changed by somebody else while the deployment ran: it forwards at 1 instead of 2 places: to target group web-blue with 40 % on target group web-green
               89s  prod forwards to web-blue 100, web-green 0
               89s  d-1: traffic: put back, every call goes to target group web-blue
              109s  ECS scales ecs-svc/2 to zero
              126s  ECS deletes ecs-svc/2
              126s  d-1: the task set ecs-svc/2 was removed
              126s  d-1: ended: RolledBack, DRIFT
              126s  execution d-1 ends: FAILED DRIFT
            RolledBack, DRIFT; prod on web-blue 100 and web-green 0, api on docs, test on web-blue, ecs-svc/1 of web:1 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn what_was_left_tells_each_place_where_it_is_asked_to_look() {
    let (simulation, id) = created(world(), &linear());
    simulation.at(60, event::forwarded("api", &[("web-blue", 30), ("web-green", 70)]));
    simulation.run();
    let left = |look: bool| {
        let asked = serde_json::json!({"deploymentId": id, "look": look});
        simulation.api("Tideshift.DescribeDeployment", asked).body["leftNow"].clone()
    };
    assert!(left(false).is_null());
    expect!["it forwards at 2 places: to target group web-blue; to target group web-blue with 70 % on target group web-green"].assert_eq(left(true).as_str().unwrap());
}

#[test]
fn a_rule_with_another_group_beside_ours_is_not_overwritten_either() {
    let to: &[(&str, u32)] = &[("web-blue", 50), ("docs", 50)];
    check(
        world(),
        &linear(),
        at(60, event::forwarded("api", to)),
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
               60s  somebody has api forward to web-blue 50, docs 50
               89s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod of the service shop/web was changed by somebody else while the deployment ran: it forwards at 2 places: to target group web-blue with 40 % on target group web-green; to target group docs
               89s  prod forwards to web-blue 100, web-green 0
               89s  d-1: traffic: changed by somebody else, and that was left alone: target group docs
              109s  ECS scales ecs-svc/2 to zero
              126s  ECS deletes ecs-svc/2
              126s  d-1: the task set ecs-svc/2 was removed
              126s  d-1: ended: Failed, DRIFT
              126s  execution d-1 ends: FAILED DRIFT
            Failed, DRIFT; prod on web-blue 100 and web-green 0, api on web-blue 50 and docs 50, test on web-blue, ecs-svc/1 of web:1 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_new_task_set_that_somebody_else_has_calls_sent_to_is_kept_and_the_journal_says_so() {
    let to: &[(&str, u32)] = &[("web-green", 50), ("docs", 50)];
    check(
        world(),
        &linear(),
        at(60, event::forwarded("api", to)),
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
               60s  somebody has api forward to web-green 50, docs 50
               89s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod of the service shop/web was changed by somebody else while the deployment ran: it forwards at 2 places: to target group web-blue with 40 % on target group web-green; to target group docs
               89s  prod forwards to web-blue 100, web-green 0
               89s  d-1: traffic: changed by somebody else, and that was left alone: target group docs
               89s  d-1: the task set ecs-svc/2 was kept: a listener still sends calls to its target group
               89s  d-1: ended: Failed, DRIFT
               89s  execution d-1 ends: FAILED DRIFT
            Failed, DRIFT; prod on web-blue 100 and web-green 0, api on web-green 50 and docs 50, test on web-blue, ecs-svc/1 of web:1 PRIMARY, ecs-svc/2 of web:2; the lock is free, left over: target group web-blue
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn after_somebody_elses_change_the_next_deployment_may_begin() {
    let (simulation, _) = super::created(world(), &linear());
    simulation.at(60, event::forwarded("api", &[("web-blue", 50), ("docs", 50)]));
    simulation.run();
    simulation.world().forward("api", &[("docs", 1)]);
    let next = simulation.create(deploy("AllAtOnce").to(3).json());
    simulation.run();
    assert!(super::ended(&simulation, &next).starts_with("Succeeded"), "{}", super::told(&simulation, &next));
}

#[test]
fn other_weights_of_our_own_groups_end_the_deployment_and_are_left_alone() {
    let to: &[(&str, u32)] = &[("web-blue", 1), ("web-green", 1)];
    check(
        world(),
        &linear(),
        at(60, event::forwarded("prod", to)),
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
               60s  somebody has prod forward to web-blue 1, web-green 1
               89s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod of the service shop/web was changed by somebody else while the deployment ran: it forwards at 2 places: to target group web-blue with 50 % on target group web-green; to target group web-blue with 40 % on target group web-green
               89s  api forwards to web-blue 100, web-green 0
               89s  d-1: traffic: changed by somebody else, and that was left alone: target group web-blue with 50 % on target group web-green
               89s  d-1: the task set ecs-svc/2 was kept: a listener still sends calls to its target group
               89s  d-1: ended: Failed, DRIFT
               89s  execution d-1 ends: FAILED DRIFT
            Failed, DRIFT; prod on web-blue 1 and web-green 1, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/1 of web:1 PRIMARY, ecs-svc/2 of web:2; the lock is free, left over: target group web-blue with 50 % on target group web-green
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_deleted_rule_ends_the_deployment_and_the_others_are_put_back() {
    check(
        world(),
        &linear(),
        at(60, event::rule_deleted("api")),
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
               60s  somebody deletes the rule api
               89s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod of the service shop/web was changed by somebody else while the deployment ran: it forwards at 1 instead of 2 places: to target group web-blue with 40 % on target group web-green
               89s  prod forwards to web-blue 100, web-green 0
               89s  d-1: traffic: put back, every call goes to target group web-blue
              109s  ECS scales ecs-svc/2 to zero
              126s  ECS deletes ecs-svc/2
              126s  d-1: the task set ecs-svc/2 was removed
              126s  d-1: ended: RolledBack, DRIFT
              126s  execution d-1 ends: FAILED DRIFT
            RolledBack, DRIFT; prod on web-blue 100 and web-green 0, api is gone, test on web-blue, ecs-svc/1 of web:1 PRIMARY; the lock is free
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_rule_that_has_nothing_to_do_with_the_service_may_change() {
    let (simulation, id) = super::created(world(), &linear());
    simulation.at(60, event::forwarded("docs", &[("docs", 7)]));
    simulation.run();
    assert!(super::ended(&simulation, &id).starts_with("Succeeded"), "{}", super::told(&simulation, &id));
}

#[test]
fn a_change_while_the_old_task_set_is_kept_is_found_before_the_deployment_succeeds() {
    let to: &[(&str, u32)] = &[("web-blue", 50), ("web-green", 50)];
    check(
        world(),
        &deploy("AllAtOnce").keeps(10),
        at(300, event::forwarded("prod", to)),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: target group web-blue to target group web-green in 1 step, with waits of 10m at most
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
              300s  somebody has prod forward to web-blue 50, web-green 50
              329s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the listener arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/prod of the service shop/web was changed by somebody else while the deployment ran: it forwards at 2 places: to target group web-blue with 50 % on target group web-green; to target group web-green
              329s  api forwards to web-blue 100, web-green 0
              329s  d-1: traffic: changed by somebody else, and that was left alone: target group web-blue with 50 % on target group web-green
              329s  d-1: the task set ecs-svc/2 was kept: a listener still sends calls to its target group
              329s  d-1: ended: Failed, DRIFT
              329s  execution d-1 ends: FAILED DRIFT
            Failed, DRIFT; prod on web-blue 50 and web-green 50, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/1 of web:1, ecs-svc/2 of web:2 PRIMARY; the lock is free, left over: target group web-blue with 50 % on target group web-green
            BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_rollout_that_somebody_finished_by_hand_is_what_the_next_deployment_goes_on_from() {
    let (simulation, first) = created(world(), &linear());
    for place in ["prod", "api"] {
        simulation.at(60, event::forwarded(place, &[("web-blue", 0), ("web-green", 100)]));
    }
    simulation.run();
    expect![[r#"
        Failed, DRIFT; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/1 of web:1 PRIMARY, ecs-svc/2 of web:2; the lock is free, left over: target group web-green
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
    "#]].assert_eq(&ended(&simulation, &first));
    let second = simulation.create(deploy("AllAtOnce").to(3).json());
    simulation.run();
    let told = told(&simulation, &second);
    let (_, of_second) = told.split_once(&format!("execution {second} starts\n")).unwrap();
    expect![[r#"
           89s  CodeDeploy_20141006.CreateDeployment answers 200
           89s  d-2: planned: target group web-green to target group web-blue in 1 step, 20s at least
           89s  ECS makes ecs-svc/2 the primary
           89s  d-2: the primary task set is ecs-svc/2
           91s  ECS deletes ecs-svc/1
           91s  d-2: the task set ecs-svc/1 was removed
           93s  ECS makes ecs-svc/3 of web:3 on web-blue
           93s  d-2: the green task set ecs-svc/3 was created
          118s  d-2: the green task set ecs-svc/3 is ready for traffic
          118s  prod forwards to web-blue 100, web-green 0
          118s  api forwards to web-blue 100, web-green 0
          118s  d-2: 100 % of the calls to target group web-blue
          118s  ECS makes ecs-svc/3 the primary
          118s  d-2: the primary task set is ecs-svc/3
          138s  d-2: committed: past the point of no return
          138s  ECS scales ecs-svc/2 to zero
          156s  ECS deletes ecs-svc/2
          156s  d-2: the task set ecs-svc/2 was removed
          156s  d-2: ended: Succeeded
          156s  execution d-2 ends: SUCCEEDED
        Succeeded; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/3 of web:3 PRIMARY; the lock is free
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
    "#]].assert_eq(of_second);
    assert_eq!(promises::kept(&simulation, &second), Ok(()));
}
