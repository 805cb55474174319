//! CodeDeploy's 17 predefined configurations (docs/codedeploy-contract.md 4.1).

use super::steps::Strategy;
use crate::platform::Platform;
use crate::seconds::Seconds;
use crate::weight::Weight;

/// How many hosts must stay healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MinimumHealthyHosts {
    /// `HOST_COUNT`.
    HostCount(u32),
    /// `FLEET_PERCENT`.
    FleetPercent(u8),
    /// `MOST_CONCURRENCY`: not in the service's enum, but what it returns for `OneAtATime`.
    MostConcurrency(u32),
}

/// What a predefined configuration says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// How traffic moves.
    Traffic(Strategy),
    /// How many hosts may be away at a time.
    Hosts(MinimumHealthyHosts),
}

/// A configuration that exists without being created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predefined {
    /// Its name, with `CodeDeployDefault.` before it.
    pub name: &'static str,
    /// What it is for.
    pub platform: Platform,
    /// What it says.
    pub rule: Rule,
}

impl Predefined {
    /// The one with this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PREDEFINED.iter().find(|predefined| predefined.name == name)
    }

    /// How traffic moves, where the configuration is about traffic.
    pub fn strategy(&self) -> Option<&Strategy> {
        match &self.rule {
            Rule::Traffic(strategy) => Some(strategy),
            Rule::Hosts(_) => None,
        }
    }
}

/// All of them, platform by platform.
pub static PREDEFINED: &[Predefined] = {
    use MinimumHealthyHosts::{FleetPercent, HostCount, MostConcurrency};
    use Platform::{Ecs, Lambda};
    &[
        hosts("CodeDeployDefault.AllAtOnce", HostCount(0)),
        hosts("CodeDeployDefault.HalfAtATime", FleetPercent(50)),
        hosts("CodeDeployDefault.OneAtATime", MostConcurrency(1)),
        at_once(Lambda, "CodeDeployDefault.LambdaAllAtOnce"),
        canary(Lambda, "CodeDeployDefault.LambdaCanary10Percent5Minutes", 5),
        canary(Lambda, "CodeDeployDefault.LambdaCanary10Percent10Minutes", 10),
        canary(Lambda, "CodeDeployDefault.LambdaCanary10Percent15Minutes", 15),
        canary(Lambda, "CodeDeployDefault.LambdaCanary10Percent30Minutes", 30),
        linear(Lambda, "CodeDeployDefault.LambdaLinear10PercentEvery1Minute", 1),
        linear(Lambda, "CodeDeployDefault.LambdaLinear10PercentEvery2Minutes", 2),
        linear(Lambda, "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes", 3),
        linear(Lambda, "CodeDeployDefault.LambdaLinear10PercentEvery10Minutes", 10),
        at_once(Ecs, "CodeDeployDefault.ECSAllAtOnce"),
        canary(Ecs, "CodeDeployDefault.ECSCanary10Percent5Minutes", 5),
        canary(Ecs, "CodeDeployDefault.ECSCanary10Percent15Minutes", 15),
        linear(Ecs, "CodeDeployDefault.ECSLinear10PercentEvery1Minutes", 1),
        linear(Ecs, "CodeDeployDefault.ECSLinear10PercentEvery3Minutes", 3),
    ]
};

const fn hosts(name: &'static str, minimum: MinimumHealthyHosts) -> Predefined {
    Predefined { name, platform: Platform::Server, rule: Rule::Hosts(minimum) }
}

const fn at_once(platform: Platform, name: &'static str) -> Predefined {
    Predefined { name, platform, rule: Rule::Traffic(Strategy::AllAtOnce) }
}

const fn canary(platform: Platform, name: &'static str, minutes: u64) -> Predefined {
    let strategy = Strategy::Canary { percent: Weight::clamped(10), interval: Seconds::minutes(minutes) };
    Predefined { name, platform, rule: Rule::Traffic(strategy) }
}

const fn linear(platform: Platform, name: &'static str, minutes: u64) -> Predefined {
    let strategy = Strategy::Linear { percent: Weight::clamped(10), interval: Seconds::minutes(minutes) };
    Predefined { name, platform, rule: Rule::Traffic(strategy) }
}
