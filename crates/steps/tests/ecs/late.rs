//! Calls that arrive when nobody waits for them any more: after a rollback they must change nothing for good.

use std::cell::RefCell;
use std::rc::Rc;

use fakes::{Fault, Simulation, event, shop};
use jiff::SignedDuration;
use rollout::deployment::Phase;
use rollout::ids::{DeploymentId, TaskSetId};
use rollout::seconds::Seconds;
use steps::ports::{Alert, Clock as _};

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

#[test]
fn a_weight_that_is_written_while_the_new_task_set_goes_is_put_back_before_it_is_gone() {
    for nth in 3..7 {
        let (simulation, id) = after_the_end(nth, 100);
        let told = told(&simulation, &id);
        assert_eq!(simulation.world().forwards("prod")[0], ("web-blue".to_owned(), 100), "write {nth}\n{told}");
        assert!(told.contains("a write that came late was undone, at 1 place"), "write {nth}\n{told}");
        assert_eq!(simulation.executions(), [id.to_string()]);
    }
}

/// What the deployment looks like once a write of it came so late, with the sweep coming by as it does.
fn after_the_end(nth: usize, late: u64) -> (Simulation, DeploymentId) {
    let (simulation, id) = with_a_late_write(nth, late);
    simulation.run();
    (simulation, id)
}

fn with_a_late_write(nth: usize, late: u64) -> (Simulation, DeploymentId) {
    let deploy = deploy("Linear40PercentEvery1Minute").tested();
    let (usual, _) = created(world(), &deploy);
    usual.run();
    let calls = usual.world().faults.calls();
    let writes: Vec<usize> = calls.iter().zip(1..).filter(|(call, _)| **call == "route").map(|(_, at)| at).collect();
    let (simulation, id) = created(world(), &deploy);
    simulation.world().faults.nth(writes[nth], Fault::Late(Seconds(late)));
    simulation.before_call(writes[nth], event::stop(&id, None));
    for sweep in 1..=40 {
        simulation.at(sweep * 120, event::sweep());
    }
    (simulation, id)
}

#[test]
fn a_weight_that_is_written_after_the_end_is_told_and_put_back() {
    // The first two writes give the new target group its place, the third one moves test traffic, the others production.
    for nth in 3..7 {
        for late in [200, 600, 3_000] {
            let (simulation, id) = after_the_end(nth, late);
            let told = told(&simulation, &id);
            for place in ["prod", "api"] {
                let forwards = simulation.world().forwards(place);
                assert_eq!(forwards[0], ("web-blue".to_owned(), 100), "write {nth}, {late} s late\n{told}");
            }
            assert!(ended(&simulation, &id).contains("RolledBack, MANUAL_STOP"), "{told}");
            assert!(told.contains("was carried out after its end, at 1 place of the listener"), "{told}");
            let alerted = simulation.world().alerts();
            assert!(alerted.iter().any(|alert| matches!(alert, Alert::Unresolved { .. })), "{alerted:?}");
            assert_eq!(simulation.executions(), [id.to_string(), format!("{id}-recovery-1")]);
        }
    }
}

#[test]
fn a_change_by_hand_after_the_end_is_no_late_write_where_a_task_set_of_theirs_gets_the_calls() {
    let (simulation, id) = with_a_late_write(3, 100_000);
    simulation.at(
        700,
        event::instant(|simulation| {
            let made = simulation.world().clock.now() - SignedDuration::from_mins(1);
            simulation.world().change_service(|service| {
                let mut theirs = service.sets[0].clone();
                theirs.id = TaskSetId::parse("ecs-svc/77").unwrap();
                (theirs.external_id, theirs.primary, theirs.made) = (None, false, made);
                (theirs.group, theirs.definition) = (shop::group("web-green"), shop::definition("web:3"));
                service.sets.push(theirs);
            });
        }),
    );
    simulation.at(701, event::forwarded("prod", &[("web-blue", 60), ("web-green", 40)]));
    simulation.run_until(1_500);
    let told = told(&simulation, &id);
    assert_eq!(simulation.world().forwards("prod")[1], ("web-green".to_owned(), 40), "{told}");
    assert!(!told.contains("was carried out after its end"), "{told}");
}

#[test]
fn a_deployment_that_is_put_back_after_its_end_holds_the_lock_whoever_took_it_in_between() {
    let (usual, _) = with_a_late_write(3, 200);
    usual.run();
    let calls = usual.world().faults.calls();
    let locked = calls.iter().rposition(|call| *call == "lock").unwrap();
    let first = calls[..=locked].iter().rposition(|call| *call == "expected_late").unwrap();
    for before in first + 1..=locked + 8 {
        let (simulation, id) = with_a_late_write(3, 200);
        let another = deploy("Linear40PercentEvery1Minute").json();
        simulation.before_call(before, event::api("CodeDeploy_20141006.CreateDeployment", another));
        let seen: Rc<RefCell<Vec<String>>> = Rc::default();
        for second in 230..350 {
            let (seen, id) = (Rc::clone(&seen), id.clone());
            let look = move |simulation: &Simulation| {
                let phase = simulation.world().deployment(&id).unwrap().phase;
                let owner = simulation.world().lock_of_service().owner;
                if !matches!(phase, Phase::Ended { .. }) && owner.as_ref() != Some(&id) {
                    seen.borrow_mut().push(format!("{second} s: {}, and the lock is {owner:?}'s", phase.name()));
                }
            };
            simulation.at(second, event::instant(look));
        }
        simulation.run();
        assert_eq!(*seen.borrow(), [""; 0], "before call {before}\n{}", told(&simulation, &id));
    }
}
