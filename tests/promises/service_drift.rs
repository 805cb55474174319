//! Somebody else changes what a deployment to ECS works on: the deployment ends, and what is its own goes back.

use codedeploy::view::{DeploymentView, Outcome};
use harness::deployment::Subject as _;
use harness::group::Group;
use harness::ours::Told as _;
use harness::shop::Shop;
use harness::stack::client;
use harness::{OrStop, story};

#[test]
fn a_rule_that_somebody_else_changes_ends_the_deployment_and_ours_are_put_back() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Linear20PercentEvery10Seconds").start().await;
        deployment.until_weight(20).await;
        let fixed = [("1.Type", "fixed-response"), ("1.FixedResponseConfig.StatusCode", "503")];
        shop.point(&shop.sample.api_rule, &fixed).await;
        assert_eq!(deployment.outcome().await.1, "DRIFT");
        let rule = shop.place(&shop.sample.api_rule).await;
        assert_eq!(rule["Actions"][0]["Type"], "fixed-response", "theirs is not touched");
        assert_eq!(shop.traffic().await, "blue", "ours is put back");
    });
}

#[test]
fn a_target_group_that_somebody_deletes_ends_the_deployment() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Linear20PercentEvery10Seconds").start().await;
        deployment.until_weight(20).await;
        // It cannot be deleted while a listener or a rule has a place for it.
        let sample = &shop.sample;
        for place in [&sample.production_listener, &sample.test_listener, &sample.api_rule] {
            shop.point(place, &[("1.Type", "forward"), ("1.TargetGroupArn", &sample.blue)]).await;
        }
        let named = [("TargetGroupArn", sample.green.as_str())];
        client().await.elb("DeleteTargetGroup", &named).await.or_stop("DeleteTargetGroup");
        deployment.rolled_back("DRIFT").await;
    });
}

#[test]
fn weights_that_somebody_else_gives_the_pair_end_the_deployment_and_are_left_alone() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Linear20PercentEvery10Seconds").start().await;
        deployment.until_weight(20).await;
        shop.weigh(&shop.sample.production_listener, "50", "50").await;
        let view = deployment.ended().await;
        assert_eq!(view.end(), (Some(Outcome::Failed), "DRIFT"), "{view:#?}");
        let live = shop.traffic().await;
        assert!(live.contains("blue:50 green:50"), "{live}");
    });
}

#[test]
fn weights_that_somebody_else_gives_while_the_old_task_set_is_kept_end_the_deployment() {
    story(async {
        let shop = Shop::new().await;
        let group = Group::of(&shop).keeps(60).create().await;
        let deployment = group.to(2).start().await;
        deployment.until("the termination wait", DeploymentView::keeps_old).await;
        assert_eq!(shop.traffic().await, "green");
        shop.weigh(&shop.sample.api_rule, "50", "50").await;
        // To end the wait does not end the looks.
        deployment.go_on("TERMINATION_WAIT").await;
        assert_eq!(deployment.outcome().await.1, "DRIFT");
        let live = shop.traffic().await;
        assert!(live.contains("blue:50 green:50"), "{live}");
    });
}
