//! CodePipeline's Lambda invoke action: a job starts a deployment and is told how it goes, by the stack's own function.

use codedeploy::view::Outcome;
use harness::app::App;
use harness::deployment::{Deployment, Subject as _};
use harness::ours::Told as _;
use harness::pipeline::{Draft, Run};
use harness::shop::Shop;
use harness::stack::client;
use harness::{OrStop as _, ours, story};
use rollout::ids::DeploymentId;
use rollout::pipeline::token::Token;
use serde_json::{Value, json};

/// The function of the stack that pipelines call.
const FUNCTION: &str = "tideshift-on-pipeline-job";

/// An AppSpec for a function that leaves the version to somebody else.
fn appspec(app: &App) -> String {
    format!(
        "version: 0.0\nResources:\n  - app:\n      Type: AWS::Lambda::Function\n      Properties:\n        Name: {}\n        Alias: live\n",
        app.name
    )
}

/// A run of a pipeline whose artifact has these files, and whose action has these UserParameters.
async fn run(files: &[(&str, &str)], parameters: &str) -> Run {
    Draft::of(files).await.invoking(FUNCTION, parameters).run().await
}

/// How its action failed: the type and the message.
async fn failed(run: &Run) -> (String, String) {
    assert_eq!(run.ended().await, "Failed", "{:#?}", run.action("Invoke").await);
    let acted = run.action("Invoke").await;
    (acted.error, acted.message)
}

#[test]
fn a_job_deploys_the_version_of_its_artifact_and_hands_on_what_it_has_done() {
    story(async {
        let app = App::new().await;
        let files = [("appspec.yaml", appspec(&app)), ("version.json", r#"{"Version": "2"}"#.to_owned())];
        let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
        let run = run(&files, "deploymentConfigName: Canary20Percent3Seconds\ntargetVersionPath: version.json").await;
        let going = run.until("Invoke", |acted| acted.percent.is_some_and(|percent| percent > 0)).await;
        assert!(going.external_id.starts_with("d-") && !going.summary.is_empty(), "{going:#?}");
        assert_eq!(run.ended().await, "Succeeded", "{:#?}", run.action("Invoke").await);
        let acted = run.action("Invoke").await;
        let variable = |name: &str| acted.variables.get(name).map(String::as_str);
        assert_eq!(variable("deploymentId"), Some(going.external_id.as_str()));
        assert_eq!(
            [variable("status"), variable("fromVersion"), variable("toVersion")],
            [Some("Succeeded"), Some("1"), Some("2")]
        );
        assert_eq!(app.writes().await, ["1 2:0.2", "2"], "it was started once");
    });
}

#[test]
fn a_hook_that_throws_fails_the_job_with_its_last_words_and_the_traffic_is_at_home() {
    story(async {
        let app = App::new().await;
        let hook = app.hook("refuses", "print('the cart is broken')\nraise ValueError('no')").await;
        let spec = format!("{}Hooks:\n  - AfterAllowTraffic: {hook}\n", appspec(&app));
        let run = run(&[("appspec.yaml", &spec)], r#"{"targetVersion": 2}"#).await;
        let (kind, message) = failed(&run).await;
        assert_eq!(kind, "JobFailed");
        assert!(message.starts_with("HOOK_EXECUTION_FAILURE: ") && message.contains("hook logged last: "), "{message}");
        assert_eq!(app.alias().await, "1");
    });
}

#[test]
fn what_is_wrong_with_parameters_and_files_is_told_by_name_and_line_and_nothing_moves() {
    story(async {
        let app = App::new().await;
        let spec = appspec(&app);
        let twice = format!("{spec}        Alias: other\n");
        for (files, parameters, kind, said) in [
            (vec![("app.yaml", spec.as_str())], "targetVersion: 2", "ConfigurationError", "has no appspec.yaml"),
            (
                vec![("appspec.yaml", spec.as_str())],
                "targetVersion: 2\ntargetVresion: 3",
                "ConfigurationError",
                "targetVresion",
            ),
            (vec![("appspec.yaml", twice.as_str())], "targetVersion: 2", "ConfigurationError", "appspec.yaml:8"),
            (vec![("appspec.yaml", spec.as_str())], "targetVersion: 77", "RevisionUnavailable", "no version 77"),
            (
                vec![("appspec.yaml", spec.as_str())],
                "targetVersion: 2\napplicationName: nothing\ndeploymentGroupName: web",
                "ConfigurationError",
                "No application found for name: nothing",
            ),
        ] {
            let (found, message) = failed(&run(&files, parameters).await).await;
            assert_eq!(found, kind, "{parameters}: {message}");
            assert!(message.contains(said), "{parameters}: {message}");
        }
        assert_eq!(app.writes().await, Vec::<String>::new());
    });
}

#[test]
fn an_artifact_that_the_job_may_not_decrypt_is_told_with_bucket_key_and_the_right_that_is_missing() {
    story(async {
        let app = App::new().await;
        let made = client().await.aws_json("TrentService", "CreateKey", &json!({})).await.or_stop("CreateKey");
        let key = made["KeyMetadata"]["Arn"].as_str().or_stop("a key").to_owned();
        let draft = Draft::of(&[("appspec.yaml", &appspec(&app))]).await;
        let draft = draft.encrypted_under(&key).without("kms:Decrypt").invoking(FUNCTION, "targetVersion: 2");
        let run = draft.run().await;
        let (kind, message) = failed(&run).await;
        assert_eq!(kind, "PermissionError", "{message}");
        for said in ["kms:Decrypt", run.pipeline.artifacts.as_str(), key.as_str()] {
            assert!(message.contains(said), "{said}: {message}");
        }
    });
}

#[test]
fn an_abandoned_job_leaves_its_deployment_running() {
    story(async {
        let app = App::new().await;
        let spec = format!("{}Strategy: [{{Weight: 10, Hold: 5s}}, {{Weight: 100}}]\n", appspec(&app));
        let run = run(&[("appspec.yaml", &spec)], "targetVersion: 2").await;
        let begun = run.until("Invoke", |acted| !acted.external_id.is_empty()).await;
        run.stop(true).await;
        let deployment = Deployment { id: begun.external_id, app: app.clone() };
        assert_eq!(deployment.ended().await.outcome, Some(Outcome::Succeeded));
    });
}

#[test]
fn an_abandoned_job_that_was_to_stop_its_deployment_stops_it_with_the_first_answer_that_is_refused() {
    story(async {
        let app = App::new().await;
        let spec = format!("{}Strategy: [{{Weight: 10, Hold: 10m}}, {{Weight: 100}}]\n", appspec(&app));
        let run = run(&[("appspec.yaml", &spec)], "targetVersion: 2\nonAbandon: Stop").await;
        let begun = run.until("Invoke", |acted| !acted.external_id.is_empty()).await;
        let deployment = Deployment { id: begun.external_id, app: app.clone() };
        deployment.until_weight(10).await;
        run.stop(true).await;
        // The call that was under way when the pipeline was stopped: CodePipeline knows its job no more.
        let token = Token::first(DeploymentId::parse(&deployment.id).or_stop("an id")).next().next();
        let job = json!({"CodePipeline.job": {"id": "11111111-2222-4333-8444-555555555555", "accountId": "123456789012",
            "data": {"continuationToken": token.to_text()}}});
        client().await.invoke(FUNCTION, None, &job).await.or_stop("Invoke");
        assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "MANUAL_STOP".to_owned()));
        let lines = deployment.describe().await.lines();
        assert!(lines.contains("abandoned"), "{lines}");
    });
}

/// A task definition as a build keeps it: with placeholders, and with what ECS told of it.
fn template(definition: &Value, image: &str) -> String {
    let mut definition = definition.clone();
    definition["containerDefinitions"][0]["image"] = image.into();
    definition["containerDefinitions"][0]["environment"] = json!([{"name": "RELEASE", "value": "<RELEASE>"}]);
    definition["status"] = "ACTIVE".into();
    definition["pidMode"] = Value::Null;
    definition.to_string()
}

#[test]
fn a_job_registers_the_task_definition_of_its_artifact_with_the_images_of_the_build_and_deploys_it() {
    story(async {
        let shop = Shop::new().await;
        let definition = shop.task_definition(2).await;
        let image = definition["containerDefinitions"][0]["image"].as_str().or_stop("an image").to_owned();
        let mut spec = shop.sample.appspec(2);
        spec["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"] = "<TASK_DEFINITION>".into();
        spec["Service"] = shop.sample.place();
        let files = [
            ("appspec.yaml", spec.to_string()),
            ("taskdef.json", template(&definition, "<IMAGE1_NAME>")),
            ("imageDetail.json", json!({"ImageURI": image}).to_string()),
        ];
        let files = files.each_ref().map(|(name, text)| (*name, text.as_str()));
        let parameters = "deploymentConfigName: AllAtOnce\nImage1ArtifactName: App\nImage1ContainerName: IMAGE1_NAME";
        let refused = run(&files, parameters).await;
        let (kind, message) = failed(&refused).await;
        assert_eq!(kind, "ConfigurationError");
        assert!(message.contains("taskdef.json") && message.contains("<RELEASE>"), "{message}");

        let taskdef = template(&definition, "<IMAGE1_NAME>").replace("<RELEASE>", "<IMAGE1_NAME>");
        let files = [files[0], ("taskdef.json", taskdef.as_str()), files[2]];
        let run = run(&files, parameters).await;
        assert_eq!(run.ended().await, "Succeeded", "{:#?}", run.action("Invoke").await);
        let acted = run.action("Invoke").await;
        let registered = acted.variables.get("taskDefinition").or_stop("a task definition");
        let view = ours::describe(&acted.external_id).await;
        let to = view.plan.or_stop("a plan").to;
        assert!(registered.ends_with(&format!("task-definition/{to}")), "{registered}, and {to}");
        let revision = registered.rsplit(':').next().and_then(|revision| revision.parse().ok()).or_stop("a revision");
        let made = shop.task_definition(revision).await;
        let container = &made["containerDefinitions"][0];
        assert_eq!([&container["image"], &container["environment"][0]["value"]], [&json!(image), &json!(image)]);
        assert_eq!(shop.name(), shop.sample.name);
    });
}
