//! What stops a deployment because of an alarm: an event, a look, and not being able to look.

use expect_test::expect;
use fakes::{Fault, Simulation, event};
use jiff::SignedDuration;
use rollout::alarms::AlarmState;
use rollout::seconds::Seconds;
use serde_json::json;

use crate::story::{Request, check, created, ended, request, told, world};

fn canary() -> Request {
    request("Canary10Percent5Minutes").alarms(&["errors", "latency"])
}

#[test]
fn an_alarm_event_puts_the_traffic_back_at_once() {
    check(
        world(),
        &canary(),
        |simulation, _| simulation.at(130, event::alarm("latency")),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 5m at least
                0s  storefront:live is pointed at version 1 with 10 % on version 2
                0s  d-1: 10 % of the calls to version 2
              130s  alarm latency goes to ALARM
              130s  d-1: stopping, putting the traffic back: ALARM_ACTIVE: One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <latency>; CloudWatch says of latency: Threshold Crossed: 7 is more than 5
              130s  storefront:live is pointed at version 1
              130s  d-1: traffic: put back, every call goes to version 1
              130s  d-1: ended: RolledBack, ALARM_ACTIVE
              130s  execution d-1 ends: FAILED ALARM_ACTIVE
            RolledBack, ALARM_ACTIVE; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn an_alarm_that_nobody_told_of_is_found_by_the_next_look() {
    check(
        world(),
        &canary(),
        |simulation, _| simulation.at(130, event::silent_alarm("errors")),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 5m at least
                0s  storefront:live is pointed at version 1 with 10 % on version 2
                0s  d-1: 10 % of the calls to version 2
              130s  alarm errors goes to ALARM, silently
              180s  d-1: stopping, putting the traffic back: ALARM_ACTIVE: One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <errors>; CloudWatch says of errors: Threshold Crossed: 7 is more than 5
              180s  storefront:live is pointed at version 1
              180s  d-1: traffic: put back, every call goes to version 1
              180s  d-1: ended: RolledBack, ALARM_ACTIVE
              180s  execution d-1 ends: FAILED ALARM_ACTIVE
            RolledBack, ALARM_ACTIVE; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_watch_that_is_written_after_the_end_is_taken_back_by_whoever_wrote_it() {
    let (undisturbed, _) = created(world(), &canary());
    undisturbed.run();
    let guarded = undisturbed.world().faults.calls().iter().position(|call| *call == "watch").unwrap() + 1;
    for late in [30, 600, 3_600] {
        let (simulation, id) = created(world(), &canary());
        simulation.world().faults.nth(guarded, Fault::Orphan(Seconds(late)));
        simulation.at(20, event::stop(&id, None));
        simulation.run();
        let told = told(&simulation, &id);
        assert!(told.contains("RolledBack, MANUAL_STOP"), "{told}");
        assert!(simulation.world().watches().is_empty(), "{late} s late\n{told}");
    }
}

#[test]
fn an_alarm_between_the_checks_and_the_guard_is_found_by_the_guard() {
    let (undisturbed, _) = created(world(), &canary());
    undisturbed.run();
    let guarded = undisturbed.world().faults.calls().iter().position(|call| *call == "watch").unwrap() + 1;
    let meanwhile = |simulation: &fakes::Simulation, _: &_| {
        simulation.before_call(guarded, event::silent_alarm("errors"));
    };
    check(
        world(),
        &canary(),
        meanwhile,
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 5m at least
                0s  alarm errors goes to ALARM, silently
                0s  storefront:live is pointed at version 1 with 10 % on version 2
                0s  d-1: 10 % of the calls to version 2
                0s  d-1: stopping, putting the traffic back: ALARM_ACTIVE: One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <errors>; CloudWatch says of errors: Threshold Crossed: 7 is more than 5
                0s  storefront:live is pointed at version 1
                0s  d-1: traffic: put back, every call goes to version 1
                0s  d-1: ended: RolledBack, ALARM_ACTIVE
                0s  execution d-1 ends: FAILED ALARM_ACTIVE
            RolledBack, ALARM_ACTIVE; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn an_alarm_that_is_deleted_meanwhile_counts_as_unsafe() {
    let meanwhile = |simulation: &fakes::Simulation, _: &_| {
        simulation.at(130, event::instant(|simulation| simulation.world().delete_alarm("latency")));
    };
    check(
        world(),
        &canary(),
        meanwhile,
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 5m at least
                0s  storefront:live is pointed at version 1 with 10 % on version 2
                0s  d-1: 10 % of the calls to version 2
              180s  d-1: stopping, putting the traffic back: ALARM_UNREADABLE: these alarms do not exist (any more): <latency>; create them, or set ignorePollAlarmFailure (--ignore-alarm-poll-failure on the command line)
              180s  storefront:live is pointed at version 1
              180s  d-1: traffic: put back, every call goes to version 1
              180s  d-1: ended: RolledBack, ALARM_UNREADABLE
              180s  execution d-1 ends: FAILED ALARM_UNREADABLE
            RolledBack, ALARM_UNREADABLE; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn alarms_that_cannot_be_read_stop_a_deployment_unless_it_is_told_to_ignore_that() {
    let blind = event::instant(|simulation| simulation.world().blind());
    let (simulation, id) = created(world(), &canary());
    simulation.at(130, blind);
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("RolledBack, ALARM_UNREADABLE"));

    let blind = event::instant(|simulation| simulation.world().blind());
    let (simulation, id) = created(world(), &canary().ignore_unreadable());
    simulation.at(130, blind);
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded"));
}

#[test]
fn an_alarm_without_data_does_not_stop_a_deployment() {
    let world = world();
    world.alarm("errors", AlarmState::InsufficientData);
    let (simulation, id) = created(world, &canary());
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded"));
}

#[test]
fn with_rollback_switched_off_an_alarm_leaves_the_split_and_says_so() {
    let request = canary().no_rollback();
    check(
        world(),
        &request,
        |simulation, _| simulation.at(130, event::alarm("errors")),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 5m at least
                0s  storefront:live is pointed at version 1 with 10 % on version 2
                0s  d-1: 10 % of the calls to version 2
              130s  alarm errors goes to ALARM
              130s  d-1: stopping, leaving the traffic where it is: ALARM_ACTIVE: One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <errors>; CloudWatch says of errors: Threshold Crossed: 7 is more than 5
              130s  d-1: traffic: left as it is: version 1 with 10 % on version 2
              130s  d-1: ended: Stopped, ALARM_ACTIVE
              130s  execution d-1 ends: FAILED ALARM_ACTIVE
            Stopped, ALARM_ACTIVE; the alias is version 1 with 10 % on version 2; the lock is free, left over: version 1 with 10 % on version 2
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn an_alarm_of_somebody_else_stops_nothing() {
    let (simulation, id) = created(world(), &request("Canary10Percent5Minutes").alarms(&["latency"]));
    simulation.at(130, event::alarm("errors"));
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded"));
}

#[test]
fn one_alarm_stops_every_deployment_that_watches_it() {
    let world = world();
    world.publish("checkout", 1);
    world.publish("checkout", 2);
    world.point("checkout", "live", rollout::routing::Routing::all_on(fakes::world::v(1)));
    let (simulation, one) = created(world, &canary());
    let mut other = canary().json().to_string();
    other = other.replace("storefront", "checkout");
    let other = simulation.create(serde_json::from_str(&other).unwrap());
    simulation.at(130, event::alarm("errors"));
    simulation.run();
    for id in [one, other] {
        let outcome = simulation.world().deployment(&id).unwrap().phase.outcome();
        assert_eq!(outcome, Some(rollout::deployment::Outcome::RolledBack), "{id}");
    }
}

#[test]
fn only_a_change_to_alarm_of_this_account_since_the_deployment_began_stops_it() {
    let here = || fakes::Simulation::new(world()).settings().home.clone();
    let there = |account: &str, region: &str| {
        let (account, region) = (account.to_owned(), region.to_owned());
        steps::facts::Home { account, region, ..here() }
    };
    let seconds = SignedDuration::from_secs;
    for (state, ago, home) in [
        ("OK", seconds(0), here()),
        ("INSUFFICIENT_DATA", seconds(0), here()),
        ("ALARM", seconds(131), here()),
        ("ALARM", SignedDuration::from_hours(5), here()),
        ("ALARM", seconds(0), there("444455556666", "eu-central-1")),
        ("ALARM", seconds(0), there("123456789012", "us-east-1")),
    ] {
        let (simulation, id) = created(world(), &canary());
        simulation.at(130, event::alarm_change("errors", state, ago, home.clone()));
        simulation.run();
        assert!(ended(&simulation, &id).starts_with("Succeeded"), "{state} {ago} ago in {home:?}");
    }
    let (simulation, id) = created(world(), &canary());
    simulation.at(130, event::alarm_change("errors", "ALARM", seconds(129), here()));
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("RolledBack, ALARM_ACTIVE"), "it breached while the deployment ran");
}

#[test]
fn an_old_change_stops_a_deployment_only_if_the_alarm_still_stands() {
    for (now, outcome) in [(AlarmState::Alarm, "RolledBack, ALARM_ACTIVE"), (AlarmState::Ok, "Succeeded")] {
        let (simulation, id) = created(world(), &canary());
        let home = simulation.settings().home.clone();
        simulation.at(130, event::instant(move |simulation| simulation.world().alarm("errors", now)));
        simulation.at(131, event::alarm_change("errors", "ALARM", SignedDuration::from_mins(30), home));
        simulation.run();
        assert!(ended(&simulation, &id).starts_with(outcome), "{now}");
    }
}

#[test]
fn three_throttled_looks_are_not_a_breach_and_staying_blind_is() {
    for (looks, outcome) in [(1, "Succeeded"), (3, "Succeeded"), (usize::MAX, "RolledBack, ALARM_UNREADABLE")] {
        let (simulation, id) = created(world(), &request("Linear20PercentEvery2Minutes").alarms(&["errors"]));
        simulation.at(130, event::instant(move |simulation| simulation.world().throttle_alarms(looks)));
        simulation.run();
        assert!(ended(&simulation, &id).starts_with(outcome), "{looks} looks: {}", ended(&simulation, &id));
        let blind = simulation.world().deployment(&id).unwrap().blind;
        assert_eq!(blind.is_some(), looks == usize::MAX, "what was answered is forgotten");
    }
    let (simulation, id) = created(world(), &canary().ignore_unreadable());
    simulation.at(130, event::instant(|simulation| simulation.world().throttle_alarms(usize::MAX)));
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded"));
}

#[test]
fn alarms_that_could_not_be_read_are_a_doubt_that_is_shown_until_they_answer() {
    let (simulation, id) = created(world(), &request("Linear20PercentEvery2Minutes").alarms(&["errors"]));
    simulation.at(130, event::instant(|simulation| simulation.world().throttle_alarms(1)));
    let shown = |simulation: &Simulation| {
        let reply = simulation.api("Tideshift.DescribeDeployment", json!({"deploymentId": id.as_str()}));
        reply.body["progress"]["doubts"].to_string()
    };
    simulation.run_until(200);
    expect![[r#"[{"about":"alarms","text":"the alarms could not be read at the last look. It goes on for now, and stops if the next looks find them so, too: CloudWatch has no time"}]"#]].assert_eq(&shown(&simulation));
    simulation.run();
    expect![["null"]].assert_eq(&shown(&simulation));
}

#[test]
fn no_deployment_begins_unseen() {
    let world = world();
    world.throttle_alarms(2);
    let (simulation, id) = created(world, &canary());
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("Succeeded"), "Prepare looks again");
}

#[test]
fn many_deployments_on_one_alarm_are_stopped_side_by_side() {
    let world = world();
    for number in 0..40 {
        let function = format!("shop-{number}");
        world.publish(&function, 1);
        world.publish(&function, 2);
        world.point(&function, "live", rollout::routing::Routing::all_on(fakes::world::v(1)));
    }
    let simulation = fakes::Simulation::new(world);
    let ids: Vec<_> = (0..40)
        .map(|number| {
            let json = canary().json().to_string().replace("storefront", &format!("shop-{number}"));
            simulation.create(serde_json::from_str(&json).unwrap())
        })
        .collect();
    simulation.at(130, event::alarm("errors"));
    simulation.run();
    for id in ids {
        assert!(ended(&simulation, &id).starts_with("RolledBack, ALARM_ACTIVE"), "{id}");
    }
    // The first sixteen are at it before the first is done.
    let calls = simulation.world().faults.calls();
    let told = calls.iter().position(|call| *call == "watchers").unwrap();
    assert!(calls[told + 1..].iter().take(16).all(|call| *call == "load"), "{:?}", &calls[told..told + 20]);
}
