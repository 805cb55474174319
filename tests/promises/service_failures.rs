//! Deployments to ECS that do not go well: each ends with the traffic on one task set, and no other left over.

use codedeploy::view::{DeploymentView, Outcome};
use harness::deployment::Subject as _;
use harness::ours::{self, Told as _};
use harness::shop::Shop;
use harness::stack::{call, client, stack};
use harness::{OrStop, story};
use local::faults::Fault;
use serde_json::{Value, json};

/// Why the new task set is not there yet.
fn trouble(view: &DeploymentView) -> Option<&str> {
    view.progress.as_ref()?.trouble.as_deref()
}

fn denied() -> Fault {
    Fault::Refuse { status: 403, code: "AccessDenied".into(), message: "not allowed".into() }
}

#[test]
fn an_alarm_during_the_shift_puts_the_listeners_back_and_removes_green() {
    story(async {
        let shop = Shop::new().await;
        let alarm = shop.alarm("errors").await;
        let deployment = shop.to(3).by("Linear20PercentEvery1Minute").watching(&[&alarm]).start().await;
        deployment.until_weight(20).await;
        shop.set(&alarm, "ALARM").await;
        deployment.rolled_back("ALARM_ACTIVE").await;

        let shown = async |id: &Value| {
            let got = call("CodeDeploy_20141006.GetDeployment", &json!({"deploymentId": id})).await;
            got["deploymentInfo"].clone()
        };
        let info = shown(&json!(deployment.id)).await;
        let back = shown(&info["rollbackInfo"]["rollbackDeploymentId"]).await;
        assert_eq!(back["deploymentConfigName"], "CodeDeployDefault.ECSAllAtOnce", "{info:#}\n{back:#}");
        assert_eq!((&back["creator"], &back["computePlatform"]), (&json!("codeDeployRollback"), &json!("ECS")));
    });
}

#[test]
fn a_stop_while_the_new_task_set_never_gets_steady_leaves_nothing_behind() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(4).start().await;
        shop.until("two task sets", |sets| sets.len() == 2).await;
        let why = "Essential container in task exited; container web: exit code 1";
        deployment.until("ECS's own reason", |view| trouble(view) == Some(why)).await;
        deployment.stop(None).await;
        let view = deployment.ended().await;
        assert_eq!(view.code(), "MANUAL_STOP", "{view:#?}");
        assert!(view.lines().contains(&format!("the green task set is not ready yet: {why}")), "{view:#?}");
        shop.is_untouched().await;
    });
}

#[test]
fn a_hook_that_refuses_before_the_installation_leaves_nothing_to_undo() {
    story(async {
        let shop = Shop::new().await;
        let hook = shop.hook("no", "return {'status': 'Failed'}").await;
        let deployment = shop.to(2).hook("BeforeInstall", hook).start().await;
        let view = deployment.ended().await;
        assert_eq!(view.end(), (Some(Outcome::Failed), "HOOK_EXECUTION_FAILURE"));
        assert!(!view.lines().contains("created"), "{view:#?}");
        shop.is_untouched().await;
    });
}

#[test]
fn a_hook_that_refuses_the_test_traffic_puts_the_test_listener_back() {
    story(async {
        let shop = Shop::new().await;
        let hook = shop.hook("no", "return {'status': 'Failed'}").await;
        let deployment = shop.to(2).hook("AfterAllowTestTraffic", hook).start().await;
        let view = deployment.ended().await;
        assert_eq!(view.code(), "HOOK_EXECUTION_FAILURE", "{view:#?}");
        shop.is_untouched().await;
    });
}

#[test]
fn the_death_of_the_last_new_task_ends_a_hold_at_once() {
    story(async {
        let shop = Shop::new().await;
        let pause = json!([{"Weight": 50, "UntilContinued": {"Timeout": "10m", "OnTimeout": "Stop"}}]);
        // Nobody continues it: the death itself ends it.
        let deployment = shop.to(2).strategy(pause).start().await;
        deployment.until_weight(50).await;
        shop.dies(2).await;
        deployment.rolled_back("ECS_UPDATE_ERROR").await;
    });
}

#[test]
fn throttled_load_balancers_are_sat_out() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        faults.add(shop.fault("ModifyListener", "shift", Fault::Throttle).times(2));
        faults.add(shop.fault("ModifyListener", "rollback", Fault::Throttle).times(4));
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        deployment.rolled_back("MANUAL_STOP").await;
    });
}

#[test]
fn a_shift_killed_between_two_routes_is_recognized_and_run_again() {
    story(async {
        for operation in ["ModifyListener", "ModifyRule"] {
            let shop = Shop::new().await;
            let rule = shop.fault(operation, "shift", Fault::KillCallerAfter).from_nth(1);
            stack().await.faults().add(rule);
            let deployment = shop.to(2).by("Linear50PercentEvery1Second").start().await;
            assert_eq!(deployment.outcome().await.0, "Succeeded", "{operation}");
            assert_eq!(shop.traffic().await, "green");
        }
    });
}

#[test]
fn a_rollback_that_is_refused_for_good_ends_unresolved_and_can_be_repaired() {
    story(async {
        let shop = Shop::new().await;
        let rule = stack().await.faults().add(shop.fault("ModifyListener", "rollback", denied()).times(0));
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        assert_eq!(deployment.ended().await.outcome, Some(Outcome::Unresolved));
        stack().await.faults().remove(rule);
        ours::repair(&deployment.id).await;
        deployment.until("its repair", |view| view.outcome == Some(Outcome::RolledBack)).await;
        shop.is_untouched().await;
    });
}

#[test]
fn a_split_that_was_to_be_left_is_left_and_the_next_deployment_takes_it_up() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(Some(false)).await;
        assert_eq!(deployment.outcome().await.0, "Stopped");
        assert_eq!(shop.traffic().await, "blue:90 green:10");
        assert_eq!(shop.to(2).start().await.outcome().await.0, "Succeeded");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("green", vec!["2".to_owned()]));
    });
}

#[test]
fn an_execution_that_is_aborted_is_recovered() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        let execution = harness::stack::execution(Shop::MACHINE, &deployment.id).await;
        client().await.stop_execution(&execution).await.or_stop("StopExecution");
        deployment.rolled_back("EXECUTION_LOST").await;
    });
}

#[test]
fn nothing_a_function_does_for_a_service_is_more_than_its_role_allows() {
    story(async {
        let shop = Shop::new().await;
        assert_eq!(shop.to(2).by("Canary10Percent1Second").start().await.outcome().await.0, "Succeeded");
        assert_eq!(harness::stack::denied(shop.name()).await, [""; 0]);
    });
}
