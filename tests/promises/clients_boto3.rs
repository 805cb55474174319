//! The suite of stock clients in `tests/clients`, one story a module.

use std::ffi::OsStr;
use std::process::{Output, Stdio};

use harness::app::App;
use harness::deployment::Subject;
use harness::stack::{root, stack};
use harness::{OrStop, stop, story};
use serde_json::{Value, json};
use tokio::process::Command;

/// The Python with the pinned clients.
pub(crate) async fn python() -> std::path::PathBuf {
    local::python::ensure_venv(&root(), &|_| {}).await.or_stop("Python")
}

/// A program of that Python's, pointed at the stack, with the user's settings out of the way.
pub(crate) async fn stock(program: impl AsRef<OsStr>) -> Command {
    let stack = stack().await;
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("AWS_ENDPOINT_URL", stack.endpoint())
        .env("AWS_REGION", stack.region())
        .env("AWS_DEFAULT_REGION", stack.region())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Runs one module of the suite; what it said is shown if it fails.
pub(crate) async fn module(name: &str, environment: &[(&str, &str)]) {
    modules(&[name], environment).await;
}

/// Makes the suite's clients speak the other of CodeDeploy's two protocols, as the SDKs do that take the first in the model's list.
pub(crate) const CBOR: (&str, &str) = ("SUITE_PROTOCOL", "smithy-rpc-v2-cbor");

/// Runs modules of the suite, one after the other.
async fn modules(names: &[&str], environment: &[(&str, &str)]) {
    let mut suite = stock(python().await).await;
    suite.arg("suite.py").args(names).current_dir(root().join("tests/clients")).envs(environment.iter().copied());
    let said = suite.output().await.or_stop("the suite runs");
    if !said.status.success() {
        stop(&format!("{names:?}: {}\n{}", said.status, both(&said)));
    }
}

pub(crate) fn both(said: &Output) -> String {
    [&said.stdout, &said.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).join("")
}

/// Runs a module with a function of its own to move.
async fn moving(name: &str) {
    let app = App::new().await;
    module(name, &[("SUITE_FUNCTION", &app.name)]).await;
}

#[test]
fn a_stock_client_keeps_applications() {
    story(module("applications", &[]));
}

#[test]
fn a_stock_client_keeps_configurations() {
    story(module("configs", &[]));
}

#[test]
fn a_stock_client_keeps_deployment_groups() {
    story(module("groups", &[]));
}

#[test]
fn a_stock_client_keeps_revisions() {
    story(module("revisions", &[]));
}

#[test]
fn a_stock_client_keeps_tags() {
    story(module("tags", &[]));
}

#[test]
fn a_stock_client_keeps_on_premises_instances() {
    story(module("instances", &[]));
}

#[test]
fn a_stock_client_deploys_stops_continues_and_lists() {
    story(moving("deployments"));
}

#[test]
fn a_stock_client_deploys_appspecs_from_s3() {
    story(moving("objects"));
}

#[test]
fn a_stock_client_reads_targets_and_their_events() {
    story(moving("targets"));
}

#[test]
fn a_stock_client_turns_the_pages_of_long_listings() {
    story(moving("pages"));
}

#[test]
fn a_client_that_speaks_cbor_keeps_all_that_can_be_kept() {
    story(modules(&["applications", "configs", "groups", "revisions", "tags", "instances"], &[CBOR]));
}

/// Without the module `pages`: a listing is cut into pages before its protocol matters, and its 250 deployments are made once.
#[test]
fn a_client_that_speaks_cbor_deploys_and_reads_what_became_of_it() {
    story(async {
        let app = App::new().await;
        modules(&["deployments", "objects", "targets"], &[CBOR, ("SUITE_FUNCTION", &app.name)]).await;
    });
}

/// A hook that answers under ids that are not its own, then for itself, then once more.
const HOOK: &str = "\
client = boto3.client('codedeploy')
put = client.put_lifecycle_event_hook_execution_status
mine = {'deploymentId': event['DeploymentId'], 'lifecycleEventHookExecutionId': event['LifecycleEventHookExecutionId']}
def refused(kind, **more):
    try:
        put(**{**mine, 'status': 'Succeeded', **more})
    except getattr(client.exceptions, kind):
        return
    raise Exception(f'{kind} was not raised for {more}')
refused('InvalidLifecycleEventHookExecutionStatusException', status='Skipped')
refused('InvalidLifecycleEventHookExecutionIdException', lifecycleEventHookExecutionId='nonsense')
refused('DeploymentDoesNotExistException', deploymentId='d-NOSUCHONE')
answer = put(**mine, status='Succeeded')
assert answer['lifecycleEventHookExecutionId'] == mine['lifecycleEventHookExecutionId'], answer
refused('LifecycleEventAlreadyCompletedException')
";

/// What makes the hook's SDK one that takes the first protocol of the model's list.
const IN_CBOR: &str = "\
import botocore.model
botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = ('smithy-rpc-v2-cbor', 'json')
";

#[test]
fn a_stock_waiter_and_a_hook_with_its_sdk_see_a_deployment_end() {
    story(async {
        let app = App::new().await;
        let hook = app.hook("answers", HOOK).await;
        module("waiting", &[("SUITE_FUNCTION", &app.name), ("SUITE_HOOK", &hook)]).await;
    });
}

#[test]
fn a_waiter_and_a_hook_that_speak_cbor_see_a_deployment_end_too() {
    story(async {
        let app = App::new().await;
        let hook = app.hook("answers", &format!("{IN_CBOR}{HOOK}")).await;
        module("waiting", &[CBOR, ("SUITE_FUNCTION", &app.name), ("SUITE_HOOK", &hook)]).await;
    });
}

/// `aws deploy …`, which must succeed; its document, if it prints one.
async fn aws(arguments: &[&str]) -> Value {
    let said = deploy(arguments).await;
    if !said.status.success() {
        stop(&format!("aws deploy {}: {}\n{}", arguments.join(" "), said.status, both(&said)));
    }
    if said.stdout.is_empty() { Value::Null } else { serde_json::from_slice(&said.stdout).or_stop("one JSON document") }
}

async fn deploy(arguments: &[&str]) -> Output {
    let aws = python().await.with_file_name("aws");
    stock(aws).await.arg("deploy").args(arguments).output().await.or_stop("aws runs")
}

fn revision(function: &str) -> String {
    let content = format!(
        "version: 0.0\nResources:\n  - shop:\n      Type: AWS::Lambda::Function\n      Properties:\n        Name: {function}\n        \
         Alias: live\n        CurrentVersion: 1\n        TargetVersion: 2\n"
    );
    json!({"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}).to_string()
}

#[test]
fn an_aws_deploy_session_goes_as_the_readme_shows_it() {
    story(async {
        let app = App::new().await;
        let (shop, revision) = (app.name.as_str(), revision(&app.name));
        let named = ["--application-name", shop, "--deployment-group-name", "live"];
        let create = async |more: &[&str]| {
            let made = aws(&[&["create-deployment"], &named[..], &["--revision", &revision], more].concat()).await;
            made["deploymentId"].as_str().or_stop("a deployment id").to_owned()
        };

        aws(&["create-application", "--application-name", shop, "--compute-platform", "Lambda"]).await;
        let role = ["--service-role-arn", "arn:aws:iam::123456789012:role/deployer"];
        let config = ["--deployment-config-name", "CodeDeployDefault.LambdaAllAtOnce"];
        let rules =
            ["--auto-rollback-configuration", "enabled=true,events=DEPLOYMENT_FAILURE,DEPLOYMENT_STOP_ON_REQUEST"];
        aws(&[&["create-deployment-group"], &named[..], &role, &config, &rules].concat()).await;

        let first = create(&[]).await;
        aws(&["wait", "deployment-successful", "--deployment-id", &first]).await;
        let seen = aws(&["get-deployment", "--deployment-id", &first]).await;
        assert_eq!(seen["deploymentInfo"]["status"], "Succeeded", "{seen:#}");
        assert_eq!(seen["deploymentInfo"]["deploymentOverview"]["Succeeded"], 1, "{seen:#}");
        let targets = aws(&["list-deployment-targets", "--deployment-id", &first]).await;
        let target = targets["targetIds"][0].as_str().or_stop("a target");
        let seen = aws(&["get-deployment-target", "--deployment-id", &first, "--target-id", target]).await;
        let seen = &seen["deploymentTarget"]["lambdaTarget"];
        assert_eq!((&seen["status"], &seen["lambdaFunctionInfo"]["functionName"]), (&json!("Succeeded"), &json!(shop)));
        assert_eq!(app.alias().await, "2");

        app.point("1", json!({})).await;
        let second = create(&["--deployment-config-name", "CodeDeployDefault.LambdaCanary10Percent30Minutes"]).await;
        let stopped = aws(&["stop-deployment", "--deployment-id", &second, "--auto-rollback-enabled"]).await;
        assert!(["Pending", "Succeeded"].map(Value::from).contains(&stopped["status"]), "{stopped:#}");
        let waited = deploy(&["wait", "deployment-successful", "--deployment-id", &second]).await;
        assert_eq!(waited.status.code(), Some(255), "{}", both(&waited));
        let seen = aws(&["get-deployment", "--deployment-id", &second]).await;
        assert_eq!(seen["deploymentInfo"]["status"], "Stopped", "{seen:#}");
        assert_eq!(seen["deploymentInfo"]["errorInformation"]["code"], "MANUAL_STOP", "{seen:#}");
        assert_eq!(app.alias().await, "1");
        let listed = aws(&[&["list-deployments"], &named[..]].concat()).await;
        let listed = listed["deployments"].as_array().or_stop("deployments");
        assert!(listed.contains(&json!(first)) && listed.contains(&json!(second)), "{listed:?}");
    });
}
