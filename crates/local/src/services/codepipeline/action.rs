//! What every action is carried out with, and what comes of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::artifacts::Artifacts;
use super::book::Book;
use super::declaration::Store;
use super::execution::{Acted, Details, Failure, Order};
use crate::LocalError;
use crate::client::Client;
use crate::services::iam::Sessions;

/// An action to carry out.
pub(super) struct Task {
    pub(super) book: Arc<Book>,
    pub(super) sessions: Arc<Sessions>,
    /// AWS, as far as the action's role may ask it.
    pub(super) aws: Client,
    pub(super) pipeline: String,
    pub(super) execution: String,
    pub(super) store: Store,
    pub(super) acted: Acted,
    pub(super) order: watch::Receiver<Order>,
}

/// What came of one that went well.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) variables: BTreeMap<String, String>,
    pub(super) details: Details,
    /// What the source of the first output is called where it comes from.
    pub(super) revision: Option<String>,
}

/// Why one did not go well.
#[derive(Debug)]
pub(super) enum Undone {
    Failed(Failure),
    /// It is left to itself.
    Abandoned,
}

impl From<Failure> for Undone {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Task {
    /// A value of the configuration, with its variables filled in.
    pub(super) fn setting(&self, key: &str) -> Option<&str> {
        self.acted.configuration.get(key).map(String::as_str)
    }

    /// One that there must be: it was looked at when the pipeline was made.
    pub(super) fn required(&self, key: &str) -> &str {
        self.setting(key).unwrap_or_default()
    }

    pub(super) fn artifacts(&self) -> Artifacts<'_> {
        Artifacts { aws: &self.aws, store: &self.store }
    }

    /// Tells of the action while it is on its way.
    pub(super) fn tell(&self, details: Details) {
        // A pipeline that is gone is told nothing.
        let _ = self.book.with_mut(&self.pipeline, |kept| {
            let execution = kept.execution_mut(&self.execution)?;
            execution.touch();
            let updated = execution.updated;
            if let Some(acted) = execution.action(&self.acted.id) {
                acted.details.hear(details);
                acted.updated = updated;
            }
            Ok(())
        });
    }

    /// Waits until the action is left to itself.
    pub(super) async fn abandoned(&self) {
        let mut order = self.order.clone();
        // Without anybody who could ask for it, for ever.
        if order.wait_for(|order| *order == Order::Abandon).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Failure {
    /// What AWS refused, as the action tells it.
    pub(super) fn of(error: &LocalError) -> Self {
        match error {
            LocalError::Refused { code, message, .. } if code.starts_with("AccessDenied") => {
                Self::new("PermissionError", message)
            }
            LocalError::Refused { code, message, .. } => Self::new("JobFailed", format!("{code}: {message}")),
            LocalError::Failed { what, .. } => Self::new("SystemUnavailable", what),
        }
    }
}
