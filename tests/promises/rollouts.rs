//! Rollouts that go well.

use codedeploy::view::Outcome;
use harness::app::{App, split};
use harness::deployment::Subject;
use harness::ours::Told;
use harness::stack::{call, client, execution, stack};
use harness::{OrStop, story};
use rollout::budget;
use serde_json::json;

#[test]
fn a_canary_with_both_hooks_moves_the_alias_in_two_steps_and_succeeds() {
    story(async {
        let app = App::new().await;
        let before = app.hook("before", "return {'status': 'Succeeded'}").await;
        let after = app.hook("after", "return {'hookStatus': 'SUCCEEDED'}").await;
        let deployment = app
            .to("2")
            .by("Canary10Percent2Seconds")
            .hook("BeforeAllowTraffic", before)
            .hook("AfterAllowTraffic", after)
            .start()
            .await;
        let view = deployment.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Succeeded), "{view:#?}");
        assert_eq!(app.writes().await, ["1 2:0.1", "2"]);
        assert_eq!(app.alias().await, "2");
        assert_eq!(
            view.steps(),
            ["BeforeAllowTraffic Succeeded", "AllowTraffic Succeeded", "AfterAllowTraffic Succeeded"]
        );
        assert_eq!(deployment.execution_status().await, "SUCCEEDED");
    });
}

#[test]
fn a_linear_rollout_takes_every_step_in_order() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").from("1").by("Linear40PercentEvery1Second").start().await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!(app.writes().await, ["1 2:0.4", "1 2:0.8", "2"]);
    });
}

#[test]
fn everything_at_once_is_the_default() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").start().await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!(app.writes().await, ["2"]);
    });
}

#[test]
fn a_paused_rollout_waits_for_a_person_and_then_goes_on() {
    story(async {
        let app = App::new().await;
        let pause = json!([{"Weight": 30, "UntilContinued": {"Timeout": "10m", "OnTimeout": "Stop"}}]);
        let deployment = app.to("2").strategy(pause).start().await;
        deployment.until("its pause", Told::is_ready).await;
        assert_eq!(app.alias().await, "1 2:0.3");
        call("CodeDeploy_20141006.ContinueDeployment", &json!({"deploymentId": deployment.id})).await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!(app.writes().await, ["1 2:0.3", "2"]);
    });
}

#[test]
fn a_pause_that_nobody_ends_stops_or_goes_on_as_the_plan_says() {
    story(async {
        for (on_timeout, outcome, alias) in [("Stop", "RolledBack", "1"), ("Continue", "Succeeded", "2")] {
            let app = App::new().await;
            let pause = json!([{"Weight": 30, "UntilContinued": {"Timeout": "2s", "OnTimeout": on_timeout}}]);
            let deployment = app.to("2").strategy(pause).start().await;
            assert_eq!(deployment.outcome().await.0, outcome, "{on_timeout}");
            assert_eq!(app.alias().await, alias);
        }
    });
}

#[test]
fn a_target_that_has_all_the_traffic_already_succeeds_at_once_and_writes_nothing() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("1").by("Canary10Percent10Minutes").start().await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert!(app.writes().await.is_empty());
        let planned = app.to("1").plan().await.plan.or_stop("a plan");
        assert_eq!(planned.steps, []);
    });
}

#[test]
fn the_same_deployment_again_after_a_success_has_nothing_to_do() {
    story(async {
        let app = App::new().await;
        app.to("2").from("1").start().await.ended().await;
        let again = app.to("2").from("1").start().await;
        assert_eq!(again.outcome().await.0, "Succeeded");
        assert_eq!(app.writes().await, ["2"]);
    });
}

#[test]
fn a_deployment_over_a_leftover_split_starts_from_the_live_alias() {
    story(async {
        let app = App::new().await;
        let first = app.to("2").strategy(json!([{"Weight": 30, "Hold": "10m"}])).start().await;
        first.until_weight(30).await;
        first.stop(Some(false)).await;
        let view = first.ended().await;
        assert_eq!(view.leftover, Some(split(30)));
        assert_eq!(app.alias().await, "1 2:0.3");

        let second = app.to("2").by("Linear20PercentEvery1Second").start().await;
        assert_eq!(second.outcome().await.0, "Succeeded");
        assert_eq!(app.writes().await, ["1 2:0.3", "1 2:0.4", "1 2:0.6", "1 2:0.8", "2"], "20 % is behind it");
    });
}

#[test]
fn an_alias_with_provisioned_concurrency_is_moved_and_the_plan_says_what_that_means() {
    story(async {
        let app = App::new().await;
        let path = format!("/2019-09-30/functions/{}/provisioned-concurrency?Qualifier=live", app.name);
        let wanted = json!({"ProvisionedConcurrentExecutions": 5});
        client().await.lambda_put(&path, &wanted).await.or_stop("PutProvisionedConcurrencyConfig");
        let notes = app.to("2").plan().await.notes;
        let note = notes.first().or_stop("a note");
        assert!(note.contains("5 provisioned concurrent executions") && note.contains("cold"), "{note}");
        let deployment = app.to("2").by("Canary10Percent1Second").start().await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
    });
}

#[test]
fn the_same_request_works_as_the_input_of_a_plain_start_execution() {
    story(async {
        let app = App::new().await;
        let machine = format!("{}-lambda", stack().await.name());
        let name = format!("release-of-{}", app.name);
        let request = app.to("2").by("Canary10Percent1Second").request();
        client().await.start_execution(&machine, &name, &request.to_string()).await.or_stop("StartExecution");
        let deployment = harness::deployment::Deployment { id: name, app: App { name: app.name.clone() } };
        assert_eq!(deployment.execution_status().await, "SUCCEEDED");
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!(app.alias().await, "2");
    });
}

#[test]
fn ten_steps_take_few_transitions_and_their_history_stays_within_what_the_planner_counts() {
    story(async {
        let app = App::new().await;
        let deployment = app.to("2").by("Linear10PercentEvery1Second").start().await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        deployment.execution_status().await;
        let history = deployment.history().await;
        let kinds: Vec<&str> = history.iter().filter_map(|event| event["type"].as_str()).collect();
        let entered = kinds.iter().filter(|kind| kind.ends_with("StateEntered")).count();
        let invoked = kinds.iter().filter(|kind| **kind == "TaskScheduled").count();
        assert!(entered <= 45, "{entered} transitions");
        assert!(invoked <= 25, "{invoked} invocations");
        // Without retries a history is far below the worst case the plan was accepted for.
        assert!((history.len() as u64) < budget::MAX_EVENTS / 10, "{} events", history.len());
        let _ = execution("lambda", &deployment.id).await;
    });
}

#[test]
fn plans_of_two_days_and_of_a_week_are_polled_within_the_history() {
    story(async {
        let app = App::new().await;
        let alarm = app.alarm("errors").await;
        for (config, polled) in [("Linear10PercentEvery320Minutes", 60), ("Linear10PercentEvery1120Minutes", 60)] {
            let plan = app.to("2").by(config).watching(&[&alarm]).plan().await;
            let plan = plan.plan.or_stop("a plan");
            let (total, poll) = (plan.total_seconds, plan.poll_seconds.or_stop("a poll"));
            assert!(total > 0, "{config}");
            assert!(poll >= polled, "{config}");
            let looks = total / poll + 2 * 10;
            assert!(looks * budget::PER_SHIFT + budget::FIXED <= budget::MAX_EVENTS, "{config}: {looks} looks");
        }
    });
}
