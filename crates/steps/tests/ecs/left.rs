//! Traffic that is left where it is, since rollback is switched off, and what the next deployment finds.

use expect_test::expect;
use fakes::{Fault, Simulation, World, event};
use rollout::ids::DeploymentId;
use rollout::seconds::Seconds;

use super::{Deploy, created, deploy, ended, promises, told, world};

fn id(text: &str) -> DeploymentId {
    DeploymentId::parse(text).unwrap()
}

fn create(deploy: &Deploy) -> event::Event {
    event::api("CodeDeploy_20141006.CreateDeployment", deploy.json())
}

/// The task sets that stay, by their ids.
fn task_sets(simulation: &Simulation) -> Vec<String> {
    let live = simulation.world().live_service().unwrap();
    live.task_sets.iter().filter(|set| set.stays()).map(|set| set.id.to_string()).collect()
}

#[test]
fn a_stop_before_production_traffic_moves_leaves_nothing_that_stands_in_the_way_of_the_next() {
    let wanted = deploy("AllAtOnce").tested().ready(30);
    for at in [1, 20, 29, 30, 60] {
        let (simulation, first) = created(world(), &wanted);
        simulation.at(at, event::stop(&first, Some(false)));
        simulation.at(600, create(&wanted));
        simulation.at(700, event::resume(&id("d-2")));
        simulation.run();
        let (before, after) = (told(&simulation, &first), told(&simulation, &id("d-2")));
        assert!(before.contains("Stopped, MANUAL_STOP"), "at {at} s\n{before}");
        assert!(after.contains("Succeeded; prod on web-blue 0 and web-green 100"), "at {at} s\n{after}");
        assert_eq!(task_sets(&simulation).len(), 1, "at {at} s\n{after}");
    }
}

#[test]
fn a_first_write_that_comes_after_a_stop_without_rollback_is_put_back() {
    let wanted = deploy("AllAtOnce").tested();
    let (usual, _) = created(world(), &wanted);
    usual.run();
    let calls = usual.world().faults.calls();
    let writes: Vec<usize> = calls.iter().zip(1..).filter(|(call, _)| **call == "route").map(|(_, at)| at).collect();
    let (simulation, first) = created(world(), &wanted);
    simulation.world().faults.nth(writes[3], Fault::Late(Seconds(300)));
    simulation.before_call(writes[3], event::stop(&first, Some(false)));
    for sweep in 1..=10 {
        simulation.at(sweep * 120, event::sweep());
    }
    simulation.run();
    let told = told(&simulation, &first);
    for place in ["prod", "api"] {
        assert_eq!(simulation.world().forwards(place)[0], ("web-blue".to_owned(), 100), "{told}");
    }
    assert!(told.contains("the traffic is put back once more"), "{told}");
}

#[test]
fn a_change_by_hand_after_what_was_left_behind_was_sent_home_is_left_alone() {
    let (simulation, first) = created(world(), &deploy("Canary50Percent30Minutes").tested());
    simulation.at(300, event::stop(&first, Some(false)));
    simulation.at(600, create(&deploy("Canary50Percent30Minutes").tested()));
    simulation.at(610, event::forwarded("prod", &[("web-blue", 30), ("web-green", 70)]));
    simulation.run();
    let told = told(&simulation, &id("d-2"));
    assert!(told.contains("Failed, DRIFT"), "{told}");
    assert_eq!(simulation.world().forwards("prod")[1], ("web-green".to_owned(), 70), "{told}");
}

#[test]
fn with_rollback_switched_off_the_split_stays_and_the_next_deployment_takes_it_up() {
    let request = deploy("Linear40PercentEvery1Minute").no_rollback();
    let (simulation, first) = created(world(), &request);
    simulation.at(100, event::stop(&first, None));
    simulation.run();
    expect![[r#"
        Stopped, MANUAL_STOP; prod on web-blue 20 and web-green 80, api on web-blue 20 and web-green 80, test on web-blue, ecs-svc/1 of web:1 PRIMARY, ecs-svc/2 of web:2; the lock is free, left over: target group web-blue with 80 % on target group web-green
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
    "#]].assert_eq(&ended(&simulation, &first));
    let second = simulation.create(deploy("AllAtOnce").to(3).json());
    simulation.run();
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
          100s  d-1: stopping, leaving the traffic where it is: MANUAL_STOP: The deployment was stopped by a user
          100s  CodeDeploy_20141006.StopDeployment answers 200
          100s  d-1: traffic: left as it is: target group web-blue with 80 % on target group web-green
          100s  d-1: ended: Stopped, MANUAL_STOP
          100s  execution d-1 ends: FAILED MANUAL_STOP
          100s  execution d-2 starts
          100s  CodeDeploy_20141006.CreateDeployment answers 200
          100s  d-2: planned: target group web-blue to target group web-green in 1 step, 20s at least
          100s  prod forwards to web-blue 100, web-green 0
          100s  api forwards to web-blue 100, web-green 0
          100s  d-2: every call goes to target group web-blue: what was left behind in the place of the new task set is removed
          120s  ECS deletes ecs-svc/2
          120s  d-2: the task set ecs-svc/2 was removed
          122s  ECS makes ecs-svc/3 of web:3 on web-green
          122s  d-2: the green task set ecs-svc/3 was created
          156s  d-2: the green task set ecs-svc/3 is ready for traffic
          156s  prod forwards to web-blue 0, web-green 100
          156s  api forwards to web-blue 0, web-green 100
          156s  d-2: 100 % of the calls to target group web-green
          156s  ECS makes ecs-svc/3 the primary
          156s  d-2: the primary task set is ecs-svc/3
          176s  d-2: committed: past the point of no return
          176s  ECS scales ecs-svc/1 to zero
          194s  ECS deletes ecs-svc/1
          194s  d-2: the task set ecs-svc/1 was removed
          194s  d-2: ended: Succeeded
          194s  execution d-2 ends: SUCCEEDED
        Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/3 of web:3 PRIMARY; the lock is free
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
    "#]].assert_eq(&told(&simulation, &second));
    assert_eq!(promises::kept(&simulation, &second), Ok(()));
}

/// A deployment whose rollback is switched off ends, and another one follows.
fn two_in_a_row(world: World, first: &Deploy, happen: impl FnOnce(&Simulation, &DeploymentId)) -> (String, String) {
    let (simulation, first) = created(world, &first.clone().no_rollback());
    happen(&simulation, &first);
    simulation.run();
    let left = ended(&simulation, &first);
    let second = simulation.create(deploy("AllAtOnce").to(3).json());
    simulation.run();
    assert_eq!(promises::kept(&simulation, &second), Ok(()), "{}", told(&simulation, &second));
    (left, ended(&simulation, &second))
}

#[test]
fn all_the_traffic_may_be_left_on_the_new_task_set_and_the_next_deployment_goes_on_from_there() {
    let request = deploy("AllAtOnce").keeps(10);
    let stop = |simulation: &Simulation, id: &DeploymentId| simulation.at(200, event::stop(id, None));
    let (left, then) = two_in_a_row(world(), &request, stop);
    expect![[r#"
        Stopped, MANUAL_STOP; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/1 of web:1, ecs-svc/2 of web:2 PRIMARY; the lock is free, left over: target group web-green
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
    "#]].assert_eq(&left);
    expect![[r#"
        Succeeded; prod on web-blue 100 and web-green 0, api on web-blue 100 and web-green 0, test on web-blue, ecs-svc/3 of web:3 PRIMARY; the lock is free
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
    "#]].assert_eq(&then);
}

#[test]
fn a_step_may_be_left_at_some_places_only_and_the_next_deployment_goes_on_from_there() {
    let request = deploy("Linear40PercentEvery1Minute");
    let (undisturbed, _) = created(world(), &request);
    undisturbed.run();
    let calls = undisturbed.world().faults.calls();
    // Each write is one of the default action and one of the rule: at the start, at 40 % and, the last one here, at 80 %.
    let writes = calls.iter().zip(1..).filter(|(call, _)| **call == "route");
    let last = writes.map(|(_, number)| number).nth(5).unwrap();
    let world = world();
    world.faults.nth(last, Fault::Denied);
    let (left, then) = two_in_a_row(world, &request, |_, _| {});
    expect![[r#"
        Failed, ECS_UPDATE_ERROR; prod on web-blue 20 and web-green 80, api on web-blue 60 and web-green 40, test on web-blue, ecs-svc/1 of web:1 PRIMARY, ecs-svc/2 of web:2; the lock is free, left over: target group web-blue with 80 % on target group web-green
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
    "#]].assert_eq(&left);
    expect![[r#"
        Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue, ecs-svc/3 of web:3 PRIMARY; the lock is free
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
    "#]].assert_eq(&then);
}
