//! How the new task set comes: made once, waited for by event, and given up after an hour.

use codedeploy::view::Outcome;
use harness::deployment::Deployment;
use harness::ours::Told as _;
use harness::shop::Shop;
use harness::stack::{client, item, stack};
use harness::{OrStop, eventually, story};
use jiff::{SignedDuration, Timestamp};
use local::faults::Fault;
use serde_json::{Value, json};

#[test]
fn a_task_set_whose_making_was_answered_to_nobody_is_made_once() {
    story(async {
        // The client asks again by itself; where the function is gone, the state machine does.
        for fault in [Fault::ApplyThenDrop, Fault::KillCallerAfter] {
            let shop = Shop::new().await;
            let lost = stack().await.faults().add(shop.fault("CreateTaskSet", "install", fault));
            let deployment = shop.to(2).by("Canary10Percent3Seconds").start().await;
            deployment.until_weight(10).await;
            assert_eq!(stack().await.faults().hits(lost), 1);
            assert_eq!(shop.revisions().await, ["1", "2"], "one new task set");
            assert_eq!(deployment.outcome().await.0, "Succeeded");
            assert_eq!(shop.revisions().await, ["2"]);
        }
    });
}

#[test]
fn a_task_set_is_asked_for_under_the_deployments_id() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Canary10Percent10Minutes").start().await;
        deployment.until_weight(10).await;
        // ECS knows the token, so what is asked for under it is no new task set.
        let mut other = shop.sample.task_set(3, &shop.sample.green);
        other["clientToken"] = deployment.id.as_str().into();
        let refused = client().await.ecs("CreateTaskSet", &other).await;
        assert_eq!(
            refused.err().and_then(|error| error.code().map(str::to_owned)).as_deref(),
            Some("InvalidParameterException")
        );
        deployment.stop(None).await;
        deployment.rolled_back("MANUAL_STOP").await;
    });
}

/// Makes believe that the installation began so much earlier: nobody wants to wait for an hour.
async fn began_earlier(deployment: &Deployment<Shop>, by: SignedDuration) {
    let key = format!("DEPLOYMENT#{}", deployment.id);
    let record = item(&key, "DEPLOYMENT").await.or_stop("the record");
    let events = record["events"]["L"].as_array().or_stop("its events");
    let at = events.iter().position(|event| event["M"]["event"]["S"] == "Install").or_stop("the installation");
    let started = events[at]["M"]["started"]["S"].as_str().or_stop("its beginning");
    let started: Timestamp = started.parse().or_stop("a time");
    let input = json!({
        "TableName": "tideshift-deployments",
        "Key": {"pk": {"S": key}, "sk": {"S": "DEPLOYMENT"}},
        "UpdateExpression": format!("SET #events[{at}].#started = :earlier"),
        "ExpressionAttributeNames": {"#events": "events", "#started": "started"},
        "ExpressionAttributeValues": {":earlier": {"S": (started - by).to_string()}},
    });
    client().await.aws_json("DynamoDB_20120810", "UpdateItem", &input).await.or_stop("UpdateItem");
}

#[test]
fn a_task_set_that_never_becomes_steady_is_given_up_after_an_hour() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(4).start().await;
        deployment.until_state("Wait for the new task set").await;
        began_earlier(&deployment, SignedDuration::from_hours(1)).await;
        let view = deployment.ended().await;
        assert_eq!(view.end(), (Some(Outcome::Failed), "TIMEOUT"), "{view:#?}");
        assert_eq!(
            view.why(),
            "The deployment timed out while waiting for the replacement task set to become healthy. This time out period is \
             60 minutes."
        );
        assert!(shop.writes().await.iter().all(|write| !write.contains(" by shift: ")), "no traffic has moved");
        shop.is_untouched().await;
    });
}

/// How the first of the longest waits for a task set ended, if one has begun: by `TaskSucceeded` or `TaskTimedOut`.
fn long_wait(history: &[Value]) -> Option<(bool, Option<&str>)> {
    let is_long = |event: &Value| event["taskScheduledEventDetails"]["timeoutInSeconds"] == 180;
    let since = &history[history.iter().position(is_long)?..];
    let waits = since.iter().any(|event| event["type"] == "TaskSubmitted");
    // The guard's own wait ends no earlier than with the deployment.
    let ends = ["TaskSucceeded", "TaskTimedOut", "TaskFailed"];
    Some((waits, since.iter().filter_map(|event| event["type"].as_str()).find(|kind| ends.contains(kind))))
}

#[test]
fn the_wait_for_a_task_set_is_ended_by_the_event_of_ecs() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(4).start().await;
        deployment.until_state("Wait for the new task set").await;
        // The longer it has waited, the longer each wait: three minutes now.
        began_earlier(&deployment, SignedDuration::from_mins(30)).await;
        let waits = async || {
            let history = deployment.history().await;
            long_wait(&history).is_some_and(|(is_under_way, _)| is_under_way).then_some(())
        };
        let waiting = eventually(waits).await;
        assert!(waiting.is_some(), "no long wait: {:#?}", deployment.entered().await);
        // A task set that is to have no tasks is steady at once, and ECS says so.
        let none = json!({"cluster": shop.sample.cluster, "service": shop.sample.service, "desiredCount": 0});
        client().await.ecs("UpdateService", &none).await.or_stop("UpdateService");
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        let history = deployment.history().await;
        assert_eq!(long_wait(&history), Some((true, Some("TaskSucceeded"))), "not by its time");
    });
}
