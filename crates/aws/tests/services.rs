//! Services and task definitions, as ECS says them.

use rollout::ids::{ClusterName, ServiceName, TaskDefinition};
use rollout::service::live::{LiveService, Role};
use rollout::service::preflight::{DefinitionFacts, Ports, ServiceFound};
use rollout::service::{Capacity, CapacityProvider, Network, Registry};
use serde_json::{Value, json};
use steps::ports::{PortError, ReadServiceFacts, ReadServices};

use crate::wire::{Answer, Service, account, error, fine};

const REGISTRY: &str = "arn:aws:servicediscovery:eu-central-1:123456789012:service/srv-1";
const BLUE: &str = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/blue/0123456789abcdef";

async fn found(answer: Answer) -> Result<ServiceFound, PortError> {
    let service = Service::answering(move |_| answer.clone());
    let (cluster, name) = (ClusterName::parse("shop").unwrap(), ServiceName::parse("web").unwrap());
    let found = account(&service.config).service(&cluster, &name).await;
    let sent = service.sent();
    assert_eq!((sent.len(), sent[0].operation.as_str()), (1, "DescribeServices"), "one call brings the task sets too");
    assert_eq!(sent[0].body, json!({"cluster": "shop", "services": ["web"]}));
    found
}

async fn live(service: Value) -> LiveService {
    let live = match found(fine(json!({"services": [service]}))).await.unwrap() {
        ServiceFound::Live(live) => Some(live),
        ServiceFound::OutOfScope { .. } | ServiceFound::NoCluster | ServiceFound::NoService => None,
    };
    live.unwrap()
}

fn task_set(changed: Value) -> Value {
    let mut set = json!({
        "id": "ecs-svc/17",
        "status": "PRIMARY",
        "taskDefinition": "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:7",
    });
    set.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
    json!({"status": "ACTIVE", "desiredCount": 4, "deploymentController": {"type": "EXTERNAL"}, "taskSets": [set]})
}

#[tokio::test]
async fn a_service_comes_with_its_task_sets_and_all_that_a_new_one_takes_over() {
    let service = live(task_set(json!({
        "externalId": "d-ABC",
        "launchType": "FARGATE",
        "platformVersion": "1.4.0",
        "loadBalancers": [{"targetGroupArn": BLUE, "containerName": "web", "containerPort": 8080}],
        "networkConfiguration": {"awsvpcConfiguration": {
            "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED",
        }},
        "serviceRegistries": [
            {"registryArn": REGISTRY},
            {"registryArn": REGISTRY, "containerName": "web", "containerPort": 9000},
        ],
        "scale": {"value": 50.0, "unit": "PERCENT"},
        "computedDesiredCount": 2,
        "runningCount": 1,
        "pendingCount": 1,
        "stabilityStatus": "STABILIZING",
    })))
    .await;
    assert_eq!((service.controller.as_str(), service.active, service.desired), ("EXTERNAL", true, 4));
    let set = &service.task_sets[0];
    assert_eq!((set.id.as_str(), set.external_id.as_deref(), set.role), ("ecs-svc/17", Some("d-ABC"), Role::Primary));
    assert_eq!(set.task_definition.short(), "web:7");
    assert_eq!(set.target_group.as_ref().map(|group| group.as_str()), Some(BLUE));
    assert_eq!((set.scale, set.desired, set.running, set.pending, set.steady), (50, 2, 1, 1, false));
    let subnets = vec!["subnet-1".to_owned(), "subnet-2".to_owned()];
    assert_eq!(set.network, Some(Network { subnets, security_groups: vec!["sg-1".to_owned()], public_ip: true }));
    assert_eq!(set.capacity, Some(Capacity::LaunchType("FARGATE".to_owned())));
    assert_eq!(set.platform_version.as_deref(), Some("1.4.0"));
    let registry = Registry { arn: REGISTRY.to_owned(), port: None, container: None, container_port: None };
    let srv = Registry { container: Some("web".to_owned()), container_port: Some(9000), ..registry.clone() };
    assert_eq!(set.registries, [registry, srv]);
}

#[tokio::test]
async fn a_task_set_is_steady_only_when_ecs_says_so() {
    for (answer, steady) in [(json!({"stabilityStatus": "STEADY_STATE"}), true), (json!({}), false)] {
        assert_eq!(live(task_set(answer.clone())).await.task_sets[0].steady, steady, "{answer}");
    }
}

#[tokio::test]
async fn a_strategy_of_capacity_providers_stands_before_a_launch_type() {
    let strategy = json!([{"capacityProvider": "FARGATE_SPOT", "base": 1, "weight": 3}]);
    let found = live(task_set(json!({"launchType": "FARGATE", "capacityProviderStrategy": strategy}))).await;
    let provider = CapacityProvider { provider: "FARGATE_SPOT".to_owned(), base: 1, weight: 3 };
    assert_eq!(found.task_sets[0].capacity, Some(Capacity::Providers(vec![provider])));
}

#[tokio::test]
async fn a_service_without_a_controller_is_driven_by_ecs_itself() {
    let found = live(json!({"status": "DRAINING", "desiredCount": 1})).await;
    assert_eq!((found.controller.as_str(), found.active, found.task_sets.len()), ("ECS", false, 0));
    assert!(!live(json!({"status": "INACTIVE", "desiredCount": 0})).await.active);
}

#[tokio::test]
async fn a_task_set_that_makes_no_sense_is_not_guessed_at() {
    for odd in [
        json!({"status": "SOMETHING_NEW"}),
        json!({"id": ""}),
        json!({"taskDefinition": "web"}),
        json!({"loadBalancers": [{"targetGroupArn": "blue"}]}),
    ] {
        let answer = found(fine(json!({"services": [task_set(odd.clone())]}))).await;
        assert!(matches!(&answer, Err(PortError::Denied(why)) if why.contains("oddly")), "{odd}: {answer:?}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_told_apart() {
    assert_eq!(found(error(400, "ClusterNotFoundException")).await, Ok(ServiceFound::NoCluster));
    let missing = json!({"services": [], "failures": [{"arn": "web", "reason": "MISSING"}]});
    assert_eq!(found(fine(missing)).await, Ok(ServiceFound::NoService));
    let other = json!({"services": [], "failures": [{"arn": "web", "reason": "SOMETHING_ELSE"}]});
    assert_eq!(
        found(fine(other)).await,
        Err(PortError::Denied("DescribeServices: web: SOMETHING_ELSE".to_owned())),
        "a failure of another kind does not mean that there is no such service"
    );
}

#[tokio::test]
async fn a_service_and_its_task_sets_are_told_by_their_tag() {
    const ARN: &str = "arn:aws:ecs:eu-central-1:123456789012:service/shop/web";
    const SET: &str = "arn:aws:ecs:eu-central-1:123456789012:task-set/shop/web/ecs-svc";
    let service = Service::answering(|sent| {
        assert_eq!(sent.body["include"], json!(["TAGS"]));
        let tag = |key: &str, value: &str| json!([{"key": key, "value": value}]);
        fine(match sent.operation.as_str() {
            "DescribeServices" => json!({"services": [{"serviceArn": ARN, "tags": tag("tideshift", "enabled")}]}),
            _ => json!({"taskSets": [
                {"id": "ecs-svc/1", "taskSetArn": format!("{SET}/1"), "tags": tag("tideshift", "enabled")},
                {"id": "ecs-svc/2", "taskSetArn": format!("{SET}/2"), "tags": tag("tideshift", "disabled")},
                {"id": "ecs-svc/3", "taskSetArn": format!("{SET}/3")},
            ]}),
        })
    });
    let (cluster, name) = (ClusterName::parse("shop").unwrap(), ServiceName::parse("web").unwrap());
    let tags = account(&service.config).tags(&cluster, &name).await.unwrap();
    assert_eq!((tags.service.arn.as_str(), tags.service.is_enabled), (ARN, true));
    let sets: Vec<_> = tags.task_sets.values().map(|set| (set.arn.as_str(), set.is_enabled)).collect();
    let told = ["1", "2", "3"].map(|number| format!("{SET}/{number}"));
    assert_eq!(sets, [(told[0].as_str(), true), (told[1].as_str(), false), (told[2].as_str(), false)]);
}

async fn definition(answer: Answer) -> Result<Option<DefinitionFacts>, PortError> {
    let service = Service::answering(move |_| answer.clone());
    let asked = TaskDefinition::parse("web:7").unwrap();
    let found = account(&service.config).definition(&asked).await;
    assert_eq!(service.sent()[0].body, json!({"taskDefinition": "web:7"}));
    found
}

#[tokio::test]
async fn a_task_definition_is_read_with_the_ports_of_its_containers() {
    let arn = "arn:aws:ecs:eu-central-1:123456789012:task-definition/web:7";
    let answer = json!({"taskDefinition": {
        "taskDefinitionArn": arn,
        "status": "ACTIVE",
        "networkMode": "awsvpc",
        "compatibilities": ["EC2", "FARGATE"],
        "containerDefinitions": [
            {"name": "web", "portMappings": [
                {"containerPort": 8080, "protocol": "tcp"},
                {"containerPort": 8080, "protocol": "udp"},
                {"containerPort": 9090},
                {"containerPortRange": "7000-7010"},
            ]},
            {"name": "log"},
        ],
    }});
    let expected = DefinitionFacts {
        arn: TaskDefinition::parse(arn).unwrap(),
        active: true,
        awsvpc: true,
        containers: vec![
            ("web".to_owned(), Ports { tcp: vec![8080, 9090], udp: vec![8080] }),
            ("log".to_owned(), Ports::default()),
        ],
        fit_for: vec!["EC2".to_owned(), "FARGATE".to_owned()],
    };
    assert_eq!(definition(fine(answer)).await, Ok(Some(expected)));
    let old = json!({"taskDefinition": {"taskDefinitionArn": arn, "status": "INACTIVE", "networkMode": "bridge"}});
    let old = definition(fine(old)).await.unwrap().unwrap();
    assert_eq!((old.active, old.awsvpc), (false, false));
}

#[tokio::test]
async fn a_task_definition_that_does_not_exist_is_known_by_what_ecs_says() {
    let saying = |message: &str| (400, Some("ClientException"), json!({"message": message}));
    assert_eq!(definition(saying("Unable to describe task definition.")).await, Ok(None));
    assert!(matches!(definition(saying("Something else.")).await, Err(PortError::Denied(_))));
    assert!(definition(error(403, "AccessDeniedException")).await.is_err());
}
