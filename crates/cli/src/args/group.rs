//! The flags of `group`.

use clap::{Args, ValueEnum};

/// A deployment group, and what it is to say from now on.
#[derive(Debug, Args)]
pub(crate) struct Group {
    /// The group, with its application: shop/web.
    #[arg(value_name = "APPLICATION/GROUP", value_parser = named)]
    pub(crate) group: (String, String),
    /// What becomes of a deployment that comes while another one is active: it is refused, it waits for its turn, or it waits and those
    /// that waited before it give way.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) when_busy: Option<WhenBusy>,
    /// How many deployments may wait.
    #[arg(long, value_name = "N")]
    pub(crate) queue_limit: Option<u32>,
    /// Whether a deployment may be older than the last, by the --sequence-number that both were started with.
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) order: Option<Order>,
}

/// What becomes of a second deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum WhenBusy {
    /// It is refused, as CodeDeploy does.
    Refuse,
    /// It waits for its turn.
    Queue,
    /// It waits, and those that waited before it are stopped.
    Supersede,
}

impl WhenBusy {
    /// The stack's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "Refuse",
            Self::Queue => "Queue",
            Self::Supersede => "Supersede",
        }
    }
}

/// Which deployments are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Order {
    /// All.
    Any,
    /// Those whose sequence number is not below the last one's.
    NewerOnly,
}

impl Order {
    /// The stack's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Any => "Any",
            Self::NewerOnly => "NewerOnly",
        }
    }
}

fn named(text: &str) -> Result<(String, String), String> {
    match text.split_once('/') {
        Some((application, group)) if !application.is_empty() && !group.is_empty() => {
            Ok((application.to_owned(), group.to_owned()))
        }
        Some(_) | None => Err("write the application and the group, as in shop/web".to_owned()),
    }
}
