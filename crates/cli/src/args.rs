//! The command line.

use std::convert::Infallible;
use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};

use crate::exit;
use crate::service_flags::ServiceFlags;
use crate::steps_flag::{self, Steps};
use crate::target;
use crate::times::Since;
use crate::view::Outcome;

/// Moves the traffic of Lambda aliases and ECS services to something new a little at a time, and puts it back when something is
/// wrong.
///
/// Talks to a deployed Tideshift stack by calling its `api` function. Credentials, region and endpoint come from the usual AWS
/// settings (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, ...).
#[derive(Debug, Parser)]
#[command(name = "tideshift", version, after_help = exit::HELP, after_long_help = exit::HELP)]
pub(crate) struct Arguments {
    /// Name of the Tideshift stack.
    #[arg(long, global = true, env = "TIDESHIFT_STACK", default_value = DEFAULT_STACK, value_name = "NAME", help_heading = "Everywhere")]
    pub(crate) stack: String,
    /// How to answer on stdout; progress goes to stderr.
    #[arg(long, global = true, value_enum, default_value_t = Output::Text, help_heading = "Everywhere")]
    pub(crate) output: Output,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The stack's name unless another is given.
pub(crate) const DEFAULT_STACK: &str = "tideshift";

/// How a deployment is asked for. The line that is made of the flags is longer than a terminal is wide.
const DEPLOY_USAGE: &str = "\
tideshift deploy --appspec FILE [OPTIONS]
       tideshift deploy --function NAME --alias ALIAS --to-version N [OPTIONS]
       tideshift deploy --task-definition FAMILY:REVISION [OPTIONS]";

/// How a plan is asked for.
const PLAN_USAGE: &str = "\
tideshift plan --appspec FILE [OPTIONS]
       tideshift plan --function NAME --alias ALIAS --to-version N [OPTIONS]
       tideshift plan --task-definition FAMILY:REVISION [OPTIONS]";

/// How answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start a deployment; refused with every reason if it cannot go.
    #[command(after_help = steps_flag::HELP, override_usage = DEPLOY_USAGE)]
    Deploy(Deploy),
    /// Show what a deployment would do, step by step, or why it cannot go. Starts nothing.
    #[command(after_help = steps_flag::HELP, override_usage = PLAN_USAGE)]
    Plan(What),
    /// Show a deployment; or what is live on a target, its last good revision, and what was deployed there.
    Status(Status),
    /// List deployments, newest first.
    List(List),
    /// Show what happened to a deployment, in order: its journal, what the stack's functions logged, and the way to its hooks' logs.
    Logs(Logs),
    /// Stop a deployment; its traffic goes back, unless its own rollback rules leave it.
    Stop(Stop),
    /// Go on from a step that waits for it, or stop keeping a service's old task set.
    Continue(Continue),
    /// Finish a deployment that could not put its traffic back by itself.
    Repair(Watched),
    /// Check the stack in its account, and say what to do about what is not as it should be. Changes nothing.
    ///
    /// Asked is with your own credentials: versions, parameters, quotas, the stack's alarms, lost events, deployments without an
    /// execution, and splits and task sets that no deployment is at.
    Doctor,
    /// Serve CodeDeploy's API on this machine's loopback, for clients that do not know Tideshift. Ctrl-C ends it.
    ///
    /// Every request is forwarded to the stack under your credentials, whoever on this machine sends it; with --ecs, to ECS too.
    Proxy(Proxy),
}

/// Start a deployment.
#[derive(Debug, Args)]
pub(crate) struct Deploy {
    /// What to deploy.
    #[command(flatten)]
    pub(crate) what: What,
    /// Show each change until the deployment is over, and end with its exit code. Ctrl-C ends only the watch: the deployment goes
    /// on.
    #[arg(long)]
    pub(crate) watch: bool,
}

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
    /// Alarm that stops the deployment; give it again for each alarm.
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
    /// CodeDeploy application the deployment belongs to.
    #[arg(long, value_name = "NAME", requires = "group", help_heading = "Whose it is, and why")]
    pub(crate) application: Option<String>,
    /// CodeDeploy deployment group the deployment belongs to; for a service, it says where that is.
    #[arg(long, value_name = "NAME", requires = "application", help_heading = "Whose it is, and why")]
    pub(crate) group: Option<String>,
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

/// One deployment, and whether to stay.
#[derive(Debug, Args)]
pub(crate) struct Watched {
    /// The deployment's id, like d-A1B2C3D4E.
    #[arg(value_name = "ID", value_parser = deployment)]
    pub(crate) id: String,
    /// Show each change until the deployment is over, and end with its exit code. Ctrl-C ends only the watch: the deployment goes
    /// on.
    #[arg(long)]
    pub(crate) watch: bool,
}

/// What to show, and whether to stay.
#[derive(Debug, Args)]
pub(crate) struct Status {
    /// The deployment's id, like d-A1B2C3D4E; or a target: FUNCTION:ALIAS, like storefront:live, or CLUSTER/SERVICE, like shop/web.
    #[arg(value_name = "ID|TARGET", value_parser = Subject::parse)]
    pub(crate) subject: Subject,
    /// Show each change until the deployment is over, and end with its exit code. Ctrl-C ends only the watch: the deployment goes
    /// on. Of a target, watch the deployment that is at it.
    #[arg(long)]
    pub(crate) watch: bool,
}

/// What `status` is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A deployment, by its id.
    Deployment(String),
    /// An alias or a service.
    Target(String),
}

/// An id, and not the target that a person may have in mind.
fn deployment(text: &str) -> Result<String, String> {
    match Subject::parse(text) {
        Ok(Subject::Deployment(id)) => Ok(id),
        Ok(Subject::Target(target)) => {
            Err(format!("that is a target; the deployment at it is told by: tideshift status {target}"))
        }
    }
}

impl Subject {
    /// Ids have neither mark that targets have.
    fn parse(text: &str) -> Result<Self, Infallible> {
        let is_target = text.contains([':', '/']);
        Ok(if is_target { Self::Target(text.to_owned()) } else { Self::Deployment(text.to_owned()) })
    }
}

/// What to tell of.
#[derive(Debug, Args)]
pub(crate) struct Logs {
    /// The deployment's id.
    #[arg(value_name = "ID", value_parser = deployment)]
    pub(crate) id: String,
    /// Go on as things happen, until the deployment is over, and end with its exit code.
    #[arg(long)]
    pub(crate) follow: bool,
}

/// Which deployments to list.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Those of a target: FUNCTION:ALIAS, like storefront:live, or CLUSTER/SERVICE, like shop/web.
    #[arg(long, value_name = "TARGET", help_heading = "Which ones")]
    pub(crate) target: Option<String>,
    /// Those of a CodeDeploy deployment group, beside --application.
    #[arg(long, value_name = "NAME", requires = "application", help_heading = "Which ones")]
    pub(crate) group: Option<String>,
    /// The application of that group.
    #[arg(long, value_name = "NAME", requires = "group", help_heading = "Which ones")]
    pub(crate) application: Option<String>,
    /// Those with this status, or one of these; how they ended is asked for with --ended.
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_delimiter = ',',
        value_name = "STATUS",
        help_heading = "Which ones"
    )]
    pub(crate) status: Vec<ListedStatus>,
    /// Those that ended so, or in one of these ways, as the column STATE says it.
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_delimiter = ',',
        value_name = "STATE",
        help_heading = "Which ones"
    )]
    pub(crate) ended: Vec<Ended>,
    /// Those created since then: 90m, 12h or 7d ago, or a date or time, like 2026-07-14 or 2026-07-14T09:30:00Z.
    #[arg(long, value_name = "WHEN", value_parser = Since::parse, help_heading = "Which ones")]
    pub(crate) since: Option<Since>,
    /// The page after another, by the word that it ended with.
    #[arg(long, value_name = "WORD", help_heading = "How many")]
    pub(crate) page: Option<String>,
    /// How many at most.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..), help_heading = "How many")]
    pub(crate) limit: u32,
}

/// CodeDeploy's statuses, as far as deployments here have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListedStatus {
    /// Accepted, nothing begun.
    #[value(alias = "Created")]
    Created,
    /// Under way.
    #[value(alias = "InProgress")]
    InProgress,
    /// Waiting to be continued.
    #[value(alias = "Ready")]
    Ready,
    /// The traffic is on what is new.
    #[value(alias = "Succeeded")]
    Succeeded,
    /// It failed, or could not be brought to its end.
    #[value(alias = "Failed")]
    Failed,
    /// A user or an alarm stopped it: shown as Stopped or RolledBack.
    #[value(alias = "Stopped")]
    Stopped,
}

/// How a deployment ended, as it is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ended {
    /// The traffic is on what is new.
    #[value(alias = "Succeeded")]
    Succeeded,
    /// The traffic was put back.
    #[value(alias = "RolledBack")]
    RolledBack,
    /// A user or an alarm stopped it, and nothing was put back.
    #[value(alias = "Stopped")]
    Stopped,
    /// It failed, and nothing was put back.
    #[value(alias = "Failed")]
    Failed,
    /// It could not be brought to its end.
    #[value(alias = "Unresolved")]
    Unresolved,
}

impl Ended {
    /// The same in the stack's words.
    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self::Succeeded => Outcome::Succeeded,
            Self::RolledBack => Outcome::RolledBack,
            Self::Stopped => Outcome::Stopped,
            Self::Failed => Outcome::Failed,
            Self::Unresolved => Outcome::Unresolved,
        }
    }
}

impl ListedStatus {
    /// CodeDeploy's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::InProgress => "InProgress",
            Self::Ready => "Ready",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }
}

/// Stop a deployment.
#[derive(Debug, Args)]
pub(crate) struct Stop {
    /// The deployment's id.
    #[arg(value_name = "ID", value_parser = deployment)]
    pub(crate) id: String,
    /// Leave the traffic where it is.
    #[arg(long)]
    pub(crate) no_rollback: bool,
    /// Show how it ends, and end with its exit code.
    #[arg(long)]
    pub(crate) watch: bool,
}

/// Serve CodeDeploy's API.
#[derive(Debug, Args)]
pub(crate) struct Proxy {
    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, env = "TIDESHIFT_PROXY_PORT", default_value_t = proxy::PORT, value_name = "PORT")]
    pub(crate) port: u16,
    /// Serve ECS at the same address: services that have a deployment group in the stack are shown with the deployment controller
    /// CODE_DEPLOY, for clients that deploy only those by CodeDeploy (AWS's action for GitHub).
    #[arg(long)]
    pub(crate) ecs: bool,
}

/// Go on.
#[derive(Debug, Args)]
pub(crate) struct Continue {
    /// The deployment's id.
    #[arg(value_name = "ID", value_parser = deployment)]
    pub(crate) id: String,
    /// Remove the old task set of a service now, instead of keeping it until its time is over.
    #[arg(long)]
    pub(crate) termination: bool,
    /// Take the next step now, instead of holding the weight until its time is over.
    #[arg(long, conflicts_with = "termination")]
    pub(crate) skip_hold: bool,
    /// Show how it goes on until it is over, and end with its exit code.
    #[arg(long)]
    pub(crate) watch: bool,
}

#[cfg(test)]
mod tests;
