//! Calls that arrive when nobody waits for them any more: after a rollback they must change nothing for good.

use fakes::{Fault, Simulation, event};
use rollout::ids::DeploymentId;
use rollout::seconds::Seconds;

use super::{Deploy, created, deploy, ended, promises, told, world};

/// Runs a deployment whose `nth` call of a method meets a fault, and which is stopped right after that.
fn stopped_at(deploy: &Deploy, method: &str, nth: usize, fault: Fault) -> (Simulation, DeploymentId) {
    let (usual, _) = created(world(), deploy);
    usual.run();
    let calls = usual.world().faults.calls();
    let numbers: Vec<usize> =
        calls.iter().enumerate().filter(|(_, call)| **call == method).map(|(index, _)| index + 1).collect();
    let (simulation, id) = created(world(), deploy);
    simulation.world().faults.nth(numbers[nth], fault);
    simulation.before_call(numbers[nth], event::stop(&id, None));
    simulation.run();
    (simulation, id)
}

/// Every way in which a call can arrive late, and still within its lease.
fn late() -> impl Iterator<Item = Fault> {
    [0, 1, 5, 17].into_iter().flat_map(|seconds| [Fault::Late(Seconds(seconds)), Fault::Orphan(Seconds(seconds))])
}

#[track_caller]
fn is_blue(simulation: &Simulation, id: &DeploymentId, fault: Fault) {
    let told = told(simulation, id);
    assert_eq!(promises::kept(simulation, id), Ok(()), "{fault:?}\n{told}");
    let world = simulation.world();
    for place in ["prod", "api"] {
        let forwards = world.forwards(place);
        let green: u32 = forwards.iter().filter(|(name, _)| name == "web-green").map(|(_, weight)| *weight).sum();
        assert_eq!(green, 0, "{fault:?}\n{told}");
    }
    let live = world.live_service().unwrap();
    assert_eq!(live.primary().map(|set| set.id.as_str()), Some("ecs-svc/1"), "{fault:?}\n{told}");
    assert!(live.made_by(id.as_str()).is_none_or(|set| set.role == rollout::service::live::Role::Draining), "{told}");
}

#[test]
fn a_weight_that_is_written_late_never_stays() {
    for fault in late() {
        // The first writes give the new target group its place, the others move traffic, two places each.
        for nth in 0..8 {
            let (simulation, id) = stopped_at(&deploy("Linear40PercentEvery1Minute"), "route", nth, fault);
            is_blue(&simulation, &id, fault);
        }
    }
}

#[test]
fn a_task_set_that_is_made_late_is_removed() {
    for fault in late() {
        let (simulation, id) = stopped_at(&deploy("Canary10Percent1Minute"), "create_task_set", 0, fault);
        is_blue(&simulation, &id, fault);
        assert!(ended(&simulation, &id).contains("MANUAL_STOP"));
    }
}

#[test]
fn a_primary_that_is_switched_late_is_switched_back() {
    for fault in late() {
        let (simulation, id) = stopped_at(&deploy("Canary10Percent1Minute"), "promote", 0, fault);
        is_blue(&simulation, &id, fault);
    }
}

#[test]
fn test_traffic_that_moves_late_goes_back() {
    for fault in late() {
        // The two writes before that give the new target group its place.
        let (simulation, id) = stopped_at(&deploy("Canary10Percent1Minute").tested(), "route", 2, fault);
        is_blue(&simulation, &id, fault);
        assert_eq!(simulation.world().forwards("test")[0], ("web-blue".to_owned(), 100), "{}", told(&simulation, &id));
    }
}

#[test]
fn a_weight_of_an_attempt_that_another_one_overtook_never_stays() {
    let deploy = deploy("Linear40PercentEvery1Minute");
    let (usual, _) = created(world(), &deploy);
    usual.run();
    let calls = usual.world().faults.calls();
    let writes: Vec<usize> = calls.iter().zip(1..).filter(|(call, _)| **call == "route").map(|(_, nth)| nth).collect();
    // The first attempt hangs in its write at 89 s, the second one takes the step, and somebody stops the deployment.
    for (nth, stop) in [(4, 92), (5, 92), (4, 95), (5, 95)] {
        for late in [5, 8, 12, 17] {
            let (simulation, id) = created(world(), &deploy);
            simulation.world().faults.nth(writes[nth], Fault::Orphan(Seconds(late)));
            simulation.at(stop, event::stop(&id, None));
            simulation.run();
            is_blue(&simulation, &id, Fault::Orphan(Seconds(late)));
        }
    }
}
