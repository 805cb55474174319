//! Functions of a deployment to a service that run at the same time, in very many orders their calls can have.

use fakes::schedule::in_many_orders;
use fakes::{Schedule, Simulation};
use rollout::deployment::Phase;
use rollout::ids::DeploymentId;
use rollout::seconds::Seconds;
use serde_json::{Value, json};

use super::{Deploy, deploy, world};

const ID: &str = "d-RACE";

fn id() -> DeploymentId {
    DeploymentId::parse(ID).unwrap()
}

/// A deployment that has begun, without an execution around it.
fn begun(schedule: Schedule, deploy: &Deploy) -> Simulation {
    let simulation = super::simulation(world(), deploy, schedule);
    let request = deploy.json();
    simulation.call("prepare", json!({"deploymentId": ID, "platform": "ECS", "request": request})).unwrap();
    simulation
}

/// One whose new task set may have traffic.
fn installed(schedule: Schedule, deploy: &Deploy) -> Simulation {
    let simulation = begun(schedule, deploy);
    for _ in 0..20 {
        let output = simulation.call("install", json!({"deploymentId": ID})).unwrap();
        if output["next"] == "Done" {
            return simulation;
        }
        simulation.world().clock.advance(Seconds(output["seconds"].as_u64().unwrap()));
    }
    panic!("it is never installed:\n{}", simulation.world().story());
}

/// One whose new task set has the traffic.
fn moved(schedule: Schedule, deploy: &Deploy) -> Simulation {
    let simulation = installed(schedule, deploy);
    assert_eq!(simulation.call("shift", json!({"deploymentId": ID})).unwrap()["next"], "Done");
    simulation
}

fn on(function: &'static str) -> (&'static str, Value) {
    (function, json!({"deploymentId": ID}))
}

fn guard(wait_for: &str) -> (&'static str, Value) {
    ("guard", json!({"deploymentId": ID, "taskToken": "the-token", "waitFor": wait_for}))
}

fn api(target: &str, mut body: Value) -> (&'static str, Value) {
    body["deploymentId"] = json!(ID);
    ("api", json!({"target": target, "body": body}))
}

fn stop() -> (&'static str, Value) {
    api("CodeDeploy_20141006.StopDeployment", json!({}))
}

fn phase(simulation: &Simulation) -> Phase {
    simulation.world().deployment(&id()).unwrap().phase
}

/// Lets the rollback and the removal do their work, waits included.
#[track_caller]
fn settle(simulation: &Simulation) {
    let failure = json!({"Error": "StopRequested", "Cause": "a stop"});
    until(simulation, "Settled", || json!({"deploymentId": ID, "failure": failure}), "rollback");
    let mut looks = 0;
    until(
        simulation,
        "Done",
        || {
            looks += 1;
            json!({"deploymentId": ID, "looks": looks - 1})
        },
        "clear",
    );
}

#[track_caller]
fn until(simulation: &Simulation, wanted: &str, mut input: impl FnMut() -> Value, function: &str) {
    for _ in 0..40 {
        let output = simulation.call(function, input()).unwrap();
        if output["next"] == wanted {
            return;
        }
        simulation.world().clock.advance(Seconds(output["seconds"].as_u64().unwrap()));
    }
    panic!("{function} is never {wanted}:\n{}", simulation.world().story());
}

#[track_caller]
fn is_blue(simulation: &Simulation) {
    let world = simulation.world();
    let shop = world.shop();
    let story = world.story();
    assert!(!shop.contains("web-green 1") && !shop.contains("on web-green"), "{shop}\n{story}");
    let live = world.live_service().unwrap();
    assert_eq!(live.primary().map(|set| set.id.as_str()), Some("ecs-svc/1"), "{story}");
    assert!(live.made_by(ID).is_none_or(|set| set.role == rollout::service::live::Role::Draining), "{shop}\n{story}");
}

#[test]
fn of_a_commit_and_a_stop_exactly_one_wins() {
    let mut won = [0, 0];
    in_many_orders(500, |schedule| {
        let simulation = moved(schedule, &deploy("AllAtOnce"));
        let [commit, stop] = simulation.together([on("commit"), stop()]);
        let status = stop.unwrap()["status"].clone();
        match phase(&simulation) {
            Phase::Committing => {
                assert_eq!((commit, status), (Ok(Value::Null), json!(400)));
                won[0] += 1;
            }
            Phase::Stopping { .. } => {
                assert_eq!((commit, status), (Err("StopRequested".to_owned()), json!(200)));
                won[1] += 1;
                settle(&simulation);
                is_blue(&simulation);
            }
            other => panic!("{other:?}"),
        }
    });
    assert!(won[0] > 0 && won[1] > 0, "{won:?}");
}

#[test]
fn whatever_an_installation_was_doing_when_a_stop_came_nothing_is_left_of_it() {
    in_many_orders(1_000, |schedule| {
        let simulation = begun(schedule, &deploy("Canary10Percent5Minutes"));
        let [_, stop] = simulation.together([on("install"), stop()]);
        assert_eq!(stop.unwrap()["status"], 200);
        settle(&simulation);
        is_blue(&simulation);
    });
}

#[test]
fn whatever_a_shift_was_doing_when_a_stop_came_the_traffic_goes_home() {
    in_many_orders(1_000, |schedule| {
        let simulation = installed(schedule, &deploy("Canary10Percent5Minutes"));
        let [_, stop] = simulation.together([on("shift"), stop()]);
        assert_eq!(stop.unwrap()["status"], 200);
        settle(&simulation);
        is_blue(&simulation);
    });
}

#[test]
fn a_rollback_wins_against_a_shift_that_is_still_at_work() {
    in_many_orders(1_000, |schedule| {
        let simulation = installed(schedule, &deploy("AllAtOnce"));
        let failure = json!({"Error": "StopRequested", "Cause": "a stop"});
        let rollback = ("rollback", json!({"deploymentId": ID, "failure": failure}));
        let _ = simulation.together([on("shift"), rollback]);
        settle(&simulation);
        is_blue(&simulation);
    });
}

#[test]
fn two_attempts_of_one_installation_make_one_task_set() {
    in_many_orders(1_000, |schedule| {
        let simulation = begun(schedule, &deploy("Canary10Percent5Minutes"));
        let both = simulation.together([on("install"), on("install")]);
        for attempt in both {
            assert!(attempt.as_ref().err().is_none_or(|error| error == "Transient"), "{attempt:?}");
        }
        assert_eq!(simulation.world().live_service().unwrap().task_sets.len(), 2);
    });
}

#[test]
fn a_continue_is_never_lost_between_the_record_and_the_token_of_a_wait() {
    for (kind, name) in [("Ready", "READY_WAIT"), ("Termination", "TERMINATION_WAIT")] {
        in_many_orders(500, |schedule| {
            let wanted = deploy("AllAtOnce").ready(60).keeps(60);
            let simulation = match kind {
                "Ready" => installed(schedule, &wanted),
                _ => moved(schedule, &wanted),
            };
            let wait = simulation.call("wait", json!({"deploymentId": ID, "wait": kind})).unwrap();
            assert_eq!(wait["next"], "Await");
            let resume = api("CodeDeploy_20141006.ContinueDeployment", json!({"deploymentWaitType": name}));
            let [_, resumed] = simulation.together([guard("Continue"), resume]);
            assert_eq!(resumed.unwrap()["status"], 200);
            assert!(simulation.world().ends().iter().any(Result::is_ok), "nobody ended the wait");
        });
    }
}

#[test]
fn of_two_deployments_of_one_service_exactly_one_begins() {
    in_many_orders(300, |schedule| {
        let wanted = deploy("Canary10Percent5Minutes");
        let simulation = super::simulation(world(), &wanted, schedule);
        let request = wanted.json();
        let prepare = |id: &str| ("prepare", json!({"deploymentId": id, "platform": "ECS", "request": request}));
        let [one, other] = simulation.together([prepare("d-ONE"), prepare("d-OTHER")]);
        let held = Err("Busy".to_owned());
        assert!((one.is_ok() && other == held) || (one == held && other.is_ok()), "{one:?}, {other:?}");
    });
}
