//! Deployment configurations: the predefined ones as the API shows them, and what a custom one means to the core.

use codedeploy::shapes::{
    DeploymentConfigInfo, MinimumHealthyHosts, TimeBasedCanary, TimeBasedLinear, TrafficRoutingConfig,
};
use rollout::seconds::Seconds;
use rollout::strategy::{self, PREDEFINED, Predefined, Rule, Strategy};

use crate::ports::{Kept, PortError, ReadCatalogue, Shelf};

/// What every predefined name begins with, and no custom one.
pub const PREFIX: &str = "CodeDeployDefault.";

/// The configuration of this name: a predefined one or a custom one.
pub async fn find(ports: &impl ReadCatalogue, name: &str) -> Result<Option<DeploymentConfigInfo>, PortError> {
    if let Some(predefined) = predefined(name) {
        return Ok(Some(predefined));
    }
    let kept: Option<Kept<DeploymentConfigInfo>> = ports.find(&Shelf::Configs.key(name)).await?;
    Ok(kept.map(|kept| kept.info))
}

/// A predefined configuration as the API shows it.
pub fn predefined(name: &str) -> Option<DeploymentConfigInfo> {
    let index = PREDEFINED.iter().position(|predefined| predefined.name == name)?;
    let Predefined { name, platform, rule } = &PREDEFINED[index];
    let (hosts, traffic) = match rule {
        Rule::Hosts(hosts) => (Some(wire_hosts(*hosts)), None),
        Rule::Traffic(strategy) => (None, Some(wire_traffic(strategy))),
    };
    Some(DeploymentConfigInfo {
        deployment_config_id: Some(format!("00000000-0000-0000-0000-{:012}", number(index))),
        deployment_config_name: Some((*name).to_owned()),
        minimum_healthy_hosts: hosts,
        compute_platform: Some(platform.as_str().to_owned()),
        traffic_routing_config: traffic,
        ..DeploymentConfigInfo::default()
    })
}

/// The hosted service counts the three for hosts backwards: `OneAtATime` is the first (docs/codedeploy-contract.md 14).
fn number(index: usize) -> usize {
    if index < 3 { 3 - index } else { index + 1 }
}

fn wire_hosts(hosts: strategy::MinimumHealthyHosts) -> MinimumHealthyHosts {
    let (kind, value) = match hosts {
        strategy::MinimumHealthyHosts::HostCount(count) => ("HOST_COUNT", i64::from(count)),
        strategy::MinimumHealthyHosts::FleetPercent(percent) => ("FLEET_PERCENT", i64::from(percent)),
        strategy::MinimumHealthyHosts::MostConcurrency(count) => ("MOST_CONCURRENCY", i64::from(count)),
    };
    MinimumHealthyHosts { kind: Some(kind.to_owned()), value: Some(value) }
}

fn wire_traffic(strategy: &Strategy) -> TrafficRoutingConfig {
    let minutes = |interval: Seconds| i64::try_from(interval.0 / 60).ok();
    let mut traffic = TrafficRoutingConfig::default();
    let kind = match strategy {
        Strategy::Canary { percent, interval } => {
            let canary_percentage = Some(i64::from(percent.percent()));
            traffic.time_based_canary =
                Some(TimeBasedCanary { canary_percentage, canary_interval: minutes(*interval) });
            "TimeBasedCanary"
        }
        Strategy::Linear { percent, interval } => {
            let linear_percentage = Some(i64::from(percent.percent()));
            traffic.time_based_linear =
                Some(TimeBasedLinear { linear_percentage, linear_interval: minutes(*interval) });
            "TimeBasedLinear"
        }
        Strategy::AllAtOnce | Strategy::Steps(_) => "AllAtOnce",
    };
    traffic.kind = Some(kind.to_owned());
    traffic
}

/// How a configuration moves traffic, or what is wrong with it.
pub fn strategy(traffic: &TrafficRoutingConfig) -> Result<Strategy, String> {
    let positive = |number: Option<i64>, member: &str| match number {
        Some(number) => u64::try_from(number).map_err(|_| format!("{member} is {number}: write 1 or more")),
        None => Err(format!("{member} is missing")),
    };
    let only = |kind: &str, others: bool| {
        if others {
            Err(format!("a {kind} configuration has no other timing than its own: leave it out"))
        } else {
            Ok(())
        }
    };
    match (traffic.kind.as_deref(), &traffic.time_based_canary, &traffic.time_based_linear) {
        (Some("AllAtOnce"), canary, linear) => {
            only("AllAtOnce", canary.is_some() || linear.is_some())?;
            Ok(Strategy::AllAtOnce)
        }
        (Some("TimeBasedCanary"), Some(canary), linear) => {
            only("TimeBasedCanary", linear.is_some())?;
            let percent = positive(canary.canary_percentage, "canaryPercentage")?;
            let minutes = positive(canary.canary_interval, "canaryInterval")?;
            Strategy::canary(percent, Seconds::minutes(minutes)).map_err(|error| error.to_string())
        }
        (Some("TimeBasedLinear"), canary, Some(linear)) => {
            only("TimeBasedLinear", canary.is_some())?;
            let percent = positive(linear.linear_percentage, "linearPercentage")?;
            let minutes = positive(linear.linear_interval, "linearInterval")?;
            Strategy::linear(percent, Seconds::minutes(minutes)).map_err(|error| error.to_string())
        }
        (Some("TimeBasedCanary"), None, _) => Err("timeBasedCanary is missing".to_owned()),
        (Some("TimeBasedLinear"), _, None) => Err("timeBasedLinear is missing".to_owned()),
        _ => Err("trafficRoutingConfig.type is TimeBasedCanary, TimeBasedLinear or AllAtOnce".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_predefined_configuration_of_traffic_means_what_it_shows() {
        for known in PREDEFINED {
            let shown = predefined(known.name).unwrap();
            let meant = shown.traffic_routing_config.map(|traffic| strategy(&traffic).unwrap());
            assert_eq!(meant.as_ref(), known.strategy(), "{}", known.name);
        }
    }

    #[test]
    fn one_at_a_time_has_the_id_the_hosted_service_gives_it() {
        let shown = predefined("CodeDeployDefault.OneAtATime").unwrap();
        assert_eq!(shown.deployment_config_id.as_deref(), Some("00000000-0000-0000-0000-000000000001"));
    }
}
