//! Versions that are warm before their first call, and cold again once the deployment is over.

use expect_test::expect;
use fakes::{Fault, Simulation, event};
use rollout::ids::DeploymentId;
use rollout::seconds::Seconds;
use rollout::warm::Refusal;
use serde_json::Value;

use crate::story::{Request, check, created, ended, request, told, world};

fn canary() -> Request {
    request("Canary10Percent5Minutes").warm(5)
}

/// The provisioned concurrency of version 2.
fn has(simulation: &Simulation) -> Option<u32> {
    simulation.world().provisioned_of("storefront", "2")
}

/// What the API tells of a deployment.
fn described(simulation: &Simulation, id: &DeploymentId) -> Value {
    simulation.api("Tideshift.DescribeDeployment", serde_json::json!({"deploymentId": id})).body
}

fn journal(simulation: &Simulation, id: &DeploymentId) -> String {
    simulation.world().journal(id).iter().map(|line| format!("{}\n", line.entry)).collect()
}

#[track_caller]
fn is_cold(simulation: &Simulation) {
    assert_eq!(has(simulation), None, "{}", simulation.world().story());
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
                0s  d-1: Lambda is asked for 5 provisioned concurrent executions of version 2
               88s  d-1: version 2 is warm
               88s  storefront:live is pointed at version 1 with 10 % on version 2
               88s  d-1: 10 % of the calls to version 2
              388s  storefront:live is pointed at version 2
              388s  d-1: 100 % of the calls to version 2
              388s  d-1: committed: past the point of no return
              388s  d-1: the provisioned concurrency of version 2 was taken back
              388s  d-1: ended: Succeeded
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
                0s  d-1: Lambda is asked for 5 provisioned concurrent executions of version 2
               30s  d-1: stopping before any traffic was moved: MANUAL_STOP: The deployment was stopped by a user
               30s  CodeDeploy_20141006.StopDeployment answers 200
               30s  d-1: traffic: no call ever went to the new version
               30s  d-1: the provisioned concurrency of version 2 was taken back
               30s  d-1: ended: Stopped, MANUAL_STOP
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
                0s  d-1: Lambda is asked for 5 provisioned concurrent executions of version 2
                2s  d-1: stopping before any traffic was moved: INVALID_LAMBDA_CONFIGURATION: version 2 did not get 5 provisioned concurrent executions (Warm): Lambda says: FUNCTION_ERROR_INIT_FAILURE. Ask for fewer, or leave Warm out
                2s  d-1: traffic: no call ever went to the new version
                2s  d-1: the provisioned concurrency of version 2 was taken back
                2s  d-1: ended: Failed, INVALID_LAMBDA_CONFIGURATION
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
            for fault in [Fault::CrashBefore, Fault::CrashAfter, Fault::Lost, Fault::Throttled] {
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

/// Which port call was the first of a method.
fn first(simulation: &Simulation, method: &str) -> usize {
    simulation.world().faults.calls().iter().position(|call| *call == method).expect("it is called") + 1
}

/// A deployment whose request for provisioned concurrency is carried out this much later, and that is stopped meanwhile.
fn given_late(seconds: u64) -> (Simulation, DeploymentId) {
    let (usual, _) = stopped_after_a_minute();
    usual.run();
    let (simulation, id) = created(world(), &canary());
    let number = first(&usual, "warm");
    simulation.world().faults.nth(number, Fault::Late(Seconds(seconds)));
    simulation.before_call(number, event::stop(&id, None));
    (simulation, id)
}

#[test]
fn what_lambda_gives_after_the_end_is_found_by_the_sweep_and_taken_back() {
    for seconds in [30, 600, 3_000] {
        let (simulation, id) = given_late(seconds);
        let end = i64::try_from(seconds).unwrap() + 10;
        simulation.at(20, event::sweep());
        simulation.run_until(end);
        let said = journal(&simulation, &id);
        assert!(!said.contains("taken back"), "nothing was there: {said}");
        assert!(said.contains("Lambda may still give it"), "{said}");
        assert_eq!(has(&simulation), Some(5), "it has come");
        simulation.at(end + 1, event::sweep());
        simulation.at(end + 121, event::sweep());
        simulation.run();
        is_cold(&simulation);
        assert_eq!(journal(&simulation, &id).matches("taken back").count(), 1, "{}", told(&simulation, &id));
        assert!(ended(&simulation, &id).starts_with("Stopped, MANUAL_STOP"));
    }
}

#[test]
fn what_is_not_taken_back_is_told_with_what_to_type_and_tried_by_the_sweep() {
    for (fault, at_most) in [(Fault::Denied, 0), (Fault::Throttled, 100)] {
        let (simulation, id) = created(world(), &canary());
        simulation.world().faults.always("cool", fault);
        simulation.run_until(3_000);
        let took = simulation.world().deployment(&id).and_then(|deployment| deployment.completed).unwrap();
        let took = took.duration_since(fakes::clock::START).as_secs() - 388;
        assert!((0..=at_most).contains(&took), "{took} s, {}", told(&simulation, &id));
        let said = journal(&simulation, &id);
        assert!(!said.contains("taken back"), "{said}");
        let command = "aws lambda delete-provisioned-concurrency-config --function-name storefront --qualifier 2";
        assert!(said.contains("version 2 still has its 5 provisioned concurrent executions") && said.contains(command));
        let left = &described(&simulation, &id)["leftWarm"];
        assert_eq!((&left["concurrency"], &left["takeBack"]), (&5.into(), &command.into()), "{left}");
        simulation.at(3_010, event::sweep());
        simulation.run_until(3_020);
        assert_eq!(has(&simulation), Some(5));
        assert_eq!(journal(&simulation, &id), said, "what is told is not told again");
        simulation.world().faults.heal();
        simulation.at(3_030, event::sweep());
        simulation.run();
        is_cold(&simulation);
        assert!(journal(&simulation, &id).contains("it was taken back"));
        assert_eq!(described(&simulation, &id)["leftWarm"], Value::Null);
    }
}

#[test]
fn what_somebody_changed_meanwhile_is_theirs_and_stays() {
    let (simulation, id) = created(world(), &canary());
    simulation.at(200, event::provisioned("2", 9));
    simulation.at(500, event::sweep());
    simulation.run();
    assert_eq!(has(&simulation), Some(9));
    let said = journal(&simulation, &id);
    assert!(said.contains("version 2 has 9 provisioned concurrent executions, and was given 5"), "{said}");
    assert!(!said.contains("taken back"), "{said}");
}

#[test]
fn what_somebody_gives_the_version_after_the_end_is_theirs_however_much_it_is() {
    let (simulation, id) = created(world(), &canary());
    simulation.at(500, event::provisioned("2", 5));
    simulation.at(600, event::sweep());
    simulation.run();
    assert_eq!(has(&simulation), Some(5));
    assert!(ended(&simulation, &id).starts_with("Succeeded"));
}

#[test]
fn a_leftover_of_an_older_deployment_is_taken_over_and_taken_back() {
    for concurrency in [5, 8] {
        let (simulation, _) = created(world(), &canary());
        simulation.world().faults.always("cool", Fault::Denied);
        simulation.at(30, event::stop(&DeploymentId::parse("d-1").unwrap(), None));
        simulation.run_until(200);
        assert_eq!(has(&simulation), Some(5));
        simulation.world().faults.heal();
        let id = simulation.create(request("Canary10Percent5Minutes").warm(concurrency).json());
        // It is in use: the sweep leaves it alone.
        simulation.at(202, event::sweep());
        simulation.run_until(203);
        assert_eq!(has(&simulation), Some(concurrency));
        simulation.run();
        let said = journal(&simulation, &id);
        assert!(said.contains(&format!("asked for {concurrency} ")) && said.contains("was taken back"), "{said}");
        is_cold(&simulation);
    }
}

#[test]
fn a_plan_says_whose_the_provisioned_concurrency_of_the_version_is() {
    let note = |simulation: &Simulation| {
        let planned = simulation.api("Tideshift.PlanDeployment", canary().json()).body;
        planned["notes"].to_string()
    };
    let (simulation, _) = created(world(), &canary());
    simulation.world().faults.always("cool", Fault::Denied);
    simulation.run();
    simulation.world().point("storefront", "live", rollout::routing::Routing::all_on(fakes::world::v(1)));
    let said = note(&simulation);
    assert!(said.contains("5 provisioned concurrent executions that an older deployment gave it"), "{said}");
    simulation.world().provision("storefront", "2", 6);
    let said = note(&simulation);
    assert!(said.contains("6 provisioned concurrent executions of its own"), "{said}");
}

#[test]
fn a_refusal_is_told_as_one_and_nothing_is_said_to_be_given_or_taken_back() {
    for (refusal, expected) in [
        (
            Refusal::Other("InvalidParameterValueException: no".to_owned()),
            "Lambda refused it: InvalidParameterValueException: no",
        ),
        (Refusal::NoRoom("below its minimum value of [100]".to_owned()), "ask for fewer than 5"),
    ] {
        let world = world();
        world.refuses_warmth(refusal);
        let (simulation, id) = created(world, &canary());
        simulation.run();
        let said = journal(&simulation, &id);
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("given") && !said.contains("taken back") && !said.contains("may still"), "{said}");
        let end = ended(&simulation, &id);
        assert!(
            end.starts_with("Failed, INVALID_LAMBDA_CONFIGURATION; the alias is version 1; the lock is free"),
            "{end}"
        );
    }
}

#[test]
fn a_request_that_is_throttled_for_good_ends_the_deployment_in_plain_words() {
    let (simulation, id) = created(world(), &canary());
    simulation.world().faults.always("warm", Fault::Throttled);
    simulation.run();
    let said = journal(&simulation, &id);
    assert!(
        said.contains("version 2 did not get 5 provisioned concurrent executions (Warm): try again later"),
        "{said}"
    );
    assert!(!said.contains("taken back"), "{said}");
    is_cold(&simulation);
}

#[test]
fn a_deployment_that_is_stopping_is_not_shown_as_one_that_warms() {
    let (simulation, id) = created(world(), &canary());
    simulation.world().faults.always("cool", Fault::Throttled);
    simulation.at(30, event::stop(&id, None));
    simulation.run_until(20);
    assert_eq!(described(&simulation, &id)["progress"]["warming"], true);
    simulation.run_until(31);
    assert_eq!(described(&simulation, &id)["progress"]["warming"], Value::Null);
}
