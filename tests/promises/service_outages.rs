//! Somebody takes away what the traffic is on, or is to go back to, or moves it at the last moment: no deployment ends well over
//! calls that nobody answers, and no task set goes that has some.

use codedeploy::view::{DeploymentView, Outcome};
use harness::deployment::{Deployment, Subject as _};
use harness::group::Group;
use harness::ours::{self, Told as _};
use harness::shop::Shop;
use harness::stack::{stack, struck};
use harness::{OrStop, eventually, story};
use local::faults::Fault;

async fn until_old_task_set_is_kept(deployment: &Deployment<Shop>) {
    deployment.until("the termination wait", DeploymentView::keeps_old).await;
}

/// Waits until a rollback has brought the traffic home.
async fn until_home(shop: &Shop) {
    let home = eventually(async || Some(shop.traffic().await).filter(|traffic| traffic == "blue")).await;
    home.or_stop(&format!("the traffic of {} never went home", shop.name()));
}

/// Has `clear` stand still at its next calls of an operation, until they are let go.
async fn held_removal(shop: &Shop, operation: &str, calls: u32) -> u64 {
    stack().await.faults().add(shop.fault(operation, "clear", Fault::Hold).times(calls))
}

/// Waits until a call stands still, changes something meanwhile, and lets it go.
async fn while_held(held: u64, change: impl AsyncFnOnce()) {
    struck(held).await;
    change().await;
    stack().await.faults().remove(held);
}

/// Changes something right before `clear` looks at the listeners.
async fn before_the_removal_looks(shop: &Shop, change: impl AsyncFnOnce()) {
    // Both listeners are read, in any order.
    while_held(held_removal(shop, "DescribeListeners", 2).await, change).await;
}

/// The deployment's own execution went back to the rollback and closed the record: no recovery had to.
async fn sent_back(deployment: &Deployment<Shop>) {
    let entered = deployment.entered().await;
    let after = entered.iter().position(|state| state == "Back to rollback").or_stop("it was not sent back");
    assert!(entered[after..].iter().any(|state| state == "Finish after rollback"), "{entered:?}");
}

/// What gets the calls that were left.
fn left_on(view: &DeploymentView) -> &str {
    view.leftover.as_ref().map(|leftover| leftover.version.as_str()).or_stop("where the traffic was left")
}

#[test]
fn an_old_task_set_without_tasks_gets_them_back_before_a_stop_sends_it_the_traffic() {
    story(async {
        let shop = Shop::new().await;
        let deployment = Group::of(&shop).keeps(60).create().await.to(2).start().await;
        until_old_task_set_is_kept(&deployment).await;
        shop.empties(1).await;
        let calls = shop.called().await;
        deployment.stop(None).await;
        deployment.rolled_back("MANUAL_STOP").await;
        assert_eq!(calls.answered_by().await, ["2", "1"], "no call is lost on the way");
        assert_eq!(shop.running(1).await, 2, "all that it had");
        assert_eq!(shop.answers(10).await, ["1"; 10]);
    });
}

#[test]
fn an_old_task_set_that_loses_its_tasks_in_a_hold_gets_them_back_before_it_gets_all_of_the_traffic() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        shop.empties(1).await;
        deployment.stop(None).await;
        until_home(&shop).await;
        let calls = shop.called().await;
        deployment.rolled_back("MANUAL_STOP").await;
        assert_eq!(calls.answered_by().await, ["1"], "nothing is lost any more");
    });
}

/// The old task set is gone: the new one keeps the traffic, a person is told, and a repair closes the deployment as it is.
async fn keeps_the_traffic_and_is_repaired(shop: &Shop, deployment: &Deployment<Shop>) {
    let view = deployment.ended().await;
    assert_eq!(view.outcome, Some(Outcome::Unresolved), "{view:#?}");
    let said = view.why();
    for part in [
        "cannot go back to the old task set",
        "It was deleted by somebody else.",
        "The new task set keeps the traffic it has: it is healthy, and nothing was removed.",
        "then repair the deployment",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let kept = || async { (shop.traffic().await, shop.revisions().await, shop.running(2).await) };
    assert_eq!(kept().await, ("green".to_owned(), vec!["2".to_owned()], 2), "nothing was removed");

    ours::repair(&deployment.id).await;
    deployment.until("its repair", |view| view.outcome == Some(Outcome::Stopped)).await;
    assert_eq!(kept().await, ("green".to_owned(), vec!["2".to_owned()], 2), "nothing was removed");
}

#[test]
fn a_new_task_set_keeps_the_traffic_where_the_old_one_was_deleted_and_a_person_is_told() {
    story(async {
        let shop = Shop::new().await;
        let alarm = shop.alarm("errors").await;
        let deployment = Group::of(&shop).keeps(60).create().await.to(2).watching(&[&alarm]).start().await;
        until_old_task_set_is_kept(&deployment).await;
        let calls = shop.called().await;
        shop.deletes(1).await;
        shop.set(&alarm, "ALARM").await;
        keeps_the_traffic_and_is_repaired(&shop, &deployment).await;
        assert_eq!(calls.answered_by().await, ["2"]);
    });
}

#[test]
fn behind_a_network_load_balancer_a_new_task_set_keeps_the_traffic_where_the_old_one_was_deleted_too() {
    story(async {
        let shop = Shop::on_network().await;
        let deployment = Group::of(&shop).keeps(60).create().await.to(2).start().await;
        until_old_task_set_is_kept(&deployment).await;
        let calls = shop.called().await;
        shop.deletes(1).await;
        deployment.stop(None).await;
        keeps_the_traffic_and_is_repaired(&shop, &deployment).await;
        assert_eq!(calls.answered_by().await, ["2"]);
    });
}

#[test]
fn an_old_task_set_that_is_deleted_in_a_hold_leaves_a_person_who_is_told_what_to_do() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        // ECS deletes no primary task set.
        shop.promotes(2).await;
        shop.deletes(1).await;
        deployment.stop(None).await;
        let view = deployment.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Unresolved), "{view:#?}");
        assert_eq!(shop.traffic().await, "blue:90 green:10", "nothing more is sent to what is not there");
        assert_eq!(shop.running(2).await, 2, "nothing was removed");

        // A person does as told.
        shop.sends_all_to(&shop.sample.green).await;
        let calls = shop.called().await;
        ours::repair(&deployment.id).await;
        deployment.until("its repair", |view| view.outcome == Some(Outcome::Stopped)).await;
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("green", vec!["2".to_owned()]));
        assert_eq!(shop.to(1).start().await.outcome().await.0, "Succeeded");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("blue", vec!["1".to_owned()]));
        assert_eq!(calls.answered_by().await, ["2", "1"]);
    });
}

#[test]
fn a_listener_that_somebody_sends_back_just_after_the_switch_keeps_the_old_task_set() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).start().await;
        deployment.until_weight(100).await;
        let calls = shop.called().await;
        shop.weigh(&shop.sample.production_listener, "100", "0").await;
        deployment.rolled_back("DRIFT").await;
        assert_eq!(calls.lost().await, [""; 0]);
        assert_eq!(shop.answers(10).await, ["1"; 10]);
    });
}

#[test]
fn a_listener_that_somebody_sends_back_just_before_the_old_task_set_goes_keeps_it() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).start().await;
        let calls = shop.called().await;
        before_the_removal_looks(&shop, async || shop.sends_all_to(&shop.sample.blue).await).await;
        deployment.rolled_back("DRIFT").await;
        sent_back(&deployment).await;
        assert_eq!(calls.lost().await, [""; 0]);
        assert_eq!(shop.answers(10).await, ["1"; 10]);
    });
}

#[test]
fn a_listener_of_which_one_place_is_sent_back_just_before_the_old_task_set_goes_keeps_both() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).start().await;
        let calls = shop.called().await;
        before_the_removal_looks(&shop, async || shop.weigh(&shop.sample.production_listener, "100", "0").await).await;
        let view = deployment.ended().await;
        assert_eq!(view.end(), (Some(Outcome::Failed), "DRIFT"), "{view:#?}");
        sent_back(&deployment).await;
        assert_eq!(shop.traffic().await, "blue and green");
        assert_eq!((shop.running(1).await, shop.running(2).await), (2, 2));

        // The next one starts from there: from the new task set, which is the primary one.
        assert_eq!(shop.to(1).start().await.outcome().await.0, "Succeeded");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("blue", vec!["1".to_owned()]));
        assert_eq!(calls.lost().await, [""; 0]);
    });
}

#[test]
fn an_old_task_set_whose_tasks_go_in_the_moment_it_gets_calls_again_gets_them_back() {
    story(async {
        let shop = Shop::new().await;
        let held = held_removal(&shop, "UpdateTaskSet", 1).await;
        let deployment = shop.to(2).start().await;
        while_held(held, async || shop.sends_all_to(&shop.sample.blue).await).await;
        deployment.rolled_back("DRIFT").await;
        sent_back(&deployment).await;
        assert_eq!(shop.running(1).await, 2);
        assert_eq!(shop.answers(10).await, ["1"; 10]);
    });
}

#[test]
fn an_old_task_set_whose_tasks_go_in_the_moment_one_place_gets_it_calls_again_gets_them_back() {
    story(async {
        let shop = Shop::new().await;
        let held = held_removal(&shop, "UpdateTaskSet", 1).await;
        let deployment = shop.to(2).start().await;
        while_held(held, async || shop.weigh(&shop.sample.production_listener, "100", "0").await).await;
        let view = deployment.ended().await;
        assert_eq!(view.code(), "DRIFT", "{view:#?}");
        sent_back(&deployment).await;
        assert_eq!(shop.traffic().await, "blue and green");
        shop.until("steady", |sets| sets.iter().all(|set| set["stabilityStatus"] == "STEADY_STATE")).await;
        assert_eq!((shop.running(1).await, shop.running(2).await), (2, 2));
        assert_eq!(shop.answers(10).await, ["1"; 10]);
    });
}

#[test]
fn a_new_task_set_that_somebody_sends_the_traffic_after_a_rollback_is_not_removed() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        let calls = shop.called().await;
        // The traffic is settled before `clear` looks.
        let held = held_removal(&shop, "DescribeListeners", 2).await;
        deployment.stop(None).await;
        while_held(held, async || shop.sends_all_to(&shop.sample.green).await).await;
        let view = deployment.ended().await;
        assert_eq!(view.end(), (Some(Outcome::Stopped), "MANUAL_STOP"), "{view:#?}");
        assert_eq!(shop.traffic().await, "green");
        let green = format!("{}-green", shop.name());
        assert!(left_on(&view).contains(&green), "what is live is written down: {view:#?}");
        assert_eq!(view.leftover.as_ref().and_then(|leftover| leftover.additional_version.as_ref()), None, "{view:#?}");
        assert_eq!(shop.running(2).await, 2);
        assert_eq!(shop.answers(10).await, ["2"; 10]);

        // The next one goes on from there: green is what it would go back to, and the new task set comes in blue's place.
        assert_eq!(shop.to(2).start().await.outcome().await.0, "Succeeded");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("blue", vec!["2".to_owned()]));
        assert_eq!(calls.lost().await, [""; 0]);
    });
}

#[test]
fn a_new_task_set_whose_tasks_go_in_the_moment_somebody_sends_it_the_traffic_gets_them_back() {
    story(async {
        let shop = Shop::new().await;
        let held = held_removal(&shop, "UpdateTaskSet", 1).await;
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        while_held(held, async || shop.sends_all_to(&shop.sample.green).await).await;
        let view = deployment.ended().await;
        assert_eq!(view.end(), (Some(Outcome::Stopped), "MANUAL_STOP"), "{view:#?}");
        assert!(left_on(&view).contains("-green/"), "{view:#?}");
        shop.until("steady", |sets| sets.iter().all(|set| set["stabilityStatus"] == "STEADY_STATE")).await;
        assert_eq!((shop.running(1).await, shop.running(2).await), (2, 2));
        assert_eq!(shop.answers(10).await, ["2"; 10]);
    });
}

#[test]
fn new_tasks_that_die_soon_after_they_got_everything_at_once_put_it_back() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).start().await;
        deployment.until_weight(100).await;
        shop.dies(2).await;
        deployment.rolled_back("ECS_UPDATE_ERROR").await;
        assert_eq!(shop.answers(10).await, ["1"; 10]);
    });
}

#[test]
fn a_new_task_set_that_loses_its_tasks_just_before_the_old_one_goes_puts_everything_back() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).start().await;
        before_the_removal_looks(&shop, async || shop.scales(2, 0).await).await;
        deployment.rolled_back("ECS_UPDATE_ERROR").await;
        sent_back(&deployment).await;
        assert_eq!(shop.answers(10).await, ["1"; 10]);
    });
}

#[test]
fn a_service_that_wanted_no_tasks_and_wants_some_now_goes_back_when_the_new_ones_die() {
    story(async {
        let shop = Shop::new().await;
        shop.wants(0).await;
        shop.until_running(1, 0).await;
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        shop.wants(2).await;
        shop.until_running(2, 2).await;
        shop.dies(2).await;
        deployment.rolled_back("ECS_UPDATE_ERROR").await;
        assert_eq!(shop.answers(10).await, ["1"; 10]);
    });
}

#[test]
fn a_new_task_set_that_somebody_empties_in_a_hold_ends_the_deployment() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        shop.scales(2, 0).await;
        deployment.rolled_back("ECS_UPDATE_ERROR").await;
        assert_eq!(shop.answers(10).await, ["1"; 10]);
    });
}
