//! Which deployments to list, as `list` takes it.

use clap::{Args, ValueEnum};

use crate::times::Since;
use crate::view::Outcome;

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
    /// Waiting for its turn in its deployment group.
    #[value(alias = "Queued")]
    Queued,
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
            Self::Queued => "Queued",
            Self::InProgress => "InProgress",
            Self::Ready => "Ready",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Stopped => "Stopped",
        }
    }
}
