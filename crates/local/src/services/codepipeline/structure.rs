//! Whether a pipeline holds together: its stages, its artifacts, its variables, and each action for itself.

use std::collections::BTreeSet;

use serde_json::Value;

use super::declaration::{Action, Pipeline, Type};
use super::providers::{PLAYED, Row};
use super::refusal::Refusal;
use super::shape::{self, Faults, Presence};
use super::variables::{OF_EXECUTION, OF_PIPELINE, references, split};
use crate::arn::REGION;

/// Reads a pipeline as a user wrote it, with a version of its own.
pub(super) fn read(written: &Value) -> Result<Pipeline, Refusal> {
    shaped(written)?;
    let pipeline: Pipeline = serde_json::from_value(written.clone())
        .map_err(|error| Refusal::new("SerializationException", error.to_string()))?;
    holds_together(&pipeline)?;
    Ok(pipeline)
}

/// Whether each member is as the model of the API has it.
fn shaped(written: &Value) -> Result<(), Refusal> {
    use Presence::{Optional, Required};
    let mut faults = Faults::default();
    if faults.present("pipeline", written) {
        let at = |member: &str| format!("pipeline.{member}");
        faults.text(&at("name"), &written["name"], Required, &shape::NAME);
        faults.text(&at("roleArn"), &written["roleArn"], Required, &shape::ROLE);
        faults.text(&at("pipelineType"), &written["pipelineType"], Optional, &shape::PIPELINE_TYPE);
        faults.text(&at("executionMode"), &written["executionMode"], Optional, &shape::MODE);
        shaped_store(&mut faults, &written["artifactStore"]);
        for (number, declared) in list(&written["variables"]) {
            let at = |member: &str| format!("pipeline.variables.{number}.member.{member}");
            faults.text(&at("name"), &declared["name"], Required, &shape::VARIABLE);
            faults.text(&at("defaultValue"), &declared["defaultValue"], Optional, &shape::VALUE);
        }
        faults.present(&at("stages"), &written["stages"]);
        for (number, stage) in list(&written["stages"]) {
            let at = format!("pipeline.stages.{number}.member");
            faults.text(&format!("{at}.name"), &stage["name"], Required, &shape::NAME);
            faults.present(&format!("{at}.actions"), &stage["actions"]);
            for (number, action) in list(&stage["actions"]) {
                shaped_action(&mut faults, &format!("{at}.actions.{number}.member"), action);
            }
        }
    }
    faults.refused()
}

fn list(value: &Value) -> impl Iterator<Item = (usize, &Value)> {
    (1..).zip(value.as_array().into_iter().flatten())
}

fn shaped_store(faults: &mut Faults, store: &Value) {
    use Presence::Required;
    if store.is_null() {
        return;
    }
    let at = |member: &str| format!("pipeline.artifactStore.{member}");
    faults.text(&at("type"), &store["type"], Required, &shape::STORE_TYPE);
    faults.text(&at("location"), &store["location"], Required, &shape::BUCKET);
    let key = &store["encryptionKey"];
    if !key.is_null() {
        faults.text(&at("encryptionKey.id"), &key["id"], Required, &shape::KEY);
        faults.text(&at("encryptionKey.type"), &key["type"], Required, &shape::KEY_TYPE);
    }
}

fn shaped_action(faults: &mut Faults, at: &str, action: &Value) {
    use Presence::{Optional, Required};
    let of = |member: &str| format!("{at}.{member}");
    faults.text(&of("name"), &action["name"], Required, &shape::NAME);
    faults.text(&of("namespace"), &action["namespace"], Optional, &shape::NAMESPACE);
    faults.text(&of("roleArn"), &action["roleArn"], Optional, &shape::ROLE);
    faults.number(&of("runOrder"), &action["runOrder"], 1, 999);
    if faults.present(&of("actionTypeId"), &action["actionTypeId"]) {
        let kind = &action["actionTypeId"];
        for (member, rule) in [
            ("category", &shape::CATEGORY),
            ("owner", &shape::OWNER),
            ("provider", &shape::PROVIDER),
            ("version", &shape::VERSION),
        ] {
            faults.text(&of(&format!("actionTypeId.{member}")), &kind[member], Required, rule);
        }
    }
    faults.map(&of("configuration"), &action["configuration"], &shape::CONFIGURATION_KEY, &shape::CONFIGURATION_VALUE);
    for member in ["inputArtifacts", "outputArtifacts"] {
        for (number, artifact) in list(&action[member]) {
            let at = of(&format!("{member}.{number}.member.name"));
            faults.text(&at, &artifact["name"], Required, &shape::ARTIFACT);
        }
    }
}

fn holds_together(pipeline: &Pipeline) -> Result<(), Refusal> {
    if pipeline.artifact_stores.is_some() || pipeline.artifact_store.is_none() {
        let message = "The pipeline must have an artifactStore; artifactStores are for pipelines in several regions, \
                       which the local stack does not play";
        return Err(Refusal::structure(message));
    }
    let count = pipeline.stages.len();
    if count < 2 {
        return Err(Refusal::structure(format!(
            "Pipeline has only {count} stage(s). There should be a minimum of 2 stages in a pipeline"
        )));
    }
    if !pipeline.variables.is_empty() && pipeline.pipeline_type == Type::V1 {
        return Err(Refusal::structure("Pipeline variables are available for pipelines of type V2 only"));
    }
    let mut stages = BTreeSet::new();
    for (number, stage) in pipeline.stages.iter().enumerate() {
        if !stages.insert(stage.name.as_str()) {
            return Err(Refusal::structure(format!("Stage name must be unique within a pipeline: {}", stage.name)));
        }
        if stage.actions.is_empty() {
            return Err(Refusal::structure(format!("Stage {} must have at least one action", stage.name)));
        }
        let mut actions = BTreeSet::new();
        for action in &stage.actions {
            if !actions.insert(action.name.as_str()) {
                let message = format!("Action name must be unique within stage {}: {}", stage.name, action.name);
                return Err(Refusal::structure(message));
            }
            let is_source = action.action_type_id.category == "Source";
            if is_source != (number == 0) {
                let message = "Pipeline should start with a stage that only contains source actions";
                return Err(Refusal::structure(message));
            }
            fits_its_provider(action)?;
        }
    }
    artifacts_come_from_somewhere(pipeline)?;
    variables_come_from_somewhere(pipeline)
}

/// Whether an action has what its provider takes.
fn fits_its_provider(action: &Action) -> Result<(), Refusal> {
    let (name, kind) = (&action.name, &action.action_type_id);
    let Some(row) = Row::of(kind) else {
        let region = REGION.to_uppercase().replace('-', "_");
        return Err(Refusal::action(format!(
            "ActionType (Category: '{}', Provider: '{}', Owner: '{}', Version: '{}') in action '{name}' is not available \
             in region '{region}': {PLAYED}",
            kind.category, kind.provider, kind.owner, kind.version
        )));
    };
    if let Some(other) = action.region.as_deref().filter(|region| *region != REGION) {
        return Err(Refusal::action(format!("Action {name} is in {other}: the local stack plays {REGION} only")));
    }
    for (what, artifacts, allowed) in
        [("input", &action.input_artifacts, &row.inputs), ("output", &action.output_artifacts, &row.outputs)]
    {
        let count = artifacts.len();
        if !allowed.contains(&count) {
            let bound = match count < *allowed.start() {
                true => format!("is less than the minimum count ({})", allowed.start()),
                false => format!("exceeds the maximum count ({})", allowed.end()),
            };
            return Err(Refusal::action(format!("Action {name} declares {count} {what} artifacts which {bound}")));
        }
    }
    if let Some(missing) = row.required.iter().find(|key| action.setting(key).is_none()) {
        return Err(Refusal::action(format!(
            "Action configuration for action '{name}' is missing required configuration '{missing}'"
        )));
    }
    let known = |key: &str| row.required.contains(&key) || row.optional.contains(&key);
    if let Some(unknown) = action.configuration.keys().find(|key| !known(key)) {
        return Err(Refusal::action(format!(
            "Action configuration for action '{name}' contains unknown configuration '{unknown}'"
        )));
    }
    match action.setting("InputType") {
        Some("FilePath") if action.input_artifacts.is_empty() || action.setting("Input").is_none() => {
            let message = format!("Action {name} has the InputType FilePath: it needs an input artifact and an Input");
            Err(Refusal::action(message))
        }
        None | Some("Literal" | "FilePath") => Ok(()),
        Some(other) => Err(Refusal::action(format!(
            "Action configuration for action '{name}' has the InputType '{other}': it is Literal or FilePath"
        ))),
    }
}

/// Whether each input is an output of an action that is over by then, and no artifact is made twice.
fn artifacts_come_from_somewhere(pipeline: &Pipeline) -> Result<(), Refusal> {
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for stage in &pipeline.stages {
        for group in stage.groups() {
            for action in &group {
                if let Some(missing) = action.input_artifacts.iter().find(|input| !made.contains(input.name.as_str())) {
                    return Err(Refusal::structure(format!(
                        "Input Artifact Bundle {} in action {} is not declared as Output Artifact Bundle in any of the \
                         preceding actions",
                        missing.name, action.name
                    )));
                }
            }
            for output in group.iter().flat_map(|action| &action.output_artifacts) {
                if !made.insert(&output.name) {
                    return Err(Refusal::structure(format!(
                        "Output Artifact Bundle name must be unique within the pipeline: {}",
                        output.name
                    )));
                }
            }
        }
    }
    Ok(())
}

/// Whether each variable is one of an action that is over by then.
fn variables_come_from_somewhere(pipeline: &Pipeline) -> Result<(), Refusal> {
    let mut known = BTreeSet::from([OF_EXECUTION]);
    if !pipeline.variables.is_empty() {
        known.insert(OF_PIPELINE);
    }
    for stage in &pipeline.stages {
        for group in stage.groups() {
            for action in &group {
                for (key, value) in &action.configuration {
                    let unknown = |reference: &&str| split(reference).is_none_or(|(space, _)| !known.contains(space));
                    if let Some(reference) = references(value).find(unknown) {
                        return Err(Refusal::structure(format!(
                            "Valid format for a pipeline execution variable reference is a namespace and a key separated by \
                             a period (.). The following pipeline execution variables are referencing a namespace that does \
                             not exist. StageName=[{}], ActionName=[{}], ActionConfigurationKey=[{key}], \
                             VariableReferenceText=[{reference}]",
                            stage.name, action.name
                        )));
                    }
                }
            }
            for namespace in group.iter().filter_map(|action| action.namespace.as_deref()) {
                if [OF_EXECUTION, OF_PIPELINE].contains(&namespace) || !known.insert(namespace) {
                    return Err(Refusal::structure(format!(
                        "The namespace '{namespace}' is reserved or used by another action"
                    )));
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
