//! Versions that stop taking calls while a deployment runs: no weight is given them, and none is left with them.

use expect_test::expect;
use fakes::{World, event};
use rollout::facts::VersionState;
use serde_json::{Value, json};
use steps::ports::Called;

use crate::story::{check, created, ended, request, world};

/// A world with a hook that answers later, by a callback.
fn with_a_slow_hook() -> World {
    let world = world();
    world.hook("slow", |_| Called::Returned(Value::Null));
    world
}

fn failed() -> VersionState {
    VersionState::NotReady("Failed: the image was deleted".to_owned())
}

#[test]
fn a_version_that_fails_during_a_hold_gets_no_further_weight_and_loses_what_it_has() {
    check(
        world(),
        &request("Canary10Percent5Minutes"),
        |simulation, _| simulation.at(60, event::version_is(failed())),
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 5m at least
                0s  storefront:live is pointed at version 1 with 10 % on version 2
                0s  d-1: 10 % of the calls to version 2
               60s  version 2 of storefront is NotReady("Failed: the image was deleted")
              300s  d-1: stopping, putting the traffic back: INVALID_LAMBDA_FUNCTION: version 2 is not ready for calls: Failed: the image was deleted
              300s  storefront:live is pointed at version 1
              300s  d-1: traffic: put back, every call goes to version 1
              300s  d-1: ended: RolledBack, INVALID_LAMBDA_FUNCTION
              300s  execution d-1 ends: FAILED INVALID_LAMBDA_FUNCTION
            RolledBack, INVALID_LAMBDA_FUNCTION; the alias is version 1; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Failed, AfterAllowTraffic Skipped
        "#]],
    );
}

#[test]
fn a_version_that_is_not_active_after_its_hook_gets_no_call() {
    let states = [failed(), VersionState::Inactive, VersionState::Pending("it is being restored".to_owned())];
    let told = states.map(|state| {
        let hook = json!({"Function": "slow", "Timeout": "1h"});
        let (simulation, id) = created(with_a_slow_hook(), &request("AllAtOnce").hook("BeforeAllowTraffic", hook));
        simulation.at(30, event::version_is(state));
        simulation.at(60, event::hook_status(&id, "Succeeded"));
        simulation.run();
        let why = simulation.world().deployment(&id).and_then(|deployment| deployment.phase.why().cloned());
        format!("{}\n  {}", ended(&simulation, &id), why.map(|why| why.message).unwrap_or_default())
    });
    expect![[r#"
        Failed, INVALID_LAMBDA_FUNCTION; the alias is version 1; the lock is free
        BeforeAllowTraffic Succeeded, AllowTraffic Skipped, AfterAllowTraffic Skipped

          version 2 is not ready for calls: Failed: the image was deleted
        Failed, INVALID_LAMBDA_FUNCTION; the alias is version 1; the lock is free
        BeforeAllowTraffic Succeeded, AllowTraffic Skipped, AfterAllowTraffic Skipped

          version 2 of storefront is Inactive: nobody called it for long, and its first calls would fail; wake it: aws lambda invoke --function-name storefront --qualifier 2 /dev/null, then aws lambda wait published-version-active --function-name storefront --qualifier 2
        Failed, INVALID_LAMBDA_FUNCTION; the alias is version 1; the lock is free
        BeforeAllowTraffic Succeeded, AllowTraffic Skipped, AfterAllowTraffic Skipped

          version 2 of storefront is Pending (it is being restored), and its calls would fail; wait for it: aws lambda wait published-version-active --function-name storefront --qualifier 2"#]].assert_eq(&told.join("\n"));
}

#[test]
fn a_version_that_fails_while_the_last_hook_looks_at_it_is_not_a_success() {
    let hook = json!({"Function": "slow", "Timeout": "1h"});
    let (simulation, id) = created(with_a_slow_hook(), &request("AllAtOnce").hook("AfterAllowTraffic", hook));
    simulation.at(30, event::version_is(failed()));
    simulation.at(60, event::hook_status(&id, "Succeeded"));
    simulation.run();
    let ended = ended(&simulation, &id);
    assert!(
        ended.starts_with("RolledBack, INVALID_LAMBDA_FUNCTION; the alias is version 1; the lock is free"),
        "{ended}"
    );
}
