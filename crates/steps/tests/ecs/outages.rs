//! Task sets that cannot take the traffic they have or are to have: no deployment ends well over calls that nobody answers.

use fakes::{Fault, Simulation, event};
use rollout::ids::DeploymentId;
use rollout::seconds::Seconds;
use serde_json::json;

use super::{Deploy, created, deploy, ended, promises, told, world};

fn run(deploy: &Deploy, meanwhile: impl FnOnce(&Simulation, &DeploymentId)) -> (Simulation, DeploymentId) {
    let (simulation, id) = created(world(), deploy);
    meanwhile(&simulation, &id);
    simulation.run();
    assert_eq!(promises::kept(&simulation, &id), Ok(()), "{}", told(&simulation, &id));
    assert_eq!(promises::answered(&simulation, &id), Ok(()), "{}", told(&simulation, &id));
    (simulation, id)
}

#[track_caller]
fn ends(simulation: &Simulation, id: &DeploymentId, how: &str) {
    let end = ended(simulation, id);
    assert!(end.starts_with(how), "{}", told(simulation, id));
}

fn runs(simulation: &Simulation, set: &str) -> bool {
    let live = simulation.world().live_service().unwrap();
    live.task_sets.iter().any(|found| found.id.as_str() == set && found.running > 0)
}

#[test]
fn an_old_task_set_that_was_scaled_to_zero_is_brought_up_before_the_traffic_goes_back_to_it() {
    let (simulation, id) = run(&deploy("AllAtOnce").keeps(30), |simulation, id| {
        simulation.at(100, event::scaled_to_zero("web-blue"));
        simulation.at(200, event::stop(id, None));
    });
    ends(&simulation, &id, "RolledBack, MANUAL_STOP; prod on web-blue 100");
    let story = told(&simulation, &id);
    let (up, home) = (story.find("ECS scales ecs-svc/1 to 100 %"), story.rfind("prod forwards to web-blue 100"));
    assert!(up.is_some() && up < home, "{story}");
    assert!(runs(&simulation, "ecs-svc/1"), "{story}");
}

#[test]
fn an_old_task_set_that_is_gone_keeps_the_traffic_on_the_new_one_and_a_person_is_told() {
    let (simulation, id) = run(&deploy("AllAtOnce").keeps(30), |simulation, id| {
        simulation.at(199, event::set_deleted("web-blue"));
        simulation.at(200, event::stop(id, None));
    });
    ends(&simulation, &id, "Unresolved, MANUAL_STOP, The traffic of shop/web cannot go back");
    assert!(runs(&simulation, "ecs-svc/2"), "{}", told(&simulation, &id));
    assert_eq!(simulation.world().forwards("prod")[1], ("web-green".to_owned(), 100));
}

#[test]
fn new_tasks_that_die_after_the_last_step_put_the_traffic_back_before_anything_is_removed() {
    for second in 33..48 {
        let (simulation, id) =
            run(&deploy("AllAtOnce"), |simulation, _| simulation.at(second, event::tasks_die("web-green")));
        ends(&simulation, &id, "RolledBack, ECS_UPDATE_ERROR; prod on web-blue 100");
        assert!(runs(&simulation, "ecs-svc/1"), "{}", told(&simulation, &id));
    }
}

#[test]
fn the_death_of_the_last_task_ends_a_hold_at_once() {
    let (simulation, id) = run(&deploy("Linear40PercentEvery10Minutes"), |simulation, _| {
        simulation.at(40, event::tasks_die_aloud("web-green"));
    });
    ends(&simulation, &id, "RolledBack, ECS_UPDATE_ERROR; prod on web-blue 100");
    let back = simulation.world().weights_written().into_iter().rfind(|write| write.route == "prod").unwrap();
    assert_eq!(back.at.duration_since(fakes::clock::START).as_secs(), 40, "{}", told(&simulation, &id));
}

#[test]
fn what_the_service_wants_now_decides_whether_the_new_task_set_is_well() {
    let (simulation, id) = run(&deploy("Linear40PercentEvery1Minute"), |simulation, _| {
        simulation.at(60, event::scaled_to_zero("web-green"));
    });
    ends(&simulation, &id, "RolledBack, ECS_UPDATE_ERROR; prod on web-blue 100");
}

#[test]
fn a_weight_that_arrives_after_its_lease_is_put_back_before_the_new_task_set_goes() {
    for late in [24, 40, 55] {
        let request = deploy("Linear40PercentEvery1Minute");
        let (usual, _) = created(world(), &request);
        usual.run();
        let calls = usual.world().faults.calls();
        let nth = calls.iter().zip(1..).filter(|(call, _)| **call == "route").nth(2).unwrap().1;
        let (simulation, id) = created(world(), &request);
        simulation.world().faults.nth(nth, Fault::Late(Seconds(late)));
        simulation.before_call(nth, event::stop(&id, None));
        simulation.run();
        ends(&simulation, &id, "RolledBack, MANUAL_STOP; prod on web-blue 100 and web-green 0");
        assert!(told(&simulation, &id).contains("a write that came late was undone"), "{}", told(&simulation, &id));
    }
}

#[test]
fn a_repair_does_not_close_a_deployment_over_calls_that_nobody_answers() {
    let (simulation, id) = created(world(), &deploy("AllAtOnce").keeps(30));
    simulation.at(150, event::set_deleted("web-blue"));
    simulation.at(199, event::tasks_die("web-green"));
    simulation.at(200, event::stop(&id, None));
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Unresolved"), "{}", told(&simulation, &id));
    let reply = simulation.api("Tideshift.RepairDeployment", json!({"deploymentId": id}));
    assert_eq!(reply.status, 200);
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Unresolved"), "{}", told(&simulation, &id));
    assert_eq!(promises::answered(&simulation, &id), Ok(()));
}
