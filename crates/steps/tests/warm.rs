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
    let (simulation, _) = check(world(), &canary(), |_, _| {}, expect![[r#""#]]);
    is_cold(&simulation);
}

#[test]
fn a_deployment_that_is_stopped_while_its_version_warms_moves_nothing_and_takes_it_back() {
    let (simulation, _) = check(
        world(),
        &canary(),
        |simulation, id| simulation.at(30, event::stop(id, None)),
        expect![[r#""#]],
    );
    is_cold(&simulation);
}

#[test]
fn a_version_that_cannot_be_kept_warm_gets_no_call() {
    let world = world();
    world.has_no_room();
    let (simulation, _) = check(world, &canary(), |_, _| {}, expect![[r#""#]]);
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
