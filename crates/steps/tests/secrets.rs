//! P6: what a hook is handed from SSM is written down nowhere.

use expect_test::expect;
use fakes::{Fault, event};
use serde_json::{Value, json};
use steps::ports::Called;

use crate::story::{Request, check, created, ended, request, world};

const SECRET: &str = "correct horse \"battery\" staple";

fn with_parameters() -> Request {
    let hook = json!({"Function": "checks", "Parameters": ["/shop/db/password", "/shop/db/user"]});
    request("AllAtOnce").hook("BeforeAllowTraffic", hook)
}

#[test]
fn a_missing_parameter_fails_before_the_hook_is_called() {
    let world = world();
    world.parameter("/shop/db/user", "shop");
    let (simulation, _) = check(
        world,
        &with_parameters(),
        |_, _| {},
        expect![[r#"
            0s  execution d-1 starts
            0s  CodeDeploy_20141006.CreateDeployment answers 200
            0s  d-1: planned: version 1 to version 2 in 1 steps, 0s at least
            0s  d-1: stopping, putting the traffic back: HOOK_EXECUTION_FAILURE: the BeforeAllowTraffic hook failed: no such parameter in SSM: /shop/db/password; the hook was not called
            0s  d-1: traffic: no call ever went to the new version
            0s  execution d-1 ends: FAILED HOOK_EXECUTION_FAILURE
        Failed, HOOK_EXECUTION_FAILURE; the alias is version 1; the lock is free
        BeforeAllowTraffic Failed, AllowTraffic Skipped, AfterAllowTraffic Skipped
    "#]],
    );
    assert!(simulation.world().hook_calls().is_empty());
}

#[test]
fn parameters_that_may_not_be_read_fail_before_the_hook_is_called() {
    let (simulation, id) = created(world(), &with_parameters());
    simulation.world().faults.always("parameters", Fault::Denied);
    simulation.run();
    assert!(simulation.world().hook_calls().is_empty());
    assert!(ended(&simulation, &id).starts_with("Failed, HOOK_EXECUTION_FAILURE"));
}

/// A hook that gives its secret away in every way it can.
fn leaks(secret: &str) -> Vec<Called> {
    vec![
        Called::Returned(json!({"status": "Failed", "message": format!("cannot log in with {secret}")})),
        Called::Returned(json!({"hookStatus": secret})),
        Called::Returned(json!({"status": secret})),
        Called::Returned(
            json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 600, "hookDetails": {"key": secret, secret: 1}}),
        ),
        Called::Threw {
            kind: secret.to_owned(),
            message: format!("no such password: {secret}"),
            log_tail: format!("START\n{secret}\n{}\nEND", json!({"payload": secret})),
        },
    ]
}

#[test]
fn a_secret_is_written_down_nowhere_however_the_hook_gives_it_away() {
    for leak in leaks(SECRET) {
        for fault in [None, Some(Fault::Busy), Some(Fault::Denied), Some(Fault::Lost)] {
            let (world, said) = (world(), leak.clone());
            world.parameter("/shop/db/password", SECRET);
            world.parameter("/shop/db/user", "shop-user");
            world.hook("checks", move |_| said.clone());
            let (simulation, id) = created(world, &with_parameters());
            if let Some(fault) = fault {
                simulation.world().faults.always("succeed", fault);
                simulation.world().faults.always("keep_details", fault);
            }
            simulation.at(1_000, event::stop(&id, None));
            simulation.run();
            let shown = simulation.api("Tideshift.DescribeDeployment", json!({"deploymentId": id}));
            let written = format!("{}{:?}", simulation.world().written_down(), shown);
            let handed_over = simulation.world().hook_calls();
            assert_eq!(handed_over[0].1["Parameters"]["/shop/db/password"], SECRET);
            for spelling in [SECRET, &Value::from(SECRET).to_string(), "battery", "shop-user"] {
                assert!(!written.contains(spelling), "{leak:?} with {fault:?} is written down:\n{written}");
            }
        }
    }
}
