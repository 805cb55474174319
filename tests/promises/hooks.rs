//! Hooks: what they are given, and every way they answer.

use codedeploy::view::{DeploymentView, EventView, Outcome};
use harness::app::App;
use harness::deployment::Subject;
use harness::ours::Told as _;
use harness::stack::{api, call, client};
use harness::{OrStop, eventually, story};
use serde_json::{Value, json};

fn before(view: &DeploymentView) -> &EventView {
    view.event("BeforeAllowTraffic")
}

#[test]
fn a_hook_that_says_failed_keeps_every_call_away_from_the_new_version() {
    story(async {
        let app = App::new().await;
        let hook = app.hook("refuses", "return {'status': 'Failed', 'message': '3 of 9 checks'}").await;
        let deployment = app.to("2").hook("BeforeAllowTraffic", hook).start().await;
        let view = deployment.ended().await;
        assert_eq!(view.end(), (Some(Outcome::Failed), "HOOK_EXECUTION_FAILURE"));
        assert!(before(&view).message.as_ref().is_some_and(|text| text.contains("3 of 9 checks")), "{view:#?}");
        assert_eq!(view.event("AllowTraffic").status, "Skipped");
        assert!(app.writes().await.is_empty());
    });
}

#[test]
fn a_hook_after_the_shift_that_refuses_puts_the_traffic_back() {
    story(async {
        let app = App::new().await;
        let hook = app.hook("refuses", "return {'hookStatus': 'FAILED'}").await;
        let deployment = app.to("2").hook("AfterAllowTraffic", hook).start().await;
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "HOOK_EXECUTION_FAILURE".to_owned()));
        assert_eq!(app.writes().await, ["2", "1"]);
    });
}

#[test]
fn a_hook_that_throws_fails_at_once_with_the_end_of_its_log() {
    story(async {
        let app = App::new().await;
        let hook = app.hook("throws", "print('looking at the cart')\nraise ValueError('no cart')").await;
        let deployment = app.to("2").hook("BeforeAllowTraffic", hook).start().await;
        let view = deployment.ended().await;
        assert_eq!(view.code(), "HOOK_EXECUTION_FAILURE");
        assert!(before(&view).message.as_ref().is_some_and(|text| text.contains("ValueError: no cart")), "{view:#?}");
        assert!(before(&view).log_tail.as_ref().is_some_and(|tail| tail.contains("looking at the cart")), "{view:#?}");
    });
}

#[test]
fn a_hook_that_never_answers_times_out() {
    story(async {
        let app = App::new().await;
        let hook = app.hook("silent", "return None").await;
        let hook = json!({"Function": hook, "Timeout": "2s"});
        let deployment = app.to("2").hook("BeforeAllowTraffic", hook).start().await;
        assert_eq!(deployment.outcome().await, ("Failed".to_owned(), "TIMEOUT".to_owned()));
    });
}

#[test]
fn a_hook_in_progress_is_called_again_with_the_details_it_left() {
    story(async {
        let app = App::new().await;
        let body = "calls = (event.get('HookDetails') or {}).get('calls', 0) + 1\n\
                    if calls < 3:\n    return {'hookStatus': 'IN_PROGRESS', 'callBackDelay': 1, 'hookDetails': {'calls': calls}}\n\
                    return {'hookStatus': 'SUCCEEDED'}";
        let hook = app.hook("slow", body).await;
        let deployment = app.to("2").hook("BeforeAllowTraffic", hook).start().await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        let view = deployment.describe().await;
        assert_eq!(view.lines().lines().filter(|line| line.contains("again")).count(), 2);
    });
}

#[test]
fn a_hook_in_progress_for_ever_times_out() {
    story(async {
        let app = App::new().await;
        let hook = app.hook("endless", "return {'hookStatus': 'IN_PROGRESS', 'callBackDelay': 1}").await;
        let hook = json!({"Function": hook, "Timeout": 3});
        let deployment = app.to("2").hook("BeforeAllowTraffic", hook).start().await;
        assert_eq!(deployment.outcome().await, ("Failed".to_owned(), "TIMEOUT".to_owned()));
    });
}

/// The id of the run of a hook that writes what it is given into a parameter.
async fn run_id(app: &App) -> String {
    let read = json!({"Name": format!("/{}/event", app.name)});
    let called = eventually(async || client().await.aws_json("AmazonSSM", "GetParameter", &read).await.ok());
    let called = called.await.or_stop("the hook was never called");
    let event: Value = serde_json::from_str(called["Parameter"]["Value"].as_str().or_stop("a value")).or_stop("JSON");
    event["LifecycleEventHookExecutionId"].as_str().or_stop("an id").to_owned()
}

async fn telling_hook(app: &App) -> String {
    let body = format!(
        "assert 'TaskToken' not in event\n\
         boto3.client('ssm').put_parameter(Name='/{}/event', Value=json.dumps(event), Type='String')\n\
         return 'validation runs elsewhere'",
        app.name
    );
    app.hook("tells", &body).await
}

#[test]
fn a_hook_answers_by_callback_through_the_api_and_only_once() {
    story(async {
        for (status, outcome) in [("Succeeded", "Succeeded"), ("Failed", "Failed")] {
            let app = App::new().await;
            let hook = telling_hook(&app).await;
            let deployment = app.to("2").hook("BeforeAllowTraffic", hook).start().await;
            let run = run_id(&app).await;
            let answer = json!({"deploymentId": deployment.id, "lifecycleEventHookExecutionId": run, "status": status});
            let put = "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus";
            let wrong =
                json!({"deploymentId": deployment.id, "lifecycleEventHookExecutionId": run, "status": "Skipped"});
            let refused = api(put, &wrong).await;
            assert_eq!(refused.1["__type"], "InvalidLifecycleEventHookExecutionStatusException");
            assert_eq!(call(put, &answer).await["lifecycleEventHookExecutionId"], run.as_str());
            assert_eq!(deployment.outcome().await.0, outcome);
            let late = api(put, &answer).await;
            assert_eq!((late.0, &late.1["__type"]), (400, &json!("LifecycleEventAlreadyCompletedException")));
        }
    });
}

#[test]
fn a_hook_is_told_what_it_needs_to_know() {
    story(async {
        let app = App::new().await;
        let hook = telling_hook(&app).await;
        let deployment = app.to("2").hook("BeforeAllowTraffic", hook).start().await;
        run_id(&app).await;
        let read = json!({"Name": format!("/{}/event", app.name)});
        let found = client().await.aws_json("AmazonSSM", "GetParameter", &read).await.or_stop("GetParameter");
        let event: Value =
            serde_json::from_str(found["Parameter"]["Value"].as_str().or_stop("a value")).or_stop("JSON");
        assert_eq!(event["DeploymentId"], deployment.id.as_str());
        assert_eq!(event["LifecycleEvent"], "BeforeAllowTraffic");
        assert_eq!(
            [
                &event["FunctionName"],
                &event["Alias"],
                &event["CurrentVersion"],
                &event["TargetVersion"],
                &event["Weight"]
            ],
            [&json!(app.name), &json!("live"), &json!("1"), &json!("2"), &json!(0)]
        );
        deployment.stop(None).await;
        deployment.ended().await;
    });
}

#[test]
fn a_parameter_that_goes_meanwhile_fails_the_event_by_its_name_before_the_hook_is_called() {
    story(async {
        let app = App::new().await;
        let (hook, name) = (telling_hook(&app).await, format!("/{}/absent", app.name));
        client().await.put_parameter(&name, "soon gone", "SecureString").await.or_stop("PutParameter");
        let hook = json!({"Function": hook, "Parameters": [name]});
        let steps = json!([{"Weight": 50, "UntilContinued": {"Timeout": "10m", "OnTimeout": "Stop"}}]);
        let deployment = app.to("2").strategy(steps).hook("AfterAllowTraffic", hook).start().await;
        deployment.until_weight(50).await;
        client()
            .await
            .aws_json("AmazonSSM", "DeleteParameter", &json!({"Name": name}))
            .await
            .or_stop("DeleteParameter");
        deployment.go_on("READY_WAIT").await;
        let view = deployment.ended().await;
        assert_eq!(view.code(), "HOOK_EXECUTION_FAILURE");
        let message = view.why();
        assert!(message.contains(&format!("no such parameter in SSM: /{}/absent", app.name)), "{message}");
        let read = json!({"Name": format!("/{}/event", app.name)});
        assert!(client().await.aws_json("AmazonSSM", "GetParameter", &read).await.is_err(), "the hook was not called");
    });
}
