//! The deployments of a group: one at a time, whoever starts them, and remembered over a rename.

use fakes::schedule::in_many_orders;
use fakes::world::v;
use fakes::{Fault, Schedule, Simulation};
use rollout::ids::DeploymentId;
use rollout::routing::Routing;
use rollout::seconds::Seconds;
use serde_json::{Value, json};

use crate::client::{group, with};
use crate::story::{Request, request, world};

/// A world with the application `shop` and its group `web`.
pub(crate) fn simulation(schedule: Schedule) -> Simulation {
    let simulation = Simulation::with(world(), schedule);
    ok(&simulation, "CreateApplication", json!({"applicationName": "shop", "computePlatform": "Lambda"}));
    ok(&simulation, "CreateDeploymentGroup", group(json!({})));
    simulation
}

/// A request for the group.
pub(crate) fn of_group(request: &Request) -> Value {
    with(request.json(), named())
}

fn named() -> Value {
    json!({"applicationName": "shop", "deploymentGroupName": "web"})
}

fn call(simulation: &Simulation, operation: &str, body: Value) -> (u16, Value) {
    let reply = simulation.api(&format!("CodeDeploy_20141006.{operation}"), body);
    (reply.status, reply.body)
}

#[track_caller]
fn ok(simulation: &Simulation, operation: &str, body: Value) -> Value {
    let (status, body) = call(simulation, operation, body);
    assert_eq!(status, 200, "{operation}: {body}");
    body
}

fn ended(simulation: &Simulation, id: &str) -> String {
    crate::story::ended(simulation, &DeploymentId::parse(id).unwrap())
}

fn refused(simulation: &Simulation, body: Value) -> String {
    let (status, body) = call(simulation, "CreateDeployment", body);
    assert_eq!(status, 400, "{body}");
    format!("{}: {}", body["__type"].as_str().unwrap(), body["message"].as_str().unwrap())
}

/// Another alias, so that nothing but the group is in the way.
fn elsewhere(body: &Value) -> Value {
    let text = body["revision"]["appSpecContent"]["content"].as_str().unwrap().replace("\"live\"", "\"preview\"");
    with(body.clone(), json!({"revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": text}}}))
}

#[test]
fn a_plain_start_is_refused_while_a_deployment_of_its_group_is_active() {
    let simulation = simulation(Schedule::InTurn);
    let first = simulation.create(of_group(&request("Canary10Percent5Minutes")));
    simulation.run_until(60);
    simulation.start("by-hand", elsewhere(&of_group(&request("AllAtOnce"))));
    simulation.run_until(61);
    let shown = ok(&simulation, "GetDeployment", json!({"deploymentId": "by-hand"}))["deploymentInfo"].clone();
    assert_eq!(shown["status"], "Failed");
    assert_eq!(
        shown["errorInformation"],
        json!({
            "code": "RESOURCE_LIMIT_EXCEEDED",
            "message": "the deployment group web has an active deployment d-1 already; wait for it, or stop it with: \
                        tideshift stop d-1",
        })
    );
    simulation.run();
    assert_eq!(simulation.execution("by-hand").as_deref(), Some("FAILED TARGET_LOCKED"));
    assert!(ended(&simulation, first.as_str()).starts_with("Succeeded; the alias is version 2; the lock is free"));
}

#[test]
fn a_plain_start_keeps_its_group_until_it_is_over() {
    let simulation = simulation(Schedule::InTurn);
    simulation.start("by-hand", of_group(&request("Canary10Percent5Minutes")));
    simulation.run_until(60);
    let second = elsewhere(&of_group(&request("AllAtOnce")));
    let expected =
        "DeploymentLimitExceededException: The Deployment Group 'web' already has an active Deployment 'by-hand'";
    assert_eq!(refused(&simulation, second), expected);
    simulation.run();
    let next = simulation.create(of_group(&request("AllAtOnce").to(3)));
    simulation.run();
    assert!(ended(&simulation, next.as_str()).starts_with("Succeeded; the alias is version 3"));
}

#[test]
fn a_deployment_of_no_group_waits_for_none() {
    let simulation = simulation(Schedule::InTurn);
    simulation.create(of_group(&request("Canary10Percent5Minutes")));
    simulation.run_until(60);
    simulation.start("by-hand", request("AllAtOnce").json());
    simulation.run();
    let why = simulation.world().deployment(&DeploymentId::parse("by-hand").unwrap()).unwrap().phase.why().cloned();
    assert!(why.unwrap().message.starts_with("another deployment of storefront:live is running, d-1"));
}

#[test]
fn of_two_plain_starts_for_one_group_exactly_one_begins() {
    in_many_orders(300, |schedule| {
        let simulation = simulation(schedule);
        let body = of_group(&request("Canary10Percent5Minutes"));
        simulation.world().point("storefront", "preview", Routing::all_on(v(1)));
        let prepare = |id: &str, request: &Value| ("prepare", json!({"deploymentId": id, "request": request}));
        let calls = [prepare("d-ONE", &body), prepare("d-OTHER", &elsewhere(&body))];
        let [one, other] = simulation.together(calls);
        let held = Err("Busy".to_owned());
        assert!((one.is_ok() && other == held) || (one == held && other.is_ok()), "{one:?}, {other:?}");
    });
}

#[test]
fn a_deployment_that_is_being_created_and_a_plain_start_never_both_begin() {
    let mut began = [0, 0];
    in_many_orders(500, |schedule| {
        let simulation = simulation(schedule);
        let body = of_group(&request("Canary10Percent5Minutes"));
        simulation.world().point("storefront", "preview", Routing::all_on(v(1)));
        let prepare = json!({"deploymentId": "by-hand", "request": elsewhere(&body)});
        let create = json!({"target": "CodeDeploy_20141006.CreateDeployment", "body": body});
        let _ = simulation.together([("api", create), ("prepare", prepare)]);
        let begun = ["d-1", "by-hand"].map(|id| {
            let deployment = simulation.world().deployment(&DeploymentId::parse(id).unwrap());
            deployment.is_some_and(|deployment| deployment.started.is_some())
        });
        assert_ne!(begun, [true, true], "{}", simulation.world().story());
        began = [began[0] + u32::from(begun[0]), began[1] + u32::from(begun[1])];
    });
    assert!(began[0] > 0 && began[1] > 0, "{began:?}");
}

#[test]
fn two_attempts_of_one_prepare_do_not_take_each_other_for_another_deployment() {
    in_many_orders(300, |schedule| {
        let simulation = simulation(schedule);
        let prepare = json!({"deploymentId": "d-RACE", "request": of_group(&request("Canary10Percent5Minutes"))});
        let both = simulation.together([("prepare", prepare.clone()), ("prepare", prepare)]);
        assert!(both.iter().any(Result::is_ok), "{both:?}");
        assert!(both.iter().all(|attempt| attempt.as_ref().err().is_none_or(|error| error == "Transient")), "{both:?}");
    });
}

#[test]
fn no_passing_fault_makes_a_plain_start_refuse_itself() {
    for fault in [Fault::Throttled, Fault::Lost, Fault::CrashBefore, Fault::CrashAfter] {
        for number in 1.. {
            let simulation = simulation(Schedule::InTurn);
            let before = simulation.world().faults.calls().len();
            simulation.world().faults.nth(before + number, fault);
            simulation.start("by-hand", of_group(&request("AllAtOnce")));
            simulation.run();
            let ended = ended(&simulation, "by-hand");
            assert!(
                ended.starts_with("Succeeded"),
                "{fault:?} at call {number}: {}{ended}",
                simulation.world().story()
            );
            if simulation.world().faults.calls().len() < before + number {
                break;
            }
        }
    }
}

#[test]
fn the_history_of_a_group_follows_it_when_it_and_its_application_are_renamed() {
    let simulation = simulation(Schedule::InTurn);
    let first = simulation.create(of_group(&request("AllAtOnce")));
    simulation.run();
    simulation.world().clock.advance(Seconds(1));
    simulation.start("by-hand", of_group(&request("AllAtOnce").to(9)));
    simulation.run();
    let rename = json!({
        "applicationName": "shop", "currentDeploymentGroupName": "web", "newDeploymentGroupName": "front",
    });
    ok(&simulation, "UpdateDeploymentGroup", rename);
    ok(&simulation, "UpdateApplication", json!({"applicationName": "shop", "newApplicationName": "store"}));

    let renamed = json!({"applicationName": "store", "deploymentGroupName": "front"});
    assert_eq!(ok(&simulation, "ListDeployments", renamed.clone()), json!({"deployments": ["by-hand", first]}));
    let read = ok(&simulation, "GetDeploymentGroup", renamed)["deploymentGroupInfo"].clone();
    assert_eq!(read["lastSuccessfulDeployment"]["deploymentId"], json!(first));
    assert_eq!(read["lastAttemptedDeployment"]["deploymentId"], "by-hand");
    assert_eq!(call(&simulation, "ListDeployments", named()).1["__type"], "ApplicationDoesNotExistException");
    let shown = ok(&simulation, "GetDeployment", json!({"deploymentId": first}))["deploymentInfo"].clone();
    assert_eq!((&shown["applicationName"], &shown["deploymentGroupName"]), (&json!("shop"), &json!("web")));
}

#[test]
fn a_group_that_takes_the_name_of_another_does_not_take_its_history() {
    let simulation = simulation(Schedule::InTurn);
    simulation.create(of_group(&request("AllAtOnce")));
    simulation.run();
    ok(&simulation, "DeleteDeploymentGroup", named());
    ok(&simulation, "CreateDeploymentGroup", group(json!({})));
    assert_eq!(ok(&simulation, "ListDeployments", named()), json!({"deployments": []}));
    let read = ok(&simulation, "GetDeploymentGroup", named())["deploymentGroupInfo"].clone();
    assert_eq!(read.get("lastAttemptedDeployment"), None, "{read}");
}

#[test]
fn a_rename_lets_no_second_deployment_in() {
    let simulation = simulation(Schedule::InTurn);
    simulation.create(of_group(&request("Canary10Percent5Minutes")));
    simulation.run_until(60);
    let rename = json!({
        "applicationName": "shop", "currentDeploymentGroupName": "web", "newDeploymentGroupName": "front",
    });
    ok(&simulation, "UpdateDeploymentGroup", rename);
    let second = with(of_group(&request("AllAtOnce")), json!({"deploymentGroupName": "front"}));
    let expected =
        "DeploymentLimitExceededException: The Deployment Group 'front' already has an active Deployment 'd-1'";
    assert_eq!(refused(&simulation, elsewhere(&second)), expected);
    simulation.run();
    let next = simulation.create(second);
    simulation.run();
    assert!(ended(&simulation, next.as_str()).starts_with("Succeeded"));
}
