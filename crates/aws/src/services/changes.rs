//! What changes a service: task sets made, promoted, scaled and deleted.

use aws_config::retry::RetryConfig;
use aws_sdk_ecs::types::{
    AssignPublicIp, AwsVpcConfiguration, CapacityProviderStrategyItem, LaunchType, LoadBalancer, NetworkConfiguration,
    Scale, ScaleUnit, ServiceRegistry, Tag,
};
use rollout::ids::{ClusterName, DeploymentId, ServiceName, TargetGroupArn, TaskSetId};
use rollout::service::clear::Deletion;
use rollout::service::{Capacity, CapacityProvider, Network, Registry, TaskSetSpec};
use steps::ports::{CreateTaskSets, DeleteTaskSets, EmptyTaskSets, PortError, PromoteTaskSets, RestoreTaskSets};

use super::refused;
use crate::account::{Account, TAG};
use crate::failure::unreadable;

/// What changes a service is sent once. A call that was not answered may be carried out after the next one: whoever does not hear
/// of it looks again before anything else is asked for, and looks for what may still come.
fn once() -> aws_sdk_ecs::config::Builder {
    aws_sdk_ecs::Config::builder().retry_config(RetryConfig::disabled())
}

fn percents(value: f64) -> Scale {
    Scale::builder().value(value).unit(ScaleUnit::Percent).build()
}

impl Account {
    async fn scale(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
        percent: f64,
    ) -> Result<(), PortError> {
        self.ecs()
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

impl CreateTaskSets for Account {
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
            .ecs()
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

fn service_registry(registry: &Registry) -> ServiceRegistry {
    ServiceRegistry::builder()
        .registry_arn(&registry.arn)
        .set_port(registry.port)
        .set_container_name(registry.container.clone())
        .set_container_port(registry.container_port)
        .build()
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

impl PromoteTaskSets for Account {
    async fn promote(&self, cluster: &ClusterName, service: &ServiceName, set: &TaskSetId) -> Result<(), PortError> {
        self.ecs()
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

impl RestoreTaskSets for Account {
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

impl EmptyTaskSets for Account {
    async fn scale_to_zero(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
    ) -> Result<(), PortError> {
        self.scale(cluster, service, set, 0.0).await
    }
}

impl DeleteTaskSets for Account {
    async fn delete_task_set(
        &self,
        cluster: &ClusterName,
        service: &ServiceName,
        set: &TaskSetId,
        how: Deletion,
    ) -> Result<(), PortError> {
        self.ecs()
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
