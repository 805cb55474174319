//! The deployments of the demo.

use clap::ValueEnum;

/// Which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    Healthy,
    Faulty,
    HookRefuses,
    Stopped,
    Crash,
    EcsHealthy,
    EcsFaulty,
    EcsNeverSteady,
}

/// What is deployed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// `storefront:live`.
    Alias,
    /// A service of its own, called as the scenario is.
    Service,
}

/// What happens on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twist {
    /// Nothing.
    None,
    /// An alarm on real errors of the new version.
    Alarm,
    /// A user stops it once so many percent are reached.
    StopAt(u64),
    /// A user stops it after so many seconds in which nothing happens.
    StopAfter(u64),
    /// The shift function is killed in its n-th write of the alias, and in every one after that.
    KillFrom(u32),
}

/// A deployment, and how it must end.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) target: Target,
    /// The version or the task definition it moves to.
    pub(crate) to: &'static str,
    /// Whether calls ever get there.
    pub(crate) reached: bool,
    /// The flags of `tideshift deploy`.
    pub(crate) flags: &'static [&'static str],
    pub(crate) twist: Twist,
    /// CodeDeploy's status at the end.
    pub(crate) status: &'static str,
    pub(crate) error: Option<&'static str>,
    /// The version or the task definition that has all traffic at the end.
    pub(crate) ends_on: &'static str,
}

/// The alarm of the faulty one.
pub(crate) const ALARM: &str = "storefront-errors";
/// The alarm of the faulty service.
pub(crate) const SERVICE_ALARM: &str = "ecs-faulty-errors";

impl Name {
    /// The deployment.
    pub(crate) fn scenario(self) -> Scenario {
        match self {
            Self::Healthy => HEALTHY,
            Self::Faulty => FAULTY,
            Self::HookRefuses => HOOK_REFUSES,
            Self::Stopped => STOPPED,
            Self::Crash => CRASH,
            Self::EcsHealthy => ECS_HEALTHY,
            Self::EcsFaulty => ECS_FAULTY,
            Self::EcsNeverSteady => ECS_NEVER_STEADY,
        }
    }
}

const HEALTHY: Scenario = Scenario {
    name: "healthy",
    title: "a canary with both hooks, the first of which gets a secret",
    target: Target::Alias,
    to: "2",
    reached: true,
    flags: &[
        "--config",
        "Canary20Percent4Seconds",
        "--before-hook",
        "CodeDeployHook_before",
        "--after-hook",
        "CodeDeployHook_after",
        "--hook-parameter",
        local::sample::SECRET_PARAMETER,
    ],
    twist: Twist::None,
    status: "Succeeded",
    error: None,
    ends_on: "2",
};

const FAULTY: Scenario = Scenario {
    name: "faulty",
    title: "the new version fails three calls of ten, and an alarm notices",
    target: Target::Alias,
    to: "3",
    reached: true,
    flags: &["--config", "Linear10PercentEvery2Seconds", "--alarm", ALARM],
    twist: Twist::Alarm,
    status: "Stopped",
    error: Some("ALARM_ACTIVE"),
    ends_on: "1",
};

const HOOK_REFUSES: Scenario = Scenario {
    name: "hook-refuses",
    title: "a hook says no before any traffic moves",
    target: Target::Alias,
    to: "2",
    reached: false,
    flags: &["--config", "Canary20Percent4Seconds", "--before-hook", "CodeDeployHook_refusing"],
    twist: Twist::None,
    status: "Failed",
    error: Some("HOOK_EXECUTION_FAILURE"),
    ends_on: "1",
};

const STOPPED: Scenario = Scenario {
    name: "stopped",
    title: "a user stops it half-way",
    target: Target::Alias,
    to: "2",
    reached: true,
    flags: &["--config", "Linear25PercentEvery3Seconds"],
    twist: Twist::StopAt(50),
    status: "Stopped",
    error: Some("MANUAL_STOP"),
    ends_on: "1",
};

const CRASH: Scenario = Scenario {
    name: "crash",
    title: "from the third step on, the shift function is killed in the middle of its call",
    target: Target::Alias,
    to: "2",
    reached: true,
    flags: &["--config", "Linear20PercentEvery3Seconds"],
    twist: Twist::KillFrom(3),
    status: "Failed",
    error: Some("INTERNAL_ERROR"),
    ends_on: "1",
};

const ECS_HEALTHY: Scenario = Scenario {
    name: "ecs-healthy",
    title: "a service: a new task set beside the old one, a canary, and the old one removed",
    target: Target::Service,
    to: "ecs-healthy:2",
    reached: true,
    flags: &["--config", "Canary20Percent4Seconds", "--before-hook", "CodeDeployHook_before"],
    twist: Twist::None,
    status: "Succeeded",
    error: None,
    ends_on: "ecs-healthy:2",
};

const ECS_FAULTY: Scenario = Scenario {
    name: "ecs-faulty",
    title: "a service whose new tasks fail three requests of ten, and an alarm notices",
    target: Target::Service,
    to: "ecs-faulty:3",
    reached: true,
    flags: &["--config", "Linear10PercentEvery2Seconds", "--alarm", SERVICE_ALARM],
    twist: Twist::Alarm,
    status: "Stopped",
    error: Some("ALARM_ACTIVE"),
    ends_on: "ecs-faulty:1",
};

const ECS_NEVER_STEADY: Scenario = Scenario {
    name: "ecs-never-steady",
    title: "a service whose new tasks never stay up, until a user gives up on them",
    target: Target::Service,
    to: "ecs-never-steady:4",
    reached: false,
    flags: &["--config", "Canary20Percent4Seconds"],
    twist: Twist::StopAfter(6),
    status: "Stopped",
    error: Some("MANUAL_STOP"),
    ends_on: "ecs-never-steady:1",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scenario_is_called_as_it_is_asked_for() {
        for name in Name::value_variants() {
            let value = name.to_possible_value().unwrap();
            assert_eq!(value.get_name(), name.scenario().name);
        }
    }
}
