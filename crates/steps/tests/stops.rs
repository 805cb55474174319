//! What a user, an operator or another writer can do to a deployment that runs.

use expect_test::expect;
use fakes::{Fault, event};
use rollout::routing::Routing;
use rollout::weight::Weight;
use serde_json::json;

use crate::story::{Request, check, created, ended, request, told, world};

fn linear() -> Request {
    request("Linear40PercentEvery1Minute")
}

fn split(to: u64, percent: u8) -> Routing {
    Routing::shifted(fakes::world::v(1), fakes::world::v(to), Weight::clamped(percent))
}

#[test]
fn a_stop_puts_the_traffic_back() {
    check(
        world(),
        &linear(),
        |simulation, id| simulation.at(70, event::stop(id, None)),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 3 steps, 2m at least
                0s  storefront:live is pointed at version 1 with 40 % on version 2
                0s  d-1: 40 % of the calls to version 2
               60s  storefront:live is pointed at version 1 with 80 % on version 2
               60s  d-1: 80 % of the calls to version 2
               70s  d-1: stopping, putting the traffic back: MANUAL_STOP: The deployment was stopped by a user
               70s  CodeDeploy_20141006.StopDeployment answers 200
               70s  storefront:live is pointed at version 1
               70s  d-1: traffic: put back, every call goes to version 1
               70s  d-1: ended: RolledBack, MANUAL_STOP
               70s  execution d-1 ends: FAILED MANUAL_STOP
            RolledBack, MANUAL_STOP; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_stop_without_rollback_leaves_the_split_and_the_lock_knows_it() {
    check(
        world(),
        &linear(),
        |simulation, id| simulation.at(70, event::stop(id, Some(false))),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 3 steps, 2m at least
                0s  storefront:live is pointed at version 1 with 40 % on version 2
                0s  d-1: 40 % of the calls to version 2
               60s  storefront:live is pointed at version 1 with 80 % on version 2
               60s  d-1: 80 % of the calls to version 2
               70s  d-1: stopping, leaving the traffic where it is: MANUAL_STOP: The deployment was stopped by a user
               70s  CodeDeploy_20141006.StopDeployment answers 200
               70s  d-1: traffic: left as it is: version 1 with 80 % on version 2
               70s  d-1: ended: Stopped, MANUAL_STOP
               70s  execution d-1 ends: FAILED MANUAL_STOP
            Stopped, MANUAL_STOP; the alias is version 1 with 80 % on version 2; the lock is free, left over: version 1 with 80 % on version 2
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_stop_with_rollback_wins_over_rollback_switched_off() {
    let request = linear().no_rollback();
    check(
        world(),
        &request,
        |simulation, id| simulation.at(70, event::stop(id, Some(true))),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 3 steps, 2m at least
                0s  storefront:live is pointed at version 1 with 40 % on version 2
                0s  d-1: 40 % of the calls to version 2
               60s  storefront:live is pointed at version 1 with 80 % on version 2
               60s  d-1: 80 % of the calls to version 2
               70s  d-1: stopping, putting the traffic back: MANUAL_STOP: The deployment was stopped by a user
               70s  CodeDeploy_20141006.StopDeployment answers 200
               70s  storefront:live is pointed at version 1
               70s  d-1: traffic: put back, every call goes to version 1
               70s  d-1: ended: RolledBack, MANUAL_STOP
               70s  execution d-1 ends: FAILED MANUAL_STOP
            RolledBack, MANUAL_STOP; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn the_next_deployment_starts_from_the_split_that_was_left() {
    let (simulation, first) = created(world(), &linear());
    simulation.at(10, event::stop(&first, Some(false)));
    simulation.run();
    let second = simulation.create(linear().json());
    simulation.run();
    expect![[r#"
            0s  execution d-1 starts
            0s  CodeDeploy_20141006.CreateDeployment answers 200
            0s  d-1: planned: version 1 to version 2 in 3 steps, 2m at least
            0s  storefront:live is pointed at version 1 with 40 % on version 2
            0s  d-1: 40 % of the calls to version 2
           10s  d-1: stopping, leaving the traffic where it is: MANUAL_STOP: The deployment was stopped by a user
           10s  CodeDeploy_20141006.StopDeployment answers 200
           10s  d-1: traffic: left as it is: version 1 with 40 % on version 2
           10s  d-1: ended: Stopped, MANUAL_STOP
           10s  execution d-1 ends: FAILED MANUAL_STOP
           10s  execution d-2 starts
           10s  CodeDeploy_20141006.CreateDeployment answers 200
           10s  d-2: planned: version 1 to version 2 in 3 steps, 2m at least
           10s  d-2: 40 % of the calls to version 2
           70s  storefront:live is pointed at version 1 with 80 % on version 2
           70s  d-2: 80 % of the calls to version 2
          130s  storefront:live is pointed at version 2
          130s  d-2: 100 % of the calls to version 2
          130s  d-2: committed: past the point of no return
          130s  d-2: ended: Succeeded
          130s  execution d-2 ends: SUCCEEDED
        Succeeded; the alias is version 2; the lock is free
        BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
    "#]]
    .assert_eq(&told(&simulation, &second));
}

#[test]
fn a_leftover_split_is_ended_by_going_back_to_its_primary_version() {
    let (simulation, first) = created(world(), &linear());
    simulation.at(70, event::stop(&first, Some(false)));
    simulation.run();
    let second = simulation.create(linear().to(1).json());
    simulation.run();
    assert!(ended(&simulation, &second).starts_with("Succeeded; the alias is version 1; the lock is free\n"));
}

#[test]
fn a_deployment_that_fails_over_a_leftover_split_goes_to_the_version_that_had_the_traffic() {
    let (simulation, first) = created(world(), &linear());
    simulation.at(70, event::stop(&first, Some(false)));
    simulation.run();
    simulation.world().hook("checks", |_| steps::ports::Called::Returned(json!({"status": "Failed"})));
    let second = simulation.create(linear().hook("BeforeAllowTraffic", "checks").json());
    simulation.run();
    expect![[r#"
        RolledBack, HOOK_EXECUTION_FAILURE; the alias is version 1; the lock is free
        BeforeAllowTraffic Failed, AllowTraffic Skipped, AfterAllowTraffic Skipped
    "#]]
    .assert_eq(&ended(&simulation, &second));
}

#[test]
fn another_version_on_the_alias_ends_the_deployment_and_is_not_touched() {
    check(
        world(),
        &linear(),
        |simulation, _| simulation.at(70, event::pointed(split(3, 20))),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 3 steps, 2m at least
                0s  storefront:live is pointed at version 1 with 40 % on version 2
                0s  d-1: 40 % of the calls to version 2
               60s  storefront:live is pointed at version 1 with 80 % on version 2
               60s  d-1: 80 % of the calls to version 2
               70s  somebody points storefront:live at version 1 with 20 % on version 3
              120s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the alias storefront:live was changed by somebody else while the deployment ran: it is on version 1 with 20 % on version 3
              120s  d-1: traffic: changed by somebody else, and that was left alone: version 1 with 20 % on version 3
              120s  d-1: ended: Failed, DRIFT
              120s  execution d-1 ends: FAILED DRIFT
            Failed, DRIFT; the alias is version 1 with 20 % on version 3; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn an_alias_that_somebody_else_sets_back_is_left_alone_and_no_rollback_of_ours() {
    check(
        world(),
        &linear(),
        |simulation, _| simulation.at(70, event::pointed(Routing::all_on(fakes::world::v(1)))),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 3 steps, 2m at least
                0s  storefront:live is pointed at version 1 with 40 % on version 2
                0s  d-1: 40 % of the calls to version 2
               60s  storefront:live is pointed at version 1 with 80 % on version 2
               60s  d-1: 80 % of the calls to version 2
               70s  somebody points storefront:live at version 1
              120s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the alias storefront:live was changed by somebody else while the deployment ran: it is on version 1
              120s  d-1: traffic: changed by somebody else, and that was left alone: version 1
              120s  d-1: ended: Failed, DRIFT
              120s  execution d-1 ends: FAILED DRIFT
            Failed, DRIFT; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn another_weight_of_the_same_versions_ends_the_deployment_too() {
    check(
        world(),
        &linear(),
        |simulation, _| simulation.at(70, event::pointed(split(2, 41))),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 3 steps, 2m at least
                0s  storefront:live is pointed at version 1 with 40 % on version 2
                0s  d-1: 40 % of the calls to version 2
               60s  storefront:live is pointed at version 1 with 80 % on version 2
               60s  d-1: 80 % of the calls to version 2
               70s  somebody points storefront:live at version 1 with 41 % on version 2
              120s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the alias storefront:live was changed by somebody else while the deployment ran: it is on version 1 with 41 % on version 2
              120s  d-1: traffic: changed by somebody else, and that was left alone: version 1 with 41 % on version 2
              120s  d-1: ended: Failed, DRIFT
              120s  execution d-1 ends: FAILED DRIFT
            Failed, DRIFT; the alias is version 1 with 41 % on version 2; the lock is free, left over: version 1 with 41 % on version 2
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_deleted_alias_ends_the_deployment() {
    check(
        world(),
        &linear(),
        |simulation, _| simulation.at(70, event::alias_deleted()),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 3 steps, 2m at least
                0s  storefront:live is pointed at version 1 with 40 % on version 2
                0s  d-1: 40 % of the calls to version 2
               60s  storefront:live is pointed at version 1 with 80 % on version 2
               60s  d-1: 80 % of the calls to version 2
               70s  somebody deletes storefront:live
              120s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the alias storefront:live was changed by somebody else while the deployment ran: it no longer exists
              120s  d-1: traffic: the target no longer exists, or sends all calls elsewhere (to $LATEST, to other target groups); it was not touched
              120s  d-1: ended: Failed, DRIFT
              120s  execution d-1 ends: FAILED DRIFT
            Failed, DRIFT; the alias is gone; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn an_alias_pointed_at_latest_ends_the_deployment() {
    check(
        world(),
        &linear(),
        |simulation, _| simulation.at(70, event::pointed_at_latest()),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 3 steps, 2m at least
                0s  storefront:live is pointed at version 1 with 40 % on version 2
                0s  d-1: 40 % of the calls to version 2
               60s  storefront:live is pointed at version 1 with 80 % on version 2
               60s  d-1: 80 % of the calls to version 2
               70s  somebody points storefront:live at $LATEST
              120s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the alias storefront:live was changed by somebody else while the deployment ran: it points at $LATEST
              120s  d-1: traffic: the target no longer exists, or sends all calls elsewhere (to $LATEST, to other target groups); it was not touched
              120s  d-1: ended: Failed, DRIFT
              120s  execution d-1 ends: FAILED DRIFT
            Failed, DRIFT; the alias is $LATEST; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_change_during_the_bake_time_is_found_out_before_the_deployment_succeeds() {
    let request = request(json!([{"Weight": 100, "Hold": "10m"}]));
    check(
        world(),
        &request,
        |simulation, _| simulation.at(70, event::pointed(split(3, 20))),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 10m at least
                0s  storefront:live is pointed at version 2
                0s  d-1: 100 % of the calls to version 2
               70s  somebody points storefront:live at version 1 with 20 % on version 3
              600s  d-1: stopping, leaving alone what somebody else changed: DRIFT: the alias storefront:live was changed by somebody else while the deployment ran: it is on version 1 with 20 % on version 3
              600s  d-1: traffic: changed by somebody else, and that was left alone: version 1 with 20 % on version 3
              600s  d-1: ended: Failed, DRIFT
              600s  execution d-1 ends: FAILED DRIFT
            Failed, DRIFT; the alias is version 1 with 20 % on version 3; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn an_aborted_execution_is_followed_by_a_recovery() {
    let meanwhile = |simulation: &fakes::Simulation, id: &rollout::ids::DeploymentId| {
        simulation.at(70, event::aborted(id.as_str()));
    };
    check(
        world(),
        &linear(),
        meanwhile,
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 3 steps, 2m at least
                0s  storefront:live is pointed at version 1 with 40 % on version 2
                0s  d-1: 40 % of the calls to version 2
               60s  storefront:live is pointed at version 1 with 80 % on version 2
               60s  d-1: 80 % of the calls to version 2
               70s  execution d-1 ends: ABORTED
               70s  execution d-1-recovery-1 starts
               70s  d-1: recovery 1 started
               70s  alert: the execution of d-1 died, recovery 1
               70s  d-1: stopping, putting the traffic back: EXECUTION_LOST: the execution ended before its time
               70s  storefront:live is pointed at version 1
               70s  d-1: traffic: put back, every call goes to version 1
               70s  d-1: ended: RolledBack, EXECUTION_LOST
               70s  execution d-1-recovery-1 ends: FAILED EXECUTION_LOST
            RolledBack, EXECUTION_LOST; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_recovery_that_is_aborted_is_followed_by_another_one() {
    let (simulation, id) = created(world(), &linear());
    simulation.at(70, event::aborted(id.as_str()));
    simulation.at(65, event::instant(|simulation| simulation.world().faults.always("alias", Fault::Throttled)));
    simulation.at(200, event::aborted("d-1-recovery-1"));
    simulation.at(300, event::instant(|simulation| simulation.world().faults.heal()));
    simulation.run();
    assert_eq!(simulation.executions(), ["d-1", "d-1-recovery-1", "d-1-recovery-2"]);
    assert!(ended(&simulation, &id).contains("; the alias is version 1; the lock is free"));
}

#[test]
fn traffic_that_cannot_be_put_back_is_a_persons_job_and_a_repair_finishes_it() {
    let (simulation, id) = created(world(), &linear());
    simulation.at(70, event::instant(|simulation| simulation.world().faults.always("point", Fault::Denied)));
    simulation.at(71, event::stop(&id, None));
    simulation.run();
    expect![[r#"
            0s  execution d-1 starts
            0s  CodeDeploy_20141006.CreateDeployment answers 200
            0s  d-1: planned: version 1 to version 2 in 3 steps, 2m at least
            0s  storefront:live is pointed at version 1 with 40 % on version 2
            0s  d-1: 40 % of the calls to version 2
           60s  storefront:live is pointed at version 1 with 80 % on version 2
           60s  d-1: 80 % of the calls to version 2
           71s  d-1: stopping, putting the traffic back: MANUAL_STOP: The deployment was stopped by a user
           71s  CodeDeploy_20141006.StopDeployment answers 200
           78s  alert: d-1 is unresolved: refused: point is not allowed
           78s  d-1: unresolved, a person is needed: refused: point is not allowed
           78s  told: {"deploymentId":"d-1","error":"UNRESOLVED","cause":"refused: point is not allowed"}
           78s  execution d-1 ends: FAILED UNRESOLVED
        Unresolved, MANUAL_STOP, refused: point is not allowed; the alias is version 1 with 80 % on version 2; the lock is held by d-1
        BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
    "#]].assert_eq(&told(&simulation, &id));
    let next = simulation.create(linear().json());
    simulation.run();
    let refused = simulation.world().deployment(&next).unwrap().phase;
    expect!["deployment d-1 could not put storefront:live back; finish its job first with: tideshift repair d-1"]
        .assert_eq(&refused.why().unwrap().message);
    simulation.world().faults.heal();
    let repaired = simulation.api("Tideshift.RepairDeployment", json!({"deploymentId": id}));
    assert_eq!(repaired.status, 200);
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("RolledBack, MANUAL_STOP; the alias is version 1; the lock is free"));
}

#[test]
fn a_throttled_service_is_waited_for_half_an_hour_and_more() {
    let (simulation, id) = created(world(), &linear());
    simulation.at(70, event::instant(|simulation| simulation.world().faults.always("point", Fault::Throttled)));
    simulation.at(71, event::stop(&id, None));
    simulation.at(71 + 45 * 60, event::instant(|simulation| simulation.world().faults.heal()));
    simulation.run();
    assert!(ended(&simulation, &id).starts_with("RolledBack, MANUAL_STOP; the alias is version 1; the lock is free"));
}
