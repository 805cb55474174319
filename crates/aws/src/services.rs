//! ECS: services, their task sets and what those run.

use std::error::Error;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_ecs::config::http::HttpResponse;
use aws_sdk_ecs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecs::primitives::DateTime;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, ContainerDefinition, DesiredStatus, LaunchType,
    LoadBalancer, NetworkConfiguration, NetworkMode, Scale, ScaleUnit, Service, ServiceField, ServiceRegistry,
    StabilityStatus, Tag, Task, TaskDefinitionStatus, TaskSetField, TransportProtocol,
};
use futures_util::future::join;
use jiff::Timestamp;
use rollout::ids::{ClusterName, DeploymentId, ServiceName, TargetGroupArn, TaskDefinition, TaskSetId};
use rollout::service::clear::Deletion;
use rollout::service::live::{LiveService, Role, Said, TaskSet};
use rollout::service::preflight::{DefinitionFacts, Ports, ServiceFound};
use rollout::service::reach::{ServiceTags, Tagged};
use rollout::service::{Capacity, CapacityProvider, Network, Registry, TaskSetSpec};
use steps::ports::{CreateTaskSets, PortError, PromoteTaskSets, ReadServices, RemoveTaskSets, RestoreTaskSets};

use crate::TAG;
use crate::failure::{port_error, unreadable};

/// The services of this account and region.
#[derive(Debug, Clone)]
pub struct Services(aws_sdk_ecs::Client);

impl Services {
    /// With the function's credentials.
    pub fn new(config: &SdkConfig) -> Self {
        Self(aws_sdk_ecs::Client::new(config))
    }

    async fn scale(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
        percent: f64,
    ) -> Result<(), PortError> {
        self.0
            .update_task_set()
            .cluster(cluster.as_str())
            .service(service.as_str())
            .task_set(set.as_str())
            .scale(percents(percent))
            .customize()
            .config_override(once())
            .send()
            .await
            .map(drop)
            .map_err(|error| refused("UpdateTaskSet", error))
    }
}

/// What changes a service is sent once. A call that was not answered may be carried out after the next one: whoever does not hear
/// of it looks again before anything else is asked for, and looks for what may still come.
fn once() -> aws_sdk_ecs::config::Builder {
    aws_sdk_ecs::Config::builder().retry_config(RetryConfig::disabled())
}

/// So many stopped tasks are asked for: as many as ECS describes at once.
const LAST_TASKS: i32 = 100;

/// What ECS calls a limit does not go away by waiting, as it does where other services use the word (docs/aws-realities.md 6).
fn refused<E>(call: &str, error: SdkError<E, HttpResponse>) -> PortError
where
    E: Error + ProvideErrorMetadata + Send + Sync + 'static,
{
    let code = error.as_service_error().and_then(|answer| answer.code());
    let limit = code == Some("LimitExceededException");
    match port_error(call, error) {
        PortError::Passing(message) if limit => PortError::Denied(message),
        other => other,
    }
}

fn percents(value: f64) -> Scale {
    Scale::builder().value(value).unit(ScaleUnit::Percent).build()
}

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}

impl ReadServices for Services {
    async fn service(&self, cluster: &ClusterName, service: &ServiceName) -> Result<ServiceFound, PortError> {
        // Carries the task sets as DescribeTaskSets would give them, so one call is enough.
        let read = self.0.describe_services().cluster(cluster.as_str()).services(service.as_str()).send().await;
        let gone = |error: &SdkError<_, _>| {
            error.as_service_error().is_some_and(
                aws_sdk_ecs::operation::describe_services::DescribeServicesError::is_cluster_not_found_exception,
            )
        };
        let read = match read {
            Err(error) if gone(&error) => return Ok(ServiceFound::NoCluster),
            read => read.map_err(|error| refused("DescribeServices", error))?,
        };
        if let Some(service) = read.services().first() {
            return live(service).map(ServiceFound::Live);
        }
        let failure = read.failures().iter().find_map(|failure| failure.reason().filter(|reason| *reason != "MISSING"));
        match failure {
            Some(reason) => Err(PortError::Denied(format!("DescribeServices: {service}: {reason}"))),
            None => Ok(ServiceFound::NoService),
        }
    }

    async fn tags(&self, cluster: &ClusterName, service: &ServiceName) -> Result<ServiceTags, PortError> {
        let services = self.0.describe_services().cluster(cluster.as_str()).services(service.as_str());
        let services = services.include(ServiceField::Tags).send();
        let sets = self.0.describe_task_sets().cluster(cluster.as_str()).service(service.as_str());
        let (services, sets) = join(services, sets.include(TaskSetField::Tags).send()).await;
        let services = services.map_err(|error| refused("DescribeServices", error))?;
        let sets = sets.map_err(|error| refused("DescribeTaskSets", error))?;
        let found = services.services().first();
        let found =
            found.ok_or_else(|| PortError::Conflict(format!("DescribeServices: {service} is not there any more")))?;
        let named = |set: &aws_sdk_ecs::types::TaskSet| {
            let id = TaskSetId::parse(set.id().unwrap_or_default())
                .map_err(|error| unreadable("DescribeTaskSets", error))?;
            Ok((id, tagged(set.task_set_arn(), set.tags())))
        };
        Ok(ServiceTags {
            service: tagged(found.service_arn(), found.tags()),
            task_sets: sets.task_sets().iter().map(named).collect::<Result<_, PortError>>()?,
        })
    }

    async fn stopped(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        definition: &TaskDefinition,
    ) -> Result<Vec<Said>, PortError> {
        let stopped = self.0.list_tasks().cluster(cluster.as_str()).service_name(service.as_str());
        let stopped = stopped.desired_status(DesiredStatus::Stopped).max_results(LAST_TASKS).send().await;
        let stopped = stopped.map_err(|error| refused("ListTasks", error))?.task_arns.unwrap_or_default();
        if stopped.is_empty() {
            return Ok(Vec::new());
        }
        let tasks = self.0.describe_tasks().cluster(cluster.as_str()).set_tasks(Some(stopped)).send().await;
        let tasks = tasks.map_err(|error| refused("DescribeTasks", error))?;
        let of_it = tasks.tasks().iter().filter(|task| task.task_definition_arn() == Some(definition.as_str()));
        Ok(of_it.filter_map(|task| told(task.stopped_at(), why_it_stopped(task))).collect())
    }

    async fn definition(&self, definition: &TaskDefinition) -> Result<Option<DefinitionFacts>, PortError> {
        let read = self.0.describe_task_definition().task_definition(definition.as_str()).send().await;
        let read = match read {
            // There is no code of its own for one that does not exist.
            Err(error) if says(&error, "ClientException", "Unable to describe task definition") => return Ok(None),
            read => read.map_err(|error| refused("DescribeTaskDefinition", error))?,
        };
        let Some(found) = read.task_definition() else { return Ok(None) };
        let arn = found.task_definition_arn().unwrap_or_default();
        Ok(Some(DefinitionFacts {
            arn: TaskDefinition::parse(arn).map_err(|error| unreadable("DescribeTaskDefinition", error))?,
            active: found.status() == Some(&TaskDefinitionStatus::Active),
            awsvpc: found.network_mode() == Some(&NetworkMode::Awsvpc),
            containers: found
                .container_definitions()
                .iter()
                .map(|container| (container.name().unwrap_or_default().to_owned(), ports(container)))
                .collect(),
            fit_for: found.compatibilities().iter().map(|kind| kind.as_str().to_owned()).collect(),
        }))
    }
}

fn tagged(arn: Option<&str>, tags: &[Tag]) -> Tagged {
    let is_enabled = tags.iter().any(|tag| (tag.key(), tag.value()) == (Some(TAG.0), Some(TAG.1)));
    Tagged { arn: arn.unwrap_or_default().to_owned(), is_enabled }
}

fn says<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>, code: &str, message: &str) -> bool {
    error.as_service_error().is_some_and(|answer| {
        answer.code() == Some(code) && answer.message().is_some_and(|said| said.starts_with(message))
    })
}

/// The ports a container listens on, each once: one port may be mapped for TCP and for UDP.
fn ports(container: &ContainerDefinition) -> Ports {
    let mut ports = Ports::default();
    for mapping in container.port_mappings() {
        let port = mapping.container_port().and_then(|port| u16::try_from(port).ok());
        // ECS says `tcp` where nobody says anything.
        let of_protocol = match mapping.protocol() {
            Some(TransportProtocol::Udp) => &mut ports.udp,
            _ => &mut ports.tcp,
        };
        of_protocol.extend(port.filter(|port| !of_protocol.contains(port)));
    }
    ports
}

fn live(service: &Service) -> Result<LiveService, PortError> {
    Ok(LiveService {
        controller: service.deployment_controller().map_or("ECS", |it| it.r#type().as_str()).to_owned(),
        active: service.status() == Some("ACTIVE"),
        desired: count(service.desired_count()),
        task_sets: service.task_sets().iter().map(task_set).collect::<Result<_, _>>()?,
        said: service
            .events()
            .iter()
            .filter_map(|event| told(event.created_at(), event.message()?.to_owned()))
            .collect(),
    })
}

fn told(at: Option<&DateTime>, message: String) -> Option<Said> {
    Some(Said { at: Timestamp::from_millisecond(at?.to_millis().ok()?).ok()?, message })
}

/// Why a task stopped: ECS's reason, and which of its containers had one of its own.
fn why_it_stopped(task: &Task) -> String {
    let containers = task.containers().iter();
    let ended = containers.filter_map(|container| {
        let exit = container.exit_code().filter(|code| *code != 0).map(|code| format!("exit code {code}"));
        let why = container.reason().map(ToOwned::to_owned).or(exit)?;
        Some(format!("container {}: {why}", container.name().unwrap_or_default()))
    });
    task.stopped_reason().map(ToOwned::to_owned).into_iter().chain(ended).collect::<Vec<_>>().join("; ")
}

fn task_set(set: &aws_sdk_ecs::types::TaskSet) -> Result<TaskSet, PortError> {
    const CALL: &str = "DescribeServices";
    let role = match set.status() {
        Some("PRIMARY") => Role::Primary,
        Some("ACTIVE") => Role::Active,
        Some("DRAINING") => Role::Draining,
        other => return Err(unreadable(CALL, format_args!("a task set is {}", other.unwrap_or("nothing")))),
    };
    let group = set.load_balancers().iter().find_map(LoadBalancer::target_group_arn);
    Ok(TaskSet {
        id: TaskSetId::parse(set.id().unwrap_or_default()).map_err(|error| unreadable(CALL, error))?,
        external_id: set.external_id().map(ToOwned::to_owned),
        role,
        task_definition: TaskDefinition::parse(set.task_definition().unwrap_or_default())
            .map_err(|error| unreadable(CALL, error))?,
        target_group: group.map(TargetGroupArn::parse).transpose().map_err(|error| unreadable(CALL, error))?,
        // Whole percents are all that anybody sets; the cast keeps within 0 to 255.
        scale: set.scale().map_or(0, |scale| scale.value().round() as u8),
        desired: count(set.computed_desired_count()),
        running: count(set.running_count()),
        pending: count(set.pending_count()),
        steady: set.stability_status() == Some(&StabilityStatus::SteadyState),
        network: set.network_configuration().and_then(NetworkConfiguration::awsvpc_configuration).map(network),
        platform_version: set.platform_version().map(ToOwned::to_owned),
        capacity: capacity(set),
        registries: set.service_registries().iter().filter_map(registry).collect(),
    })
}

fn registry(found: &ServiceRegistry) -> Option<Registry> {
    Some(Registry {
        arn: found.registry_arn()?.to_owned(),
        port: found.port(),
        container: found.container_name().map(ToOwned::to_owned),
        container_port: found.container_port(),
    })
}

fn service_registry(registry: &Registry) -> ServiceRegistry {
    ServiceRegistry::builder()
        .registry_arn(&registry.arn)
        .set_port(registry.port)
        .set_container_name(registry.container.clone())
        .set_container_port(registry.container_port)
        .build()
}

fn network(network: &AwsVpcConfiguration) -> Network {
    Network {
        subnets: network.subnets().to_vec(),
        security_groups: network.security_groups().to_vec(),
        public_ip: network.assign_public_ip() == Some(&AssignPublicIp::Enabled),
    }
}

fn capacity(set: &aws_sdk_ecs::types::TaskSet) -> Option<Capacity> {
    let provider = |item: &CapacityProviderStrategyItem| CapacityProvider {
        provider: item.capacity_provider().to_owned(),
        base: count(item.base()),
        weight: count(item.weight()),
    };
    match set.capacity_provider_strategy() {
        [] => set.launch_type().map(|kind| Capacity::LaunchType(kind.as_str().to_owned())),
        items => Some(Capacity::Providers(items.iter().map(provider).collect())),
    }
}

impl CreateTaskSets for Services {
    async fn create_task_set(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        group: &TargetGroupArn,
        spec: &TaskSetSpec,
        id: &DeploymentId,
    ) -> Result<TaskSetId, PortError> {
        const CALL: &str = "CreateTaskSet";
        let balancer = LoadBalancer::builder()
            .target_group_arn(group.as_str())
            .container_name(spec.container.as_str())
            .container_port(i32::from(spec.port))
            .build();
        let registries = spec.registries.iter().map(service_registry).collect();
        let (launch_type, strategy) = match &spec.capacity {
            None => (None, None),
            Some(Capacity::LaunchType(kind)) => (Some(LaunchType::from(kind.as_str())), None),
            Some(Capacity::Providers(providers)) => {
                (None, Some(providers.iter().map(strategy_item).collect::<Result<_, _>>()?))
            }
        };
        let made = self
            .0
            .create_task_set()
            .cluster(cluster.as_str())
            .service(service.as_str())
            .client_token(client_token(id))
            .external_id(id.as_str())
            .task_definition(spec.task_definition.as_str())
            .scale(percents(100.0))
            .load_balancers(balancer)
            .set_launch_type(launch_type)
            .set_capacity_provider_strategy(strategy)
            .set_platform_version(spec.platform_version.clone())
            .set_network_configuration(spec.network.as_ref().map(awsvpc).transpose()?)
            // What the roles of a stack that is limited to tagged resources ask for, now and when the set is removed.
            .tags(Tag::builder().key(TAG.0).value(TAG.1).build())
            .set_service_registries(Some(registries).filter(|registries: &Vec<_>| !registries.is_empty()))
            .customize()
            .config_override(once())
            .send()
            .await
            .map_err(|error| refused(CALL, error))?;
        let id = made.task_set().and_then(|set| set.id()).unwrap_or_default();
        TaskSetId::parse(id).map_err(|error| unreadable(CALL, error))
    }
}

fn strategy_item(provider: &CapacityProvider) -> Result<CapacityProviderStrategyItem, PortError> {
    CapacityProviderStrategyItem::builder()
        .capacity_provider(&provider.provider)
        .base(i32::try_from(provider.base).unwrap_or(i32::MAX))
        .weight(i32::try_from(provider.weight).unwrap_or(i32::MAX))
        .build()
        .map_err(|error| PortError::Denied(error.to_string()))
}

fn awsvpc(network: &Network) -> Result<NetworkConfiguration, PortError> {
    let public_ip = if network.public_ip { AssignPublicIp::Enabled } else { AssignPublicIp::Disabled };
    let awsvpc = AwsVpcConfiguration::builder()
        .set_subnets(Some(network.subnets.clone()))
        // Without any, those of the VPC apply.
        .set_security_groups(Some(network.security_groups.clone()).filter(|groups| !groups.is_empty()))
        .assign_public_ip(public_ip)
        .build()
        .map_err(|error| PortError::Denied(error.to_string()))?;
    Ok(NetworkConfiguration::builder().awsvpc_configuration(awsvpc).build())
}

/// The most characters a client token has.
const MAX_TOKEN: usize = 36;

/// The deployment's id; of a longer one its beginning and a digest of all of it, so that it is the same every time.
fn client_token(id: &DeploymentId) -> String {
    let id = id.as_str();
    if id.len() <= MAX_TOKEN {
        return id.to_owned();
    }
    // FNV-1a, 64 bits: no secret, only spread.
    let digest = id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    let beginning: String = id.chars().take(MAX_TOKEN - 17).collect();
    format!("{beginning}-{digest:016x}")
}

impl PromoteTaskSets for Services {
    async fn promote(&self, cluster: &ClusterName, service: &ServiceName, set: &TaskSetId) -> Result<(), PortError> {
        self.0
            .update_service_primary_task_set()
            .cluster(cluster.as_str())
            .service(service.as_str())
            .primary_task_set(set.as_str())
            .customize()
            .config_override(once())
            .send()
            .await
            .map(drop)
            .map_err(|error| refused("UpdateServicePrimaryTaskSet", error))
    }
}

impl RestoreTaskSets for Services {
    async fn scale_up(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
        percent: u8,
    ) -> Result<(), PortError> {
        self.scale(cluster, service, set, percent.into()).await
    }
}

impl RemoveTaskSets for Services {
    async fn scale_to_zero(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
    ) -> Result<(), PortError> {
        self.scale(cluster, service, set, 0.0).await
    }

    async fn delete_task_set(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
        how: Deletion,
    ) -> Result<(), PortError> {
        self.0
            .delete_task_set()
            .cluster(cluster.as_str())
            .service(service.as_str())
            .task_set(set.as_str())
            .set_force((how == Deletion::Forced).then_some(true))
            .customize()
            .config_override(once())
            .send()
            .await
            .map(drop)
            .map_err(|error| refused("DeleteTaskSet", error))
    }
}
