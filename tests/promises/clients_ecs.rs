//! Clients that deploy by CodeDeploy only where ECS says so, behind `tideshift proxy --ecs`: AWS's action for GitHub, and boto3.

use std::io::Write as _;
use std::process::Stdio;

use harness::deployment::Subject as _;
use harness::shop::Shop;
use harness::stack::{client, root};
use harness::{OrStop, stop, story};
use local::sample::service::{CLUSTER, CONTAINER, CONTAINER_PORT};
use serde_json::{Value, json};
use tempfile::NamedTempFile;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;

use crate::clients::proxy_with;
use crate::clients_boto3::{both, python, stock};
use crate::clients_services::named_as_aws_expects;

/// The variables that send clients of both APIs to one place.
fn to(endpoint: &str) -> [(&str, &str); 2] {
    [("AWS_ENDPOINT_URL_ECS", endpoint), ("AWS_ENDPOINT_URL_CODEDEPLOY", endpoint)]
}

/// The good revision's task definition as a file.
async fn definition(shop: &Shop) -> NamedTempFile {
    let mut file = NamedTempFile::new().or_stop("a file");
    file.write_all(shop.task_definition(2).await.to_string().as_bytes()).or_stop("the file is written");
    file
}

/// Does what the action does with the good revision: its words, and whether it went well.
async fn action(shop: &Shop, endpoint: &str) -> (bool, String) {
    let definition = definition(shop).await;
    let mut action = stock(python().await).await;
    action.current_dir(root().join("tests/clients")).args(["action.py", CLUSTER, shop.name()]);
    action.arg(definition.path()).args([CONTAINER, &CONTAINER_PORT.to_string()]).envs(to(endpoint));
    let said = action.output().await.or_stop("the action runs");
    (said.status.success(), both(&said))
}

#[test]
fn the_action_for_github_deploys_a_service_from_the_moment_it_has_a_group() {
    story(async {
        let (_proxy, endpoint) = proxy_with(&["--ecs"], &[]).await;
        let shop = Shop::new().await;
        let (deployed, said) = action(&shop, &endpoint).await;
        assert!(!deployed && said.contains("Unsupported deployment controller: EXTERNAL"), "{said}");
        shop.is_untouched().await;

        named_as_aws_expects(&shop).await;
        let (deployed, said) = action(&shop, &endpoint).await;
        assert!(deployed, "{said}");
        assert_eq!(shop.traffic().await, "green", "{said}");
        // The sample has four revisions; the action registered one each time.
        assert_eq!(shop.revisions().await, ["6"], "{said}");
    });
}

/// What boto3 does, as a pipeline of one's own would.
const PIPELINE: &str = "\
import boto3, hashlib, json, os
ecs, codedeploy = boto3.client('ecs'), boto3.client('codedeploy')
cluster, service, other = os.environ['CLUSTER'], os.environ['SERVICE'], os.environ['OTHER']
with open(os.environ['DEFINITION']) as file:
    registered = ecs.register_task_definition(**json.load(file))['taskDefinition']['taskDefinitionArn']
described = ecs.describe_services(cluster=cluster, services=[service, other, 'nobody'], include=['TAGS'])
shown = {each['serviceName']: each['deploymentController']['type'] for each in described['services']}
named = {'applicationName': f'AppECS-{cluster}-{service}', 'deploymentGroupName': f'DgpECS-{cluster}-{service}'}
group = codedeploy.get_deployment_group(**named)['deploymentGroupInfo']
properties = {'TaskDefinition': registered, 'LoadBalancerInfo': {
    'ContainerName': os.environ['CONTAINER'], 'ContainerPort': int(os.environ['PORT'])}}
content = json.dumps({'version': 0.0, 'Resources': [{'TargetService': {'Type': 'AWS::ECS::Service', 'Properties': properties}}]})
digest = hashlib.sha256(content.encode()).hexdigest()
deployment = codedeploy.create_deployment(**named, revision={
    'revisionType': 'AppSpecContent', 'appSpecContent': {'content': content, 'sha256': digest}})['deploymentId']
codedeploy.get_waiter('deployment_successful').wait(deploymentId=deployment, WaiterConfig={'Delay': 1, 'MaxAttempts': 300})
meta = described['ResponseMetadata']
try:
    ecs.describe_services(cluster='nowhere', services=[service])
except ecs.exceptions.ClusterNotFoundException as error:
    refused = error.response['Error']['Code']
print(json.dumps({
    'shown': [shown[service], shown[other]],
    'tasks': described['services'][0]['desiredCount'],
    'missing': [[failure['arn'].rsplit('/')[-1], failure['reason']] for failure in described['failures']],
    'created': described['services'][0]['taskSets'][0]['createdAt'].year > 2000,
    'by': meta['HTTPHeaders']['server'],
    'group': group['ecsServices'][0]['serviceName'],
    'refused': refused,
}))
";

#[test]
fn boto3_sees_who_deploys_each_service_and_deploys_the_one_with_a_group() {
    story(async {
        let (_proxy, endpoint) = proxy_with(&["--ecs"], &[]).await;
        let (shop, other) = (Shop::new().await, Shop::new().await);
        named_as_aws_expects(&shop).await;
        let definition = definition(&shop).await;
        let mut pipeline = stock(python().await).await;
        pipeline.args(["-c", PIPELINE]).envs(to(&endpoint)).env("CLUSTER", CLUSTER).env("CONTAINER", CONTAINER);
        pipeline.env("SERVICE", shop.name()).env("OTHER", other.name()).env("PORT", CONTAINER_PORT.to_string());
        let said = pipeline.env("DEFINITION", definition.path()).output().await.or_stop("Python runs");
        let told: Value =
            serde_json::from_slice(&said.stdout).or_stop(&format!("one document, and no {}", both(&said)));
        assert_eq!(
            told,
            json!({
                "shown": ["CODE_DEPLOY", "EXTERNAL"],
                "tasks": 2,
                "missing": [["nobody", "MISSING"]],
                "created": true,
                "by": "tideshift-proxy",
                "group": shop.name(),
                "refused": "ClusterNotFoundException",
            })
        );
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("green", vec!["5".to_owned()]));
        other.is_untouched().await;
        let itself =
            client().await.ecs("DescribeServices", &json!({"cluster": CLUSTER, "services": [shop.name()]})).await;
        let itself = itself.or_stop("DescribeServices");
        assert_eq!(itself["services"][0]["deploymentController"]["type"], "EXTERNAL", "to everybody else");
    });
}

/// Runs lines of Python with a client `ecs` of the proxy's, who is somebody else than the one that runs the proxy; prints what it
/// is told.
async fn asked(endpoint: &str, lines: &str) -> String {
    let script = format!(
        "import boto3, http.client, json, urllib.parse\nfrom botocore.config import Config\n\
         ecs = boto3.client('ecs', config=Config(retries={{'total_max_attempts': 1}}))\n{lines}"
    );
    let mut python = stock(python().await).await;
    python.envs(to(endpoint)).env("AWS_ACCESS_KEY_ID", "AKIACLIENT").args(["-c", &script]);
    both(&python.output().await.or_stop("Python runs"))
}

/// An ECS that checks signatures, and where it is.
async fn strict(key: &[(&str, &str)]) -> (Child, String) {
    let mut ecs = stock(python().await).await;
    ecs.current_dir(root().join("tests/clients")).args(["signed.py", "eu-central-1"]).envs(key.iter().copied());
    let mut ecs = ecs.stdout(Stdio::piped()).spawn().or_stop("the strict ECS starts");
    let mut lines = BufReader::new(ecs.stdout.take().or_stop("its output")).lines();
    let endpoint = lines.next_line().await.or_stop("its first line").or_stop("where it is");
    (ecs, endpoint)
}

#[test]
fn what_goes_to_ecs_is_signed_with_the_credentials_and_for_the_region_of_who_runs_the_proxy() {
    story(async {
        let key = [
            ("AWS_ACCESS_KEY_ID", "AKIAPROXY"),
            ("AWS_SECRET_ACCESS_KEY", "of the proxy"),
            ("AWS_SESSION_TOKEN", "of its session"),
        ];
        let (_ecs, strict) = strict(&key).await;
        let itself = [("AWS_ENDPOINT_URL_ECS", strict.as_str()), ("AWS_REGION", "eu-central-1")];
        let (_proxy, endpoint) = proxy_with(&["--ecs"], &[&key[..], &itself].concat()).await;
        let told = asked(&endpoint, "print(ecs.list_clusters(maxResults=7)['clusterArns'])").await;
        for part in ["'AKIAPROXY for ecs in eu-central-1', '/'", "113.ListClusters', 'Boto3/", "'{\"maxResults\": 7}'"]
        {
            assert!(told.contains(part), "{part} in {told}");
        }
        // The path names the operation in the other protocol.
        let in_cbor = "\
where = urllib.parse.urlsplit(ecs.meta.endpoint_url)
connection = http.client.HTTPConnection(where.netloc)
connection.request('POST', '/service/AmazonEC2ContainerServiceV20141113/operation/ListClusters', b'\\xa0',
    {'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor'})
print(connection.getresponse().read().decode())";
        let told = asked(&endpoint, in_cbor).await;
        assert!(told.contains("AKIAPROXY for ecs in eu-central-1\", \"/service/Amazon"), "{told}");
    });
}

#[test]
fn a_stack_that_cannot_be_asked_for_its_groups_is_an_error_and_no_answer_about_a_controller() {
    story(async {
        let shop = Shop::new().await;
        let (_proxy, endpoint) = proxy_with(&["--ecs", "--stack", "nobodys"], &[]).await;
        let describe = format!("print(ecs.describe_services(cluster='{CLUSTER}', services=['{}']))", shop.name());
        let told = asked(&endpoint, &describe).await;
        for part in ["deployment group in the Tideshift stack could not be read", "there is no function nobodys-api"] {
            assert!(told.contains(part) && !told.contains("EXTERNAL"), "{part} in {told}");
        }
        // What has nothing to do with the stack goes on.
        let told = asked(&endpoint, "print(ecs.list_clusters()['clusterArns'])").await;
        assert!(told.contains(&shop.sample.cluster), "{told}");
    });
}

#[test]
fn a_proxy_that_asks_itself_for_ecs_says_so_and_asks_no_further() {
    story(async {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).or_stop("a free port");
        let (port, itself) = (free.port().to_string(), format!("http://{free}"));
        let (_proxy, endpoint) = proxy_with(&["--ecs", "--port", &port], &[("AWS_ENDPOINT_URL_ECS", &itself)]).await;
        if endpoint != itself {
            stop(&format!("the proxy is at {endpoint}"));
        }
        let told = asked(&endpoint, "print(ecs.list_clusters())").await;
        assert!(
            told.contains("(InvalidEndpointException)") && told.contains("sends a proxy to a proxy: unset it"),
            "{told}"
        );
    });
}

#[test]
fn a_proxy_without_ecs_tells_a_client_of_ecs_how_to_start_it() {
    story(async {
        let (_proxy, endpoint) = proxy_with(&[], &[]).await;
        let told = asked(&endpoint, "print(ecs.list_clusters())").await;
        assert!(told.contains("start it with `tideshift proxy --ecs`"), "{told}");
    });
}
