//! The port to the logs: what is looked for, and what is found.

use jiff::Timestamp;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Search {
    /// The name of the log group.
    pub(crate) group: String,
    pub(crate) from: Timestamp,
    pub(crate) until: Option<Timestamp>,
    /// The deployment whose lines are meant.
    pub(crate) deployment: String,
}

/// A line that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The line's own, in its group.
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    /// Where in its group it stands.
    pub(crate) stream: String,
    pub(crate) message: String,
}

/// Where logs are read.
pub(crate) trait ReadLogs {
    /// The lines that are meant, oldest first; none where there is no such group. The error says why they cannot be read.
    async fn find(&self, search: &Search) -> Result<Vec<Found>, String>;
}

/// What the lines of a deployment are found by: their own word for whose they are. Its id alone may stand in another one's line.
pub(crate) fn pattern(deployment: &str) -> String {
    format!("{{ $.fields.deployment = \"{deployment}\" }}")
}
