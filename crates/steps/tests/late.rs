//! Writes of an alias that arrive when nobody waits for them any more, however late: they must change nothing for good.

use fakes::{Fault, Simulation, event};
use rollout::ids::DeploymentId;
use rollout::platform::Platform;
use rollout::seconds::Seconds;
use serde_json::json;

use crate::promises;
use crate::story::{created, ended, request, told, world};

/// Runs a deployment whose `nth` write of the alias meets a fault, and to which something happens right before that write.
fn disturbed(
    strategy: &str,
    nth: usize,
    fault: Fault,
    happens: impl Fn(&DeploymentId) -> event::Event,
) -> (Simulation, DeploymentId) {
    let (usual, _) = created(world(), &request(strategy));
    usual.run();
    let number = number_of(&usual, "point", nth);
    let (simulation, id) = created(world(), &request(strategy));
    simulation.world().faults.nth(number, fault);
    simulation.before_call(number, happens(&id));
    simulation.run();
    (simulation, id)
}

/// Which port call was the `nth` of a method, counted from 0.
fn number_of(simulation: &Simulation, method: &str, nth: usize) -> usize {
    let calls = simulation.world().faults.calls();
    let mut numbers = calls.iter().zip(1..).filter(|(call, _)| **call == method).map(|(_, number)| number);
    numbers.nth(nth).expect("the story has as many calls")
}

/// Every way in which a write can arrive late: within its lease, after it, and long after everything is over.
fn late() -> impl Iterator<Item = Fault> {
    let seconds = [0, 1, 4, 17, 24, 3_600];
    seconds.into_iter().flat_map(|seconds| [Fault::Late(Seconds(seconds)), Fault::Orphan(Seconds(seconds))])
}

#[test]
fn a_weight_that_is_written_late_never_stays_however_late_it_comes() {
    for fault in late() {
        for nth in 0..3 {
            let ways: [&dyn Fn(&DeploymentId) -> event::Event; 3] =
                [&|id| event::stop(id, None), &|_| event::alarm("errors"), &|id| event::aborted(id.as_str())];
            for happens in ways {
                let (simulation, id) = disturbed("Linear40PercentEvery1Minute", nth, fault, happens);
                let told = told(&simulation, &id);
                assert_eq!(promises::kept(&simulation, &id), Ok(()), "{fault:?}\n{told}");
            }
        }
    }
}

#[test]
fn with_rollback_switched_off_a_late_write_does_not_move_what_was_left() {
    for fault in late() {
        for nth in 0..3 {
            let (simulation, id) =
                disturbed("Linear40PercentEvery1Minute", nth, fault, |id| event::stop(id, Some(false)));
            let told = told(&simulation, &id);
            assert_eq!(promises::kept(&simulation, &id), Ok(()), "{fault:?}\n{told}");
        }
    }
}

#[test]
fn a_deployment_that_was_slow_to_take_its_lock_does_not_undo_one_that_succeeded_meanwhile() {
    let prepare =
        json!({"deploymentId": "d-SLOW", "platform": Platform::Lambda, "request": request("AllAtOnce").json()});
    let usual = Simulation::new(world());
    usual.call("prepare", prepare.clone()).unwrap();
    let taken = number_of(&usual, "lock", 0);
    for refused in [Fault::Throttled, Fault::CrashBefore, Fault::Denied] {
        let simulation = Simulation::new(world());
        simulation.world().faults.nth(taken, refused);
        // The first attempt gets as far as the lock; then another deployment comes and succeeds.
        assert!(simulation.call("prepare", prepare.clone()).is_err());
        simulation.start("d-QUICK", request("AllAtOnce").to(3).json());
        simulation.run();
        simulation.start("d-SLOW", request("AllAtOnce").json());
        simulation.run();
        let (quick, slow) = (id("d-QUICK"), id("d-SLOW"));
        let told = told(&simulation, &slow);
        assert!(ended(&simulation, &quick).starts_with("Succeeded"), "{told}");
        assert!(ended(&simulation, &slow).starts_with("Succeeded; the alias is version 2"), "{told}");
        assert_eq!(simulation.world().plan(&slow).unwrap().shift().from.to_string(), "version 3", "{told}");
    }
}

fn id(text: &str) -> DeploymentId {
    DeploymentId::parse(text).unwrap()
}

#[test]
fn a_deployment_that_has_written_nothing_leaves_a_change_by_hand_alone_when_it_stops() {
    let waits = request("AllAtOnce").hook("BeforeAllowTraffic", "slow");
    let world = world();
    world.hook("slow", |_| steps::ports::Called::Returned(json!({"statusCode": 202})));
    let (simulation, id) = created(world, &waits);
    simulation.at(30, event::pointed(rollout::routing::Routing::all_on(fakes::world::v(3))));
    simulation.at(60, event::stop(&id, None));
    simulation.run();
    let end = ended(&simulation, &id);
    assert!(end.starts_with("Stopped, MANUAL_STOP; the alias is version 3; the lock is free"), "{end}");
}
