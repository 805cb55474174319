//! Bad input: a clear error before any traffic moves, and nothing lost.

use expect_test::{Expect, expect};
use harness::app::App;
use harness::stack::{api, client, execution, stack};
use harness::{OrStop, story};
use serde_json::{Value, json};

/// What the planner says to a request, names of this run taken out.
async fn check(app: &App, request: Value, expected: Expect) {
    let (status, body) = api("Tideshift.PlanDeployment", &request).await;
    let said = match body["refusals"].as_array() {
        Some(refusals) => {
            refusals.iter().map(|refusal| format!("{}: {}", refusal["code"], refusal["message"])).collect::<Vec<_>>().join("\n")
        }
        None => format!("{status} {}: {}", body["__type"], body["message"].as_str().unwrap_or_default()),
    };
    expected.assert_eq(&said.replace(&app.name, "APP").replace('"', ""));
}

fn spec(text: &str) -> Value {
    json!({"revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": text}}})
}

#[test]
fn what_does_not_exist_is_named() {
    story(async {
        let app = App::new().await;
        let nobody = App { name: "no-such-function".to_owned() };
        check(&app, nobody.to("2").request(), expect![[""]]).await;
        let mut elsewhere = app.to("2").request();
        let content = elsewhere["revision"]["appSpecContent"]["content"].as_str().or_stop("content").replace("live", "canary");
        elsewhere["revision"]["appSpecContent"]["content"] = content.into();
        check(&app, elsewhere, expect![[""]]).await;
        check(&app, app.to("9").request(), expect![[""]]).await;
        check(&app, app.to("$LATEST").request(), expect![[""]]).await;
        check(&app, app.to("2").from("3").request(), expect![[""]]).await;
        check(&app, app.to("2").hook("BeforeAllowTraffic", "CodeDeployHook_absent").request(), expect![[""]]).await;
        check(&app, app.to("2").hook("BeforeAllowTraffic", "storefront").request(), expect![[""]]).await;
        check(&app, app.to("2").by("Canary10Percent5Minuts").request(), expect![[""]]).await;
        check(&app, app.to("2").watching(&["no-such-alarm"]).request(), expect![[""]]).await;
    });
}

#[test]
fn what_cannot_be_is_refused_with_what_to_write_instead() {
    story(async {
        let app = App::new().await;
        check(&app, app.to("2").by("Canary0Percent5Minutes").request(), expect![[""]]).await;
        check(&app, app.to("2").by("Canary100Percent5Minutes").request(), expect![[""]]).await;
        check(&app, app.to("2").by("Linear10PercentEvery1121Minutes").request(), expect![[""]]).await;
        let many: Vec<String> = (0..51).map(|number| format!("alarm-{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        check(&app, app.to("2").watching(&many).request(), expect![[""]]).await;
        check(&app, app.to("2").watching(&["twice", "twice"]).request(), expect![[""]]).await;
        check(&app, json!({}), expect![[""]]).await;
        check(&app, json!({"revison": {}}), expect![[""]]).await;
        check(&app, json!([]), expect![[""]]).await;
        check(&app, spec(""), expect![[""]]).await;
        check(&app, spec("{not yaml"), expect![[""]]).await;
        check(&app, spec(&"x".repeat(1 << 20)), expect![[""]]).await;
        let typos = "version: 0.0\nResources:\n  - app:\n      Type: AWS::Lambda::Function\n      Properties:\n        \
                     Name: shop\n        Alais: live\n        TargetVersion: [2]\n";
        check(&app, spec(typos), expect![[""]]).await;
        let two = json!({"version": 0.0, "Resources": [{"a": {}}, {"b": {}}]});
        check(&app, spec(&two.to_string()), expect![[""]]).await;
    });
}

#[test]
fn an_alarm_that_is_in_alarm_already_stops_a_deployment_before_it_begins() {
    story(async {
        let app = App::new().await;
        let alarm = app.alarm("errors").await;
        app.set(&alarm, "ALARM").await;
        let deployment = app.to("2").watching(&[&alarm]).start().await;
        assert_eq!(deployment.outcome().await, ("Stopped".to_owned(), "ALARM_ACTIVE".to_owned()));
        assert!(app.writes().await.is_empty());
    });
}

#[test]
fn versions_with_different_roles_or_dead_letter_queues_are_refused() {
    story(async {
        let app = App::new().await;
        let other = local::sample::role(&client().await, "another-role").await.or_stop("a role");
        let configuration = format!("/2015-03-31/functions/{}/configuration", app.name);
        let change = json!({"Role": other, "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:lost"}});
        client().await.lambda_put(&configuration, &change).await.or_stop("UpdateFunctionConfiguration");
        local::sample::update_code(&client().await, &app.name, "def handler(event, context):\n    return 4\n").await.or_stop("code");
        let version = local::sample::publish(&client().await, &app.name).await.or_stop("a version");
        assert_eq!(version, "4");
        check(&app, app.to("4").request(), expect![[""]]).await;
    });
}

#[test]
fn an_alias_split_by_somebody_else_is_not_taken_over() {
    story(async {
        let app = App::new().await;
        app.point("1", json!({"3": 0.25})).await;
        check(&app, app.to("2").request(), expect![[""]]).await;
        let deployment = app.to("2").start().await;
        let view = deployment.until("its end", |view| !view["outcome"].is_null()).await;
        assert_eq!(view["error"]["code"], "INVALID_LAMBDA_CONFIGURATION");
        assert_eq!(app.alias().await, "1 3:0.25");
    });
}

#[test]
fn a_malformed_start_execution_input_fails_with_a_sentence_and_leaves_a_final_record() {
    story(async {
        let machine = format!("{}-lambda", stack().await.name());
        let inputs = [("array", "[1, 2]"), ("text", "\"deploy\""), ("odd", "{\"function\": \"storefront\"}"), ("empty", "{}")];
        for (name, input) in inputs {
            let name = format!("malformed-{name}");
            client().await.start_execution(&machine, &name, input).await.or_stop("StartExecution");
            let deployment = harness::deployment::Deployment { id: name.clone(), app: App { name: "storefront".to_owned() } };
            assert_eq!(deployment.execution_status().await, "FAILED", "{input}");
            let view = deployment.describe().await;
            assert_eq!(view["outcome"], "Failed", "{input}");
            let message = view["error"]["message"].as_str().or_stop("a message");
            assert!(message.contains("CreateDeployment"), "{input}: {message}");
            let ended = client().await.describe_execution(&execution(&name).await).await.or_stop("DescribeExecution");
            assert!(ended["cause"].as_str().is_some_and(|cause| cause.contains("CreateDeployment")), "{ended}");
        }
    });
}

#[test]
fn a_deployment_that_does_not_exist_is_said_not_to() {
    story(async {
        stack().await;
        for operation in [
            "CodeDeploy_20141006.GetDeployment",
            "CodeDeploy_20141006.StopDeployment",
            "CodeDeploy_20141006.ContinueDeployment",
            "Tideshift.DescribeDeployment",
            "Tideshift.RepairDeployment",
        ] {
            let (status, body) = api(operation, &json!({"deploymentId": "d-NOSUCHONE"})).await;
            assert_eq!((status, &body["__type"]), (400, &json!("DeploymentDoesNotExistException")), "{operation}");
            let (status, body) = api(operation, &json!({"deploymentId": "not an id"})).await;
            assert_eq!((status, &body["__type"]), (400, &json!("InvalidDeploymentIdException")), "{operation}");
        }
    });
}
