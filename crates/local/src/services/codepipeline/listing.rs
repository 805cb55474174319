//! What there is to see of pipelines and their executions.

use serde_json::{Map, Value, json};

use super::book::{Book, Kept};
use super::execution::{Acted, Execution, Place};
use super::operations::named;
use super::refusal::Refusal;
use super::shape::{self, Faults, Presence};

/// Whoever starts an execution.
const STARTER: &str = "arn:aws:iam::123456789012:user/local";

/// Members that are not null.
fn present(members: Value) -> Value {
    match members {
        Value::Object(members) => {
            Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// A page of a listing: those after the token, which is how many came before.
fn page(all: Vec<Value>, member: &str, most: usize, input: &Value) -> Result<Value, Refusal> {
    let mut faults = Faults::default();
    faults.number("maxResults", &input["maxResults"], 1, i64::try_from(most).unwrap_or(i64::MAX));
    faults.text("nextToken", &input["nextToken"], Presence::Optional, &shape::PAGE);
    faults.refused()?;
    let before = match input["nextToken"].as_str() {
        None => 0,
        Some(token) => token.parse::<usize>().map_err(|_| {
            Refusal::new("InvalidNextTokenException", "The next token was specified in an invalid format")
        })?,
    };
    let size = input["maxResults"].as_u64().and_then(|size| usize::try_from(size).ok()).unwrap_or(most);
    let (total, shown) = (all.len(), all.into_iter().skip(before).take(size).collect::<Vec<_>>());
    let after = before + shown.len();
    Ok(present(json!({ member: shown, "nextToken": (after < total).then(|| after.to_string()) })))
}

/// ListPipelines.
pub(super) fn pipelines(book: &Book, input: &Value) -> Result<Value, Refusal> {
    let one = |kept: &Kept| {
        json!({
            "name": kept.current.name,
            "version": kept.current.version,
            "pipelineType": kept.current.pipeline_type,
            "executionMode": kept.current.execution_mode,
            "created": kept.created,
            "updated": kept.updated,
        })
    };
    page(book.all(one), "pipelines", 1_000, input)
}

/// GetPipelineExecution.
pub(super) fn execution(book: &Book, input: &Value) -> Result<Value, Refusal> {
    let name = named(input, "pipelineName")?;
    let mut faults = Faults::default();
    faults.text("pipelineExecutionId", &input["pipelineExecutionId"], Presence::Required, &shape::ID);
    faults.refused()?;
    let id = input["pipelineExecutionId"].as_str().unwrap_or_default();
    book.with(&name, |kept| Ok(json!({ "pipelineExecution": whole(kept.execution(id)?) })))
}

fn whole(execution: &Execution) -> Value {
    let variables = execution.known.get(super::variables::OF_PIPELINE).into_iter().flatten();
    let variables: Vec<Value> =
        variables.map(|(name, value)| json!({ "name": name, "resolvedValue": value })).collect();
    let revision = |(name, place): (&String, &Place)| {
        place.revision.as_ref().map(|revision| json!({ "name": name, "revisionId": revision }))
    };
    present(json!({
        "pipelineName": execution.pipeline.name,
        "pipelineVersion": execution.pipeline.version,
        "pipelineExecutionId": execution.id,
        "status": execution.status,
        "statusSummary": execution.summary,
        "artifactRevisions": execution.artifacts.iter().filter_map(revision).collect::<Vec<_>>(),
        "variables": variables,
        "trigger": trigger(execution),
        "executionMode": execution.pipeline.execution_mode,
        "executionType": "STANDARD",
    }))
}

fn trigger(execution: &Execution) -> Value {
    json!({ "triggerType": execution.trigger, "triggerDetail": STARTER })
}

/// ListPipelineExecutions, the newest first.
pub(super) fn executions(book: &Book, input: &Value) -> Result<Value, Refusal> {
    let one = |execution: &Execution| {
        let sources = execution.actions.iter().filter(|acted| acted.action.action_type_id.category == "Source");
        let sources = sources.map(|acted| {
            let revision = acted.outputs.first().and_then(|(_, place)| place.revision.clone());
            present(json!({
                "actionName": acted.action.name,
                "revisionId": revision,
                "revisionSummary": acted.details.summary,
            }))
        });
        present(json!({
            "pipelineExecutionId": execution.id,
            "status": execution.status,
            "statusSummary": execution.summary,
            "startTime": execution.started,
            "lastUpdateTime": execution.updated,
            "sourceRevisions": sources.collect::<Vec<_>>(),
            "trigger": trigger(execution),
            "stopTrigger": execution.stop_reason.as_ref().map(|reason| json!({ "reason": reason })),
            "executionMode": execution.pipeline.execution_mode,
            "executionType": "STANDARD",
        }))
    };
    let name = named(input, "pipelineName")?;
    let all = book.with(&name, |kept| Ok(kept.executions.iter().rev().map(one).collect()))?;
    page(all, "pipelineExecutionSummaries", 100, input)
}

/// GetPipelineState: of each stage the execution that entered it last.
pub(super) fn state(book: &Book, input: &Value) -> Result<Value, Refusal> {
    let name = named(input, "name")?;
    book.with(&name, |kept| {
        let stages = kept.current.stages.iter().map(|stage| {
            let latest = kept.executions.iter().rev().find_map(|one| Some((one, one.stages.get(&stage.name)?)));
            let latest = latest.map(|(one, status)| json!({ "pipelineExecutionId": one.id, "status": status }));
            let actions = stage.actions.iter().map(|action| {
                let of = |one: &Execution| {
                    let is = |acted: &&Acted| acted.stage == stage.name && acted.action.name == action.name;
                    one.actions.iter().rev().find(is).map(acted)
                };
                let latest = kept.executions.iter().rev().find_map(of);
                present(json!({ "actionName": action.name, "latestExecution": latest }))
            });
            present(json!({
                "stageName": stage.name,
                "inboundTransitionState": { "enabled": true },
                "actionStates": actions.collect::<Vec<_>>(),
                "latestExecution": latest,
            }))
        });
        Ok(json!({
            "pipelineName": kept.current.name,
            "pipelineVersion": kept.current.version,
            "stageStates": stages.collect::<Vec<_>>(),
            "created": kept.created,
            "updated": kept.updated,
        }))
    })
}

fn acted(acted: &Acted) -> Value {
    present(json!({
        "actionExecutionId": acted.id,
        "status": acted.status,
        "summary": acted.details.summary,
        "lastStatusChange": acted.updated,
        "externalExecutionId": acted.details.external_id,
        "externalExecutionUrl": acted.details.url,
        "percentComplete": acted.details.percent,
        "errorDetails": acted.failure,
    }))
}

/// ListActionExecutions, the newest first.
pub(super) fn actions(book: &Book, input: &Value) -> Result<Value, Refusal> {
    let name = named(input, "pipelineName")?;
    let filter = &input["filter"];
    let wanted = filter["pipelineExecutionId"]
        .as_str()
        .or_else(|| filter["latestInPipelineExecution"]["pipelineExecutionId"].as_str());
    let mut faults = Faults::default();
    faults.text("filter.pipelineExecutionId", &filter["pipelineExecutionId"], Presence::Optional, &shape::ID);
    faults.refused()?;
    let all = book.with(&name, |kept| {
        if let Some(id) = wanted {
            kept.execution(id)?;
        }
        let those = kept.executions.iter().rev().filter(|one| wanted.is_none_or(|id| one.id == id));
        Ok(those.flat_map(|one| one.actions.iter().rev().map(|acted| detail(one, acted))).collect())
    })?;
    page(all, "actionExecutionDetails", 100, input)
}

fn detail(execution: &Execution, acted: &Acted) -> Value {
    let artifacts = |all: &[(String, Place)]| {
        let one = |(name, place): &(String, Place)| json!({ "name": name, "s3location": { "bucket": place.bucket, "key": place.key } });
        all.iter().map(one).collect::<Vec<_>>()
    };
    let result = present(json!({
        "externalExecutionId": acted.details.external_id,
        "externalExecutionSummary": acted.details.summary,
        "externalExecutionUrl": acted.details.url,
        "errorDetails": acted.failure,
    }));
    json!({
        "pipelineExecutionId": execution.id,
        "actionExecutionId": acted.id,
        "pipelineVersion": execution.pipeline.version,
        "stageName": acted.stage,
        "actionName": acted.action.name,
        "startTime": acted.started,
        "lastUpdateTime": acted.updated,
        "status": acted.status,
        "input": present(json!({
            "actionTypeId": acted.action.action_type_id,
            "configuration": acted.action.configuration,
            "resolvedConfiguration": acted.configuration,
            "roleArn": acted.role,
            "inputArtifacts": artifacts(&acted.inputs),
            "namespace": acted.action.namespace,
        })),
        "output": {
            "outputArtifacts": artifacts(&acted.outputs),
            "executionResult": result,
            "outputVariables": acted.variables,
        },
    })
}
