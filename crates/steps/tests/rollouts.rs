//! Deployments in which nothing goes wrong.

use expect_test::expect;
use serde_json::json;

use crate::story::{check, request, world};

#[test]
fn a_canary_with_both_hooks_moves_a_part_and_then_the_rest() {
    let request = request("Canary10Percent5Minutes")
        .hook("BeforeAllowTraffic", "checks")
        .hook("AfterAllowTraffic", "smoke-test")
        .alarms(&["errors"]);
    check(
        world(),
        &request,
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 5m at least
                0s  checks is called for BeforeAllowTraffic
                0s  storefront:live is pointed at version 1 with 10 % on version 2
                0s  d-1: 10 % of the calls to version 2
              300s  storefront:live is pointed at version 2
              300s  d-1: 100 % of the calls to version 2
              300s  smoke-test is called for AfterAllowTraffic
              300s  d-1: committed: past the point of no return
              300s  d-1: ended: Succeeded
              300s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_linear_rollout_climbs_in_equal_parts() {
    check(
        world(),
        &request("Linear25PercentEvery1Minute"),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 4 steps, 3m at least
                0s  storefront:live is pointed at version 1 with 25 % on version 2
                0s  d-1: 25 % of the calls to version 2
               60s  storefront:live is pointed at version 1 with 50 % on version 2
               60s  d-1: 50 % of the calls to version 2
              120s  storefront:live is pointed at version 1 with 75 % on version 2
              120s  d-1: 75 % of the calls to version 2
              180s  storefront:live is pointed at version 2
              180s  d-1: 100 % of the calls to version 2
              180s  d-1: committed: past the point of no return
              180s  d-1: ended: Succeeded
              180s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn all_at_once_is_one_write() {
    check(
        world(),
        &request("AllAtOnce"),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 1 step, 0s at least
                0s  storefront:live is pointed at version 2
                0s  d-1: 100 % of the calls to version 2
                0s  d-1: committed: past the point of no return
                0s  d-1: ended: Succeeded
                0s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}

#[test]
fn a_hold_on_the_last_step_is_a_bake_time() {
    let steps = json!([{"Weight": 50, "Hold": "1m"}, {"Weight": 100, "Hold": "10m"}]);
    check(
        world(),
        &request(steps),
        |_, _| {},
        expect![[r#"
                0s  execution d-1 starts
                0s  CodeDeploy_20141006.CreateDeployment answers 200
                0s  d-1: planned: version 1 to version 2 in 2 steps, 11m at least
                0s  storefront:live is pointed at version 1 with 50 % on version 2
                0s  d-1: 50 % of the calls to version 2
               60s  storefront:live is pointed at version 2
               60s  d-1: 100 % of the calls to version 2
              660s  d-1: committed: past the point of no return
              660s  d-1: ended: Succeeded
              660s  execution d-1 ends: SUCCEEDED
            Succeeded; the alias is version 2; the lock is free
            BeforeAllowTraffic Succeeded, AllowTraffic Succeeded, AfterAllowTraffic Succeeded
        "#]],
    );
}
