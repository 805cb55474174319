//! Whose a record is. Executions of both state machines, and of anybody's making, can have the name of a deployment; its record
//! belongs to one of them.

use rollout::deployment::Deployment;
use rollout::ids::ExecutionArn;
use rollout::journal::Entry;
use serde::{Deserialize, Serialize};

use crate::change::change;
use crate::error::StepError;
use crate::ports::{Journal, Loaded, NameExecutions, PortError, Records};

/// What an execution had to do, as far as its state machine knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Work {
    /// It was prepared, and may have moved traffic.
    Rollout,
    /// Nothing that it did could have moved any.
    #[default]
    Nothing,
}

/// Refuses an execution that the record does not belong to. Executions that were started before this was asked for do not say
/// which they are; they came from definitions that are gone by now.
pub fn check(deployment: &Deployment, execution: Option<&ExecutionArn>) -> Result<(), StepError> {
    match execution {
        Some(execution) if !deployment.belongs_to(execution) => Err(foreign(deployment, execution)),
        Some(_) | None => Ok(()),
    }
}

/// Makes the record the execution's where it is nobody's yet.
pub async fn claim(
    ports: &impl Records,
    loaded: &mut Loaded,
    execution: Option<&ExecutionArn>,
) -> Result<(), StepError> {
    let Some(execution) = execution else { return Ok(()) };
    if loaded.deployment.depends_on().is_none() && !loaded.deployment.phase.is_final() && loaded.plan.is_none() {
        change(ports, loaded, |deployment| {
            if deployment.depends_on().is_none() {
                deployment.execution = Some(execution.clone());
            }
            Ok::<(), PortError>(())
        })
        .await?;
    }
    check(&loaded.deployment, Some(execution))
}

fn foreign(deployment: &Deployment, execution: &ExecutionArn) -> StepError {
    let id = &deployment.id;
    let owner = deployment.execution.as_ref().map_or("another execution", |owner| owner.as_str());
    StepError::ForeignExecution(format!(
        "the record of deployment {id} belongs to {owner}, not to {execution}; nothing was touched: start it under another name"
    ))
}

/// The execution that the deployment depends on now. Records of older code do not say: it is called as they are.
pub fn depends_on(ports: &impl NameExecutions, deployment: &Deployment) -> Result<ExecutionArn, PortError> {
    match deployment.depends_on() {
        Some(execution) => Ok(execution.clone()),
        None => ports.execution_arn(deployment.platform, deployment.id.as_str()),
    }
}

/// What is said of a deployment whose record, or whose plan, was deleted while it was carried out: what its journal knows last.
pub async fn deleted(
    ports: &impl Journal,
    id: &rollout::ids::DeploymentId,
    what: &str,
) -> Result<StepError, PortError> {
    let lines = ports.lines(id).await?;
    let last =
        lines.iter().rev().find(|line| matches!(line.entry, Entry::WeightSet { .. } | Entry::TrafficSettled { .. }));
    let planned = lines.iter().find(|line| matches!(line.entry, Entry::Planned { .. }));
    let known = match (last, planned) {
        (Some(last), _) => {
            format!("so its traffic could not be put back: the last that was written down is: {}", last.entry)
        }
        (None, Some(planned)) => format!("and no traffic was moved as far as is known: it was {}", planned.entry),
        (None, None) => "so its traffic could not be put back: nothing is known of it".to_owned(),
    };
    Ok(StepError::Refused(format!(
        "the {what} of deployment {id} was deleted while it was carried out, {known}; \
         point its target where it belongs by hand"
    )))
}
