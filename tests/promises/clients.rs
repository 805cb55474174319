//! Clients that do not know Tideshift: through the endpoint, through `tideshift proxy`, and from inside a hook.

use std::process::Stdio;

use codedeploy::view::Outcome;
use harness::app::App;
use harness::ours::Told;
use harness::stack::{client, program, stack};
use harness::{OrStop, story};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::clients_boto3::{python, stock};

/// Runs lines of Python with a stock `codedeploy` client; what they print last is JSON.
async fn boto3(lines: &str, endpoint: Option<&str>) -> Value {
    let script = format!(
        "import boto3, json\nfrom botocore.exceptions import ClientError\ncodedeploy = boto3.client('codedeploy')\n{lines}"
    );
    let mut command = stock(python().await).await;
    if let Some(endpoint) = endpoint {
        command.env("AWS_ENDPOINT_URL_CODEDEPLOY", endpoint);
    }
    let said = command.args(["-c", &script]).output().await.or_stop("Python runs");
    let error = String::from_utf8_lossy(&said.stderr);
    serde_json::from_slice(&said.stdout).or_stop(&format!("one JSON document, and no {error}"))
}

/// A deployment that waits for a user; the stock client, at `endpoint`, asks for it, makes a mistake, and stops it. Gives
/// the server's name.
async fn stopped_by_a_stock_client(endpoint: Option<&str>) -> Value {
    let app = App::new().await;
    let pause = json!([{"Weight": 30, "UntilContinued": {"Timeout": "1h", "OnTimeout": "Stop"}}]);
    let deployment = app.to("2").strategy(pause).start().await;
    deployment.until("its pause", Told::is_ready).await;
    let id = &deployment.id;
    let lines = format!(
        "got = codedeploy.get_deployment(deploymentId='{id}')\n\
         try:\n    codedeploy.get_deployment(deploymentId='d-NOSUCHONE')\n\
         except codedeploy.exceptions.DeploymentDoesNotExistException as error:\n    missing = error.response\n\
         codedeploy.stop_deployment(deploymentId='{id}')\n\
         meta = missing['ResponseMetadata']\n\
         print(json.dumps([got['deploymentInfo']['deploymentId'], missing['Error']['Code'], \
         len(meta['RequestId']), meta['HTTPHeaders'].get('server', '')]))"
    );
    let mut told = boto3(&lines, endpoint).await;
    assert_eq!(deployment.outcome().await, ("RolledBack".to_owned(), "MANUAL_STOP".to_owned()));
    assert_eq!((&told[0], &told[1]), (&json!(id), &json!("DeploymentDoesNotExistException")), "{told}");
    assert_eq!(told[2], 36, "a request id: {told}");
    told[3].take()
}

#[test]
fn the_endpoint_alone_serves_codedeploy_to_a_stock_client() {
    story(async {
        stopped_by_a_stock_client(None).await;
    });
}

#[test]
fn the_aws_command_line_is_understood_and_told_what_is_wrong() {
    story(async {
        let aws_itself = python().await.with_file_name("aws");
        let aws = async |arguments: &[&str]| {
            let said = stock(&aws_itself).await.arg("deploy").args(arguments).output().await;
            let said = said.or_stop("aws runs");
            (String::from_utf8_lossy(&said.stdout).into_owned(), String::from_utf8_lossy(&said.stderr).into_owned())
        };
        let (listed, complaint) = aws(&["list-deployments"]).await;
        assert!(listed.contains("\"deployments\""), "{listed}{complaint}");
        let (_, complaint) = aws(&["get-deployment", "--deployment-id", "d-NOSUCHONE"]).await;
        assert!(complaint.contains("(DeploymentDoesNotExistException)"), "{complaint}");
    });
}

/// A running `tideshift proxy`, and its endpoint.
pub(crate) async fn proxy() -> (Child, String) {
    proxy_with(&[], &[]).await
}

/// One with more flags, and more in its environment.
pub(crate) async fn proxy_with(flags: &[&str], environment: &[(&str, &str)]) -> (Child, String) {
    let mut proxy = stock(program("tideshift"))
        .await
        .env("TIDESHIFT_PROXY_PORT", "0")
        .args(["proxy", "--output", "json"])
        .args(flags)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .or_stop("tideshift proxy starts");
    let mut lines = BufReader::new(proxy.stdout.take().or_stop("its output")).lines();
    let mut document = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        document.push_str(&line);
        if line == "}" {
            break;
        }
    }
    let Place { endpoint } = serde_json::from_str(&document).or_stop("one JSON document");
    (proxy, endpoint)
}

/// Where a proxy is, as `tideshift proxy --output json` prints it.
#[derive(Deserialize)]
struct Place {
    endpoint: String,
}

#[test]
fn a_client_of_another_service_is_told_by_the_proxy_which_endpoint_to_set() {
    story(async {
        let (mut proxy, endpoint) = proxy().await;
        let lines = format!(
            "calls = dict(s3='list_buckets', sts='get_caller_identity', ec2='describe_regions', dynamodb='list_tables', \
             cloudwatch='list_metrics')\ncalls['lambda'] = 'list_functions'\ntold = {{}}\n\
             for name, call in calls.items():\n    client = boto3.client(name, endpoint_url='{endpoint}')\n    \
             try:\n        getattr(client, call)()\n    \
             except ClientError as error:\n        told[name] = error.response['Error']\nprint(json.dumps(told))"
        );
        let told = boto3(&lines, None).await;
        for service in ["s3", "sts", "ec2", "dynamodb", "lambda"] {
            let said = format!("the request is for {service}: set AWS_ENDPOINT_URL_CODEDEPLOY instead");
            assert_eq!(told[service]["Code"], "InvalidEndpointException", "{told:#}");
            assert!(told[service]["Message"].to_string().contains(&said), "{told:#}");
        }
        assert!(told["cloudwatch"]["Message"].to_string().contains("is for monitoring"), "by its signature: {told:#}");
        proxy.kill().await.or_stop("its end");
    });
}

#[test]
fn the_proxy_forwards_any_request_under_the_callers_own_credentials_until_ctrl_c() {
    story(async {
        let (mut proxy, endpoint) = proxy().await;
        assert_eq!(stopped_by_a_stock_client(Some(&endpoint)).await, "tideshift-proxy");
        let pid = proxy.id().or_stop("a process").to_string();
        Command::new("kill").args(["-INT", &pid]).status().await.or_stop("kill");
        assert_eq!(proxy.wait().await.or_stop("its end").code(), Some(0));
    });
}

/// What an existing hook looks like: it knows nothing of Tideshift.
const HOOK: &str = "\
import boto3

codedeploy = boto3.client('codedeploy')

def handler(event, context):
    answer = codedeploy.put_lifecycle_event_hook_execution_status(
        deploymentId=event['DeploymentId'],
        lifecycleEventHookExecutionId=event['LifecycleEventHookExecutionId'],
        status='Succeeded',
    )
    print('answered by', answer['ResponseMetadata']['HTTPHeaders']['server'], 'at', codedeploy.meta.endpoint_url)
";

/// An existing hook with the layer, and these variables.
async fn hook_with_layer(app: &App, variables: Value) -> String {
    let name = format!("CodeDeployHook_{}-sdk", app.name);
    let (client, extension) = (client().await, program("tideshift-proxy"));
    let layer = local::sample::publish_extension(&client, "tideshift-proxy", &extension).await.or_stop("the layer");
    let more = json!({"Timeout": 30, "Layers": [layer], "Environment": {"Variables": variables}});
    local::sample::create_function(&client, &name, HOOK, &more).await.or_stop("the hook");
    name
}

#[test]
fn an_existing_hook_works_unchanged_with_the_layer_and_one_variable() {
    story(async {
        let app = App::new().await;
        let hook = hook_with_layer(&app, json!({"AWS_ENDPOINT_URL_CODEDEPLOY": "http://127.0.0.1:8378"})).await;
        let both = app.to("2").hook("BeforeAllowTraffic", hook.clone()).hook("AfterAllowTraffic", hook.clone());
        let deployment = both.start().await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        let log = stack().await.state_dir().join(format!("logs/{hook}.log"));
        let log = std::fs::read_to_string(log).or_stop("its log");
        assert_eq!(log.matches("answered by tideshift-proxy at http://127.0.0.1:").count(), 2, "{log}");
    });
}

#[test]
fn an_extension_that_cannot_do_its_work_says_so_in_the_hooks_failure() {
    story(async {
        let app = App::new().await;
        let hook = hook_with_layer(&app, json!({"TIDESHIFT_PROXY_PORT": "any"})).await;
        let deployment = app.to("2").hook("BeforeAllowTraffic", hook).start().await;
        let view = deployment.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Failed));
        let message = view.event("BeforeAllowTraffic").message.as_deref().or_stop("a message");
        assert!(message.contains("TIDESHIFT_PROXY_PORT is a port's number, not any"), "{message}");
    });
}
