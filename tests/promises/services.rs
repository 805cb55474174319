//! Deployments to ECS that go well.

use harness::deployment::{Deployment, Subject};
use harness::group::Group;
use harness::shop::Shop;
use harness::stack::{call, client};
use harness::{OrStop, story};
use serde_json::{Value, json};

fn events(view: &Value) -> Vec<String> {
    let events = view["events"].as_array().or_stop("events").iter();
    events.map(|event| format!("{} {}", event["name"], event["status"]).replace('"', "")).collect()
}

/// The service's one target as a client of CodeDeploy sees it.
async fn target(deployment: &Deployment<Shop>) -> Value {
    let named = json!({"deploymentId": deployment.id});
    let listed = call("CodeDeploy_20141006.ListDeploymentTargets", &named).await;
    let mut named = named;
    named["targetId"] = listed["targetIds"][0].clone();
    call("CodeDeploy_20141006.GetDeploymentTarget", &named).await["deploymentTarget"].clone()
}

#[test]
fn a_canary_of_a_service_moves_every_route_makes_green_primary_and_removes_blue() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Canary10Percent3Seconds").start().await;
        deployment.until_weight(10).await;
        assert_eq!(shop.traffic().await, "blue:90 green:10", "the default action and the rule alike");
        assert_eq!(shop.listener(&shop.sample.test_listener).await, "green", "test traffic went first");
        assert_eq!(shop.revisions().await, ["1", "2"]);
        let view = deployment.ended().await;
        assert_eq!(view["outcome"], "Succeeded", "{view:#}");
        assert_eq!(shop.traffic().await, "green");
        assert_eq!(shop.revisions().await, ["2"], "blue is gone");
        assert!(events(&view).iter().all(|event| event.ends_with("Succeeded")), "{view:#}");
        assert_eq!(events(&view).len(), 8, "all eight events of ECS");
        assert_eq!(deployment.execution_status().await, "SUCCEEDED");
    });
}

#[test]
fn everything_at_once_is_the_default_for_services_too() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).start().await;
        let view = deployment.ended().await;
        assert_eq!(
            (&view["outcome"], &view["plan"]["strategy"]),
            (&json!("Succeeded"), &json!("CodeDeployDefault.ECSAllAtOnce"))
        );
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("green", vec!["2".to_owned()]));
    });
}

#[test]
fn a_network_load_balancer_moves_all_at_once() {
    story(async {
        let shop = Shop::on_network().await;
        assert_eq!(shop.answers(10).await, ["1"; 10]);
        let deployment = shop.to(2).start().await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("green", vec!["2".to_owned()]));
        assert_eq!(shop.listener(&shop.sample.test_listener).await, "green");
        assert_eq!(shop.answers(10).await, ["2"; 10]);
        let writes = shop.writes(&shop.sample.production_listener).await;
        assert_eq!(writes, ["shift: green:1"], "it has no place to give green before that");
    });
}

#[test]
fn the_roles_swap_by_what_is_live() {
    story(async {
        let shop = Shop::new().await;
        assert_eq!(shop.to(2).start().await.outcome().await.0, "Succeeded");
        assert_eq!(shop.traffic().await, "green");
        assert_eq!(shop.to(1).by("Linear50PercentEvery1Second").start().await.outcome().await.0, "Succeeded");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("blue", vec!["1".to_owned()]));
        assert_eq!(shop.listener(&shop.sample.test_listener).await, "blue", "the test listener follows");
    });
}

#[test]
fn hooks_run_at_all_five_events_and_are_told_of_task_definitions() {
    story(async {
        let shop = Shop::new().await;
        let body = "event.pop('TaskToken'); print(json.dumps(event))\nreturn {'status': 'Succeeded'} \
                    if event['TargetTaskDefinition'].endswith(':2') else {'status': 'Failed'}";
        let hook = shop.hook("fine", body).await;
        let mut deploy = shop.to(2);
        for event in
            ["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"]
        {
            deploy = deploy.hook(event, hook.clone());
        }
        let view = deploy.start().await.ended().await;
        assert_eq!(view["outcome"], "Succeeded", "{view:#}");
    });
}

#[test]
fn a_group_waits_for_a_person_before_traffic_moves_and_before_the_old_task_set_goes() {
    story(async {
        let shop = Shop::new().await;
        let group = Group::of(&shop).ready(60).keeps(60).create().await;
        let deployment = group.to(2).by("CodeDeployDefault.ECSAllAtOnce").start().await;
        deployment.until("the ready wait", |view| view["status"] == "Ready").await;
        assert_eq!(shop.traffic().await, "blue", "nothing has moved");
        let named = json!({"deploymentId": deployment.id, "deploymentWaitType": "READY_WAIT"});
        call("CodeDeploy_20141006.ContinueDeployment", &named).await;
        deployment.until("the termination wait", |view| view["progress"]["awaitingTermination"] == true).await;
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await.join(" ").as_str()), ("green", "2 1"));

        let target = target(&deployment).await;
        let service = &target["ecsTarget"];
        assert_eq!(target["deploymentTargetType"], "ECSTarget");
        assert_eq!(service["status"], "Succeeded", "the target is done before the deployment is");
        assert_eq!(service["targetId"], format!("shop:{}", shop.name()));
        let sets = service["taskSetsInfo"].as_array().or_stop("task sets");
        let shown: Vec<String> = sets
            .iter()
            .map(|set| {
                format!("{} {} {} {}", set["taskSetLabel"], set["trafficWeight"], set["status"], set["runningCount"])
            })
            .collect();
        assert_eq!(shown, ["\"Blue\" 0.0 \"ACTIVE\" 2", "\"Green\" 100.0 \"PRIMARY\" 2"]);
        assert!(
            sets.iter().all(|set| set["identifer"].as_str().is_some_and(|id| id.starts_with("ecs-svc/"))),
            "{sets:?}"
        );
        let info = call("CodeDeploy_20141006.GetDeployment", &json!({"deploymentId": deployment.id})).await;
        let info = &info["deploymentInfo"];
        assert_eq!((&info["status"], &info["computePlatform"]), (&json!("InProgress"), &json!("ECS")));
        assert_eq!(info["instanceTerminationWaitTimeStarted"], true);

        let named = json!({"deploymentId": deployment.id, "deploymentWaitType": "TERMINATION_WAIT"});
        call("CodeDeploy_20141006.ContinueDeployment", &named).await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!(shop.revisions().await, ["2"]);
    });
}

#[test]
fn an_alarm_during_the_termination_wait_still_puts_everything_back() {
    story(async {
        let shop = Shop::new().await;
        let alarm = shop.alarm("errors").await;
        let group = Group::of(&shop).keeps(60).create().await;
        let deployment = group.to(2).watching(&[&alarm]).start().await;
        deployment.until("the termination wait", |view| view["progress"]["awaitingTermination"] == true).await;
        assert_eq!(shop.revisions().await, ["2", "1"], "green is primary, blue is still there");
        shop.set(&alarm, "ALARM").await;
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "ALARM_ACTIVE".to_owned()));
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("blue", vec!["1".to_owned()]));
    });
}

#[test]
fn other_actions_of_a_listener_stay_as_they_are() {
    story(async {
        let shop = Shop::new().await;
        let rule = [("RuleArns.member.1", shop.sample.static_rule.as_str())];
        let before = client().await.elb("DescribeRules", &rule).await.or_stop("DescribeRules");
        assert_eq!(shop.to(2).by("Canary10Percent1Second").start().await.outcome().await.0, "Succeeded");
        let after = client().await.elb("DescribeRules", &rule).await.or_stop("DescribeRules");
        assert_eq!(before["Rules"], after["Rules"]);
    });
}
