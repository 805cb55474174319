//! The waits of a deployment group: for a person before the traffic moves, and before the old task set goes.

use codedeploy::view::DeploymentView;
use harness::deployment::{Deployment, Subject as _};
use harness::group::Group;
use harness::ours::Told;
use harness::shop::Shop;
use harness::stack::{call, stack};
use harness::{OrStop, story};
use local::faults::Fault;
use serde_json::{Value, json};

async fn until_old_task_set_is_kept(deployment: &Deployment<Shop>) {
    deployment.until("the termination wait", DeploymentView::keeps_old).await;
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
fn a_group_waits_for_a_person_before_traffic_moves_and_before_the_old_task_set_goes() {
    story(async {
        let shop = Shop::new().await;
        let group = Group::of(&shop).ready(60).keeps(60).create().await;
        let deployment = group.to(2).by("CodeDeployDefault.ECSAllAtOnce").start().await;
        deployment.until("the ready wait", Told::is_ready).await;
        assert_eq!(shop.traffic().await, "blue", "nothing has moved");
        deployment.go_on("READY_WAIT").await;
        until_old_task_set_is_kept(&deployment).await;
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

        deployment.go_on("TERMINATION_WAIT").await;
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
        until_old_task_set_is_kept(&deployment).await;
        assert_eq!(shop.revisions().await, ["2", "1"], "green is primary, blue is still there");
        shop.set(&alarm, "ALARM").await;
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "ALARM_ACTIVE".to_owned()));
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("blue", vec!["1".to_owned()]));
    });
}

#[test]
fn a_stop_during_the_termination_wait_puts_a_network_load_balancer_back() {
    story(async {
        let shop = Shop::on_network().await;
        let deployment = Group::of(&shop).keeps(60).create().await.to(2).start().await;
        until_old_task_set_is_kept(&deployment).await;
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await.join(" ").as_str()), ("green", "2 1"));
        deployment.stop(None).await;
        deployment.rolled_back("MANUAL_STOP").await;
        assert_eq!(shop.answers(10).await, ["1"; 10]);
    });
}

#[test]
fn tasks_that_die_while_the_old_task_set_is_kept_put_everything_back() {
    story(async {
        let shop = Shop::new().await;
        let deployment = Group::of(&shop).keeps(60).create().await.to(2).start().await;
        until_old_task_set_is_kept(&deployment).await;
        // The event about the death says nothing to anybody, and no look comes between the death and the end of the wait.
        let faults = stack().await.faults();
        faults.add(shop.fault("DescribeServices", "on-service", Fault::Throttle).times(0));
        let held = faults.add(shop.fault("DescribeServices", "wait", Fault::Hold).times(0));
        shop.dies(2).await;
        // To end the wait does not end the looks.
        deployment.go_on("TERMINATION_WAIT").await;
        faults.remove(held);
        deployment.rolled_back("ECS_UPDATE_ERROR").await;
    });
}

#[test]
fn a_ready_wait_that_nobody_ends_stops_the_deployment() {
    story(async {
        let shop = Shop::new().await;
        let deployment = Group::of(&shop).ready(1).create().await.to(2).start().await;
        deployment.until("the ready wait", Told::is_ready).await;
        // Test traffic went back.
        let view = deployment.rolled_back("MANUAL_STOP").await;
        let info = call("CodeDeploy_20141006.GetDeployment", &json!({"deploymentId": deployment.id})).await;
        assert_eq!(info["deploymentInfo"]["status"], "Stopped");
        let said = view.why();
        let sentence =
            "The deployment timed out while waiting for a notification to continue. This time out period is 1 minute";
        assert!(said.starts_with(sentence), "{said}");
        assert!(shop.writes().await.iter().all(|write| !write.starts_with("prod by shift")), "production never moved");
    });
}

#[test]
fn the_old_task_set_goes_when_its_time_is_over() {
    story(async {
        let shop = Shop::new().await;
        let deployment = Group::of(&shop).keeps(1).create().await.to(2).start().await;
        until_old_task_set_is_kept(&deployment).await;
        assert_eq!(shop.revisions().await, ["2", "1"], "green is primary, blue is still there");
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("green", vec!["2".to_owned()]));
    });
}
