//! Calls of a deployment that is over, that arrive once another one has won, or where somebody else had changed the traffic.

use fakes::{Fault, Simulation, event};
use rollout::deployment::Outcome;
use rollout::ids::DeploymentId;
use rollout::seconds::Seconds;
use rollout::service::live::Role;
use steps::ports::Alert;

use super::{Deploy, created, deploy, told, world};

/// Which port calls are of a method, counted from 1.
fn numbers(simulation: &Simulation, method: &str) -> Vec<usize> {
    let calls = simulation.world().faults.calls();
    calls.iter().zip(1..).filter(|(call, _)| **call == method).map(|(_, number)| number).collect()
}

/// A deployment that is stopped in its second step.
fn stopped() -> (Simulation, DeploymentId) {
    let (simulation, id) = created(world(), &deploy("Linear40PercentEvery1Minute").tested());
    simulation.at(90, event::stop(&id, None));
    (simulation, id)
}

/// Another deployment wins, and the sweep comes by as it does.
fn another_wins(simulation: &Simulation) -> DeploymentId {
    for sweep in 1..=40 {
        simulation.at(sweep * 120, event::sweep());
    }
    let another = deploy("AllAtOnce").tested().json();
    simulation.at(1_000, event::api("CodeDeploy_20141006.CreateDeployment", another));
    simulation.run();
    let executions = simulation.executions();
    let id = executions.get(1).map(|id| DeploymentId::parse(id).unwrap()).expect("the other one was started");
    let outcome = simulation.world().deployment(&id).unwrap().phase.outcome();
    assert_eq!(outcome, Some(Outcome::Succeeded), "{}", told(simulation, &id));
    id
}

fn id(text: &str) -> DeploymentId {
    DeploymentId::parse(text).unwrap()
}

/// All calls, those of tests too, are answered by the task set of the deployment that won, and there is no other one.
#[track_caller]
fn has_all(simulation: &Simulation, winner: &DeploymentId) {
    let (world, told) = (simulation.world(), told(simulation, winner));
    for place in ["prod", "api", "test"] {
        let mut forwards = world.forwards(place);
        forwards.retain(|(_, weight)| *weight > 0);
        assert_eq!(forwards.len(), 1, "{place}: {forwards:?}\n{told}");
        assert_eq!(forwards[0].0, "web-green", "{place}\n{told}");
    }
    let live = world.live_service().unwrap();
    let stay: Vec<_> = live.task_sets.iter().filter(|set| set.stays()).map(|set| set.external_id.as_deref()).collect();
    assert_eq!(stay, [Some(winner.as_str())], "{told}");
    let alerted = world.alerts();
    assert!(alerted.iter().any(|alert| matches!(alert, Alert::Unresolved { .. })), "{alerted:?}");
}

#[test]
fn a_write_of_a_rollback_takes_no_call_from_the_deployment_that_won_since() {
    let (usual, _) = stopped();
    usual.run();
    let writes = numbers(&usual, "route");
    for write in &writes[writes.len() - 3..] {
        let (simulation, _) = stopped();
        simulation.world().faults.nth(*write, Fault::Late(Seconds(2_000)));
        let winner = another_wins(&simulation);
        has_all(&simulation, &winner);
        let said = "was carried out after another one had won, at 1 place of the listener";
        assert!(told(&simulation, &winner).contains(said), "{}", told(&simulation, &winner));
    }
}

#[test]
fn a_rollback_that_heard_of_its_writes_is_not_looked_after() {
    let (simulation, id) = stopped();
    simulation.run();
    assert!(simulation.world().deployment(&id).unwrap().progress.sending.is_empty());
    assert_eq!(simulation.world().faults.calls().iter().filter(|call| **call == "expect_late").count(), 0);
}

#[test]
fn a_task_set_that_ecs_makes_for_an_older_deployment_is_removed_by_the_one_that_won_since() {
    let (usual, _) = created(world(), &deploy("AllAtOnce").tested());
    usual.run();
    let made = numbers(&usual, "create_task_set");
    let (simulation, id) = created(world(), &deploy("AllAtOnce").tested());
    simulation.world().faults.nth(made[0], Fault::Late(Seconds(2_000)));
    simulation.before_call(made[0], event::stop(&id, None));
    let winner = another_wins(&simulation);
    let live = simulation.world().live_service().unwrap();
    assert!(live.made_by(id.as_str()).is_none_or(|set| set.role == Role::Draining), "{}", told(&simulation, &winner));
    has_all(&simulation, &winner);
    let said = format!("which the deployment {id} had asked ECS for, was made after its end");
    assert!(told(&simulation, &winner).contains(&said), "{}", told(&simulation, &winner));
}

/// A deployment that ends since somebody else sends all calls to the old task set while a step's first write is on its way.
fn changed_by_somebody_else(late: u64) -> (Simulation, DeploymentId) {
    let (usual, _) = stopped();
    usual.run();
    // The first three give the new target group its place and move test traffic; then two a step.
    let write = numbers(&usual, "route")[5];
    let (simulation, id) = created(world(), &deploy("Linear40PercentEvery1Minute").tested());
    simulation.world().faults.nth(write, Fault::Late(Seconds(late)));
    simulation.before_call(write, event::forwarded("prod", &[("web-blue", 70), ("web-green", 30)]));
    (simulation, id)
}

#[test]
fn a_write_after_somebody_elses_change_is_told_and_left_to_them() {
    let (simulation, id) = changed_by_somebody_else(600);
    for sweep in 1..=10 {
        simulation.at(sweep * 120, event::sweep());
    }
    simulation.run();
    let told = told(&simulation, &id);
    assert_eq!(
        simulation.world().forwards("prod"),
        [("web-blue".to_owned(), 20), ("web-green".to_owned(), 80)],
        "{told}"
    );
    let said = format!("alert: {id} is unresolved: calls are divided at 1 place of the listener");
    assert_eq!(told.matches(&said).count(), 1, "{told}");
}

#[test]
fn a_write_of_a_deployment_that_ended_on_drift_takes_no_call_from_the_one_that_won_since() {
    let (simulation, _) = changed_by_somebody_else(2_000);
    let winner = another_wins(&simulation);
    has_all(&simulation, &winner);
}

#[test]
fn a_second_write_that_comes_late_is_undone_as_the_first_was() {
    let (usual, _) = stopped();
    usual.run();
    let first = numbers(&usual, "route")[3];
    let (retried, _) = stopped();
    retried.world().faults.nth(first, Fault::Late(Seconds(2_000)));
    retried.run();
    let second = numbers(&retried, "route")[4];
    let (simulation, _) = stopped();
    simulation.world().faults.nth(first, Fault::Late(Seconds(2_000)));
    simulation.world().faults.nth(second, Fault::Late(Seconds(2_600)));
    let winner = another_wins(&simulation);
    has_all(&simulation, &winner);
    let told = told(&simulation, &winner);
    assert_eq!(told.matches(&format!("alert: {winner} is unresolved")).count(), 2, "{told}");
}

#[test]
fn what_was_left_in_between_on_purpose_makes_nobody_forget_a_write_that_may_come() {
    let (usual, _) = stopped();
    usual.run();
    let write = numbers(&usual, "route")[3];
    let (simulation, _) = stopped();
    simulation.world().faults.nth(write, Fault::Late(Seconds(2_500)));
    for sweep in 1..=40 {
        simulation.at(sweep * 120, event::sweep());
    }
    let create = |deploy: Deploy| event::api("CodeDeploy_20141006.CreateDeployment", deploy.json());
    simulation.at(300, create(deploy("Canary50Percent30Minutes").tested()));
    simulation.at(500, event::stop(&id("d-2"), Some(false)));
    simulation.at(1_000, create(deploy("AllAtOnce").tested()));
    simulation.run();
    has_all(&simulation, &id("d-3"));
}

#[test]
fn a_task_set_of_an_older_deployment_that_comes_during_a_canary_ends_that_and_goes() {
    let (usual, _) = created(world(), &deploy("AllAtOnce").tested());
    usual.run();
    let made = numbers(&usual, "create_task_set");
    let (simulation, first) = created(world(), &deploy("AllAtOnce").tested());
    simulation.world().faults.nth(made[0], Fault::Late(Seconds(600)));
    simulation.before_call(made[0], event::stop(&first, None));
    for sweep in 1..=30 {
        simulation.at(sweep * 120, event::sweep());
    }
    let second = deploy("Canary50Percent30Minutes").tested().json();
    simulation.at(300, event::api("CodeDeploy_20141006.CreateDeployment", second));
    simulation.run();
    let told = told(&simulation, &id("d-2"));
    assert!(told.contains("RolledBack, DRIFT"), "{told}");
    assert!(told.contains("was put behind the target group of the new one"), "{told}");
    for place in ["prod", "api"] {
        assert_eq!(simulation.world().forwards(place)[0], ("web-blue".to_owned(), 100), "{told}");
    }
    let live = simulation.world().live_service().unwrap();
    let stay: Vec<_> = live.task_sets.iter().filter(|set| set.stays()).map(|set| set.id.as_str()).collect();
    assert_eq!(stay, ["ecs-svc/1"], "{told}");
}

#[test]
fn an_old_task_set_that_loses_its_tasks_in_a_hold_gets_them_back_there() {
    let (simulation, deployment) = created(world(), &deploy("Canary10Percent30Minutes").tested());
    simulation.at(600, event::scaled_to_zero("web-blue"));
    simulation.run_until(700);
    let told = told(&simulation, &deployment);
    assert!(told.contains("gets its tasks back: it has calls, and lost them"), "{told}");
    let live = simulation.world().live_service().unwrap();
    let old = live.task_sets.iter().find(|set| set.id.as_str() == "ecs-svc/1").unwrap();
    assert!(old.scale == 100 && old.running > 0, "{old:?}\n{told}");
}

#[test]
fn an_old_task_set_that_ecs_tells_to_have_lost_its_tasks_gets_them_back_at_once() {
    for course in [deploy("Canary10Percent30Minutes"), deploy("AllAtOnce").ready(60)] {
        let (simulation, deployment) = created(world(), &course);
        simulation.at(600, event::scaled_to_zero_aloud("web-blue"));
        simulation.run_until(601);
        let told = told(&simulation, &deployment);
        assert!(told.contains("gets its tasks back: it has calls, and lost them"), "{told}");
    }
}

#[test]
fn calls_that_a_late_write_sends_to_tasks_that_never_came_go_home_and_the_next_deployment_succeeds() {
    let (usual, _) = stopped();
    usual.run();
    let write = numbers(&usual, "route")[3];
    let (simulation, first) = stopped();
    simulation.world().faults.nth(write, Fault::Late(Seconds(600)));
    for sweep in 1..=40 {
        simulation.at(sweep * 120, event::sweep());
    }
    let create = |deploy: Deploy| event::api("CodeDeploy_20141006.CreateDeployment", deploy.json());
    // Its tasks never run, and it sees the write as somebody's change.
    simulation.at(500, create(deploy("Canary50Percent30Minutes").tested()));
    simulation.at(510, event::tasks_die("web-green"));
    simulation.run_until(1_500);
    for place in ["prod", "api"] {
        assert_eq!(
            simulation.world().forwards(place)[0],
            ("web-blue".to_owned(), 100),
            "{}",
            told(&simulation, &first)
        );
    }
    simulation.happens(create(deploy("AllAtOnce").tested()));
    simulation.run();
    assert!(
        told(&simulation, &id("d-3")).contains("Succeeded; prod on web-blue 0 and web-green 100"),
        "{}",
        told(&simulation, &id("d-3"))
    );
}

/// A deployment whose first step's write to the listener comes that late: it was put back long before.
fn put_back_long_before(late: u64) -> Simulation {
    let (usual, _) = stopped();
    usual.run();
    let (simulation, _) = stopped();
    simulation.world().faults.nth(numbers(&usual, "route")[3], Fault::Late(Seconds(late)));
    simulation
}

#[test]
fn a_write_of_an_older_deployment_that_comes_while_another_one_clears_up_goes_home() {
    let simulation = put_back_long_before(877);
    let canary = deploy("Canary20Percent30Minutes").tested().json();
    simulation.at(600, event::api("CodeDeploy_20141006.CreateDeployment", canary));
    simulation.at(900, event::stop(&id("d-2"), None));
    simulation.run();
    let told = told(&simulation, &id("d-2"));
    assert!(told.contains("906s  prod forwards to web-blue 60, web-green 40"), "{told}");
    assert!(told.contains("RolledBack, MANUAL_STOP"), "{told}");
    for place in ["prod", "api"] {
        assert_eq!(simulation.world().forwards(place)[0], ("web-blue".to_owned(), 100), "{told}");
    }
    let live = simulation.world().live_service().unwrap();
    let stay: Vec<_> = live.task_sets.iter().filter(|set| set.stays()).map(|set| set.id.as_str()).collect();
    assert_eq!(stay, ["ecs-svc/1"], "{told}");
}

#[test]
fn a_write_of_an_older_deployment_that_comes_during_a_canary_or_after_the_switch_is_written_over() {
    for (strategy, late) in [("Canary20Percent10Minutes", 700), ("AllAtOnce", 615)] {
        let simulation = put_back_long_before(late);
        let another = deploy(strategy).tested().json();
        simulation.at(600, event::api("CodeDeploy_20141006.CreateDeployment", another));
        simulation.run();
        let told = told(&simulation, &id("d-2"));
        assert!(told.contains("a write that came late was undone"), "{told}");
        assert!(told.contains("Succeeded; "), "{told}");
        for place in ["prod", "api"] {
            assert_eq!(simulation.world().forwards(place)[1], ("web-green".to_owned(), 100), "{told}");
        }
    }
}

#[test]
fn no_task_set_is_removed_as_long_as_an_unanswered_write_of_an_older_rollback_may_send_it_calls() {
    let (usual, _) = stopped();
    usual.run();
    let writes = numbers(&usual, "route");
    let (simulation, _) = stopped();
    simulation.world().faults.nth(writes[writes.len() - 3], Fault::Late(Seconds(90)));
    simulation.at(130, event::api("CodeDeploy_20141006.CreateDeployment", deploy("AllAtOnce").tested().json()));
    simulation.run();
    let told = told(&simulation, &id("d-2"));
    assert!(told.contains("180s  prod forwards to web-blue 100, web-green 0"), "{told}");
    assert!(told.contains("a write that came late was undone"), "{told}");
    assert!(told.contains("Succeeded; "), "{told}");
    assert!(!told.contains("unresolved"), "{told}");
}
