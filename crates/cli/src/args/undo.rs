//! The flags of `undo`.

use clap::Args;

/// What goes back.
#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// FUNCTION:ALIAS, like storefront:live, or CLUSTER/SERVICE, like shop/web.
    #[arg(value_name = "TARGET", required_unless_present = "group", conflicts_with_all = ["application", "group"])]
    pub(crate) target: Option<String>,
    /// CodeDeploy application of a deployment group, in place of a target.
    #[arg(long, value_name = "NAME", requires = "group")]
    pub(crate) application: Option<String>,
    /// CodeDeploy deployment group: what it was deployed to last goes back.
    #[arg(long, value_name = "NAME", requires = "application")]
    pub(crate) group: Option<String>,
    /// The version or task definition to go back to: any that was deployed there with success. Unless given, the newest that is not live.
    #[arg(long, value_name = "REVISION")]
    pub(crate) to: Option<String>,
    /// Only show what it would do. Starts nothing.
    #[arg(long, conflicts_with = "watch")]
    pub(crate) plan: bool,
    /// Show each change until the deployment is over, and end with its exit code. Ctrl-C ends only the watch: the deployment goes
    /// on.
    #[arg(long)]
    pub(crate) watch: bool,
}
