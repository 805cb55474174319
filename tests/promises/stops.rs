//! Stops: by a user, by an aborted execution, by somebody who changes the alias, by another deployment's lock.

use codedeploy::view::Outcome;
use harness::app::{App, split};
use harness::deployment::Subject;
use harness::ours::Told;
use harness::stack::{api, call, client, execution, item, stack, struck};
use harness::{OrStop, eventually, story};
use local::faults::{Fault, Rule};
use serde_json::json;

#[test]
fn a_deployment_that_is_under_way_is_not_repaired() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        let (status, body) = api("Tideshift.RepairDeployment", &json!({"deploymentId": deployment.id})).await;
        assert_eq!((status, &body["__type"]), (400, &json!("InvalidDeploymentStatusException")), "{body}");
        assert_eq!(deployment.describe().await.phase.as_deref(), Some("running"));
        deployment.stop(None).await;
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "MANUAL_STOP".to_owned()));
    });
}

#[test]
fn a_user_stops_a_deployment_and_the_traffic_goes_back() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").by("Linear10PercentEvery10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(None).await;
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "MANUAL_STOP".to_owned()));
        assert_eq!(app.writes().await, ["1 2:0.1", "1"]);
        let again = api("CodeDeploy_20141006.StopDeployment", &json!({"deploymentId": deployment.id})).await;
        assert_eq!(again.1["__type"], "DeploymentAlreadyCompletedException");
    });
}

#[test]
fn a_stop_without_rollback_leaves_the_split_and_writes_it_down() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        deployment.stop(Some(false)).await;
        let view = deployment.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Stopped));
        assert_eq!(view.leftover, Some(split(10)));
        assert_eq!(app.alias().await, "1 2:0.1");
    });
}

#[test]
fn a_deployment_with_rollback_switched_off_is_left_where_it_failed() {
    story(async {
        let app = App::new().await;
        let hook = app.hook("refuses", "return {'status': 'Failed'}").await;
        let off = json!({"enabled": false});
        let deployment =
            app.to("2").hook("AfterAllowTraffic", hook).with("autoRollbackConfiguration", off).start().await;
        let view = deployment.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Failed));
        assert_eq!(view.leftover.or_stop("what was left").version, "2");
        assert_eq!(app.alias().await, "2");
    });
}

#[test]
fn a_stop_without_rollback_before_any_traffic_has_moved_shows_no_rollback() {
    story(async {
        let app = App::new().await;
        let held = Rule::on("lambda", "UpdateAlias", Fault::Hold).by("shift").upon(&app.name).times(0);
        let held = stack().await.faults().add(held);
        let deployment = app.to("2").by("Canary10Percent10Minutes").start().await;
        struck(held).await;
        deployment.stop(Some(false)).await;
        let view = deployment.ended().await;
        stack().await.faults().remove(held);
        assert_eq!((view.outcome, &view.rolled_back_by), (Some(Outcome::Stopped), &None), "{view:#?}");
        assert_eq!(app.alias().await, "1");
    });
}

/// Aborts an execution, as a person may in the console.
async fn abort(id: &str) {
    let arn = execution("lambda", id).await;
    client().await.stop_execution(&arn).await.or_stop("StopExecution");
}

#[test]
fn an_execution_aborted_from_outside_is_followed_by_a_recovery_that_puts_the_traffic_back() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        abort(&deployment.id).await;
        let view = deployment.ended().await;
        assert_eq!(view.end(), (Some(Outcome::RolledBack), "EXECUTION_LOST"), "{view:#?}");
        assert_eq!(app.writes().await, ["1 2:0.1", "1"]);
    });
}

#[test]
fn an_execution_aborted_in_its_first_moment_leaves_nothing_behind() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").by("Canary10Percent10Minutes").start().await;
        abort(&deployment.id).await;
        deployment.until("its end", |view| view.outcome.is_some()).await;
        // A function of the execution may still be at work: it gives back what it has taken.
        let free = eventually(async || (app.lock_owner().await.as_ref() != Some(&deployment.id)).then_some(()));
        free.await.or_stop("the lock is never free");
        assert_eq!(app.alias().await, "1");
    });
}

#[test]
fn an_alias_moved_to_another_version_ends_the_deployment_and_is_not_touched() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").by("Linear20PercentEvery2Seconds").start().await;
        deployment.until_weight(20).await;
        app.point("3", json!({})).await;
        let view = deployment.ended().await;
        assert_eq!(view.code(), "DRIFT", "{view:#?}");
        assert_eq!(app.alias().await, "3", "neither shift nor rollback overwrites a version that is not ours");
    });
}

#[test]
fn weights_changed_by_hand_end_the_deployment_are_left_alone_and_the_next_one_starts_from_them() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").by("Linear20PercentEvery2Seconds").start().await;
        deployment.until_weight(20).await;
        app.point("1", json!({"2": 0.9})).await;
        let view = deployment.ended().await;
        assert_eq!(view.end(), (Some(Outcome::Failed), "DRIFT"), "{view:#?}");
        assert!(view.why().contains("90 % on version 2"), "it says what is live: {view:#?}");
        assert_eq!(app.alias().await, "1 2:0.9");

        let next = app.to("2").start().await;
        assert_eq!(next.outcome().await.0, "Succeeded");
        assert_eq!(app.alias().await, "2");
    });
}

#[test]
fn a_rollout_finished_by_hand_is_left_alone() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").by("Linear20PercentEvery2Seconds").start().await;
        deployment.until_weight(20).await;
        app.point("2", json!({})).await;
        assert_eq!(deployment.outcome().await.1, "DRIFT");
        assert_eq!(app.alias().await, "2");
    });
}

#[test]
fn an_alias_changed_during_the_last_hook_is_not_called_a_success() {
    story(async {
        let app = App::new().await;
        let body = format!(
            "boto3.client('lambda').update_alias(FunctionName='{}', Name='live', FunctionVersion='3')\n\
             return {{'status': 'Succeeded'}}",
            app.name
        );
        let hook = app.hook("meddles", &body).await;
        let deployment = app.to("2").hook("AfterAllowTraffic", hook).start().await;
        assert_eq!(deployment.outcome().await, ("Failed".to_owned(), "DRIFT".to_owned()));
        assert_eq!(app.alias().await, "3");
    });
}

#[test]
fn a_second_deployment_on_a_locked_alias_is_refused_by_the_owners_name() {
    story(async {
        let app = App::new().await;
        let first = app.to("2").by("Canary10Percent10Minutes").start().await;
        first.until_weight(10).await;
        let plan = app.to("3").plan().await;
        let reasons = format!("{:?}", plan.refusals);
        assert!(reasons.contains("TargetLocked") && reasons.contains(&first.id), "{reasons}");
        let second = app.to("3").start().await;
        let view = second.until("its end", |view| view.outcome.is_some()).await;
        assert_eq!(view.code(), "TARGET_LOCKED");
        assert!(view.why().contains(&first.id), "{view:#?}");
        assert_eq!(app.lock_owner().await.as_ref(), Some(&first.id), "the first one keeps it");
        first.stop(None).await;
        assert_eq!(first.outcome().await.0, "RolledBack");
    });
}

#[test]
fn two_deployments_at_once_never_both_run() {
    story(async {
        let app = App::new().await;
        let first = app.to("2").by("Canary10Percent3Seconds").start().await;
        let second = app.to("2").by("Canary50Percent3Seconds").start().await;
        let over = |deployment: harness::deployment::Deployment<App>| async move {
            deployment.until("its end", |view| view.outcome.is_some()).await.outcome
        };
        let outcomes = [over(first).await, over(second).await];
        assert!(outcomes.contains(&Some(Outcome::Failed)), "{outcomes:?}");
        assert!(outcomes.contains(&Some(Outcome::Succeeded)), "{outcomes:?}");
        assert_eq!(app.alias().await, "2");
        assert_eq!(app.lock_owner().await, None);
    });
}

#[test]
fn the_watch_on_an_alarm_ends_with_the_deployment() {
    story(async {
        let app = App::new().await;
        let alarm = app.alarm("errors").await;
        let deployment = app.to("2").by("Canary10Percent2Seconds").watching(&[&alarm]).start().await;
        deployment.until_weight(10).await;
        let watch = (format!("ALARM#{alarm}"), format!("DEPLOYMENT#{}", deployment.id));
        assert!(item(&watch.0, &watch.1).await.is_some());
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert!(item(&watch.0, &watch.1).await.is_none());
        let _ = stack().await;
    });
}

#[test]
fn a_version_that_lambda_cannot_run_any_more_gets_no_further_weight_and_loses_what_it_has() {
    story(async {
        let app = App::new().await;
        let pause = json!([{"Weight": 30, "UntilContinued": {"Timeout": "10m", "OnTimeout": "Stop"}}]);
        let deployment = app.to("2").strategy(pause).start().await;
        deployment.until("its pause", Told::is_ready).await;
        client().await.set_version_state(&app.name, "2", Some("Failed")).await.or_stop("a state");
        call("CodeDeploy_20141006.ContinueDeployment", &json!({"deploymentId": deployment.id})).await;
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "INVALID_LAMBDA_FUNCTION".to_owned()));
        assert_eq!(app.writes().await, ["1 2:0.3", "1"]);
    });
}
