//! What arrives after a rollback or a later step has begun: it must not stay. Listeners and task sets have no revision to refuse it by.

use codedeploy::view::Outcome;
use harness::deployment::{Deployment, Subject as _};
use harness::ours::Told as _;
use harness::shop::Shop;
use harness::stack::{stack, struck};
use harness::{OrStop, eventually, story};
use local::faults::Fault;

/// Waits until a rollback has written.
async fn until_rolled_back(shop: &Shop) {
    let written = eventually(async || shop.writes().await.into_iter().find(|write| write.contains(" by rollback: ")));
    written.await.or_stop("no rollback wrote anything");
}

/// A write of a function's to a place came after the rollback's first, and the rollback's own was the last there.
async fn landed_late(shop: &Shop, place: &str, by: &str) {
    let writes = shop.writes().await;
    let rollback = writes.iter().position(|write| write.contains(" by rollback: "));
    let late = writes.iter().rposition(|write| write.starts_with(&format!("{place} by {by}: ")));
    assert!(rollback.is_some() && late > rollback, "it never came late: {writes:#?}");
    let last = writes.iter().rfind(|write| write.starts_with(place)).cloned();
    assert_eq!(last, Some(format!("{place} by rollback: blue:100 green:0")), "{writes:#?}");
}

/// An alarm comes while a step's write to a place is on its way; the write arrives after the rollback's.
async fn a_write_arrives_late(operation: &str, place: &str, step: u32) {
    let shop = Shop::new().await;
    let alarm = shop.alarm("errors").await;
    let faults = stack().await.faults();
    let late = faults.add(shop.fault(operation, "shift", Fault::Hold).from_nth(step));
    let deployment = shop.to(2).by("Linear20PercentEvery1Second").watching(&[&alarm]).start().await;
    struck(late).await;
    shop.set(&alarm, "ALARM").await;
    until_rolled_back(&shop).await;
    faults.remove(late);
    deployment.rolled_back("ALARM_ACTIVE").await;
    landed_late(&shop, place, "shift").await;
}

#[test]
fn a_late_write_of_a_shift_does_not_stay_after_a_rollback_has_begun() {
    story(async {
        for step in [1, 2] {
            a_write_arrives_late("ModifyListener", "prod", step).await;
        }
    });
}

#[test]
fn a_late_write_to_a_rule_does_not_stay_either() {
    story(async {
        for step in [1, 2] {
            a_write_arrives_late("ModifyRule", "api", step).await;
        }
    });
}

#[test]
fn a_write_of_an_earlier_step_that_arrives_after_the_switch_takes_no_call_from_the_new_task_set() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        // Never answered: the step is taken by another attempt.
        let held = faults.add(shop.fault("ModifyListener", "shift", Fault::Hold));
        let deployment = shop.to(2).by("Linear50PercentEvery1Second").start().await;
        struck(held).await;
        deployment.until("the switch", |view| view.phase.as_deref() == Some("committing")).await;
        faults.remove(held);
        shop.until_written("prod by shift: blue:50 green:50").await;
        shop.until_written("prod by clear: blue:0 green:100").await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("green", vec!["2".to_owned()]));
        assert_eq!(shop.answers(10).await, ["2"; 10]);
    });
}

#[test]
fn a_write_of_an_earlier_step_that_arrives_in_a_later_one_is_nobody_elses_change() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        let held = faults.add(shop.fault("ModifyListener", "shift", Fault::Hold));
        let deployment = shop.to(2).by("Linear40PercentEvery5Seconds").start().await;
        struck(held).await;
        deployment.until_weight(80).await;
        faults.remove(held);
        shop.until_written("prod by shift: blue:60 green:40").await;
        let view = deployment.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Succeeded), "{view:#?}");
        assert!(view.lines().contains("a write that came late was undone, at 1 place"), "{view:#?}");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("green", vec!["2".to_owned()]));
    });
}

/// Stops a deployment while a call of one of its functions is on its way, and lets the call arrive once the rollback has
/// put back what it found.
async fn stopped_with_a_call_on_its_way(shop: &Shop, operation: &str, by: &str) -> Deployment<Shop> {
    let faults = stack().await.faults();
    let late = faults.add(shop.fault(operation, by, Fault::Hold));
    let deployment = shop.to(2).start().await;
    struck(late).await;
    deployment.stop(None).await;
    deployment.until_state("Wait for the last write").await;
    faults.remove(late);
    deployment
}

async fn undone(deployment: &Deployment<Shop>) {
    assert_eq!(deployment.outcome().await.1, "MANUAL_STOP");
    deployment.app.is_untouched().await;
}

#[test]
fn a_task_set_that_is_made_after_the_stop_is_removed() {
    story(async {
        let shop = Shop::new().await;
        let deployment = stopped_with_a_call_on_its_way(&shop, "CreateTaskSet", "install").await;
        shop.until("a task set that comes late", |sets| sets.len() == 2).await;
        undone(&deployment).await;
    });
}

#[test]
fn a_primary_that_is_switched_after_the_stop_is_switched_back() {
    story(async {
        let shop = Shop::new().await;
        let deployment = stopped_with_a_call_on_its_way(&shop, "UpdateServicePrimaryTaskSet", "shift").await;
        shop.until("a primary that comes late", |sets| {
            sets.iter().any(|set| set["status"] == "PRIMARY" && set["externalId"] == deployment.id)
        })
        .await;
        undone(&deployment).await;
    });
}

#[test]
fn test_traffic_that_moves_after_the_stop_goes_back() {
    story(async {
        let shop = Shop::new().await;
        let deployment = stopped_with_a_call_on_its_way(&shop, "ModifyListener", "test-traffic").await;
        undone(&deployment).await;
        let mut writes = shop.writes().await;
        writes.retain(|write| write.starts_with("test "));
        assert_eq!(writes, ["test by test-traffic: blue:0 green:100", "test by rollback: blue:100 green:0"]);
    });
}

#[test]
fn the_traffic_is_back_before_the_new_task_set_is_scaled_down_and_that_before_it_is_deleted() {
    story(async {
        let shop = Shop::new().await;
        let faults = stack().await.faults();
        let scaled = faults.add(shop.fault("UpdateTaskSet", "clear", Fault::Hold));
        let deleted = faults.add(shop.fault("DeleteTaskSet", "clear", Fault::Hold));
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        struck(scaled).await;
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await.join(" ").as_str()), ("blue", "1 2"));
        assert_eq!(faults.hits(deleted), 0, "not before it has no tasks");
        faults.remove(scaled);
        struck(deleted).await;
        let sets = shop.task_sets().await;
        let green = sets.iter().find(|set| set["externalId"] == deployment.id);
        assert_eq!(green.map(|set| (&set["scale"]["value"], &set["runningCount"])), Some((&0.0.into(), &0.into())));
        faults.remove(deleted);
        deployment.rolled_back("MANUAL_STOP").await;
    });
}
