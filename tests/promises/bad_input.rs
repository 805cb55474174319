//! Bad input: a clear error before any traffic moves, and nothing lost.

use codedeploy::view::Outcome;
use expect_test::{Expect, expect};
use harness::app::App;
use harness::deployment::Subject;
use harness::ours::{self, Told as _};
use harness::stack::{api, client, execution, stack};
use harness::{OrStop, story};
use serde_json::{Value, json};

/// What the planner says to a request, names of this run taken out.
async fn check(app: &App, request: Value, expected: Expect) {
    let said = ours::against(&request).await;
    // What AWS adds in its own words has names in it that only this run knows.
    let said = said.split("; AWS says: ").next().unwrap_or_default();
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
        check(
            &app,
            nobody.to("2").request(),
            expect!["FunctionNotAllowed: this stack may not touch the function no-such-function, or there is none of that name: check the name, then tag it (aws lambda tag-resource --resource <its ARN> --tags tideshift=enabled), or name it in the stack's parameter ShiftableFunctions"],
        )
        .await;
        let mut elsewhere = app.to("2").request();
        let content =
            elsewhere["revision"]["appSpecContent"]["content"].as_str().or_stop("content").replace("live", "canary");
        elsewhere["revision"]["appSpecContent"]["content"] = content.into();
        check(&app, elsewhere, expect!["AliasMissing: the function APP has no alias canary; create it first: aws lambda create-alias --function-name APP --name canary --function-version <version>"]).await;
        check(&app, app.to("9").request(), expect!["VersionMissing: the function APP has no version 9; publish it first: aws lambda publish-version --function-name APP"]).await;
        check(&app, app.to("$LATEST").request(), expect!["400 InvalidRevisionException: line 1, Resources[0].app.Properties.TargetVersion: `$LATEST` is not a version: an alias cannot be shifted to or from it; publish a version and write its number"]).await;
        check(&app, app.to("2").from("3").request(), expect!["CurrentVersionDiffers: The Lambda function alias version does not match the current version in AppSpec file: the AppSpec says 3, the alias is on version 1; write CurrentVersion: 1 (--from-version 1 on the command line), or leave it out"]).await;
        check(&app, app.to("2").hook("BeforeAllowTraffic", "CodeDeployHook_absent").request(), expect!["HookMissing: the BeforeAllowTraffic hook CodeDeployHook_absent does not exist in this account and region"]).await;
        let asking = json!({"Function": "CodeDeployHook_refusing", "Parameters": ["/shop/misspelt"]});
        check(&app, app.to("2").hook("BeforeAllowTraffic", asking).request(), expect!["ParametersMissing: the BeforeAllowTraffic hook CodeDeployHook_refusing asks for /shop/misspelt, which SSM does not have in this account and Region: correct the name, or create it with aws ssm put-parameter --type SecureString --name /shop/misspelt --value …"]).await;
        check(&app, app.to("2").hook("BeforeAllowTraffic", "storefront").request(), expect!["HookNotAllowed: the BeforeAllowTraffic hook storefront may not be called by this stack, which is limited to CodeDeployHook_*; rename the function or change the stack's parameter HookFunctionNamePattern"]).await;
        check(&app, app.to("2").by("Canary10Percent5Minuts").request(), expect!["400 DeploymentConfigDoesNotExistException: no configuration is called `Canary10Percent5Minuts`: the nearest is Canary10Percent5Minutes; any name of the form Canary10Percent5Minutes or Linear10PercentEvery30Seconds works without being created first"]).await;
        check(&app, app.to("2").watching(&["no-such-alarm"]).request(), expect!["AlarmMissing: these alarms do not exist (any more): <no-such-alarm>; create them, or set ignorePollAlarmFailure (--ignore-alarm-poll-failure on the command line)"]).await;
    });
}

#[test]
fn what_cannot_be_is_refused_with_what_to_write_instead() {
    story(async {
        let app = App::new().await;
        check(&app, app.to("2").by("Canary0Percent5Minutes").request(), expect!["400 DeploymentConfigDoesNotExistException: a canary step of 0 percent: write 1 to 99, or AllAtOnce to move all traffic in one step"]).await;
        check(&app, app.to("2").by("Canary100Percent5Minutes").request(), expect!["400 DeploymentConfigDoesNotExistException: a canary step of 100 percent: write 1 to 99, or AllAtOnce to move all traffic in one step"]).await;
        check(&app, app.to("2").by("Linear10PercentEvery1121Minutes").request(), expect!["400 DeploymentConfigDoesNotExistException: the steps take 7d 9m (605340 seconds), and a rollout may take 7d (604800 seconds): shorten the waits"]).await;
        let many: Vec<String> = (0..51).map(|number| format!("alarm-{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        check(&app, app.to("2").watching(&many).request(), expect!["400 AlarmsLimitExceededException: 51 alarms are named; a deployment watches at most 50: combine some into a composite alarm"]).await;
        check(
            &app,
            app.to("2").watching(&["twice", "twice"]).request(),
            expect!["400 InvalidAlarmConfigException: the alarm twice is named twice"],
        )
        .await;
        check(&app, json!({}), expect!["400 RevisionRequiredException: RevisionLocation must be specified"]).await;
        check(&app, json!({"revison": {}}), expect!["400 RevisionRequiredException: RevisionLocation must be specified (ignored: revison is no member of the API; did you mean revision?)"]).await;
        check(&app, json!([]), expect!["400 SerializationException: the input is a JSON object"]).await;
        check(&app, spec(""), expect!["400 InvalidRevisionException: revision.appSpecContent.content is missing; it holds the AppSpec, as YAML or JSON text"]).await;
        check(
            &app,
            spec("{not yaml"),
            expect!["400 InvalidRevisionException: line 1: not well-formed JSON: a { is not closed: a } is missing"],
        )
        .await;
        check(
            &app,
            spec(&"x".repeat(1 << 20)),
            expect!["400 InvalidRevisionException: the AppSpec has 1048576 bytes; at most 65536 are taken"],
        )
        .await;
        let typos = "version: 0.0\nResources:\n  - app:\n      Type: AWS::Lambda::Function\n      Properties:\n        \
                     Name: shop\n        Alais: live\n        TargetVersion: [2]\n";
        check(&app, spec(typos), expect![[r#"
            400 InvalidRevisionException: line 7, Resources[0].app.Properties.Alais: unknown key; did you mean Alias?
            line 8, Resources[0].app.Properties.TargetVersion: expected the number of a published version, found a list"#]]).await;
        let two = json!({"version": 0.0, "Resources": [{"a": {}}, {"b": {}}]});
        check(&app, spec(&two.to_string()), expect!["400 InvalidRevisionException: line 1, Resources: two resources: one deployment moves one alias; make two deployments"]).await;
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
        let change =
            json!({"Role": other, "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:lost"}});
        client().await.lambda_put(&configuration, &change).await.or_stop("UpdateFunctionConfiguration");
        local::sample::update_code(&client().await, &app.name, "def handler(event, context):\n    return 4\n")
            .await
            .or_stop("code");
        let version = local::sample::publish(&client().await, &app.name).await.or_stop("a version");
        assert_eq!(version, "4");
        check(&app, app.to("4").request(), expect![[r#"
            DifferentRoles: versions 1 and 4 have different execution roles (arn:aws:iam::123456789012:role/storefront-role and arn:aws:iam::123456789012:role/another-role); Lambda cannot split traffic between them: publish a version with the same role
            DifferentDeadLetters: versions 1 and 4 have different dead-letter targets (none and arn:aws:sqs:us-east-1:123456789012:lost); Lambda cannot split traffic between them: publish a version with the same one"#]]).await;
    });
}

#[test]
fn an_alias_split_by_somebody_else_is_not_taken_over() {
    story(async {
        let app = App::new().await;
        app.point("1", json!({"3": 0.25})).await;
        check(&app, app.to("2").request(), expect!["AliasAlreadySplit: the alias is split already, and not by a deployment of this stack (version 1 with 25 % on version 3): send all of its calls to one of the two first, the one its users are to stay on: aws lambda update-alias --function-name APP --name live --routing-config AdditionalVersionWeights={} --function-version <1 or 3>"]).await;
        let deployment = app.to("2").start().await;
        let view = deployment.until("its end", |view| view.outcome.is_some()).await;
        assert_eq!(view.code(), "INVALID_LAMBDA_CONFIGURATION");
        assert_eq!(app.alias().await, "1 3:0.25");
    });
}

#[test]
fn a_malformed_start_execution_input_fails_with_a_sentence_and_leaves_a_final_record() {
    story(async {
        let machine = format!("{}-lambda", stack().await.name());
        let inputs =
            [("array", "[1, 2]"), ("text", "\"deploy\""), ("odd", "{\"function\": \"storefront\"}"), ("empty", "{}")];
        for (name, input) in inputs {
            let name = format!("malformed-{name}");
            client().await.start_execution(&machine, &name, input).await.or_stop("StartExecution");
            let deployment =
                harness::deployment::Deployment { id: name.clone(), app: App { name: "storefront".to_owned() } };
            assert_eq!(deployment.execution_status().await, "FAILED", "{input}");
            let view = deployment.describe().await;
            assert_eq!(view.outcome, Some(Outcome::Failed), "{input}");
            let message = view.why();
            assert!(message.contains("CreateDeployment"), "{input}: {message}");
            let ended =
                client().await.describe_execution(&execution("lambda", &name).await).await.or_stop("DescribeExecution");
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

#[test]
fn a_function_is_the_stacks_to_touch_while_it_has_the_tag_and_no_longer() {
    story(async {
        let app = App::new().await;
        let tags = format!("/2017-03-31/tags/arn:aws:lambda:us-east-1:123456789012:function:{}", app.name);
        let refused = async || {
            let planned = app.to("2").plan().await;
            planned.refusals.iter().any(|refusal| refusal.code == "FunctionNotAllowed")
        };
        assert!(!refused().await, "it has the tag");
        app.untag().await;
        assert!(refused().await, "the tag was taken away");
        client().await.lambda_post(&tags, &json!({"Tags": {"tideshift": "enabled"}})).await.or_stop("TagResource");
        assert!(!refused().await, "it was given back");
    });
}
