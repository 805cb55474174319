//! The command line.

mod group;
mod list;
mod undo;
mod what;

use std::convert::Infallible;
use std::path::Path;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::exit;
use crate::port;
use crate::steps_flag;

pub(crate) use group::{Group, Order, WhenBusy};
pub(crate) use list::{Ended, List, ListedStatus};
pub(crate) use undo::Undo;
pub(crate) use what::{HookSettings, RollbackEvent, What};

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
    /// Go back to what a target had before, as a deployment of its own: all at once, under the hooks and alarms of the last one.
    Undo(Undo),
    /// Show or change what a deployment group does with a deployment that comes while another one is active.
    Group(Group),
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
    /// Print what makes a shell complete the commands, flags and values of this program.
    Completions(Completions),
    /// Print the manual page: of this program, or of one of its commands.
    Man(Man),
}

impl Command {
    /// The file with the AppSpec that it is about, if one was named.
    pub(crate) fn appspec(&self) -> Option<&Path> {
        match self {
            Self::Deploy(deploy) => deploy.what.appspec.as_deref(),
            Self::Plan(what) => what.appspec.as_deref(),
            _ => None,
        }
    }
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
    #[arg(long, env = "TIDESHIFT_PROXY_PORT", default_value_t = proxy::PORT, value_parser = port::free, value_name = "PORT")]
    pub(crate) port: u16,
    /// Serve ECS at the same address: services that have a deployment group in the stack are shown with the deployment controller
    /// CODE_DEPLOY, for clients that deploy only those by CodeDeploy (AWS's action for GitHub).
    #[arg(long)]
    pub(crate) ecs: bool,
}

/// Print completions.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell they are for.
    pub(crate) shell: clap_complete::Shell,
}

/// Print a manual page.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// A command, like deploy; without one, the page is about all of them.
    #[arg(value_name = "COMMAND")]
    pub(crate) command: Option<String>,
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
