//! What a finding is: what it is about, how bad it is, and what to do.

use std::fmt;

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// As it should be.
    Good,
    /// Deployments work, and something should be seen to; or nobody could look.
    Warning,
    /// Deployments fail, or traffic is where nobody keeps it.
    Broken,
}

impl Verdict {
    /// The word in a document.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Broken => "broken",
        }
    }
}

/// What is checked, in the order it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Check {
    /// The stack itself, and its version.
    Stack,
    /// What the caller may do.
    Permissions,
    /// What the parameters name.
    Parameters,
    /// The account's quotas.
    Quotas,
    /// The stack's own alarms.
    Alarms,
    /// Events that nobody could work on.
    LostEvents,
    /// Deployments that are not over.
    Deployments,
    /// Traffic that no deployment is at.
    Traffic,
    /// Provisioned concurrency that a deployment left behind.
    Warm,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stack => "stack",
            Self::Permissions => "permissions",
            Self::Parameters => "parameters",
            Self::Quotas => "quotas",
            Self::Alarms => "alarms",
            Self::LostEvents => "lost events",
            Self::Deployments => "deployments",
            Self::Traffic => "traffic",
            Self::Warm => "warm",
        })
    }
}

/// One thing that was found, good or bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// What it is about.
    pub(crate) check: Check,
    /// How bad it is.
    pub(crate) verdict: Verdict,
    /// What was found.
    pub(crate) found: String,
    /// What to do; nothing where all is good.
    pub(crate) advice: Option<String>,
}
