//! A pipeline's Step Functions action starts the state machines of this stack: what they are sent, and what they put out.

use harness::app::App;
use harness::deployment::Subject;
use harness::pipeline::{Draft, Run};
use harness::shop::Shop;
use harness::stack::{client, stack};
use harness::{OrStop as _, story};
use serde_json::{Value, json};

const INPUT: &str = "deploy/input.json";

async fn machine(platform: &str) -> String {
    let stack = stack().await;
    format!("arn:aws:states:{}:{}:stateMachine:{}-{platform}", stack.region(), stack.account(), stack.name())
}

/// A pipeline that starts the machine of a platform with this request, in its configuration or in a file of its artifact.
async fn deployed_by(platform: &str, request: &Value, in_file: bool) -> Run {
    let (text, machine) = (request.to_string(), machine(platform).await);
    let draft = Draft::of(&[(INPUT, &text), ("readme", "beside it")]).await;
    let configuration = match in_file {
        true => json!({"StateMachineArn": machine, "InputType": "FilePath", "Input": INPUT}),
        false => json!({"StateMachineArn": machine, "ExecutionNamePrefix": "release", "Input": text}),
    };
    draft.then("Deploy", "StepFunctions", &configuration).making("Deployed").run().await
}

/// What the execution of its action put out.
async fn output(run: &Run) -> Value {
    let acted = run.action("Deploy").await;
    assert_eq!(run.ended().await, "Succeeded", "{acted:#?}");
    let made = run.action("Deploy").await.outputs["Deployed"].clone();
    let object = client().await.get_object(&run.pipeline.artifacts, &made).await.or_stop("the output");
    serde_json::from_slice(&object.body).or_stop("JSON")
}

#[test]
fn an_alias_is_deployed_by_a_request_in_the_action_or_in_a_file_of_the_artifact() {
    story(async {
        for in_file in [false, true] {
            let app = App::new().await;
            let run = deployed_by("lambda", &app.to("2").by("Canary10Percent1Second").request(), in_file).await;
            assert_eq!(run.ended().await, "Succeeded", "{:#?}", run.action("Deploy").await);
            let (output, acted) = (output(&run).await, run.action("Deploy").await);
            assert_eq!(app.alias().await, "2");
            assert_eq!(acted.external_id, acted.variables["ExecutionArn"]);
            assert_eq!(acted.variables["StateMachineArn"], machine("lambda").await);
            let id = acted.external_id.rsplit(':').next().unwrap_or_default();
            assert_eq!(id.starts_with("release-"), !in_file, "{id}");
            assert_eq!((&output["deploymentId"], &output["status"]), (&json!(id), &json!("Succeeded")));
            assert_eq!(output["target"]["name"], json!(format!("{}:live", app.name)));
            assert_eq!((&output["from"], &output["to"]), (&json!("1"), &json!("2")));
            assert_eq!(output["weights"], json!({"1": 0, "2": 100}));
            assert!(output["durationSeconds"].as_u64() >= Some(1), "{output:#}");
            assert!(output["console"].as_str().is_some_and(|link| link.ends_with(&acted.external_id)), "{output:#}");
        }
    });
}

#[test]
fn a_service_is_deployed_by_a_request_in_the_action_or_in_a_file_of_the_artifact() {
    story(async {
        for in_file in [false, true] {
            let shop = Shop::new().await;
            let group = harness::group::Group::of(&shop).create().await;
            let run = deployed_by("ecs", &group.to(2).by("AllAtOnce").request(), in_file).await;
            assert_eq!(run.ended().await, "Succeeded", "{:#?}", run.action("Deploy").await);
            let output = output(&run).await;
            assert_eq!(shop.traffic().await, "green");
            let [from, to] = [1, 2].map(|revision| format!("{}:{revision}", shop.name()));
            assert_eq!((&output["from"], &output["to"]), (&json!(from), &json!(to)), "{output:#}");
            assert_eq!(output["weights"], json!({from: 0, to: 100}));
            assert_eq!(output["target"]["service"], json!(shop.name()));
        }
    });
}

#[test]
fn a_deployment_that_is_refused_fails_the_action_with_the_errors_name_and_cause() {
    story(async {
        let app = App::new().await;
        let run = deployed_by("lambda", &app.to("99").request(), false).await;
        assert_eq!(run.ended().await, "Failed");
        let acted = run.action("Deploy").await;
        assert_eq!(acted.error, "JobFailed");
        assert!(acted.message.contains(" FAILED: ") && acted.message.contains("99"), "{acted:#?}");
        assert_eq!(app.alias().await, "1");
    });
}

#[test]
fn a_file_that_is_not_in_the_artifact_fails_the_action_before_anything_is_started() {
    story(async {
        let configuration =
            json!({"StateMachineArn": machine("lambda").await, "InputType": "FilePath", "Input": "other.json"});
        let draft = Draft::of(&[(INPUT, "{}")]).await;
        let run = draft.then("Deploy", "StepFunctions", &configuration).run().await;
        assert_eq!(run.ended().await, "Failed");
        let acted = run.action("Deploy").await;
        assert_eq!((acted.error.as_str(), acted.external_id.as_str()), ("ConfigurationError", ""));
        assert!(acted.message.starts_with("other.json in the artifact s3://"), "{acted:#?}");
    });
}
