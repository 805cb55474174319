//! The sample service: a web server behind an application load balancer, deployed by whoever calls (the EXTERNAL
//! deployment controller), with one revision for each way a deployment can go.

use serde_json::{Value, json};

use super::role_of;
use crate::LocalError;
use crate::client::Client;

/// The cluster of the sample services.
pub const CLUSTER: &str = "shop";
/// The container behind the load balancer.
pub const CONTAINER: &str = "web";
/// Its port.
pub const CONTAINER_PORT: u16 = 8080;
/// The port of the production listener.
pub const PRODUCTION_PORT: u16 = 80;
/// The port of the test listener.
pub const TEST_PORT: u16 = 8080;
/// The tag that everything of a sample carries, for the roles that ask for it.
pub const TAG: (&str, &str) = ("tideshift", "enabled");
/// The role ECS pulls images and writes logs with, named by every task definition: whoever creates a task set passes it.
pub const EXECUTION_ROLE: &str = "shop-task-execution";

/// The revision that is in production at first.
pub const GOOD: u32 = 1;
/// The revision to deploy.
pub const BETTER: u32 = 2;
/// The revision that fails three requests of ten.
pub const FAULTY: u32 = 3;
/// The revision whose tasks end soon after their start, again and again.
pub const NEVER_STEADY: u32 = 4;

/// What [`create_service_sample`] made.
#[derive(Debug, Clone)]
pub struct ServiceSample {
    /// The name of the service, of its task definitions' family, and of the load balancer.
    pub name: String,
    /// The cluster's ARN.
    pub cluster: String,
    /// The service's ARN.
    pub service: String,
    /// The load balancer's ARN; its name is `name`.
    pub load_balancer: String,
    /// The production listener's ARN; it listens on [`PRODUCTION_PORT`].
    pub production_listener: String,
    /// The test listener's ARN; it listens on [`TEST_PORT`].
    pub test_listener: String,
    /// The rule of the production listener that forwards `/api/*` to the pair; empty behind a Network Load Balancer, which
    /// has no rules.
    pub api_rule: String,
    /// The rule of the production listener that answers `/static/*` by itself, and that no deployment may touch; as above.
    pub static_rule: String,
    /// The target group in production at first.
    pub blue: String,
    /// The other one.
    pub green: String,
    /// The PRIMARY task set, of revision [`GOOD`] on blue.
    pub primary: String,
    /// The subnets of its tasks.
    pub subnets: Vec<String>,
}

impl ServiceSample {
    /// The ARN of one of the task definitions.
    pub fn definition(&self, revision: u32) -> String {
        let (before, _) = self.cluster.split_once(":cluster/").unwrap_or((&self.cluster, ""));
        format!("{before}:task-definition/{}:{revision}", self.name)
    }

    /// The AppSpec of a revision, as CodeDeploy has it: which service it is for, a deployment group says.
    pub fn appspec(&self, revision: u32) -> Value {
        json!({
            "version": 0.0,
            "Resources": [{ "TargetService": { "Type": "AWS::ECS::Service", "Properties": {
                "TaskDefinition": self.definition(revision),
                "LoadBalancerInfo": { "ContainerName": CONTAINER, "ContainerPort": CONTAINER_PORT },
            } } }],
        })
    }

    /// Where the service is: `Service` of an AppSpec that needs no deployment group.
    pub fn place(&self) -> Value {
        json!({
            "Cluster": self.cluster,
            "Name": self.name,
            "TargetGroups": [self.blue, self.green],
            "ProdListener": self.production_listener,
            "TestListener": self.test_listener,
        })
    }

    /// `CreateTaskSet` of a revision on a target group, at 100 %.
    pub fn task_set(&self, revision: u32, group: &str) -> Value {
        json!({
            "cluster": self.cluster,
            "service": self.service,
            "taskDefinition": self.definition(revision),
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": self.subnets } },
            "loadBalancers": [
                { "targetGroupArn": group, "containerName": CONTAINER, "containerPort": CONTAINER_PORT },
            ],
            "scale": { "value": 100.0, "unit": "PERCENT" },
        })
    }
}

/// Creates the cluster [`CLUSTER`] where it is not there, and in it the service `name` with desired count 2, PRIMARY at
/// 100 % of revision [`GOOD`], which need not be steady yet.
pub async fn create_service_sample(client: &Client, name: &str) -> Result<ServiceSample, LocalError> {
    create(client, name, Kind::Application).await
}

/// The same behind a Network Load Balancer: nothing but its listeners.
pub async fn create_network_service_sample(client: &Client, name: &str) -> Result<ServiceSample, LocalError> {
    create(client, name, Kind::Network).await
}

/// What kind of load balancer stands in front of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Application,
    Network,
}

impl Kind {
    /// As CreateLoadBalancer calls it.
    fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Network => "network",
        }
    }

    /// What its listeners and target groups speak.
    fn protocol(self) -> &'static str {
        match self {
            Self::Application => "HTTP",
            Self::Network => "TCP",
        }
    }
}

async fn create(client: &Client, name: &str, kind: Kind) -> Result<ServiceSample, LocalError> {
    let tags = json!([{ "key": TAG.0, "value": TAG.1 }]);
    let made = client.ecs("CreateCluster", &json!({ "clusterName": CLUSTER, "tags": tags })).await?;
    let cluster = text(&made["cluster"]["clusterArn"]);
    register(client, name).await?;
    let (vpc, subnets) = network(client).await?;

    let mut balancer = vec![("Name", name), ("Type", kind.as_str())];
    balancer.extend(["Subnets.member.1", "Subnets.member.2"].into_iter().zip(subnets.iter().map(String::as_str)));
    let load_balancer = made_by(client, "CreateLoadBalancer", &balancer, "LoadBalancers", "LoadBalancerArn").await?;
    let blue = target_group(client, kind, &format!("{name}-blue"), &vpc).await?;
    let green = target_group(client, kind, &format!("{name}-green"), &vpc).await?;
    let production_listener = listener(client, kind, &load_balancer, PRODUCTION_PORT, &blue).await?;
    let test_listener = listener(client, kind, &load_balancer, TEST_PORT, &blue).await?;
    let (api_rule, static_rule) = match kind {
        Kind::Application => rules(client, &production_listener, &blue, &green).await?,
        Kind::Network => Default::default(),
    };

    let service = json!({
        "cluster": cluster,
        "serviceName": name,
        "desiredCount": 2,
        "deploymentController": { "type": "EXTERNAL" },
        "tags": tags,
    });
    let service = text(&client.ecs("CreateService", &service).await?["service"]["serviceArn"]);
    let mut sample = ServiceSample {
        name: name.to_owned(),
        cluster,
        service,
        load_balancer,
        production_listener,
        test_listener,
        api_rule,
        static_rule,
        blue,
        green,
        primary: String::new(),
        subnets,
    };
    let mut task_set = sample.task_set(GOOD, &sample.blue);
    task_set["tags"] = tags;
    sample.primary = text(&client.ecs("CreateTaskSet", &task_set).await?["taskSet"]["taskSetArn"]);
    let primary = json!({ "cluster": sample.cluster, "service": sample.service, "primaryTaskSet": sample.primary });
    client.ecs("UpdateServicePrimaryTaskSet", &primary).await?;
    Ok(sample)
}

/// Registers the revisions, in their order.
async fn register(client: &Client, family: &str) -> Result<(), LocalError> {
    let role = role_of(client, EXECUTION_ROLE, "ecs-tasks.amazonaws.com").await?;
    let revisions: [&[(&str, &str)]; 4] =
        [&[("RELEASE", "1")], &[("RELEASE", "2")], &[("ERROR_RATE", "0.3")], &[("NEVER_STEADY", "true")]];
    for environment in revisions {
        let variables = environment.iter().map(|(name, value)| json!({ "name": name, "value": value }));
        let definition = json!({
            "family": family,
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "executionRoleArn": role,
            "containerDefinitions": [{
                "name": CONTAINER,
                "image": "example/web",
                "essential": true,
                "portMappings": [{ "containerPort": CONTAINER_PORT }],
                "environment": variables.collect::<Vec<_>>(),
            }],
        });
        client.ecs("RegisterTaskDefinition", &definition).await?;
    }
    Ok(())
}

/// The default network and its first two subnets.
async fn network(client: &Client) -> Result<(String, Vec<String>), LocalError> {
    let found = client.aws_query("ec2", &[("Action", "DescribeSubnets"), ("Version", "2016-11-15")]).await?;
    let all = |tag: &str| {
        let rest = found.split(&format!("<{tag}>")).skip(1).map(ToOwned::to_owned).collect::<Vec<_>>();
        rest.iter().filter_map(|rest| rest.split('<').next()).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let subnets = all("subnetId").into_iter().take(2).collect::<Vec<_>>();
    match all("vpcId").into_iter().next() {
        Some(vpc) if subnets.len() == 2 => Ok((vpc, subnets)),
        _ => Err(LocalError::failed("there is no default network with two subnets")),
    }
}

async fn target_group(client: &Client, kind: Kind, name: &str, vpc: &str) -> Result<String, LocalError> {
    let port = CONTAINER_PORT.to_string();
    let parameters = [
        ("Name", name),
        ("Protocol", kind.protocol()),
        ("Port", port.as_str()),
        ("VpcId", vpc),
        ("TargetType", "ip"),
        ("HealthCheckProtocol", "HTTP"),
        // Not what clients ask for: an error rate is no ill health.
        ("HealthCheckPath", "/health"),
    ];
    made_by(client, "CreateTargetGroup", &parameters, "TargetGroups", "TargetGroupArn").await
}

async fn listener(client: &Client, kind: Kind, balancer: &str, port: u16, group: &str) -> Result<String, LocalError> {
    let port = port.to_string();
    let parameters = [
        ("LoadBalancerArn", balancer),
        ("Protocol", kind.protocol()),
        ("Port", port.as_str()),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn", group),
        ("DefaultActions.member.1.ForwardConfig.TargetGroups.member.1.Weight", "1"),
    ];
    made_by(client, "CreateListener", &parameters, "Listeners", "ListenerArn").await
}

/// The rule that forwards to the pair, and the one that answers by itself.
async fn rules(client: &Client, listener: &str, blue: &str, green: &str) -> Result<(String, String), LocalError> {
    let pair = [
        ("Actions.member.1.Type", "forward"),
        ("Actions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn", blue),
        ("Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight", "1"),
        ("Actions.member.1.ForwardConfig.TargetGroups.member.2.TargetGroupArn", green),
        ("Actions.member.1.ForwardConfig.TargetGroups.member.2.Weight", "0"),
    ];
    let fixed = [
        ("Actions.member.1.Type", "fixed-response"),
        ("Actions.member.1.FixedResponseConfig.StatusCode", "200"),
        ("Actions.member.1.FixedResponseConfig.ContentType", "text/plain"),
        ("Actions.member.1.FixedResponseConfig.MessageBody", "a picture"),
    ];
    let api = rule(client, listener, "10", "/api/*", &pair).await?;
    Ok((api, rule(client, listener, "20", "/static/*", &fixed).await?))
}

async fn rule(
    client: &Client,
    listener: &str,
    priority: &str,
    path: &str,
    actions: &[(&str, &str)],
) -> Result<String, LocalError> {
    let mut parameters = vec![
        ("ListenerArn", listener),
        ("Priority", priority),
        ("Conditions.member.1.Field", "path-pattern"),
        ("Conditions.member.1.PathPatternConfig.Values.member.1", path),
    ];
    parameters.extend_from_slice(actions);
    made_by(client, "CreateRule", &parameters, "Rules", "RuleArn").await
}

/// Creates one thing with the sample's tag; gives its ARN.
async fn made_by(
    client: &Client,
    operation: &str,
    parameters: &[(&str, &str)],
    list: &str,
    arn: &str,
) -> Result<String, LocalError> {
    let mut all = parameters.to_vec();
    all.extend([("Tags.member.1.Key", TAG.0), ("Tags.member.1.Value", TAG.1)]);
    let made = client.elb(operation, &all).await?;
    Ok(text(&made[list][0][arn]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
