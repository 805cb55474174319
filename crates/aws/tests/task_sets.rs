//! Task sets, as ECS is told to make, promote and remove them.

use rollout::ids::{ClusterName, ContainerName, DeploymentId, ServiceName, TargetGroupArn, TaskDefinition, TaskSetId};
use rollout::service::clear::Deletion;
use rollout::service::{Capacity, CapacityProvider, Network, Registry, TaskSetSpec};
use serde_json::{Value, json};
use steps::ports::{CreateTaskSets, DeleteTaskSets, EmptyTaskSets, PortError, PromoteTaskSets};

use crate::wire::{Service, account, error, fine};

const GREEN: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/green/0123456789abcdef";
const DEFINITION: &str = "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:8";

fn place() -> (ClusterName, ServiceName, TaskSetId) {
    let (cluster, service) = (ClusterName::parse("shop").unwrap(), ServiceName::parse("web").unwrap());
    (cluster, service, TaskSetId::parse("ecs-svc/18").unwrap())
}

fn spec() -> TaskSetSpec {
    TaskSetSpec {
        task_definition: TaskDefinition::parse(DEFINITION).unwrap(),
        container: ContainerName::parse("web").unwrap(),
        port: 8080,
        platform_version: None,
        network: None,
        capacity: None,
        registries: Vec::new(),
    }
}

async fn made(spec: &TaskSetSpec, id: &str) -> Value {
    let service = Service::answering(|_| fine(json!({"taskSet": {"id": "ecs-svc/18", "status": "ACTIVE"}})));
    let (cluster, name, expected) = place();
    let (group, id) = (TargetGroupArn::parse(GREEN).unwrap(), DeploymentId::parse(id).unwrap());
    let made = account(&service.config).create_task_set(&cluster, &name, &group, spec, &id).await;
    assert_eq!(made, Ok(expected));
    let sent = service.sent().remove(0);
    assert_eq!(sent.operation, "CreateTaskSet");
    sent.body
}

#[tokio::test]
async fn a_task_set_is_made_whole_behind_its_target_group_and_under_the_deployments_id() {
    let expected = json!({
        "cluster": "shop",
        "service": "web",
        "clientToken": "d-ABC",
        "externalId": "d-ABC",
        "taskDefinition": DEFINITION,
        "scale": {"value": 100.0, "unit": "PERCENT"},
        "loadBalancers": [{"targetGroupArn": GREEN, "containerName": "web", "containerPort": 8080}],
        "tags": [{"key": "tideshift", "value": "enabled"}],
    });
    assert_eq!(made(&spec(), "d-ABC").await, expected, "what nobody chose is left to ECS");
}

#[tokio::test]
async fn a_task_set_gets_its_network_its_place_and_its_registries() {
    let network = Network { subnets: vec!["subnet-1".to_owned()], security_groups: vec![], public_ip: false };
    let arn = "arn:aws:servicediscovery:eu-central-1:123456789012:service/srv-1";
    let registry = Registry { arn: arn.to_owned(), port: None, container: None, container_port: None };
    let srv = Registry { port: Some(9000), ..registry.clone() };
    let spec = TaskSetSpec {
        platform_version: Some("1.4.0".to_owned()),
        network: Some(network),
        capacity: Some(Capacity::LaunchType("FARGATE".to_owned())),
        registries: vec![registry, srv],
        ..spec()
    };
    let sent = made(&spec, "d-ABC").await;
    assert_eq!((&sent["launchType"], &sent["platformVersion"]), (&json!("FARGATE"), &json!("1.4.0")));
    let awsvpc = json!({"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "DISABLED"}});
    assert_eq!(sent["networkConfiguration"], awsvpc);
    assert_eq!(sent["serviceRegistries"], json!([{"registryArn": arn}, {"registryArn": arn, "port": 9000}]));
}

#[tokio::test]
async fn a_strategy_goes_without_a_launch_type() {
    let provider = CapacityProvider { provider: "FARGATE_SPOT".to_owned(), base: 1, weight: 3 };
    let sent = made(&TaskSetSpec { capacity: Some(Capacity::Providers(vec![provider])), ..spec() }, "d-ABC").await;
    let strategy = json!([{"capacityProvider": "FARGATE_SPOT", "base": 1, "weight": 3}]);
    assert_eq!((&sent["capacityProviderStrategy"], &sent["launchType"]), (&strategy, &Value::Null));
}

#[tokio::test]
async fn a_long_id_becomes_a_token_that_fits_and_is_the_same_every_time() {
    let token = async |id: &str| {
        let sent = made(&spec(), id).await;
        assert_eq!(sent["externalId"], id, "which is not cut");
        sent["clientToken"].as_str().unwrap().to_owned()
    };
    let (fits, long, other) = ("d".repeat(36), "d".repeat(37), "d".repeat(38));
    assert_eq!(token(&fits).await, fits);
    assert_eq!(token(&long).await.len(), 36);
    assert_eq!(token(&long).await, token(&long).await);
    assert_ne!(token(&long).await, token(&other).await, "also where only the end differs");
}

#[tokio::test]
async fn a_task_set_is_promoted_emptied_and_deleted_by_its_id() {
    let service = Service::answering(|_| fine(json!({})));
    let services = account(&service.config);
    let (cluster, name, set) = place();
    services.promote(&cluster, &name, &set).await.unwrap();
    services.scale_to_zero(&cluster, &name, &set).await.unwrap();
    services.delete_task_set(&cluster, &name, &set, Deletion::Empty).await.unwrap();
    services.delete_task_set(&cluster, &name, &set, Deletion::Forced).await.unwrap();
    let place = |mut more: Value| {
        more["cluster"] = json!("shop");
        more["service"] = json!("web");
        more
    };
    let sent = service.sent();
    let sent: Vec<_> = sent.iter().map(|sent| (sent.operation.as_str(), sent.body.clone())).collect();
    let nothing = json!({"value": 0.0, "unit": "PERCENT"});
    assert_eq!(
        sent,
        [
            ("UpdateServicePrimaryTaskSet", place(json!({"primaryTaskSet": "ecs-svc/18"}))),
            ("UpdateTaskSet", place(json!({"taskSet": "ecs-svc/18", "scale": nothing}))),
            ("DeleteTaskSet", place(json!({"taskSet": "ecs-svc/18"}))),
            ("DeleteTaskSet", place(json!({"taskSet": "ecs-svc/18", "force": true}))),
        ]
    );
}

#[tokio::test]
async fn a_task_set_that_is_gone_is_missing() {
    let service = Service::answering(|_| error(400, "TaskSetNotFoundException"));
    let services = account(&service.config);
    let (cluster, name, set) = place();
    for answer in [
        services.promote(&cluster, &name, &set).await,
        services.scale_to_zero(&cluster, &name, &set).await,
        services.delete_task_set(&cluster, &name, &set, Deletion::Empty).await,
    ] {
        assert!(matches!(answer, Err(PortError::Missing(_))), "{answer:?}");
    }
}
