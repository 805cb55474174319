//! What arrives once a deployment is over: it is told, and brought to where the traffic is by then.

use codedeploy::view::{DeploymentView, Outcome};
use harness::deployment::Deployment;
use harness::ours::Told as _;
use harness::shop::Shop;
use harness::stack::{stack, struck, sweep};
use harness::story;
use local::faults::Fault;

#[test]
fn a_write_that_a_load_balancer_carries_out_after_the_end_is_told_and_put_back() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        // Held back with all that the SDK tries after it, until the deployment is over.
        let held = faults.add(shop.fault("ModifyListener", "shift", Fault::Hold).from_nth(2).times(0));
        let deployment = shop.to(2).by("Linear20PercentEvery1Second").start().await;
        struck(held).await;
        deployment.stop(None).await;
        deployment.rolled_back("MANUAL_STOP").await;
        faults.remove(held);
        shop.until_written("prod by shift: blue:60 green:40").await;
        sweep().await;
        shop.until_written("prod by rollback: blue:100 green:0").await;
        let view = deployment.rolled_back("MANUAL_STOP").await;
        let journal = view.lines();
        assert!(journal.contains("was carried out after its end, at 1 place of the listener"), "{journal}");
        assert_eq!(shop.answers(10).await, ["1"; 10]);
        let writes = shop.writes().await;
        sweep().await;
        assert_eq!(shop.writes().await, writes, "what is mended is not mended again");
        assert_eq!(deployment.describe().await.lines(), journal);
    });
}

#[test]
fn a_write_of_a_deployment_that_succeeded_is_told_and_its_calls_go_to_the_new_task_set() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        // Never answered: the step is taken by another attempt.
        let held = faults.add(shop.fault("ModifyListener", "shift", Fault::Hold));
        let deployment = shop.to(2).by("Linear50PercentEvery1Second").start().await;
        struck(held).await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!(shop.revisions().await, ["2"], "the old one is gone");
        faults.remove(held);
        shop.until_written("prod by shift: blue:50 green:50").await;
        sweep().await;
        shop.until_written("prod by clear: blue:0 green:100").await;
        let view = deployment.until("its end", |view| view.outcome == Some(Outcome::Succeeded)).await;
        let journal = view.lines();
        assert!(journal.contains("was carried out after its end, at 1 place of the listener"), "{journal}");
        assert_eq!(shop.answers(10).await, ["2"; 10]);
        let next = shop.to(1).start().await;
        assert_eq!(next.outcome().await.0, "Succeeded", "nothing stands in the way of the next one");
    });
}

#[test]
fn a_write_from_before_the_first_step_takes_no_call_from_the_task_set_that_won() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        // It gives the new target group its place, and sends every call home.
        let held = faults.add(shop.fault("ModifyListener", "install", Fault::Hold));
        let deployment = shop.to(2).start().await;
        struck(held).await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!(shop.revisions().await, ["2"], "the old one is gone");
        faults.remove(held);
        shop.until_written("prod by install: blue:100 green:0").await;
        sweep().await;
        shop.until_written("prod by clear: blue:0 green:100").await;
        deployment.until("its end", |view| view.outcome == Some(Outcome::Succeeded)).await;
        assert_eq!(shop.answers(10).await, ["2"; 10]);
    });
}

#[test]
fn a_write_that_comes_after_another_deployment_has_won_takes_no_call_from_that_one() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        let held = faults.add(shop.fault("ModifyListener", "shift", Fault::Hold).from_nth(2));
        let deployment = shop.to(2).by("Linear20PercentEvery1Second").start().await;
        struck(held).await;
        deployment.stop(None).await;
        deployment.rolled_back("MANUAL_STOP").await;
        let next = shop.to(2).start().await;
        assert_eq!(next.outcome().await.0, "Succeeded");
        faults.remove(held);
        shop.until_written("prod by shift: blue:60 green:40").await;
        sweep().await;
        shop.until_written("prod by clear: blue:0 green:100").await;
        let view = next.until("its end", |view| view.outcome == Some(Outcome::Succeeded)).await;
        assert!(view.lines().contains(&format!("a write of the deployment {}", deployment.id)), "{view:#?}");
        assert_eq!(shop.answers(10).await, ["2"; 10]);
    });
}

#[test]
fn a_write_of_a_rollback_that_comes_after_another_deployment_has_won_takes_no_call_from_that_one() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        // Production and tests, neither ever answered: another attempt puts the traffic back.
        let held = faults.add(shop.fault("ModifyListener", "rollback", Fault::Hold).times(2));
        let deployment = shop.to(2).by("Canary20Percent10Minutes").start().await;
        deployment.until_weight(20).await;
        deployment.stop(None).await;
        struck(held).await;
        deployment.rolled_back("MANUAL_STOP").await;
        let next = shop.to(2).start().await;
        assert_eq!(next.outcome().await.0, "Succeeded");
        faults.remove(held);
        shop.until_written("prod by rollback: blue:100 green:0").await;
        sweep().await;
        shop.until_written("prod by clear: blue:0 green:100").await;
        next.until("its end", |view| view.outcome == Some(Outcome::Succeeded)).await;
        assert_eq!(shop.answers(10).await, ["2"; 10]);
    });
}

#[test]
fn a_task_set_that_ecs_makes_after_another_deployment_has_won_is_told_and_removed() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        let held = faults.add(shop.fault("CreateTaskSet", "install", Fault::Hold));
        let deployment = shop.to(3).start().await;
        struck(held).await;
        deployment.stop(None).await;
        assert_eq!(deployment.outcome().await.1, "MANUAL_STOP");
        let next = shop.to(2).start().await;
        assert_eq!(next.outcome().await.0, "Succeeded");
        faults.remove(held);
        shop.until_running(3, 2).await;
        sweep().await;
        shop.until("its removal", |sets| sets.len() == 1).await;
        let view = next.until("its end", |view| view.outcome == Some(Outcome::Succeeded)).await;
        let said = format!("which the deployment {} had asked ECS for, was made after its end", deployment.id);
        assert!(view.lines().contains(&said), "{view:#?}");
        assert_eq!(shop.answers(10).await, ["2"; 10]);
    });
}

/// How much of the traffic was left on what is new, in percent.
fn share_left(view: &DeploymentView) -> Option<u8> {
    view.leftover.as_ref()?.additional_weight
}

/// Stops a deployment at 20 % without rollback while its write of 40 % is on its way.
async fn left_with_a_write_on_its_way(shop: &Shop) -> (Deployment<Shop>, u64) {
    let held = stack().await.faults().add(shop.fault("ModifyListener", "shift", Fault::Hold).from_nth(2));
    let deployment = shop.to(2).by("Linear20PercentEvery1Second").start().await;
    struck(held).await;
    deployment.stop(Some(false)).await;
    let view = deployment.ended().await;
    assert_eq!(share_left(&view), Some(20), "{view:#?}");
    (deployment, held)
}

#[test]
fn what_a_stop_left_on_purpose_is_written_down_anew_where_a_late_write_moves_it() {
    story(async {
        let shop = Shop::new().await;
        let (deployment, held) = left_with_a_write_on_its_way(&shop).await;
        sweep().await;
        stack().await.faults().remove(held);
        shop.until_written("prod by shift: blue:60 green:40").await;
        sweep().await;
        let is_anew = |view: &DeploymentView| share_left(view) == Some(40) && view.phase.as_deref() == Some("ended");
        deployment.until("what is live", is_anew).await;
        assert_eq!(shop.to(2).start().await.outcome().await.0, "Succeeded");
        assert_eq!(shop.answers(10).await, ["2"; 10]);
    });
}

#[test]
fn a_write_of_what_was_left_on_purpose_takes_no_call_from_the_deployment_that_won_since() {
    story(async {
        let shop = Shop::new().await;
        let (left, held) = left_with_a_write_on_its_way(&shop).await;
        let next = shop.to(2).start().await;
        assert_eq!(next.outcome().await.0, "Succeeded");
        sweep().await;
        stack().await.faults().remove(held);
        shop.until_written("prod by shift: blue:60 green:40").await;
        sweep().await;
        shop.until_written("prod by clear: blue:0 green:100").await;
        let view = next.until("its end", |view| view.outcome == Some(Outcome::Succeeded)).await;
        assert!(view.lines().contains(&format!("a write of the deployment {}", left.id)), "{view:#?}");
        assert_eq!(shop.answers(10).await, ["2"; 10]);
    });
}

#[test]
fn a_removal_that_ecs_carries_out_after_the_end_is_told_and_the_task_set_gets_its_tasks_back() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        let held = faults.add(shop.fault("UpdateTaskSet", "clear", Fault::Hold));
        let deployment = shop.to(2).start().await;
        struck(held).await;
        shop.sends_all_to(&shop.sample.blue).await;
        deployment.rolled_back("DRIFT").await;
        faults.remove(held);
        shop.until("the removal", |sets| sets.iter().all(|set| set["runningCount"] == 0)).await;
        sweep().await;
        shop.until_running(1, 2).await;
        let view = deployment.rolled_back("DRIFT").await;
        assert!(view.lines().contains("was carried out after its end"), "{view:#?}");
        assert_eq!(shop.answers(10).await, ["1"; 10]);
    });
}

#[test]
fn a_task_set_that_ecs_makes_after_the_end_is_told_and_removed() {
    story(async {
        let stopped = || ("Stopped".to_owned(), "MANUAL_STOP".to_owned());
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        let held = faults.add(shop.fault("CreateTaskSet", "install", Fault::Hold).times(0));
        let deployment = shop.to(2).start().await;
        struck(held).await;
        deployment.stop(None).await;
        assert_eq!(deployment.outcome().await, stopped());
        faults.remove(held);
        shop.until("the late task set", |sets| sets.len() == 2).await;
        sweep().await;
        shop.until("its removal", |sets| sets.len() == 1).await;
        assert_eq!(deployment.outcome().await, stopped());
        assert_eq!(
            shop.to(2).start().await.outcome().await.0,
            "Succeeded",
            "nothing stands in the way of the next one"
        );
    });
}
