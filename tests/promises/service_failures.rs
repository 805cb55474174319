//! Deployments to ECS that do not go well: each ends with the traffic on one task set, and no other left over.

use harness::deployment::{Deployment, Subject};
use harness::shop::Shop;
use harness::stack::{call, client, stack};
use harness::{OrStop, story};
use local::faults::{Fault, Rule};
use serde_json::json;

/// Calls to the load balancer of a shop, by one of our functions.
fn on_listener(shop: &Shop, operation: &str, by: &str, fault: Fault) -> Rule {
    Rule::on("elasticloadbalancing", operation, fault).by(by).with_body(&format!("{}%2F", shop.name()))
}

fn denied() -> Fault {
    Fault::Refuse { status: 403, code: "AccessDenied".into(), message: "not allowed".into() }
}

/// Everything is as if nobody had deployed.
async fn untouched(shop: &Shop) {
    assert_eq!(shop.traffic().await, "blue");
    assert_eq!(shop.listener(&shop.sample.test_listener).await, "blue");
    assert_eq!(shop.revisions().await, ["1"], "no other task set is left");
}

async fn rolled_back(deployment: &Deployment<Shop>, code: &str) {
    assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), code.to_owned()));
    untouched(&deployment.app).await;
}

#[test]
fn an_alarm_during_the_shift_puts_the_listeners_back_and_removes_green() {
    story(async {
        let shop = Shop::new().await;
        let alarm = shop.alarm("errors").await;
        let deployment = shop.to(3).by("Linear20PercentEvery1Minute").watching(&[&alarm]).start().await;
        deployment.until_weight(20).await;
        shop.set(&alarm, "ALARM").await;
        rolled_back(&deployment, "ALARM_ACTIVE").await;
    });
}

#[test]
fn a_stop_while_the_new_task_set_never_gets_steady_leaves_nothing_behind() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(4).start().await;
        shop.until("two task sets", |sets| sets.len() == 2).await;
        deployment.stop(None).await;
        let view = deployment.ended().await;
        assert_eq!(view["error"]["code"], "MANUAL_STOP", "{view:#}");
        untouched(&shop).await;
    });
}

#[test]
fn a_hook_that_refuses_before_the_installation_leaves_nothing_to_undo() {
    story(async {
        let shop = Shop::new().await;
        let hook = shop.hook("no", "return {'status': 'Failed'}").await;
        let deployment = shop.to(2).hook("BeforeInstall", hook).start().await;
        let view = deployment.ended().await;
        assert_eq!((&view["outcome"], &view["error"]["code"]), (&json!("Failed"), &json!("HOOK_EXECUTION_FAILURE")));
        assert!(!view["journal"].to_string().contains("created"), "{view:#}");
        untouched(&shop).await;
    });
}

#[test]
fn a_hook_that_refuses_the_test_traffic_puts_the_test_listener_back() {
    story(async {
        let shop = Shop::new().await;
        let hook = shop.hook("no", "return {'status': 'Failed'}").await;
        let deployment = shop.to(2).hook("AfterAllowTestTraffic", hook).start().await;
        let view = deployment.ended().await;
        assert_eq!(view["error"]["code"], "HOOK_EXECUTION_FAILURE", "{view:#}");
        untouched(&shop).await;
    });
}

#[test]
fn tasks_that_die_after_the_shift_end_the_deployment() {
    story(async {
        let shop = Shop::new().await;
        let alarm = shop.alarm("errors").await;
        let pause = json!([{"Weight": 50, "UntilContinued": {"Timeout": "10m", "OnTimeout": "Stop"}}]);
        let deployment = shop.to(5).strategy(pause).watching(&[&alarm]).start().await;
        deployment.until_weight(50).await;
        shop.until("dead", |sets| sets.iter().any(|set| set["runningCount"] == 0)).await;
        call("CodeDeploy_20141006.ContinueDeployment", &json!({"deploymentId": deployment.id})).await;
        rolled_back(&deployment, "ECS_UPDATE_ERROR").await;
    });
}

#[test]
fn a_rule_that_somebody_else_changes_ends_the_deployment_and_ours_are_put_back() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Linear20PercentEvery10Seconds").start().await;
        deployment.until_weight(20).await;
        let fixed = [
            ("RuleArn", shop.sample.api_rule.as_str()),
            ("Actions.member.1.Type", "fixed-response"),
            ("Actions.member.1.FixedResponseConfig.StatusCode", "503"),
        ];
        client().await.elb("ModifyRule", &fixed).await.or_stop("ModifyRule");
        assert_eq!(deployment.outcome().await.1, "DRIFT");
        let parameters = [("RuleArns.member.1", shop.sample.api_rule.as_str())];
        let rule = client().await.elb("DescribeRules", &parameters).await.or_stop("DescribeRules");
        assert_eq!(rule["Rules"][0]["Actions"][0]["Type"], "fixed-response", "theirs is not touched");
        assert_eq!(shop.traffic().await, "blue", "ours is put back");
    });
}

#[test]
fn throttled_load_balancers_are_sat_out() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        faults.add(on_listener(&shop, "ModifyListener", "shift", Fault::Throttle).times(2));
        faults.add(on_listener(&shop, "ModifyListener", "rollback", Fault::Throttle).times(4));
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        rolled_back(&deployment, "MANUAL_STOP").await;
    });
}

#[test]
fn a_late_write_of_a_shift_does_not_stay_after_a_rollback_has_begun() {
    story(async {
        for step in [1, 2] {
            let shop = Shop::new().await;
            let alarm = shop.alarm("errors").await;
            let faults = stack().await.faults();
            let late = faults.add(on_listener(&shop, "ModifyListener", "shift", Fault::Delay(2_500)).from_nth(step));
            let deployment = shop.to(2).by("Linear20PercentEvery1Second").watching(&[&alarm]).start().await;
            while faults.hits(late) == 0 {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            // The write is on its way; now the alarm.
            shop.set(&alarm, "ALARM").await;
            rolled_back(&deployment, "ALARM_ACTIVE").await;
        }
    });
}

#[test]
fn a_shift_killed_between_two_routes_is_recognized_and_run_again() {
    story(async {
        for operation in ["ModifyListener", "ModifyRule"] {
            let shop = Shop::new().await;
            let rule = on_listener(&shop, operation, "shift", Fault::KillCallerAfter).from_nth(1);
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
        let rule = stack().await.faults().add(on_listener(&shop, "ModifyListener", "rollback", denied()).times(0));
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        assert_eq!(deployment.ended().await["outcome"], "Unresolved");
        stack().await.faults().remove(rule);
        call("Tideshift.RepairDeployment", &json!({"deploymentId": deployment.id})).await;
        deployment.until("its repair", |view| view["outcome"] == "RolledBack").await;
        untouched(&shop).await;
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
        rolled_back(&deployment, "EXECUTION_LOST").await;
    });
}

#[test]
fn nothing_a_function_does_for_a_service_is_more_than_its_role_allows() {
    story(async {
        let shop = Shop::new().await;
        assert_eq!(shop.to(2).by("Canary10Percent1Second").start().await.outcome().await.0, "Succeeded");
        let denied = stack().await.observed().denied();
        assert!(denied.is_empty(), "{denied:?}");
    });
}
