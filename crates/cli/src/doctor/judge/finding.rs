//! What a finding is: what it is about, how bad it is, and what to do; and all of them, while they are made.

use std::collections::BTreeSet;
use std::fmt;

use crate::doctor::facts::Look;

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

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) list: Vec<Finding>,
    /// The calls that the caller may not make.
    pub(super) forbidden: BTreeSet<&'static str>,
}

impl Findings {
    /// Something about one of the checks.
    pub(super) fn add(&mut self, check: Check, verdict: Verdict, found: String, advice: Option<String>) {
        self.list.push(Finding { check, verdict, found, advice });
    }

    /// Says that a check is good, if nothing was found against it.
    pub(super) fn good(&mut self, check: Check, found: impl FnOnce() -> String) {
        if !self.list.iter().any(|finding| finding.check == check) {
            self.add(check, Verdict::Good, found(), None);
        }
    }

    /// What was seen; or it is said that nobody could look.
    pub(super) fn look<'a, T>(&mut self, check: Check, what: &str, look: &'a Look<T>) -> Option<&'a T> {
        match look {
            Look::Seen(seen) => return Some(seen),
            Look::Forbidden(call) => {
                self.forbidden.insert(call);
                self.add(check, Verdict::Warning, format!("{what}: not looked at, for want of the right {call}"), None);
            }
            Look::Failed(said) => {
                self.add(
                    check,
                    Verdict::Warning,
                    format!("{what}: not looked at: {said}"),
                    Some("try again".to_owned()),
                );
            }
        }
        None
    }
}

/// So many of a thing, in words: `1 event`, `2 events`.
pub(super) fn many(count: usize, what: &str) -> String {
    many_of(count as u64, what)
}

pub(super) fn many_of(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}
