//! Stops without rollback, and what the next deployment finds.

use fakes::{Fault, Simulation, event};
use rollout::ids::DeploymentId;
use rollout::seconds::Seconds;

use super::{Deploy, created, deploy, told, world};

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
