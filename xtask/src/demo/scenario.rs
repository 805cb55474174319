//! The five deployments of the demo.

use clap::ValueEnum;

/// Which one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    Healthy,
    Faulty,
    HookRefuses,
    Stopped,
    Crash,
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
    /// The shift function is killed in its n-th write of the alias, and in every one after that.
    KillFrom(u32),
}

/// A deployment of `storefront:live`, and how it must end.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// The version it moves to.
    pub(crate) to: &'static str,
    /// The flags of `tideshift deploy`.
    pub(crate) flags: &'static [&'static str],
    pub(crate) twist: Twist,
    /// CodeDeploy's status at the end.
    pub(crate) status: &'static str,
    pub(crate) error: Option<&'static str>,
    /// The version that has all traffic at the end.
    pub(crate) ends_on: &'static str,
}

/// The alarm of the faulty one.
pub(crate) const ALARM: &str = "storefront-errors";

impl Name {
    /// The deployment.
    pub(crate) fn scenario(self) -> Scenario {
        match self {
            Self::Healthy => Scenario {
                name: "healthy",
                title: "a canary with both hooks, the first of which gets a secret",
                to: "2",
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
            },
            Self::Faulty => Scenario {
                name: "faulty",
                title: "the new version fails three calls of ten, and an alarm notices",
                to: "3",
                flags: &["--config", "Linear10PercentEvery2Seconds", "--alarm", ALARM],
                twist: Twist::Alarm,
                status: "Stopped",
                error: Some("ALARM_ACTIVE"),
                ends_on: "1",
            },
            Self::HookRefuses => Scenario {
                name: "hook-refuses",
                title: "a hook says no before any traffic moves",
                to: "2",
                flags: &["--config", "Canary20Percent4Seconds", "--before-hook", "CodeDeployHook_refusing"],
                twist: Twist::None,
                status: "Failed",
                error: Some("HOOK_EXECUTION_FAILURE"),
                ends_on: "1",
            },
            Self::Stopped => Scenario {
                name: "stopped",
                title: "a user stops it half-way",
                to: "2",
                flags: &["--config", "Linear25PercentEvery3Seconds"],
                twist: Twist::StopAt(50),
                status: "Stopped",
                error: Some("MANUAL_STOP"),
                ends_on: "1",
            },
            Self::Crash => Scenario {
                name: "crash",
                title: "from the third step on, the shift function is killed in the middle of its call",
                to: "2",
                flags: &["--config", "Linear20PercentEvery3Seconds"],
                twist: Twist::KillFrom(3),
                status: "Failed",
                error: Some("INTERNAL_ERROR"),
                ends_on: "1",
            },
        }
    }
}

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
