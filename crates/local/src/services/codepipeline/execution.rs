//! An execution of a pipeline, and its actions: what is known of them while they run and after.

use std::collections::BTreeMap;

use serde::Serialize;
use tokio::sync::watch;

use super::declaration::{Action, Pipeline};
use super::variables::{Known, OF_EXECUTION, OF_PIPELINE};
use crate::clock;

/// Where an execution, or a stage of it, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Status {
    InProgress,
    Stopping,
    Stopped,
    Succeeded,
    Superseded,
    Failed,
}

impl Status {
    /// Whether it goes on.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::InProgress | Self::Stopping)
    }
}

/// How it was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    /// Nobody asked.
    GoOn,
    /// What is under way ends first.
    Wait,
    /// What is under way is left to itself.
    Abandon,
}

/// What an execution began by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Trigger {
    /// A pipeline runs once it is made.
    CreatePipeline,
    /// Somebody asked for it.
    StartPipelineExecution,
}

/// An object of an artifact store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) bucket: String,
    pub(super) key: String,
    /// What its content is called where it comes from.
    pub(super) revision: Option<String>,
}

/// One execution.
#[derive(Debug)]
pub(super) struct Execution {
    pub(super) id: String,
    /// The pipeline as it was when the execution began.
    pub(super) pipeline: Pipeline,
    pub(super) status: Status,
    pub(super) summary: Option<String>,
    pub(super) started: f64,
    pub(super) updated: f64,
    pub(super) trigger: Trigger,
    pub(super) stop_reason: Option<String>,
    /// Told to whatever runs.
    pub(super) order: watch::Sender<Order>,
    pub(super) known: Known,
    pub(super) artifacts: BTreeMap<String, Place>,
    pub(super) stages: BTreeMap<String, Status>,
    pub(super) actions: Vec<Acted>,
}

/// Where an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum ActionStatus {
    InProgress,
    Abandoned,
    Succeeded,
    Failed,
}

/// Why an action failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Failure {
    pub(super) code: String,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into() }
    }
}

/// An action that was begun.
#[derive(Debug, Clone)]
pub(super) struct Acted {
    pub(super) id: String,
    pub(super) stage: String,
    pub(super) action: Action,
    pub(super) role: String,
    /// Its configuration, with variables filled in.
    pub(super) configuration: BTreeMap<String, String>,
    pub(super) inputs: Vec<(String, Place)>,
    pub(super) outputs: Vec<(String, Place)>,
    pub(super) status: ActionStatus,
    pub(super) started: f64,
    pub(super) updated: f64,
    pub(super) details: Details,
    pub(super) failure: Option<Failure>,
    pub(super) variables: BTreeMap<String, String>,
}

/// What is told of an action on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Details {
    pub(super) summary: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) url: Option<String>,
    pub(super) percent: Option<u64>,
}

impl Details {
    /// Takes over what is told anew; the rest stays.
    pub(super) fn hear(&mut self, told: Self) {
        let Self { summary, external_id, url, percent } = told;
        self.summary = summary.or(self.summary.take());
        self.external_id = external_id.or(self.external_id.take());
        self.url = url.or(self.url.take());
        self.percent = percent.or(self.percent);
    }
}

impl Execution {
    /// One that begins now, with the values of the pipeline's own variables.
    pub(super) fn new(pipeline: Pipeline, variables: BTreeMap<String, String>, trigger: Trigger) -> Self {
        let (id, now) = (clock::uuid(), clock::now_seconds());
        let of_execution = BTreeMap::from([("PipelineExecutionId".to_owned(), id.clone())]);
        Self {
            id,
            pipeline,
            status: Status::InProgress,
            summary: None,
            started: now,
            updated: now,
            trigger,
            stop_reason: None,
            order: watch::Sender::new(Order::GoOn),
            known: Known::from([(OF_EXECUTION.to_owned(), of_execution), (OF_PIPELINE.to_owned(), variables)]),
            artifacts: BTreeMap::new(),
            stages: BTreeMap::new(),
            actions: Vec::new(),
        }
    }

    /// It has ended, in this way.
    pub(super) fn end(&mut self, status: Status, summary: Option<String>) {
        self.status = status;
        self.summary = summary;
        self.touch();
    }

    pub(super) fn touch(&mut self) {
        self.updated = clock::now_seconds();
    }

    pub(super) fn action(&mut self, id: &str) -> Option<&mut Acted> {
        self.actions.iter_mut().find(|acted| acted.id == id)
    }

    /// How it was asked to stop.
    pub(super) fn ordered(&self) -> Order {
        *self.order.borrow()
    }
}
