//! Deployments that nobody is at, executions that have no business with a record, and what was deleted under way.

use fakes::{Fault, Simulation, event};
use rollout::code::ErrorCode;
use rollout::ids::DeploymentId;
use rollout::journal::Entry;
use rollout::orphan::MAX_RECOVERIES;
use rollout::platform::Platform;
use serde_json::{Value, json};
use steps::ports::Alert;

use crate::groups;
use crate::story::{Request, created, ended, request, world};

fn canary() -> Request {
    request("Canary10Percent5Minutes")
}

fn id(text: &str) -> DeploymentId {
    DeploymentId::parse(text).unwrap()
}

fn recover(id: &str) -> Value {
    json!({"recover": {"deploymentId": id, "attempt": 1}})
}

/// A deployment whose API function died before it started the execution.
pub(crate) fn never_started(simulation: &Simulation, request: Value) -> DeploymentId {
    simulation.world().faults.always("start", Fault::CrashBefore);
    simulation.happens(event::api("CodeDeploy_20141006.CreateDeployment", request));
    simulation.run_until(1);
    simulation.world().faults.heal();
    id("d-1")
}

#[test]
fn a_deployment_whose_api_died_before_its_execution_began_is_ended_by_the_sweep() {
    let simulation = Simulation::new(world());
    let first = never_started(&simulation, canary().json());
    simulation.at(30, event::sweep());
    simulation.run_until(31);
    assert_eq!(simulation.world().deployment(&first).unwrap().phase.name(), "created", "it may still be on its way");
    simulation.at(240, event::sweep());
    simulation.run();
    let why = simulation.world().deployment(&first).unwrap().phase.why().cloned().unwrap();
    assert_eq!(why.message, "the execution of the deployment was never started");
    assert!(ended(&simulation, &first).starts_with("Failed, INTERNAL_ERROR; the alias is version 1; the lock is free"));
}

#[test]
fn an_execution_that_comes_after_its_deployment_was_ended_deploys_nothing() {
    let simulation = Simulation::new(world());
    let first = never_started(&simulation, canary().json());
    simulation.at(240, event::sweep());
    simulation.run();
    simulation.start(first.as_str(), canary().json());
    simulation.run();
    assert!(ended(&simulation, &first).starts_with("Failed, INTERNAL_ERROR; the alias is version 1; the lock is free"));
    assert_eq!(simulation.world().writes().len(), 1, "only the one that set the scene");
}

#[test]
fn the_client_that_got_no_answer_deploys_with_a_plain_retry() {
    let simulation = groups::simulation(fakes::Schedule::InTurn);
    let body = groups::of_group(&canary());
    let first = never_started(&simulation, body.clone());
    let too_early = simulation.api("CodeDeploy_20141006.CreateDeployment", body.clone());
    assert_eq!(too_early.status, 400, "the first one may still be on its way");
    simulation.run_until(90);
    let second = simulation.create(body);
    simulation.run();
    assert!(ended(&simulation, &first).starts_with("Failed, INTERNAL_ERROR"));
    assert!(ended(&simulation, &second).starts_with("Succeeded; the alias is version 2; the lock is free"));
}

#[test]
fn a_stop_ends_what_nobody_is_at() {
    let simulation = Simulation::new(world());
    let first = never_started(&simulation, canary().json());
    simulation.run_until(90);
    let stopped = simulation.api("CodeDeploy_20141006.StopDeployment", json!({"deploymentId": first}));
    assert_eq!(stopped.body["status"], "Pending");
    simulation.run();
    assert!(ended(&simulation, &first).starts_with("Stopped, MANUAL_STOP; the alias is version 1; the lock is free"));
}

#[test]
fn a_client_whose_answer_was_lost_under_way_to_step_functions_gets_the_id_of_what_was_started() {
    let simulation = Simulation::new(world());
    simulation.world().faults.always("start", Fault::Lost);
    let first = simulation.create(canary().json());
    simulation.world().faults.heal();
    simulation.run();
    assert!(ended(&simulation, &first).starts_with("Succeeded; the alias is version 2"));
    assert_eq!(simulation.executions(), [first.as_str()]);
}

#[test]
fn a_death_that_nobody_was_told_of_is_found_by_the_sweep() {
    let (simulation, first) = created(world(), &canary());
    // The event is delivered, and nothing comes of it.
    simulation.at(69, event::instant(|simulation| simulation.world().faults.always("save", Fault::Denied)));
    simulation.at(70, event::aborted(first.as_str()));
    simulation.at(260, event::instant(|simulation| simulation.world().faults.heal()));
    simulation.at(300, event::sweep());
    simulation.run();
    assert_eq!(simulation.executions(), ["d-1", "d-1-recovery-1"]);
    assert!(
        ended(&simulation, &first).starts_with("RolledBack, EXECUTION_LOST; the alias is version 1; the lock is free")
    );
}

#[test]
fn a_recovery_that_was_written_down_and_never_started_is_started_when_the_event_comes_again() {
    let (simulation, first) = created(world(), &canary());
    simulation.at(69, event::instant(|simulation| simulation.world().faults.always("start", Fault::CrashBefore)));
    simulation.at(70, event::aborted(first.as_str()));
    simulation.at(100, event::instant(|simulation| simulation.world().faults.heal()));
    simulation.at(240, event::sweep());
    simulation.run();
    assert_eq!(simulation.executions(), ["d-1", "d-1-recovery-1"]);
    assert!(
        ended(&simulation, &first).starts_with("RolledBack, EXECUTION_LOST; the alias is version 1; the lock is free")
    );
}

#[test]
fn an_execution_that_is_aborted_while_its_first_write_is_under_way_is_not_taken_for_somebody_elses() {
    let simulation = Simulation::new(world());
    simulation.world().faults.always("create", Fault::Late(rollout::seconds::Seconds(5)));
    simulation.start("by-hand", canary().json());
    simulation.at(1, event::aborted("by-hand"));
    simulation.run();
    let first = id("by-hand");
    assert!(ended(&simulation, &first).starts_with("Failed, EXECUTION_LOST; the alias is version 1; the lock is free"));
}

#[test]
fn an_execution_of_the_same_name_on_the_other_machine_fails_and_touches_nothing() {
    let (simulation, first) = created(world(), &canary());
    simulation.run_until(10);
    let before = simulation.world().loaded(&first).unwrap();
    simulation.start_on(Platform::Ecs, first.as_str(), canary().json());
    simulation.run_until(20);
    let ended_as = simulation.execution_on(Platform::Ecs, first.as_str());
    assert_eq!(ended_as.as_deref(), Some("FAILED ForeignExecution"));
    assert_eq!(simulation.world().loaded(&first).unwrap(), before, "record, plan and token are as they were");
    simulation.run();
    assert!(ended(&simulation, &first).starts_with("Succeeded; the alias is version 2; the lock is free"));
    assert_eq!(simulation.execution_on(Platform::Lambda, first.as_str()).as_deref(), Some("SUCCEEDED"));
}

#[test]
fn nobody_recovers_a_healthy_deployment_by_what_an_execution_is_called_or_sent() {
    for name in ["whatever", "d-1-recovery-1", "d-1.recovery-1"] {
        let (simulation, first) = created(world(), &canary());
        simulation.run_until(10);
        let before = simulation.world().loaded(&first).unwrap();
        simulation.start(name, recover("d-1"));
        simulation.run_until(200);
        assert_eq!(simulation.execution(name).as_deref(), Some("FAILED ForeignExecution"), "{name}");
        assert_eq!(simulation.world().loaded(&first).unwrap(), before, "{name}");
        simulation.run();
        assert!(
            ended(&simulation, &first).starts_with("Succeeded; the alias is version 2; the lock is free"),
            "{name}"
        );
    }
}

#[test]
fn a_name_that_somebody_took_leads_to_the_next_one() {
    let (simulation, first) = created(world(), &canary());
    simulation.at(5, event::instant(|simulation| simulation.start("d-1-recovery-1", recover("d-1"))));
    simulation.at(70, event::aborted(first.as_str()));
    simulation.run();
    assert_eq!(simulation.executions(), ["d-1", "d-1-recovery-1", "d-1-recovery-2"]);
    assert!(
        ended(&simulation, &first).starts_with("RolledBack, EXECUTION_LOST; the alias is version 1; the lock is free")
    );
}

#[test]
fn deployments_of_the_longest_names_are_recovered_too() {
    for length in [69, 70, 80] {
        let name = "x".repeat(length);
        let simulation = Simulation::new(world());
        simulation.start(&name, canary().json());
        simulation.at(70, event::aborted(&name));
        simulation.run();
        assert!(simulation.executions().iter().all(|name| name.len() <= 80));
        let ended = ended(&simulation, &id(&name));
        assert!(ended.starts_with("RolledBack, EXECUTION_LOST; the alias is version 1; the lock is free"), "{ended}");
    }
}

#[test]
fn a_commit_whose_token_was_deleted_is_not_waited_for_ten_days() {
    let (simulation, first) = created(world(), &canary());
    simulation.at(60, event::tokens_deleted(&first));
    simulation.at(600, event::sweep());
    simulation.run_until(1_000);
    assert!(ended(&simulation, &first).starts_with("Succeeded; the alias is version 2; the lock is free"));
}

#[test]
fn a_stop_whose_token_was_deleted_ends_the_deployment_all_the_same() {
    let (simulation, first) = created(world(), &request(json!([{"Weight": 10, "Hold": "10h"}, {"Weight": 100}])));
    simulation.at(60, event::tokens_deleted(&first));
    simulation.at(70, event::stop(&first, None));
    simulation.at(300, event::sweep());
    simulation.run_until(1_000);
    assert!(
        ended(&simulation, &first).starts_with("RolledBack, MANUAL_STOP; the alias is version 1; the lock is free")
    );
}

#[test]
fn a_record_that_was_deleted_under_way_is_told_with_the_split_it_leaves() {
    for all in [false, true] {
        let (simulation, first) = created(world(), &canary());
        let deleted = first.clone();
        simulation.at(60, event::instant(move |simulation| simulation.world().delete_record(&deleted, all)));
        simulation.run();
        assert_eq!(simulation.execution(first.as_str()).as_deref(), Some("FAILED UNRESOLVED"));
        let told = simulation.world().told();
        let cause = told[0]["Entries"][0]["Detail"]["cause"].as_str().unwrap();
        assert!(cause.contains("the record of deployment d-1 was deleted") && cause.contains("10 %"), "{cause}");
        assert_eq!(simulation.world().alerts().len(), 1);
    }
}

#[test]
fn a_plan_that_was_deleted_under_way_leaves_the_deployment_unresolved_with_the_split_told() {
    let (simulation, first) = created(world(), &canary());
    let deleted = first.clone();
    simulation.at(60, event::instant(move |simulation| simulation.world().delete_plan(&deleted)));
    simulation.at(70, event::stop(&first, None));
    simulation.run();
    let deployment = simulation.world().deployment(&first).unwrap();
    assert_eq!(deployment.phase.name(), "unresolved");
    assert_eq!(deployment.phase.why().unwrap().code, ErrorCode::ManualStop);
    let given_up = simulation.world().journal(&first).into_iter().find_map(|line| match line.entry {
        Entry::GivenUp { cannot } => Some(cannot),
        _ => None,
    });
    let cannot = given_up.unwrap();
    assert!(cannot.contains("the plan of deployment d-1 was deleted") && cannot.contains("10 %"), "{cannot}");
}

#[test]
fn a_lock_of_a_deployment_that_never_began_is_taken_over_once_it_is_known_that_nobody_is_at_it() {
    let simulation = Simulation::new(world());
    let first = never_started(&simulation, canary().json());
    simulation.world().lock_for("storefront", "live", &first);
    simulation.run_until(90);
    let second = simulation.create(canary().json());
    simulation.run();
    assert!(ended(&simulation, &second).starts_with("Succeeded; the alias is version 2; the lock is free"));
}

#[test]
fn the_sweep_leaves_alone_what_somebody_is_at() {
    let (simulation, first) = created(world(), &canary());
    for seconds in [100, 200, 299] {
        simulation.at(seconds, event::sweep());
    }
    simulation.run();
    assert!(ended(&simulation, &first).starts_with("Succeeded; the alias is version 2; the lock is free"));
    assert_eq!(simulation.executions(), [first.as_str()]);
    assert!(simulation.world().alerts().is_empty());
}

/// A canary whose execution is aborted while it holds.
fn aborted() -> (Simulation, DeploymentId) {
    let (simulation, first) = created(world(), &canary());
    simulation.at(70, event::aborted(first.as_str()));
    (simulation, first)
}

fn number_of_last(simulation: &Simulation, method: &str) -> usize {
    simulation.world().faults.calls().iter().rposition(|call| *call == method).unwrap() + 1
}

#[test]
fn a_death_is_told_once_and_also_where_whoever_starts_the_recovery_dies_anywhere_on_the_way() {
    let dead = Alert::DeadMansSwitch { deployment: id("d-1"), attempt: 1 };
    let (usual, _) = aborted();
    usual.run();
    assert_eq!(usual.world().alerts(), [dead]);
    let started = number_of_last(&usual, "start");
    for number in started - 1..started + 5 {
        for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Lost, Fault::Throttled] {
            let (simulation, first) = aborted();
            simulation.world().faults.nth(number, fault);
            simulation.at(300, event::sweep());
            simulation.run();
            let (told, story) = (simulation.world().alerts(), simulation.world().story());
            let of_the_death = |alert: &Alert| matches!(alert, Alert::DeadMansSwitch { .. });
            assert!(!told.is_empty() && told.iter().all(of_the_death), "{fault:?} {number}: {told:?}\n{story}");
            assert!(ended(&simulation, &first).starts_with("RolledBack, EXECUTION_LOST"), "{story}");
        }
    }
}

#[test]
fn a_death_that_a_stop_finds_is_told_as_well() {
    let (simulation, first) = created(world(), &canary());
    simulation.at(69, event::instant(|simulation| simulation.world().faults.always("save", Fault::Denied)));
    simulation.at(70, event::aborted(first.as_str()));
    simulation.at(260, event::instant(|simulation| simulation.world().faults.heal()));
    simulation.at(270, event::stop(&first, None));
    simulation.run();
    assert!(ended(&simulation, &first).starts_with("RolledBack, MANUAL_STOP; the alias is version 1"));
    assert_eq!(simulation.world().alerts(), [Alert::DeadMansSwitch { deployment: first, attempt: 1 }]);
}

/// When this recovery of [`hopeless`] dies.
fn death_of(recovery: u32) -> i64 {
    70 + i64::from(recovery) * 200
}

/// A deployment whose recoveries die one after the other, before they can put anything back.
fn hopeless() -> (Simulation, DeploymentId) {
    let (simulation, first) = aborted();
    simulation.at(69, event::instant(|simulation| simulation.world().faults.always("point", Fault::Throttled)));
    for number in 1..=MAX_RECOVERIES {
        let dies = death_of(number);
        simulation.at(dies, event::aborted(&format!("{first}-recovery-{number}")));
        if number < MAX_RECOVERIES {
            // After the first few, the next one waits for the sweep.
            simulation.at(dies + 150, event::sweep());
        }
    }
    simulation.at(death_of(MAX_RECOVERIES) + 300, event::sweep());
    (simulation, first)
}

#[test]
fn a_deployment_that_is_given_up_is_told_also_where_whoever_gives_it_up_dies_right_after() {
    let is_told = |simulation: &Simulation| {
        let told = simulation.world().alerts();
        told.iter().filter(|alert| matches!(alert, Alert::Unresolved { .. })).count()
    };
    let (usual, first) = hopeless();
    usual.run();
    assert_eq!(usual.world().deployment(&first).unwrap().phase.name(), "unresolved");
    assert_eq!(is_told(&usual), 1);
    let given_up = number_of_last(&usual, "save");
    for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Lost] {
        let (simulation, first) = hopeless();
        simulation.world().faults.nth(given_up, fault);
        simulation.run();
        assert_eq!(simulation.world().deployment(&first).unwrap().phase.name(), "unresolved", "{fault:?}");
        assert!(is_told(&simulation) > 0, "{fault:?}");
    }
}

#[test]
fn nobody_who_can_tell_nobody_gives_a_deployment_up() {
    let (simulation, first) = hopeless();
    // The event of the last death comes to nothing, and then somebody stops the deployment.
    let last = death_of(MAX_RECOVERIES);
    simulation.at(last - 1, event::instant(|simulation| simulation.world().faults.always("save", Fault::Denied)));
    simulation.at(last + 190, event::instant(|simulation| simulation.world().faults.heal()));
    simulation.at(last + 200, event::stop(&first, None));
    simulation.run_until(last + 250);
    assert!(!simulation.world().deployment(&first).unwrap().phase.is_final());
    simulation.run();
    assert_eq!(simulation.world().deployment(&first).unwrap().phase.name(), "unresolved");
    let told = simulation.world().alerts();
    assert!(told.iter().any(|alert| matches!(alert, Alert::Unresolved { .. })), "{told:?}");
}
