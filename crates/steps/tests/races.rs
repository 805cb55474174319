//! Functions that run at the same time, in every order their calls can have, or in very many.

use fakes::schedule::{in_every_order, in_many_orders};
use fakes::{Fault, Schedule, Simulation};
use rollout::deployment::Phase;
use rollout::ids::DeploymentId;
use rollout::routing::Routing;
use serde_json::{Value, json};
use steps::ports::Pointing;

use crate::story::{Request, request, world};

const ID: &str = "d-RACE";

fn id() -> DeploymentId {
    DeploymentId::parse(ID).unwrap()
}

/// A deployment that has begun, without an execution around it.
fn begun(schedule: Schedule, request: &Request) -> Simulation {
    let simulation = Simulation::with(world(), schedule);
    simulation.call("prepare", json!({"deploymentId": ID, "request": request.json()})).unwrap();
    simulation
}

fn guard(wait_for: &str) -> (&'static str, Value) {
    ("guard", json!({"deploymentId": ID, "taskToken": "guards-token", "waitFor": wait_for}))
}

fn on(function: &'static str) -> (&'static str, Value) {
    (function, json!({"deploymentId": ID}))
}

fn api(target: &str) -> (&'static str, Value) {
    ("api", json!({"target": target, "body": {"deploymentId": ID}}))
}

fn rollback() -> (&'static str, Value) {
    ("rollback", json!({"deploymentId": ID, "failure": {"Error": "StopRequested", "Cause": "a stop"}}))
}

fn phase(simulation: &Simulation) -> Phase {
    simulation.world().deployment(&id()).unwrap().phase
}

/// Lets the rollback do its work, waits included.
fn settle(simulation: &Simulation) {
    for _ in 0..4 {
        let output = simulation.call(rollback().0, rollback().1).unwrap();
        if output["next"] == "Settled" {
            return;
        }
        let seconds = output["seconds"].as_u64().unwrap();
        simulation.world().clock.advance(rollout::seconds::Seconds(seconds));
    }
    panic!("the traffic is never settled");
}

#[track_caller]
fn home(simulation: &Simulation) {
    let home = Pointing::At(Routing::all_on(fakes::world::v(1)));
    assert_eq!(simulation.world().pointing("storefront", "live"), Some(home), "{}", simulation.world().story());
}

#[test]
fn a_stop_is_never_lost_between_the_record_and_guards_token() {
    let orders = in_every_order(|schedule| {
        let simulation = begun(schedule, &request("Canary10Percent5Minutes"));
        let [guard, _] = simulation.together([guard("Interrupt"), api("CodeDeploy_20141006.StopDeployment")]);
        assert!(matches!(phase(&simulation), Phase::Stopping { .. }));
        let told = simulation.world().ends().iter().any(Result::is_err);
        assert!(told || guard == Err("StopRequested".to_owned()), "{guard:?}");
        simulation.schedule()
    });
    assert!(orders > 20, "{orders}");
}

#[test]
fn a_commit_always_ends_guards_wait() {
    in_every_order(|schedule| {
        let simulation = begun(schedule, &request("AllAtOnce"));
        let [guard, commit] = simulation.together([guard("Interrupt"), on("commit")]);
        assert_eq!((guard.is_ok(), commit.is_ok()), (true, true));
        assert!(simulation.world().ends().iter().any(Result::is_ok));
        simulation.schedule()
    });
}

#[test]
fn of_a_commit_and_a_stop_exactly_one_wins() {
    let mut won = [0, 0];
    in_every_order(|schedule| {
        let simulation = begun(schedule, &request("AllAtOnce"));
        let [commit, stop] = simulation.together([on("commit"), api("CodeDeploy_20141006.StopDeployment")]);
        let status = stop.unwrap()["status"].clone();
        match phase(&simulation) {
            Phase::Committing => {
                assert_eq!((commit, status), (Ok(Value::Null), json!(400)));
                won[0] += 1;
            }
            Phase::Stopping { .. } => {
                assert_eq!((commit, status), (Err("StopRequested".to_owned()), json!(200)));
                won[1] += 1;
            }
            other => panic!("{other:?}"),
        }
        simulation.schedule()
    });
    assert!(won[0] > 0 && won[1] > 0, "{won:?}");
}

#[test]
fn a_continue_is_never_lost_between_the_record_and_the_token_of_the_pause() {
    in_every_order(|schedule| {
        let pause = json!([{"Weight": 20, "UntilContinued": {"Timeout": "1h"}}]);
        let simulation = begun(schedule, &request(pause));
        assert_eq!(simulation.call("shift", json!({"deploymentId": ID})).unwrap()["next"], "Await");
        let [_, resumed] = simulation.together([guard("Continue"), api("CodeDeploy_20141006.ContinueDeployment")]);
        assert_eq!(resumed.unwrap()["status"], 200);
        assert!(simulation.world().ends().iter().any(Result::is_ok), "nobody ended the wait");
        simulation.schedule()
    });
}

#[test]
fn whatever_a_shift_was_doing_when_a_stop_came_the_traffic_goes_home() {
    in_many_orders(2_000, |schedule| {
        let simulation = begun(schedule, &request("Canary10Percent5Minutes"));
        let [_, stop] = simulation.together([on("shift"), api("CodeDeploy_20141006.StopDeployment")]);
        assert_eq!(stop.unwrap()["status"], 200);
        settle(&simulation);
        home(&simulation);
    });
}

#[test]
fn a_rollback_wins_against_a_shift_that_is_still_at_work() {
    in_many_orders(2_000, |schedule| {
        let simulation = begun(schedule, &request("Canary10Percent5Minutes"));
        let _ = simulation.together([on("shift"), rollback()]);
        settle(&simulation);
        home(&simulation);
    });
}

#[test]
fn two_attempts_of_one_shift_take_one_step() {
    in_many_orders(2_000, |schedule| {
        let simulation = begun(schedule, &request("Canary10Percent5Minutes"));
        let both = simulation.together([on("shift"), on("shift")]);
        for attempt in both {
            assert!(attempt.as_ref().err().is_none_or(|error| error == "Transient"), "{attempt:?}");
        }
        let split = Routing::shifted(fakes::world::v(1), fakes::world::v(2), rollout::weight::Weight::clamped(10));
        let world = simulation.world();
        assert_eq!(world.pointing("storefront", "live"), Some(Pointing::At(split)));
        assert_eq!(world.writes().iter().filter(|write| write.ours).count(), 1);
        let again = simulation.call("shift", json!({"deploymentId": ID})).unwrap();
        assert_eq!(again, json!({"next": "Await", "seconds": 300}));
    });
}

#[test]
fn a_deployment_whose_execution_is_aborted_while_it_takes_the_lock_gives_it_back() {
    in_many_orders(300, |schedule| {
        let simulation = Simulation::with(world(), schedule);
        let request = request("Canary10Percent5Minutes").json();
        // Its execution is there, and what it calls is called here.
        simulation.world().faults.always("start", Fault::CrashBefore);
        let api = ("api", json!({"target": "CodeDeploy_20141006.CreateDeployment", "body": request}));
        let _ = simulation.together([api]);
        simulation.world().faults.heal();
        let id = DeploymentId::parse("d-1").unwrap();
        let execution = simulation.world().deployment(&id).unwrap().execution.unwrap();
        let aborted = json!({"detail": {"name": id, "status": "ABORTED", "executionArn": execution}});
        let prepare = json!({"deploymentId": id, "request": request, "execution": execution});
        let _ = simulation.together([("prepare", prepare), ("on_execution", aborted)]);
        // Also where it began just before: then a recovery ends it.
        let lock = simulation.world().lock_of("storefront", "live").owner;
        let phase = simulation.world().deployment(&id).unwrap().phase;
        assert!(matches!(phase, Phase::Ended { .. }), "{}", simulation.world().story());
        assert_eq!(lock, None, "{}", simulation.world().story());
    });
}

#[test]
fn of_two_deployments_of_one_alias_exactly_one_begins() {
    in_many_orders(300, |schedule| {
        let simulation = Simulation::with(world(), schedule);
        let request = request("Canary10Percent5Minutes").json();
        let prepare = |id: &str| ("prepare", json!({"deploymentId": id, "request": request}));
        let [one, other] = simulation.together([prepare("d-ONE"), prepare("d-OTHER")]);
        let held = Err("Busy".to_owned());
        assert!((one.is_ok() && other == held) || (one == held && other.is_ok()), "{one:?}, {other:?}");
    });
}
