//! Services, task sets and tasks as ECS shows them, in our words.

use aws_sdk_ecs::primitives::DateTime;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, ContainerDefinition, LoadBalancer,
    NetworkConfiguration, Service, ServiceRegistry, StabilityStatus, Tag, Task, TransportProtocol,
};
use jiff::Timestamp;
use rollout::ids::{TargetGroupArn, TaskDefinition, TaskSetId};
use rollout::service::live::{LiveService, Role, Said, TaskSet};
use rollout::service::preflight::Ports;
use rollout::service::reach::Tagged;
use rollout::service::{Capacity, CapacityProvider, Network, Registry};
use steps::ports::PortError;

use crate::account::TAG;
use crate::failure::unreadable;

pub(super) fn tagged(arn: Option<&str>, tags: &[Tag]) -> Tagged {
    let is_enabled = tags.iter().any(|tag| (tag.key(), tag.value()) == (Some(TAG.0), Some(TAG.1)));
    Tagged { arn: arn.unwrap_or_default().to_owned(), is_enabled }
}

/// The ports a container listens on, each once: one port may be mapped for TCP and for UDP.
pub(super) fn ports(container: &ContainerDefinition) -> Ports {
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

pub(super) fn live(service: &Service) -> Result<LiveService, PortError> {
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

pub(super) fn told(at: Option<&DateTime>, message: String) -> Option<Said> {
    Some(Said { at: Timestamp::from_millisecond(at?.to_millis().ok()?).ok()?, message })
}

/// Why a task stopped: ECS's reason, and which of its containers had one of its own.
pub(super) fn why_it_stopped(task: &Task) -> String {
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

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or_default()
}
