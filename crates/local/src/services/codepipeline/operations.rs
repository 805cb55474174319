//! What is done with pipelines and their executions, beside looking at them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::book::Book;
use super::declaration::Pipeline;
use super::execution::{ActionStatus, Execution, Order, Status, Trigger};
use super::refusal::Refusal;
use super::shape::{self, Faults, Presence};
use super::structure;
use crate::arn::{ACCOUNT, REGION};
use crate::client::Client;
use crate::http::decoded;

/// An input whose members were looked at.
pub(super) fn read<T: DeserializeOwned>(input: &Value) -> Result<T, Refusal> {
    T::deserialize(input).map_err(|error| Refusal::new("SerializationException", error.to_string()))
}

/// The name of a pipeline in an input.
pub(super) fn named(input: &Value, member: &str) -> Result<String, Refusal> {
    let mut faults = Faults::default();
    faults.text(member, &input[member], Presence::Required, &shape::NAME);
    faults.refused()?;
    read(&input[member])
}

/// CreatePipeline.
pub(super) async fn create(book: &Book, moto: &Client, input: &Value) -> Result<Pipeline, Refusal> {
    let pipeline = structure::read(&input["pipeline"])?;
    assumable(&pipeline, moto).await?;
    book.create(pipeline)
}

/// UpdatePipeline.
pub(super) async fn update(book: &Book, moto: &Client, input: &Value) -> Result<Value, Refusal> {
    let pipeline = structure::read(&input["pipeline"])?;
    assumable(&pipeline, moto).await?;
    Ok(json!({ "pipeline": book.update(pipeline)? }))
}

/// Whether CodePipeline may take a pipeline's roles.
async fn assumable(pipeline: &Pipeline, moto: &Client) -> Result<(), Refusal> {
    let of_actions = pipeline.actions().filter_map(|(_, action)| action.role_arn.as_deref());
    for role in [pipeline.role_arn.as_str()].into_iter().chain(of_actions) {
        let name = role.rsplit('/').next().unwrap_or(role);
        let asked = [("Action", "GetRole"), ("Version", "2010-05-08"), ("RoleName", name)];
        let found = moto.aws_query("iam", &asked).await.map(|found| decoded(&found)).unwrap_or_default();
        if !found.contains("codepipeline.amazonaws.com") {
            let message = format!("CodePipeline is not authorized to perform AssumeRole on role {role}");
            return Err(Refusal::structure(message));
        }
    }
    Ok(())
}

/// GetPipeline.
pub(super) fn get(book: &Book, input: &Value) -> Result<Value, Refusal> {
    let name = named(input, "name")?;
    let mut faults = Faults::default();
    faults.number("version", &input["version"], 1, i64::from(u32::MAX));
    faults.refused()?;
    let (pipeline, created, updated) = book.version(&name, read(&input["version"])?)?;
    let arn = format!("arn:aws:codepipeline:{REGION}:{ACCOUNT}:{name}");
    let metadata = json!({ "pipelineArn": arn, "created": created, "updated": updated });
    Ok(json!({ "pipeline": pipeline, "metadata": metadata }))
}

/// DeletePipeline. One that is not there is deleted, too.
pub(super) fn delete(book: &Book, input: &Value) -> Result<(), Refusal> {
    book.delete(&named(input, "name")?);
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Start {
    name: String,
    #[serde(default)]
    variables: Vec<Given>,
    client_request_token: Option<String>,
}

#[derive(Deserialize)]
struct Given {
    name: String,
    value: String,
}

/// StartPipelineExecution: the execution's id, and the pipeline to run where it is a new one.
pub(super) fn start(book: &Book, input: &Value) -> Result<(String, Option<Pipeline>), Refusal> {
    let mut faults = Faults::default();
    faults.text("name", &input["name"], Presence::Required, &shape::NAME);
    faults.text("clientRequestToken", &input["clientRequestToken"], Presence::Optional, &shape::REQUEST_TOKEN);
    for (number, given) in (1..).zip(input["variables"].as_array().into_iter().flatten()) {
        let at = |member: &str| format!("variables.{number}.member.{member}");
        faults.text(&at("name"), &given["name"], Presence::Required, &shape::VARIABLE);
        faults.text(&at("value"), &given["value"], Presence::Required, &shape::VALUE);
    }
    faults.refused()?;
    if input["sourceRevisions"].as_array().is_some_and(|revisions| !revisions.is_empty()) {
        return Err(Refusal::validation(
            "the local stack plays no sourceRevisions: put the object that is to be taken",
        ));
    }
    let Start { name, variables, client_request_token } = read(input)?;
    let mut made = None;
    let (id, _) = book.begin(&name, client_request_token.as_deref(), |pipeline| {
        made = Some(pipeline.clone());
        Ok(Execution::new(pipeline.clone(), values(pipeline, variables)?, Trigger::StartPipelineExecution))
    })?;
    Ok((id, made))
}

/// The execution of a pipeline that was just made. One whose variables have no values has none.
pub(super) fn first(book: &Book, pipeline: &Pipeline) -> Result<String, Refusal> {
    let make = |pipeline: &Pipeline| {
        Ok(Execution::new(pipeline.clone(), values(pipeline, Vec::new())?, Trigger::CreatePipeline))
    };
    book.begin(&pipeline.name, None, make).map(|(id, _)| id)
}

/// The values of a pipeline's own variables.
fn values(pipeline: &Pipeline, given: Vec<Given>) -> Result<BTreeMap<String, String>, Refusal> {
    let mut given: BTreeMap<String, String> = given.into_iter().map(|one| (one.name, one.value)).collect();
    let mut values = BTreeMap::new();
    for declared in &pipeline.variables {
        let Some(value) = given.remove(&declared.name).or_else(|| declared.default_value.clone()) else {
            let message = format!("The pipeline variable {} has no default value and none was given", declared.name);
            return Err(Refusal::validation(message));
        };
        values.insert(declared.name.clone(), value);
    }
    match given.into_keys().next() {
        Some(unknown) => {
            Err(Refusal::validation(format!("The pipeline {} declares no variable {unknown}", pipeline.name)))
        }
        None => Ok(values),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stop {
    pipeline_name: String,
    pipeline_execution_id: String,
    #[serde(default)]
    abandon: bool,
    reason: Option<String>,
}

/// StopPipelineExecution.
pub(super) fn stop(book: &Book, input: &Value) -> Result<Value, Refusal> {
    let mut faults = Faults::default();
    faults.text("pipelineName", &input["pipelineName"], Presence::Required, &shape::NAME);
    faults.text("pipelineExecutionId", &input["pipelineExecutionId"], Presence::Required, &shape::ID);
    faults.text("reason", &input["reason"], Presence::Optional, &shape::REASON);
    faults.refused()?;
    let Stop { pipeline_name, pipeline_execution_id: id, abandon, reason } = read(input)?;
    let order = if abandon { Order::Abandon } else { Order::Wait };
    book.with_mut(&pipeline_name, |kept| {
        let execution = kept.execution_mut(&id)?;
        if !execution.status.is_open() {
            let message = format!("The pipeline execution {id} is not in progress: it cannot be stopped");
            return Err(Refusal::new("PipelineExecutionNotStoppableException", message));
        }
        if execution.ordered() >= order {
            let message = format!("The pipeline execution {id} is being stopped in this way already");
            return Err(Refusal::new("DuplicatedStopRequestException", message));
        }
        execution.stop_reason = reason;
        execution.touch();
        execution.status = if abandon { Status::Stopped } else { Status::Stopping };
        if abandon {
            let summary = execution.stop_reason.clone();
            execution.end(Status::Stopped, summary);
            let under_way = execution.actions.iter_mut().filter(|acted| acted.status == ActionStatus::InProgress);
            under_way.for_each(|acted| acted.status = ActionStatus::Abandoned);
        }
        execution.order.send_replace(order);
        Ok(())
    })?;
    // It may wait at the door of a stage.
    book.look();
    Ok(json!({ "pipelineExecutionId": id }))
}
