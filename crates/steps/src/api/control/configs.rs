//! Deployment configurations. The predefined ones are there without being created, and custom ones never change (docs/codedeploy-contract.md 4.2).

use codedeploy::call;
use codedeploy::error::{ApiError, Code};
use codedeploy::names::CONFIG;
use codedeploy::shapes::{
    CreateDeploymentConfigInput, DeploymentConfigInfo, DeploymentConfigNameInput, DeploymentGroupInfo,
    ListApplicationsInput, MinimumHealthyHosts, TrafficRoutingConfig, ZonalConfig,
};
use codedeploy::time::Time;
use codedeploy::values;
use rollout::strategy::PREDEFINED;
use serde_json::{Value, json};

use super::ControlPlane;
use crate::answering::failed;
use crate::api::page;
use crate::configs::{self, PREFIX};
use crate::ports::{Clock, Ids, Kept, Listing, ReadCatalogue, ReadRequests, Records, Referred, Shelf, WriteCatalogue};

impl<P: Clock + Records + Ids + Listing + ReadCatalogue + ReadRequests + WriteCatalogue> ControlPlane<'_, P> {
    pub(super) async fn create_config(&self, body: &Value) -> Result<Value, ApiError> {
        let input: CreateDeploymentConfigInput = call::input(body)?;
        let name = CONFIG.read(input.deployment_config_name.as_deref())?;
        if configs::predefined(name).is_none() && name.starts_with(PREFIX) {
            let message =
                format!("a name that begins with {PREFIX} is CodeDeploy's: call the configuration something else");
            return Err(ApiError::new(Code::InvalidDeploymentConfigNameException, message));
        }
        let platform = input.compute_platform.as_deref().unwrap_or("Server");
        values::COMPUTE_PLATFORM.checked(platform, Code::InvalidComputePlatformException)?;
        if platform == "Server" {
            for_hosts(&input)?;
        } else {
            self.for_traffic(&input, platform)?;
        }
        let key = Shelf::Configs.key(name);
        if configs::find(self.ports, name).await.map_err(failed)?.is_some() {
            return Err(taken(name));
        }
        let most = self.settings.quotas.configs;
        let code = Code::DeploymentConfigLimitExceededException;
        self.room(&Shelf::Configs, most, code, "deployment configurations").await?;
        let id = self.ports.uuid();
        let info = DeploymentConfigInfo {
            deployment_config_id: Some(id.clone()),
            deployment_config_name: Some(name.to_owned()),
            minimum_healthy_hosts: input.minimum_healthy_hosts,
            create_time: Some(Time(self.ports.now())),
            compute_platform: Some(platform.to_owned()),
            traffic_routing_config: input.traffic_routing_config,
            zonal_config: input.zonal_config,
        };
        self.add(&key, &Kept::new(info, Vec::new()), taken(name)).await?;
        Ok(json!({"deploymentConfigId": id}))
    }

    fn for_traffic(&self, input: &CreateDeploymentConfigInput, platform: &str) -> Result<(), ApiError> {
        let refused =
            |code, what: &str| ApiError::new(code, format!("{what} is for Server, not for {platform}: leave it out"));
        if input.minimum_healthy_hosts.is_some() {
            return Err(refused(Code::InvalidMinimumHealthyHostValueException, "minimumHealthyHosts"));
        }
        if input.zonal_config.is_some() {
            return Err(refused(Code::InvalidZonalDeploymentConfigurationException, "zonalConfig"));
        }
        let invalid = |why: String| ApiError::new(Code::InvalidTrafficRoutingConfigurationException, why);
        let Some(traffic) = &input.traffic_routing_config else {
            return Err(invalid(format!("trafficRoutingConfig is missing, and {platform} deployments move traffic")));
        };
        let strategy = configs::strategy(traffic).map_err(invalid)?;
        let (minutes, most) = (strategy.total().0.div_ceil(60), self.settings.quotas.shift_minutes);
        if minutes > most.unsigned_abs() {
            return Err(invalid(format!("traffic would shift for {minutes} minutes: at most {most} are possible")));
        }
        Ok(())
    }

    pub(super) async fn get_config(&self, body: &Value) -> Result<Value, ApiError> {
        let input: DeploymentConfigNameInput = call::input(body)?;
        let name = CONFIG.read(input.deployment_config_name.as_deref())?;
        let found = configs::find(self.ports, name).await.map_err(failed)?.ok_or_else(|| no_config(name))?;
        Ok(json!({"deploymentConfigInfo": found}))
    }

    /// Predefined and custom ones together, in name order.
    pub(super) async fn list_configs(&self, body: &Value) -> Result<Value, ApiError> {
        const OPERATION: &str = "ListDeploymentConfigs";
        let input: ListApplicationsInput = call::input(body)?;
        let after = page::begins_after(OPERATION, input.next_token.as_deref())?;
        let limit = self.settings.quotas.page;
        let mut names = self.ports.names(&Shelf::Configs, after.as_deref(), limit + 1).await.map_err(failed)?;
        let predefined = PREDEFINED.iter().map(|predefined| predefined.name.to_owned());
        names.extend(predefined.filter(|name| after.as_ref().is_none_or(|after| name > after)));
        names.sort();
        let next = page::cut(OPERATION, &mut names, limit);
        Ok(page::with_token(json!({"deploymentConfigsList": names}), next))
    }

    /// Deleting what is absent succeeds.
    pub(super) async fn delete_config(&self, body: &Value) -> Result<Value, ApiError> {
        let input: DeploymentConfigNameInput = call::input(body)?;
        let name = CONFIG.read(input.deployment_config_name.as_deref())?;
        if configs::predefined(name).is_some() {
            let message = format!("{name} is predefined and cannot be deleted");
            return Err(ApiError::new(Code::InvalidOperationException, message));
        }
        let config = Referred::Config(name.to_owned());
        for referrer in self.ports.referrers(&config).await.map_err(failed)? {
            let uses = |group: &DeploymentGroupInfo| group.deployment_config_name.as_deref() == Some(name);
            if self.group_of(&referrer).await?.is_some_and(|group| uses(&group.info)) {
                let message = format!("the deployment group {referrer} uses {name}");
                return Err(ApiError::new(Code::DeploymentConfigInUseException, message));
            }
            self.ports.unrefer(&config, &referrer).await.map_err(failed)?;
        }
        self.ports.remove(&Shelf::Configs.key(name)).await.map_err(failed)?;
        Ok(json!({}))
    }
}

fn for_hosts(input: &CreateDeploymentConfigInput) -> Result<(), ApiError> {
    if input.traffic_routing_config.as_ref().is_some_and(|traffic| *traffic != TrafficRoutingConfig::default()) {
        let message = "trafficRoutingConfig is for Lambda and ECS: leave it out, or send the computePlatform";
        return Err(ApiError::new(Code::InvalidTrafficRoutingConfigurationException, message));
    }
    let invalid = |why: String| ApiError::new(Code::InvalidMinimumHealthyHostValueException, why);
    let Some(hosts) = &input.minimum_healthy_hosts else {
        return Err(invalid("minimumHealthyHosts is missing, and Server deployments need it".to_owned()));
    };
    healthy(hosts).map_err(invalid)?;
    input.zonal_config.as_ref().map_or(Ok(()), zonal)
}

fn healthy(hosts: &MinimumHealthyHosts) -> Result<(), String> {
    let value = hosts.value.ok_or("a minimum of healthy hosts has no value")?;
    match hosts.kind.as_deref() {
        Some("HOST_COUNT") if value >= 0 => Ok(()),
        Some("FLEET_PERCENT") if (0..=99).contains(&value) => Ok(()),
        Some("HOST_COUNT") => Err(format!("a HOST_COUNT of {value}: write 0 or more")),
        Some("FLEET_PERCENT") => Err(format!("a FLEET_PERCENT of {value}: write 0 to 99")),
        _ => Err("the type of a minimum of healthy hosts is HOST_COUNT or FLEET_PERCENT".to_owned()),
    }
}

fn zonal(zonal: &ZonalConfig) -> Result<(), ApiError> {
    let invalid = |why: String| ApiError::new(Code::InvalidZonalDeploymentConfigurationException, why);
    let durations = [zonal.first_zone_monitor_duration_in_seconds, zonal.monitor_duration_in_seconds];
    if let Some(negative) = durations.into_iter().flatten().find(|seconds| *seconds < 0) {
        return Err(invalid(format!("a monitor duration of {negative} seconds: write 0 or more")));
    }
    zonal.minimum_healthy_hosts_per_zone.as_ref().map_or(Ok(()), |hosts| healthy(hosts).map_err(invalid))
}

/// A refusal of a configuration that does not exist.
pub(super) fn no_config(name: &str) -> ApiError {
    let message = format!("No deployment configuration found for name: {name}");
    ApiError::new(Code::DeploymentConfigDoesNotExistException, message)
}

fn taken(name: &str) -> ApiError {
    let message = format!("A deployment configuration named {name} already exists");
    ApiError::new(Code::DeploymentConfigAlreadyExistsException, message)
}
