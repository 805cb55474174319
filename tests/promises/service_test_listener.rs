//! Somebody else changes the test listener of a service while a deployment runs: that is left as it is, and the next one starts from it.

use codedeploy::view::{DeploymentView, Outcome};
use harness::deployment::{Deployment, Subject as _};
use harness::ours::Told as _;
use harness::shop::Shop;
use harness::{OrStop, story};
use local::sample::service::CLUSTER;

use crate::command_line::{self, Finding};

/// A deployment in its first step, past its test traffic.
async fn tested(shop: &Shop) -> Deployment<Shop> {
    let deployment = shop.to(2).by("Linear20PercentEvery10Seconds").start().await;
    deployment.until_weight(20).await;
    assert_eq!(shop.listener(&shop.sample.test_listener).await, "green");
    deployment
}

/// It ended with DRIFT, and its message is about the test listener.
async fn drifted(deployment: &Deployment<Shop>) -> DeploymentView {
    let view = deployment.ended().await;
    assert_eq!(view.code(), "DRIFT", "{view:#?}");
    let message = view.why();
    let test = &deployment.app.sample.test_listener;
    assert!(message.starts_with(&format!("the test listener {test} of the service")), "{message}");
    assert!(!message.contains(&deployment.app.sample.production_listener), "{message}");
    assert_eq!(deployment.app.traffic().await, "blue", "production is put back");
    view
}

/// What the doctor says of a service.
async fn doctor(shop: &Shop) -> Vec<Finding> {
    command_line::doctor(&format!("{CLUSTER}/{}:", shop.name())).await.1
}

/// The next deployment succeeds, has the traffic of both listeners, and leaves no other task set.
async fn next_succeeds(shop: &Shop, to: &str) {
    let next = shop.to(2).start().await;
    assert_eq!(next.outcome().await.0, "Succeeded", "{:#?}", next.describe().await);
    assert_eq!(shop.traffic().await, to);
    assert_eq!(shop.listener(&shop.sample.test_listener).await, to);
    assert_eq!(shop.revisions().await, ["2"]);
    assert_eq!(doctor(shop).await, []);
}

#[test]
fn a_test_listener_that_somebody_moves_back_ends_the_deployment_and_the_next_one_succeeds() {
    story(async {
        let shop = Shop::new().await;
        let deployment = tested(&shop).await;
        shop.point(&shop.sample.test_listener, &[("1.Type", "forward"), ("1.TargetGroupArn", &shop.sample.blue)]).await;
        let view = drifted(&deployment).await;
        assert_eq!(view.outcome, Some(Outcome::RolledBack));
        shop.is_untouched().await;
        next_succeeds(&shop, "green").await;
    });
}

#[test]
fn a_test_listener_that_somebody_divides_is_left_so_and_the_next_deployment_takes_it_over() {
    story(async {
        let shop = Shop::new().await;
        let deployment = tested(&shop).await;
        shop.weigh(&shop.sample.test_listener, "50", "50").await;
        let view = drifted(&deployment).await;
        let journal = view.lines();
        assert!(journal.contains("leaving alone what somebody else changed"), "{journal}");
        let test = &shop.sample.test_listener;
        assert_eq!(shop.listener(test).await, "blue:50 green:50", "and it is");
        let by_us = shop.writes().await.into_iter().filter(|write| write.starts_with("test by ")).count();
        assert_eq!(by_us, 1, "sent once, and not written again");
        assert_eq!(shop.revisions().await, ["1", "2"], "it has calls");
        let told = doctor(&shop).await;
        let Finding { found, advice, .. } = told.first().or_stop("a finding");
        let advice = advice.as_deref().or_stop("advice");
        assert!(found.contains(&format!("gets 50 % of the test traffic, from the listener {test}")), "{told:?}");
        assert!(advice.contains("the next deployment takes all calls from it and removes it"), "{told:?}");
        next_succeeds(&shop, "green").await;
    });
}

#[test]
fn a_task_set_that_no_deployment_left_is_removed_by_what_the_refusal_and_the_doctor_say() {
    story(async {
        let shop = Shop::new().await;
        assert_eq!(shop.to(2).start().await.outcome().await.0, "Succeeded");
        let test = &shop.sample.test_listener;
        let made = shop.makes(1, &shop.sample.blue).await;
        shop.point(test, &[("1.Type", "forward"), ("1.TargetGroupArn", &shop.sample.blue)]).await;
        let command =
            format!("aws ecs delete-task-set --cluster {CLUSTER} --service {} --task-set {made} --force", shop.name());
        let told = doctor(&shop).await;
        let Finding { found, advice, .. } = told.first().or_stop("a finding");
        let advice = advice.as_deref().or_stop("advice");
        assert!(found.contains(&format!("gets 100 % of the test traffic, from the listener {test}")), "{told:?}");
        assert!(advice.contains(&command), "{told:?}");
        let refused = shop.to(2).start().await.ended().await;
        let why = refused.why();
        assert!(why.contains(&command) && why.contains(&format!("the test listener {test} sends it calls")), "{why}");
        shop.deletes(1).await;
        next_succeeds(&shop, "blue").await;
    });
}
