//! What to deploy, as `deploy` and `plan` take it.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

use crate::service_flags::ServiceFlags;
use crate::steps_flag::{self, Steps};
use crate::target;
use crate::view::Refusal;

/// What to deploy: an AppSpec, or the flags to write one from.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["appspec", "function", "task_definition"])))]
#[command(group(ArgGroup::new("of_an_alias").multiple(true).conflicts_with("task_definition").args([
    "alias", "to_version", "from_version",
])))]
#[command(group(ArgGroup::new("target").args(["function", "task_definition"])))]
#[command(group(ArgGroup::new("hook").multiple(true).args([
    "before_install_hook", "after_install_hook", "test_hook", "before_hook", "after_hook",
])))]
pub(crate) struct What {
    /// AppSpec in YAML or JSON; `-` reads it from stdin.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["alias", "to_version", "from_version", "steps", "before_hook", "after_hook"], help_heading = "What to deploy")]
    pub(crate) appspec: Option<PathBuf>,
    /// The function's name or ARN.
    #[arg(long, value_name = "FUNCTION", requires_all = ["alias", "to_version"], value_parser = target::part, help_heading = "An alias of a function")]
    pub(crate) function: Option<String>,
    /// The alias whose traffic moves.
    #[arg(long, value_name = "ALIAS", requires = "function", value_parser = target::part, help_heading = "An alias of a function")]
    pub(crate) alias: Option<String>,
    /// The version it moves to.
    #[arg(long, value_name = "VERSION", requires = "function", help_heading = "An alias of a function")]
    pub(crate) to_version: Option<String>,
    /// The version it must come from; unless given, the one the alias is on.
    #[arg(long, value_name = "VERSION", requires = "function", help_heading = "An alias of a function")]
    pub(crate) from_version: Option<String>,
    /// Keep so many executions of the version ready before its first call and until the end (Warm): costs money meanwhile.
    #[arg(long = "warm", value_name = "N", requires = "function", conflicts_with_all = ["task_definition", "appspec"], value_parser = clap::value_parser!(u32).range(1..), help_heading = "An alias of a function")]
    pub(crate) warm: Option<u32>,
    #[command(flatten)]
    pub(crate) service: ServiceFlags,
    /// Deployment configuration, like Canary10Percent5Minutes, Linear20PercentEvery30Seconds or
    /// CodeDeployDefault.LambdaAllAtOnce; wins over a Strategy in the AppSpec.
    #[arg(long, value_name = "NAME", conflicts_with = "steps", help_heading = "How the traffic moves")]
    pub(crate) config: Option<String>,
    /// Weights and waits of one's own, like '10:5m,50:1h,100' (see below).
    #[arg(long, value_name = "STEPS", requires = "target", value_parser = steps_flag::parse, help_heading = "How the traffic moves")]
    pub(crate) steps: Option<Steps>,
    /// Alarm that stops the deployment; give it again for each alarm. A comma is part of a name.
    #[arg(long = "alarm", value_name = "NAME", help_heading = "What stops it, and what then")]
    pub(crate) alarms: Vec<String>,
    /// Watch no alarm, also where the deployment group names some: for a deployment that is what quiets them.
    #[arg(long, conflicts_with = "alarms", help_heading = "What stops it, and what then")]
    pub(crate) no_alarms: bool,
    /// Go on when an alarm cannot be read.
    #[arg(long, requires = "alarms", help_heading = "What stops it, and what then")]
    pub(crate) ignore_alarm_poll_failure: bool,
    /// Function called before any traffic moves (BeforeAllowTraffic).
    #[arg(long, value_name = "FUNCTION", requires = "target", help_heading = "Hooks")]
    pub(crate) before_hook: Option<String>,
    /// Function called when all traffic has moved (AfterAllowTraffic).
    #[arg(long, value_name = "FUNCTION", requires = "target", help_heading = "Hooks")]
    pub(crate) after_hook: Option<String>,
    #[command(flatten)]
    pub(crate) hooks: HookSettings,
    /// Leave the traffic where it is when the deployment fails or is stopped.
    #[arg(long, conflicts_with = "rollback_on", help_heading = "What stops it, and what then")]
    pub(crate) no_rollback: bool,
    /// Put the traffic back only after this; give it again for each. Unless given, after all three.
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_delimiter = ',',
        value_name = "EVENT",
        help_heading = "What stops it, and what then"
    )]
    pub(crate) rollback_on: Vec<RollbackEvent>,
    /// Why, for the record.
    #[arg(long, value_name = "TEXT", help_heading = "Whose it is, and why")]
    pub(crate) description: Option<String>,
    /// Which of its group's deployments it is, counted by whoever asks: a build number. A group may refuse what is older than the last.
    #[arg(long, value_name = "N", requires = "group", help_heading = "Whose it is, and why")]
    pub(crate) sequence_number: Option<u64>,
    /// CodeDeploy application the deployment belongs to.
    #[arg(long, value_name = "NAME", requires = "group", help_heading = "Whose it is, and why")]
    pub(crate) application: Option<String>,
    /// CodeDeploy deployment group the deployment belongs to; for a service, it says where that is.
    #[arg(long, value_name = "NAME", requires = "application", help_heading = "Whose it is, and why")]
    pub(crate) group: Option<String>,
}

impl What {
    /// What to write for an alarm that is not there and whose name may have been meant as several. CloudWatch allows commas in names,
    /// so they divide nothing here.
    pub(crate) fn alarms_apart(&self, refusals: &[Refusal]) -> Option<String> {
        let missing = |name: &str| {
            refusals.iter().any(|refusal| refusal.code == "AlarmMissing" && refusal.message.contains(name))
        };
        let name = self.alarms.iter().find(|name| name.contains(',') && missing(name))?;
        let apart: Vec<String> = name.split(',').map(|one| format!("--alarm {}", one.trim())).collect();
        Some(format!("A comma is part of an alarm's name. If {name} are several, write {}", apart.join(" ")))
    }
}

/// How the hooks of the flags are called; an AppSpec says it itself.
#[derive(Debug, Args)]
pub(crate) struct HookSettings {
    /// How long a hook may take, like 90s, 10m or 1h; unless given, 1h.
    #[arg(long = "hook-timeout", value_name = "DURATION", requires = "hook", conflicts_with = "appspec", value_parser = steps_flag::duration, help_heading = "Hooks")]
    pub(crate) timeout: Option<String>,
    /// SSM parameter read just before a hook is called and handed to it; give it again for each.
    #[arg(
        long = "hook-parameter",
        value_name = "/PATH",
        requires = "hook",
        conflicts_with = "appspec",
        help_heading = "Hooks"
    )]
    pub(crate) parameters: Vec<String>,
}

/// After what the traffic is put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum RollbackEvent {
    /// The deployment failed (DEPLOYMENT_FAILURE).
    #[value(alias = "DEPLOYMENT_FAILURE")]
    Failure,
    /// An alarm stopped it (DEPLOYMENT_STOP_ON_ALARM).
    #[value(alias = "DEPLOYMENT_STOP_ON_ALARM")]
    Alarm,
    /// A user stopped it (DEPLOYMENT_STOP_ON_REQUEST).
    #[value(alias = "DEPLOYMENT_STOP_ON_REQUEST")]
    Stop,
}
