//! A test listener that somebody else changes while a deployment to a service runs, and what the next deployment starts from.

use fakes::{Fault, Schedule, Simulation, event};
use rollout::ids::DeploymentId;
use rollout::seconds::Seconds;

use super::stories::STORIES;
use super::{Deploy, created, deploy, ended, promises, told, world};

type Forwards = &'static [(&'static str, u32)];

const BLUE: Forwards = &[("web-blue", 1)];
const GREEN: Forwards = &[("web-green", 1)];
const HALF: Forwards = &[("web-blue", 50), ("web-green", 50)];
const DOCS: Forwards = &[("docs", 1)];

fn linear() -> Deploy {
    deploy("Linear40PercentEvery1Minute").tested()
}

/// A deployment during which somebody changes the test listener, at its end.
fn changed(deploy: &Deploy, second: i64, to: Forwards) -> (Simulation, DeploymentId) {
    let (simulation, id) = created(world(), deploy);
    simulation.at(second, event::forwarded("test", to));
    simulation.run();
    (simulation, id)
}

/// The test listener is as somebody made it last, weights and all.
#[track_caller]
fn is_left(simulation: &Simulation, id: &DeploymentId, to: Forwards) {
    let to: Vec<_> = to.iter().map(|(name, weight)| ((*name).to_owned(), *weight)).collect();
    assert_eq!(simulation.world().forwards("test"), to, "{}", told(simulation, id));
}

/// The next deployment is planned, succeeds, has all traffic of both listeners, and leaves no other task set.
#[track_caller]
fn next_succeeds(simulation: &Simulation) {
    let next = simulation.create(deploy("AllAtOnce").tested().to(3).json());
    simulation.run();
    let told = told(simulation, &next);
    assert!(ended(simulation, &next).starts_with("Succeeded"), "{told}");
    assert_eq!(promises::kept(simulation, &next), Ok(()), "{told}");
    let live = simulation.world().live_service().unwrap();
    let stay: Vec<_> = live.task_sets.iter().filter(|set| set.stays()).map(|set| set.external_id.as_deref()).collect();
    assert_eq!(stay, [Some(next.as_str())], "{told}");
    let group = live.primary().and_then(|primary| primary.target_group.clone()).unwrap();
    let mut test = simulation.world().forwards("test");
    test.retain(|(_, weight)| *weight > 0);
    assert_eq!(test.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), [group.name()], "{told}");
}

#[test]
fn a_change_is_drift_whenever_it_comes_and_is_left_as_it_is_and_the_next_deployment_starts_from_it() {
    let kept = || deploy("AllAtOnce").tested().keeps(10);
    for (deploy, second, to) in [
        (linear(), 10, GREEN),
        (linear(), 10, HALF),
        (linear(), 60, BLUE),
        (linear(), 60, HALF),
        (kept(), 300, BLUE),
        (kept(), 300, HALF),
        (linear().no_rollback(), 10, GREEN),
    ] {
        let (simulation, id) = changed(&deploy, second, to);
        let told = told(&simulation, &id);
        assert!(ended(&simulation, &id).contains("DRIFT"), "{second} s, {to:?}\n{told}");
        is_left(&simulation, &id, to);
        let production = simulation.world().forwards("prod");
        assert!(production[0].0 == "web-blue" && production.get(1).is_none_or(|(_, weight)| *weight == 0), "{told}");
        assert_eq!(promises::kept(&simulation, &id), Ok(()), "{told}");
        next_succeeds(&simulation);
    }
}

#[test]
fn a_change_while_a_person_is_waited_for_is_found_before_production_traffic_moves() {
    let (simulation, id) = changed(&linear().ready(10), 100, BLUE);
    assert!(ended(&simulation, &id).starts_with("Failed, DRIFT"), "{}", told(&simulation, &id));
    is_left(&simulation, &id, BLUE);
    assert_eq!(promises::kept(&simulation, &id), Ok(()));
}

#[test]
fn a_split_that_is_left_since_rollback_is_off_and_its_changed_test_listener_are_what_the_next_deployment_starts_from() {
    let (simulation, id) = changed(&linear().no_rollback(), 60, BLUE);
    assert!(ended(&simulation, &id).contains("DRIFT"), "{}", told(&simulation, &id));
    is_left(&simulation, &id, BLUE);
    next_succeeds(&simulation);
}

#[test]
fn a_change_is_told_of_the_listener_that_was_changed() {
    let line = |to: Forwards| {
        let (simulation, id) = changed(&linear(), 60, to);
        is_left(&simulation, &id, to);
        let told = told(&simulation, &id);
        let line = told.lines().find(|line| line.contains("stopping")).unwrap_or_default().trim().to_owned();
        line.replace("arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/shop/50dc6c495c0c9188/", "")
    };
    expect_test::expect![[r#"
        89s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the test listener test of the service shop/web was changed by somebody else while the deployment ran: it forwards at 1 place: to target group web-blue
        89s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the test listener test of the service shop/web was changed by somebody else while the deployment ran: it forwards at 1 place: to target group web-blue with 50 % on target group web-green
        89s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the test listener test of the service shop/web was changed by somebody else while the deployment ran: it no longer forwards to either target group"#]].assert_eq(&[BLUE, HALF, DOCS].map(line).join("\n"));
}

#[test]
fn both_listeners_are_named_where_both_were_changed() {
    let (simulation, id) = created(world(), &linear());
    simulation.at(60, event::forwarded("prod", HALF));
    simulation.at(60, event::forwarded("test", BLUE));
    simulation.run();
    let told = told(&simulation, &id);
    let line = told.lines().find(|line| line.contains("stopping")).unwrap_or_default();
    assert!(line.contains("/prod of the service") && line.contains("/test of the service"), "{told}");
}

#[test]
fn a_deployment_that_must_stop_for_another_reason_takes_a_change_back_and_says_so() {
    let (simulation, id) = created(world(), &linear().alarms(&["errors"]));
    simulation.at(60, event::forwarded("test", HALF));
    simulation.at(61, event::alarm("errors"));
    simulation.run();
    let told = told(&simulation, &id);
    assert!(told.contains("RolledBack, ALARM_ACTIVE"), "{told}");
    assert!(told.contains("the test listener was put back although somebody else had changed it meanwhile"), "{told}");
    assert_eq!(
        simulation.world().forwards("test"),
        [("web-blue".to_owned(), 100), ("web-green".to_owned(), 0)],
        "{told}"
    );
    assert_eq!(promises::kept(&simulation, &id), Ok(()), "{told}");
    next_succeeds(&simulation);
}

#[test]
fn a_change_after_the_last_look_keeps_the_old_task_set_and_the_next_deployment_replaces_it() {
    let wanted = deploy("AllAtOnce").tested();
    let (usual, _) = created(world(), &wanted);
    usual.run();
    let calls = usual.world().faults.calls();
    let scaled = calls.iter().position(|call| *call == "scale_to_zero").unwrap();
    let (simulation, id) = created(world(), &wanted);
    simulation.before_call(scaled - 6, event::forwarded("test", BLUE));
    simulation.run();
    let told = told(&simulation, &id);
    assert!(ended(&simulation, &id).starts_with("Succeeded"), "{told}");
    is_left(&simulation, &id, BLUE);
    assert!(told.contains("the task set ecs-svc/1 was kept"), "{told}");
    next_succeeds(&simulation);
}

#[test]
fn what_ended_a_leftover_and_arrives_once_test_traffic_was_sent_is_written_over() {
    let left = || {
        let (simulation, first) = created(world(), &linear());
        simulation.at(100, event::stop(&first, Some(false)));
        simulation.run();
        simulation
    };
    let usual = left();
    let before = usual.world().faults.calls().len();
    usual.create(linear().json());
    usual.run();
    let calls = usual.world().faults.calls();
    let writes = calls.iter().zip(1..).filter(|(call, number)| **call == "route" && *number > before);
    let mut of_test = 0;
    for (_, write) in writes.take(3) {
        let simulation = left();
        simulation.world().faults.nth(write, Fault::Late(Seconds(120)));
        let id = simulation.create(linear().json());
        simulation.run();
        let told = told(&simulation, &id);
        assert!(ended(&simulation, &id).starts_with("Succeeded"), "{told}");
        assert!(told.contains("a write that came late was undone"), "{told}");
        let test = simulation.world().forwards("test");
        assert_eq!(
            test.iter().find(|(_, weight)| *weight > 0).map(|(name, _)| name.as_str()),
            Some("web-green"),
            "{told}"
        );
        // By the deployment before, by this one, and once more.
        let sent = told.matches("test forwards to web-blue 0, web-green 100").count();
        of_test += usize::from(sent > 2);
    }
    assert_eq!(of_test, 1, "one of them is of the test listener");
}

#[test]
fn whenever_a_test_listener_is_changed_the_next_deployment_begins_and_succeeds() {
    let mut disturbed = 0;
    // Those that have a test listener.
    for story in [&STORIES[0], &STORIES[2]] {
        for to in [BLUE, GREEN, HALF] {
            for number in 1.. {
                let (simulation, id) = (story.begin)(Schedule::InTurn);
                if simulation.world().faults.calls().len() >= number {
                    continue;
                }
                simulation.before_call(number, event::forwarded("test", to));
                simulation.run();
                if simulation.world().faults.calls().len() < number {
                    break;
                }
                disturbed += 1;
                let before = format!("{}, call {number}, {to:?}\n{}", story.name, told(&simulation, &id));
                assert_eq!(promises::kept(&simulation, &id), Ok(()), "{before}");
                if ended(&simulation, &id).contains("DRIFT") {
                    is_left(&simulation, &id, to);
                }
                next_succeeds(&simulation);
            }
        }
    }
    assert!(disturbed > 100, "only {disturbed} calls were disturbed");
}
