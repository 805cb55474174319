//! Executions that somebody starts by hand, past the API.

use expect_test::expect;
use fakes::{Schedule, Simulation, shop};
use rollout::ids::DeploymentId;
use rollout::platform::Platform;
use serde_json::{Value, json};

use super::{deploy, ended, promises, told, world};
use crate::client::with;
use crate::story;

/// An AppSpec that says where its service is.
fn with_place() -> Value {
    let place = json!({
        "Cluster": "shop",
        "Name": "web",
        "TargetGroups": ["web-blue", "web-green"],
        "ProdListener": shop::listener("prod"),
        "TestListener": shop::listener("test"),
    });
    with(deploy("Canary50Percent1Minute").appspec(), json!({"Service": place}))
}

fn run(platform: Platform, input: Value) -> (Simulation, DeploymentId) {
    let simulation = Simulation::with(world(), Schedule::InTurn);
    simulation.start_on(platform, "by-hand", input);
    simulation.run();
    (simulation, DeploymentId::parse("by-hand").unwrap())
}

#[test]
fn an_appspec_that_names_its_service_needs_no_group() {
    let (simulation, id) = run(Platform::Ecs, deploy("AllAtOnce").with(&with_place()));
    expect![[r#"
            0s  by-hand: planned: target group web-blue to target group web-green in 2 steps, 1m 20s at least
            0s  prod forwards to web-blue 100, web-green 0
            0s  api forwards to web-blue 100, web-green 0
            0s  ECS makes ecs-svc/2 of web:2 on web-green
            0s  by-hand: the green task set ecs-svc/2 was created
           29s  by-hand: the green task set ecs-svc/2 is ready for traffic
           29s  test forwards to web-blue 0, web-green 100
           29s  by-hand: test traffic goes to the green task set
           29s  prod forwards to web-blue 50, web-green 50
           29s  api forwards to web-blue 50, web-green 50
           29s  by-hand: 50 % of the calls to target group web-green
           89s  prod forwards to web-blue 0, web-green 100
           89s  api forwards to web-blue 0, web-green 100
           89s  by-hand: 100 % of the calls to target group web-green
           89s  ECS makes ecs-svc/2 the primary
           89s  by-hand: the primary task set is ecs-svc/2
          109s  by-hand: committed: past the point of no return
          109s  ECS scales ecs-svc/1 to zero
          127s  ECS deletes ecs-svc/1
          127s  by-hand: the task set ecs-svc/1 was removed
          127s  by-hand: ended: Succeeded
          127s  execution by-hand ends: SUCCEEDED
        Succeeded; prod on web-blue 0 and web-green 100, api on web-blue 0 and web-green 100, test on web-blue 0 and web-green 100, ecs-svc/2 of web:2 PRIMARY; the lock is free
        BeforeInstall Succeeded, Install Succeeded, AfterInstall Succeeded, AllowTestTraffic Succeeded, AfterAllowTestTraffic Succeeded, BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
    "#]].assert_eq(&told(&simulation, &id));
    assert_eq!(promises::kept(&simulation, &id), Ok(()));
}

#[test]
fn without_a_group_and_a_service_nobody_says_where_to_deploy_to() {
    let (simulation, id) = run(Platform::Ecs, deploy("AllAtOnce").with(&deploy("AllAtOnce").appspec()));
    let why = simulation.world().deployment(&id).unwrap().phase.why().cloned().unwrap();
    expect!["INVALID_ECS_SERVICE: nobody says which service: name an application and a deployment group, or write Service with Cluster, Name, TargetGroups and ProdListener into the AppSpec; on the command line, --application and --group, or in place of --appspec --task-definition with --service, --target-groups and --listener"].assert_eq(&format!("{}: {}", why.code, why.message));
}

#[test]
fn a_deployment_started_on_the_machine_of_the_other_platform_is_refused() {
    let to_service = run(Platform::Lambda, deploy("AllAtOnce").with(&with_place()));
    let to_alias = run(Platform::Ecs, story::request("AllAtOnce").json());
    for ((simulation, id), expected) in [
        (
            to_service,
            expect![
                "INVALID_REVISION: the execution's input is CreateDeployment's: InvalidComputePlatformException: this deployment is for ECS, and was started on the state machine of Lambda: start it on the one whose name ends in -ecs"
            ],
        ),
        (
            to_alias,
            expect![
                "INVALID_REVISION: the execution's input is CreateDeployment's: InvalidComputePlatformException: this deployment is for Lambda, and was started on the state machine of ECS: start it on the one whose name ends in -lambda"
            ],
        ),
    ] {
        let why = simulation.world().deployment(&id).unwrap().phase.why().cloned().unwrap();
        expected.assert_eq(&format!("{}: {}", why.code, why.message));
        assert!(simulation.world().weights_written().is_empty());
        assert!(simulation.world().writes().iter().all(|write| !write.ours));
        assert!(ended(&simulation, &id).contains("ecs-svc/1 of web:1 PRIMARY; the lock is free"));
    }
}

#[test]
fn a_group_for_a_service_is_refused_on_the_machine_of_functions() {
    let simulation = super::simulation(world(), &deploy("AllAtOnce"), Schedule::InTurn);
    simulation.start_on(Platform::Lambda, "by-hand", deploy("AllAtOnce").json());
    simulation.run();
    let id = DeploymentId::parse("by-hand").unwrap();
    let why = simulation.world().deployment(&id).unwrap().phase.why().cloned().unwrap();
    expect!["INVALID_REVISION: the execution's input is CreateDeployment's: InvalidComputePlatformException: this deployment is for ECS, and was started on the state machine of Lambda: start it on the one whose name ends in -ecs"].assert_eq(&format!("{}: {}", why.code, why.message));
}
