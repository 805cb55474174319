//! Lines that could not be written when it was time (promise P9): they are told later, and once.

use expect_test::expect;
use fakes::{Fault, Simulation, event};
use rollout::ids::DeploymentId;
use serde_json::json;

use crate::orphans::never_started;
use crate::promises::kept;
use crate::story::{created, request, world};

/// From one second to another no line can be written.
fn without_journal(simulation: &Simulation, fault: Fault, (from, to): (i64, i64)) {
    simulation.at(from, event::instant(move |simulation| simulation.world().faults.always("append", fault)));
    simulation.at(to, event::instant(|simulation| simulation.world().faults.heal()));
}

/// The keys of a journal, in order.
fn keys(simulation: &Simulation, id: &DeploymentId) -> String {
    let keys = simulation.world().journal(id);
    keys.iter().map(|line| line.key().to_string()).collect::<Vec<_>>().join(", ")
}

#[test]
fn what_a_sweep_ended_is_told_by_the_next_one_if_it_died_before_it_told_that() {
    let simulation = Simulation::new(world());
    let first = never_started(&simulation, request("AllAtOnce").json());
    without_journal(&simulation, Fault::CrashBefore, (239, 500));
    simulation.at(240, event::sweep());
    simulation.run_until(501);
    assert_eq!(simulation.world().deployment(&first).unwrap().phase.name(), "ended");
    assert_eq!(keys(&simulation, &first), "");
    simulation.at(600, event::sweep());
    simulation.run();
    assert_eq!(keys(&simulation, &first), "refused");
    assert_eq!(
        simulation.world().deployment(&first).unwrap().completed,
        Some(simulation.world().journal(&first)[0].at)
    );
}

#[test]
fn a_deployment_whose_execution_could_not_be_started_says_so() {
    let simulation = Simulation::new(world());
    simulation.world().faults.always("start", Fault::Denied);
    let reply = simulation.api("CodeDeploy_20141006.CreateDeployment", request("AllAtOnce").json());
    assert!(reply.status >= 400, "{reply:?}");
    let line = simulation.world().journal(&DeploymentId::parse("d-1").unwrap()).remove(0);
    assert!(line.entry.to_string().starts_with("refused: the execution could not be started"), "{}", line.entry);
}

#[test]
fn an_interrupt_whose_writer_died_is_told_with_its_moment_before_the_deployment_is_over() {
    let (simulation, id) = created(world(), &request("Canary10Percent5Minutes").alarms(&["errors"]));
    without_journal(&simulation, Fault::CrashBefore, (69, 75));
    simulation.at(70, event::alarm("errors"));
    simulation.run();
    assert_eq!(kept(&simulation, &id), Ok(()));
    let lines = simulation.world().journal(&id);
    let told: Vec<String> =
        lines.iter().map(|line| format!("{} {}", line.at.strftime("%H:%M:%S"), line.key())).collect();
    expect![[r#"
        12:00:00 planned
        12:00:00 weight/010
        12:01:10 interrupted
        12:01:10 settled
        12:01:18 ended/1"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn each_time_that_a_person_lets_a_deployment_continue_has_its_line() {
    let pause = |weight: u8| json!({"Weight": weight, "UntilContinued": {"Timeout": "1h"}});
    let (simulation, id) = created(world(), &request(json!([pause(20), pause(40)])));
    without_journal(&simulation, Fault::Throttled, (89, 91));
    simulation.at(90, event::resume(&id));
    simulation.at(150, event::resume(&id));
    simulation.run();
    assert_eq!(kept(&simulation, &id), Ok(()));
    expect!["planned, weight/020, continued, weight/040, continued/1, weight/100, committed, ended/1"]
        .assert_eq(&keys(&simulation, &id));
}

#[test]
fn what_a_deployment_was_given_up_with_is_told_each_time() {
    let (simulation, id) = created(world(), &request("Canary10Percent5Minutes"));
    simulation.at(69, event::instant(|simulation| simulation.world().faults.always("point", Fault::Denied)));
    simulation.at(70, event::stop(&id, None));
    simulation.at(1_000, event::api("Tideshift.RepairDeployment", json!({"deploymentId": id})));
    simulation.at(2_000, event::instant(|simulation| simulation.world().faults.heal()));
    simulation.at(2_001, event::api("Tideshift.RepairDeployment", json!({"deploymentId": id})));
    simulation.run();
    assert_eq!(kept(&simulation, &id), Ok(()));
    expect![[r#"
        planned
        weight/010
        interrupted
        given-up/973a330ecc9aa85e
        recovering/1
        given-up/973a330ecc9aa85e/1
        recovering/2
        settled
        ended/3"#]]
    .assert_eq(&keys(&simulation, &id).replace(", ", "\n"));
}
