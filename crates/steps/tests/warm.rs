//! Versions that are warm before their first call, and cold again once the deployment is over.

use expect_test::expect;
use fakes::{Fault, Simulation, event};
use rollout::ids::DeploymentId;

use crate::story::{Request, check, created, ended, request, world};

fn canary() -> Request {
    request("Canary10Percent5Minutes").warm(5)
}

#[track_caller]
fn is_cold(simulation: &Simulation) {
    assert_eq!(simulation.world().warm("storefront"), [], "{}", simulation.world().story());
}

#[test]
fn a_version_is_warm_before_its_first_call_and_cold_again_at_the_end() {
    let (simulation, _) = check(
        world(),
        &canary(),
        |_, _| {},
        expect![[r#"
            0s  execution d-1 starts
            0s  CodeDeploy_20141006.CreateDeployment answers 200
            0s  d-1: planned: version 1 to version 2 in 2 steps, 5m at least
            0s  d-1: version 2 is given 5 provisioned concurrent executions
           88s  d-1: version 2 is warm
           88s  storefront:live is pointed at version 1 with 10 % on version 2
           88s  d-1: 10 % of the calls to version 2
          388s  storefront:live is pointed at version 2
          388s  d-1: 100 % of the calls to version 2
          388s  d-1: committed: past the point of no return
          388s  d-1: the provisioned concurrency of version 2 was taken back
          388s  execution d-1 ends: SUCCEEDED
        Succeeded; the alias is version 2; the lock is free
        BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
    "#]],
    );
    is_cold(&simulation);
}

#[test]
fn a_deployment_that_is_stopped_while_its_version_warms_moves_nothing_and_takes_it_back() {
    let (simulation, _) = check(
        world(),
        &canary(),
        |simulation, id| simulation.at(30, event::stop(id, None)),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 5m at least
                0s  d-1: version 2 is given 5 provisioned concurrent executions
               30s  d-1: stopping before any traffic was moved: MANUAL_STOP: The deployment was stopped by a user
               30s  CodeDeploy_20141006.StopDeployment answers 200
               30s  d-1: traffic: no call ever went to the new version
               30s  d-1: the provisioned concurrency of version 2 was taken back
               30s  execution d-1 ends: FAILED MANUAL_STOP
            Stopped, MANUAL_STOP; the alias is version 1; the lock is free
            BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped
        "#]],
    );
    is_cold(&simulation);
}

#[test]
fn a_version_that_cannot_be_kept_warm_gets_no_call() {
    let world = world();
    world.has_no_room();
    let (simulation, _) = check(
        world,
        &canary(),
        |_, _| {},
        expect![[r#"
            0s  execution d-1 starts
            0s  CodeDeploy_20141006.CreateDeployment answers 200
            0s  d-1: planned: version 1 to version 2 in 2 steps, 5m at least
            0s  d-1: version 2 is given 5 provisioned concurrent executions
            2s  d-1: stopping before any traffic was moved: INVALID_LAMBDA_CONFIGURATION: version 2 did not get 5 provisioned concurrent executions (Warm): Lambda says: FUNCTION_ERROR_INIT_FAILURE. Ask for fewer, or leave Warm out
            2s  d-1: traffic: no call ever went to the new version
            2s  d-1: the provisioned concurrency of version 2 was taken back
            2s  execution d-1 ends: FAILED INVALID_LAMBDA_CONFIGURATION
        Failed, INVALID_LAMBDA_CONFIGURATION; the alias is version 1; the lock is free
        BeforeAllowTraffic Skipped, AllowTraffic Skipped, AfterAllowTraffic Skipped
    "#]],
    );
    is_cold(&simulation);
}

#[test]
fn what_somebody_else_keeps_warm_is_neither_warmed_nor_cooled() {
    let world = world();
    world.provision("storefront", "2", 7);
    let (simulation, id) = created(world, &canary());
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded"));
    assert_eq!(simulation.world().faults.calls().iter().filter(|call| ["warm", "cool"].contains(*call)).count(), 0);
}

fn stopped_after_a_minute() -> (Simulation, DeploymentId) {
    let (simulation, id) = created(world(), &canary());
    simulation.at(100, event::stop(&id, None));
    (simulation, id)
}

#[test]
fn whichever_call_is_lost_or_dies_the_version_is_cold_at_the_end() {
    for begin in [|| created(world(), &canary()), stopped_after_a_minute] {
        let (usual, _) = begin();
        usual.run();
        for number in 1..=usual.world().faults.calls().len() {
            for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Lost, Fault::Busy] {
                let (simulation, id) = begin();
                simulation.world().faults.nth(number, fault);
                simulation.at(400, event::sweep());
                simulation.run();
                let phase = simulation.world().deployment(&id).map(|deployment| deployment.phase);
                assert!(phase.is_none_or(|phase| phase.is_final()), "{}", simulation.world().story());
                is_cold(&simulation);
            }
        }
    }
}
