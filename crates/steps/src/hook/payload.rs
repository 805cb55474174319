//! What a hook function is sent.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollout::event::LifecycleEvent;
use rollout::ids::{DeploymentId, ParameterName, Version};
use rollout::plan::Plan;
use rollout::target::Target;
use serde::Serialize;
use serde_json::Value;

use crate::error::StepError;
use crate::ports::{HookRun, Loaded, Secret};

/// What a hook function is sent. The first two members are CodeDeploy's (docs/codedeploy-contract.md 3.5), the others are ours.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Payload<'a> {
    deployment_id: &'a DeploymentId,
    lifecycle_event_hook_execution_id: &'a str,
    lifecycle_event: LifecycleEvent,
    #[serde(flatten)]
    target: TargetPayload<'a>,
    weight: u8,
    deadline: Timestamp,
    parameters: BTreeMap<&'a str, &'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hook_details: Option<Value>,
}

/// What the target is, in the words of its platform.
#[derive(Serialize)]
#[serde(untagged, rename_all_fields = "PascalCase")]
enum TargetPayload<'a> {
    Alias {
        function_name: &'a str,
        alias: &'a str,
        current_version: Option<Version>,
        target_version: Option<Version>,
    },
    Service {
        cluster: &'a str,
        service: &'a str,
        current_task_definition: &'a str,
        target_task_definition: &'a str,
        current_task_set: &'a str,
        current_target_group: &'a str,
        target_target_group: &'a str,
    },
}

/// The payload of one call of a hook. It has the values of its parameters, and is kept nowhere.
pub(super) fn payload(
    loaded: &Loaded,
    plan: &Plan,
    run: &HookRun,
    deadline: Timestamp,
    values: &BTreeMap<ParameterName, Secret>,
    hook_details: Option<Value>,
) -> Result<Value, StepError> {
    let target = match &plan.target {
        Target::LambdaAlias { function, alias } => TargetPayload::Alias {
            function_name: function.as_str(),
            alias: alias.as_str(),
            current_version: plan.shift().from.version(),
            target_version: plan.shift().to.version(),
        },
        Target::EcsService(service) => TargetPayload::Service {
            cluster: service.cluster.as_str(),
            service: service.service.as_str(),
            current_task_definition: service.blue_definition.as_str(),
            target_task_definition: service.green.task_definition.as_str(),
            current_task_set: service.blue.as_str(),
            current_target_group: service.blue_group.as_str(),
            target_target_group: service.green_group.as_str(),
        },
    };
    let payload = Payload {
        deployment_id: &run.deployment,
        lifecycle_event_hook_execution_id: run.id.as_str(),
        lifecycle_event: run.event,
        target,
        weight: loaded.deployment.weight(plan).map_or(0, rollout::weight::Weight::percent),
        deadline,
        parameters: values.iter().map(|(name, secret)| (name.as_str(), secret.0.as_str())).collect(),
        hook_details,
    };
    // The error of serde names a type at most, never a value.
    serde_json::to_value(payload).map_err(|error| StepError::InvalidInput(error.to_string()))
}
