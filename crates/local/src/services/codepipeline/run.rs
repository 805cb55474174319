//! An execution from its first stage to its end.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::action::{Done, Task, Undone};
use super::artifacts::place;
use super::book::Book;
use super::declaration::{Action, Pipeline, Stage};
use super::execution::{Acted, ActionStatus, Details, Execution, Failure, Order, Status};
use super::providers::Provider;
use super::refusal::Refusal;
use super::variables::resolved;
use super::{invoke, source, states};
use crate::client::Client;
use crate::clock;
use crate::services::iam::{Reach, Sessions};

/// What executions are carried out with.
#[derive(Clone)]
pub(super) struct Runner {
    pub(super) book: Arc<Book>,
    pub(super) sessions: Arc<Sessions>,
    /// The stack's own endpoint.
    pub(super) front: Client,
}

/// How a stage ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Well,
    Badly,
    Stopped,
}

impl Runner {
    /// Carries an execution out.
    pub(super) async fn run(self, pipeline: Pipeline, id: String) {
        let name = pipeline.name.clone();
        for stage in &pipeline.stages {
            if !self.book.enter(&name, &stage.name, &id).await {
                return self.close(&name, &id);
            }
            self.mark(&name, &id, &stage.name, Status::InProgress);
            let ended = self.stage(&pipeline, stage, &id).await;
            let status = match ended {
                Ended::Well => Status::Succeeded,
                Ended::Badly => Status::Failed,
                Ended::Stopped => Status::Stopped,
            };
            self.mark(&name, &id, &stage.name, status);
            if ended != Ended::Well {
                self.end(&name, &id, status);
            }
            self.book.leave(&name, &stage.name, &id);
            if ended != Ended::Well {
                return;
            }
        }
        self.end(&name, &id, Status::Succeeded);
    }

    /// One that was told to stop before it could enter a stage is stopped; one that was superseded knows.
    fn close(&self, name: &str, id: &str) {
        self.change(name, id, |execution| {
            if execution.status.is_open() {
                execution.end(Status::Stopped, execution.stop_reason.clone());
            }
        });
        self.book.look();
    }

    fn end(&self, name: &str, id: &str, status: Status) {
        self.change(name, id, |execution| {
            // An execution that was abandoned is over already, and one that was told to wait has waited.
            let status = if execution.status == Status::Stopping { Status::Stopped } else { status };
            if execution.status.is_open() {
                execution.end(status, execution.stop_reason.clone());
            }
        });
    }

    fn mark(&self, name: &str, id: &str, stage: &str, status: Status) {
        self.change(name, id, |execution| {
            execution.stages.insert(stage.to_owned(), status);
        });
    }

    /// A pipeline that is gone is not changed.
    fn change(&self, name: &str, id: &str, change: impl FnOnce(&mut Execution)) {
        let _ = self.book.with_mut(name, |kept| {
            change(kept.execution_mut(id)?);
            Ok(())
        });
    }

    async fn stage(&self, pipeline: &Pipeline, stage: &Stage, id: &str) -> Ended {
        for group in stage.groups() {
            let mut running = JoinSet::new();
            for action in group {
                let (runner, pipeline, stage) = (self.clone(), pipeline.clone(), stage.name.clone());
                let (action, id) = (action.clone(), id.to_owned());
                running.spawn(async move { runner.action(&pipeline, &stage, &action, &id).await });
            }
            let all = running.join_all().await;
            let ordered = self.book.with(&pipeline.name, |kept| Ok(kept.execution(id)?.ordered()));
            if ordered != Ok(Order::GoOn) {
                return Ended::Stopped;
            }
            if !all.into_iter().all(|well| well) {
                return Ended::Badly;
            }
        }
        Ended::Well
    }

    /// Carries an action out; whether it went well.
    async fn action(&self, pipeline: &Pipeline, stage: &str, action: &Action, id: &str) -> bool {
        let Ok((task, begun)) = self.begin(pipeline, stage, action, id) else { return false };
        let result = match begun {
            Err(failure) => Err(Undone::Failed(failure)),
            Ok(()) => match action.provider() {
                Some(Provider::S3) => source::carry_out(&task).await,
                Some(Provider::Lambda) => invoke::carry_out(&task).await,
                Some(Provider::StepFunctions) => states::carry_out(&task).await,
                None => Err(Undone::Abandoned),
            },
        };
        let well = result.is_ok();
        self.change(&pipeline.name, id, |execution| settle(execution, &task.acted.id, result));
        well
    }

    /// Writes down that an action begins; and why it cannot, where a variable is not known.
    fn begin(
        &self,
        pipeline: &Pipeline,
        stage: &str,
        action: &Action,
        id: &str,
    ) -> Result<(Task, Result<(), Failure>), Refusal> {
        let Some(store) = pipeline.artifact_store.clone() else { return Err(Refusal::structure("no artifactStore")) };
        let role = pipeline.role(action).to_owned();
        let aws = self.front.clone().signing_as(&self.sessions.issue(&role, Reach::Role));
        self.book.with_mut(&pipeline.name, |kept| {
            let execution = kept.execution_mut(id)?;
            let (configuration, begun) = match resolved(action, &execution.known) {
                Ok(configuration) => (configuration, Ok(())),
                Err(reference) => (BTreeMap::new(), Err(unknown(action, &reference))),
            };
            let input = |named: &str| execution.artifacts.get(named).map(|place| (named.to_owned(), place.clone()));
            let inputs = action.input_artifacts.iter().filter_map(|artifact| input(&artifact.name)).collect();
            let output = |named: &str| (named.to_owned(), place(&store, &pipeline.name, named));
            let now = clock::now_seconds();
            let acted = Acted {
                id: clock::uuid(),
                stage: stage.to_owned(),
                action: action.clone(),
                role,
                configuration,
                inputs,
                outputs: action.output_artifacts.iter().map(|artifact| output(&artifact.name)).collect(),
                status: ActionStatus::InProgress,
                started: now,
                updated: now,
                details: Details::default(),
                failure: None,
                variables: BTreeMap::new(),
            };
            execution.actions.push(acted.clone());
            execution.touch();
            let task = Task {
                book: Arc::clone(&self.book),
                sessions: Arc::clone(&self.sessions),
                aws,
                pipeline: pipeline.name.clone(),
                execution: id.to_owned(),
                store,
                acted,
                order: execution.order.subscribe(),
            };
            Ok((task, begun))
        })
    }
}

fn unknown(action: &Action, reference: &str) -> Failure {
    let message = format!(
        "The action {} could not be run: nothing is known of {reference}, which its configuration references",
        action.name
    );
    Failure::new("ConfigurationError", message)
}

/// Writes down what came of an action.
fn settle(execution: &mut Execution, id: &str, result: Result<Done, Undone>) {
    execution.touch();
    let updated = execution.updated;
    let Some(acted) = execution.action(id) else { return };
    acted.updated = updated;
    match result {
        Ok(Done { variables, details, revision }) => {
            acted.status = ActionStatus::Succeeded;
            acted.details.hear(details);
            acted.variables.clone_from(&variables);
            for (_, place) in &mut acted.outputs {
                place.revision.clone_from(&revision);
            }
            let (namespace, outputs) = (acted.action.namespace.clone(), acted.outputs.clone());
            execution.artifacts.extend(outputs);
            execution.known.extend(namespace.map(|namespace| (namespace, variables)));
        }
        Err(Undone::Failed(failure)) => {
            acted.status = ActionStatus::Failed;
            acted.failure = Some(failure);
        }
        Err(Undone::Abandoned) => acted.status = ActionStatus::Abandoned,
    }
}
