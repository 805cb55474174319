//! Deployment configurations.

use crate::time::Time;

shapes! {
    /// DeploymentConfigInfo.
    DeploymentConfigInfo {
        deployment_config_id: String,
        deployment_config_name: String,
        minimum_healthy_hosts: MinimumHealthyHosts,
        create_time: Time,
        compute_platform: String,
        traffic_routing_config: TrafficRoutingConfig,
        zonal_config: ZonalConfig,
    }

    /// MinimumHealthyHosts, and MinimumHealthyHostsPerZone, which has the same members.
    MinimumHealthyHosts {
        #[serde(rename = "type")]
        kind: String,
        value: i64,
    }

    /// TrafficRoutingConfig.
    TrafficRoutingConfig {
        #[serde(rename = "type")]
        kind: String,
        time_based_canary: TimeBasedCanary,
        time_based_linear: TimeBasedLinear,
    }

    /// TimeBasedCanary.
    TimeBasedCanary {
        canary_percentage: i64,
        canary_interval: i64,
    }

    /// TimeBasedLinear.
    TimeBasedLinear {
        linear_percentage: i64,
        linear_interval: i64,
    }

    /// ZonalConfig.
    ZonalConfig {
        first_zone_monitor_duration_in_seconds: i64,
        monitor_duration_in_seconds: i64,
        minimum_healthy_hosts_per_zone: MinimumHealthyHosts,
    }

    /// CreateDeploymentConfig.
    CreateDeploymentConfigInput {
        deployment_config_name: String,
        minimum_healthy_hosts: MinimumHealthyHosts,
        traffic_routing_config: TrafficRoutingConfig,
        compute_platform: String,
        zonal_config: ZonalConfig,
    }

    /// GetDeploymentConfig and DeleteDeploymentConfig.
    DeploymentConfigNameInput {
        deployment_config_name: String,
    }
}
