//! A service for the tests: `web` in the cluster `shop`, whose primary task set has the traffic of `web-1`.

use crate::alarms::Readings;
use crate::appspec::{AppSpec, NamedStrategy, Resource};
use crate::deployment::{Change, Deployment};
use crate::facts::{Facts, TargetFacts};
use crate::ids::{
    ClusterName, ContainerName, DeploymentId, ListenerArn, RouteId, ServiceName, TargetGroupArn, TargetGroupName,
    TaskDefinition, TaskSetId,
};
use crate::plan::Plan;
use crate::planner::plan;
use crate::platform::Platform;
use crate::request::{Labels, Request};
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::service::live::{Listener, LiveService, Role, Route, TargetGroup, TaskSet};
use crate::service::preflight::{DefinitionFacts, Ports, ServiceFacts, ServiceFound};
use crate::service::reach::{Reach, Within};
use crate::service::{Capacity, Network, ServiceAddress, TargetService};
use crate::weight::Weight;

/// The ARN of a target group.
pub(crate) fn group(name: &str) -> TargetGroupArn {
    let arn = format!("arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/{name}/0123456789abcdef");
    TargetGroupArn::parse(&arn).unwrap()
}

/// The target group that has the traffic.
pub(crate) fn blue() -> TargetGroupArn {
    group("web-1")
}

/// The target group that is to have it.
pub(crate) fn green() -> TargetGroupArn {
    group("web-2")
}

/// A listener of the load balancer, by its last part.
pub(crate) fn listener(last: &str) -> ListenerArn {
    let arn = format!("arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/1/{last}");
    ListenerArn::parse(&arn).unwrap()
}

/// A task definition.
pub(crate) fn definition(short: &str) -> TaskDefinition {
    TaskDefinition::parse(&format!("arn:aws:ecs:eu-west-1:111122223333:task-definition/{short}")).unwrap()
}

/// A part of the traffic on green.
pub(crate) fn on_green(percent: u8) -> Routing {
    Routing::shifted(blue(), green(), Weight::clamped(percent))
}

/// The deployment that the tests are about.
pub(crate) fn deployment_id() -> DeploymentId {
    DeploymentId::parse("d-SERVICE").unwrap()
}

/// A deployment to the service that has begun.
pub(crate) fn a_service_deployment() -> Deployment {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let mut deployment = Deployment::new(deployment_id(), Platform::Ecs, Labels::default(), now);
    deployment.apply(Change::Begin, now).unwrap();
    deployment
}

/// A task set of two tasks that is well, with the number of its id.
pub(crate) fn a_task_set(number: u32, role: Role, group: TargetGroupArn) -> TaskSet {
    TaskSet {
        id: TaskSetId::parse(&format!("ecs-svc/{number}")).unwrap(),
        external_id: None,
        role,
        task_definition: definition("web:6"),
        target_group: Some(group),
        scale: 100,
        desired: 2,
        running: 2,
        pending: 0,
        steady: true,
        network: Some(Network {
            subnets: vec!["subnet-1".to_owned()],
            security_groups: vec!["sg-1".to_owned()],
            public_ip: false,
        }),
        capacity: Some(Capacity::LaunchType("FARGATE".to_owned())),
        platform_version: Some("1.4.0".to_owned()),
        registries: Vec::new(),
    }
}

/// The task set that the deployment made.
pub(crate) fn a_green_task_set() -> TaskSet {
    TaskSet {
        external_id: Some(deployment_id().to_string()),
        task_definition: definition("web:7"),
        ..a_task_set(2, Role::Active, green())
    }
}

/// A place where a listener forwards.
pub(crate) fn a_route(id: &str, forwards: &[(TargetGroupArn, u32)]) -> Route {
    Route { id: RouteId::parse(id).unwrap(), forwards: forwards.to_vec(), sticky: None }
}

/// A request to deploy `web:7` to the service, with nothing special about it.
pub(crate) fn a_service_request() -> Request {
    Request {
        appspec: AppSpec {
            resource: Resource::Service(Box::new(TargetService {
                task_definition: definition("web:7"),
                container: ContainerName::parse("web").unwrap(),
                port: 8080,
                platform_version: None,
                network: None,
                capacity: None,
                place: None,
            })),
            hooks: Default::default(),
            strategy: None,
            warm: None,
        },
        place: Some(a_place()),
        ..super::a_request()
    }
}

/// Where the service is.
pub(crate) fn a_place() -> ServiceAddress {
    ServiceAddress {
        cluster: ClusterName::parse("shop").unwrap(),
        service: ServiceName::parse("web").unwrap(),
        target_groups: ["web-1", "web-2"].map(|name| TargetGroupName::parse(name).unwrap()),
        production: listener("2"),
        test: Some(listener("3")),
    }
}

/// What a request wants of its service.
pub(crate) fn wanted(request: &mut Request) -> &mut TargetService {
    match &mut request.appspec.resource {
        Resource::Service(service) => service,
        Resource::Alias(alias) => panic!("{alias:?}"),
    }
}

/// A world in which the service is in order and may be deployed to.
pub(crate) fn service_facts() -> Facts {
    let route = |listener: &str| a_route(listener, &[(blue(), 100), (green(), 0)]);
    let listening = |last: &str| Listener { arn: listener(last), routes: vec![route(last)] };
    let target_group = |arn| Some(TargetGroup { arn, kind: "ip".to_owned(), sticky: false });
    Facts {
        target: TargetFacts::Service(Box::new(ServiceFacts {
            place: Some(a_place()),
            service: ServiceFound::Live(LiveService {
                controller: "EXTERNAL".to_owned(),
                active: true,
                desired: 2,
                task_sets: vec![a_task_set(1, Role::Primary, blue())],
                said: Vec::new(),
            }),
            definition: Some(DefinitionFacts {
                arn: definition("web:7"),
                active: true,
                awsvpc: true,
                containers: vec![("web".to_owned(), Ports::tcp(vec![8080])), ("log".to_owned(), Ports::default())],
                fit_for: ["EC2", "FARGATE", "EXTERNAL"].map(str::to_owned).to_vec(),
            }),
            groups: [target_group(blue()), target_group(green())],
            production: Some(listening("2")),
            test: Some(listening("3")),
            reach: Some(Reach { service: None, listeners: Within::Names(vec!["*".to_owned()]) }),
        })),
        hooks: Default::default(),
        grants: "*=/*".parse().unwrap(),
        readable: crate::grants::Readable::under("/*"),
        missing: Default::default(),
        alarms: Readings::Read(Default::default()),
        holder: None,
        leftover: None,
        poll: Seconds(60),
    }
}

/// What is known of the service and what is around it.
pub(crate) fn found(facts: &mut Facts) -> &mut ServiceFacts {
    match &mut facts.target {
        TargetFacts::Service(found) => found,
        TargetFacts::Alias { alias, .. } => panic!("{alias:?}"),
    }
}

/// The service as it is.
pub(crate) fn live(facts: &mut Facts) -> &mut LiveService {
    match &mut found(facts).service {
        ServiceFound::Live(live) => live,
        other => panic!("{other:?}"),
    }
}

/// The places where the production listener forwards.
pub(crate) fn routes(facts: &mut Facts) -> &mut Vec<Route> {
    &mut found(facts).production.as_mut().unwrap().routes
}

/// A plan for the service, by a strategy's name.
pub(crate) fn a_service_plan(strategy: &str) -> Plan {
    let mut request = a_service_request();
    request.strategy = Some(NamedStrategy::named(strategy, Platform::Ecs).unwrap());
    plan(&request, &service_facts()).unwrap()
}
