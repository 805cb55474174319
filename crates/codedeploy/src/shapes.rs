//! The structures, with the members this project reads or writes. Casing is the model's.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// CreateDeployment. Members that mean nothing to a Lambda deployment are taken and not looked at; a member CodeDeploy does
/// not have is refused, so that a misspelt alarm configuration is not silently ignored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the members are the API's")]
pub struct CreateDeploymentInput {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_group_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<RevisionLocation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_config_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_rollback_configuration: Option<AutoRollbackConfiguration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub override_alarm_configuration: Option<AlarmConfiguration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore_application_stop_failures: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_outdated_instances_only: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_exists_behavior: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_mode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_instances: Option<Value>,
    #[serde(default, rename = "ec2DeploymentOptions", skip_serializing_if = "Option::is_none")]
    pub ec2_deployment_options: Option<Value>,
}

/// RevisionLocation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the members are the API's")]
pub struct RevisionLocation {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_spec_content: Option<RawContent>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub string: Option<RawContent>,
    #[serde(default, rename = "s3Location", skip_serializing_if = "Option::is_none")]
    pub s3_location: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_hub_location: Option<Value>,
}

/// AppSpecContent and RawString: the same members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the members are the API's")]
pub struct RawContent {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// AutoRollbackConfiguration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the members are the API's")]
pub struct AutoRollbackConfiguration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
}

/// AlarmConfiguration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the members are the API's")]
pub struct AlarmConfiguration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore_poll_alarm_failure: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarms: Option<Vec<Alarm>>,
}

/// Alarm.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(missing_docs, reason = "the members are the API's")]
pub struct Alarm {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// The input of every operation that names one deployment and no more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the members are the API's")]
pub struct DeploymentIdInput {
    pub deployment_id: Option<String>,
}

/// StopDeployment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the members are the API's")]
pub struct StopDeploymentInput {
    pub deployment_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_rollback_enabled: Option<bool>,
}

/// PutLifecycleEventHookExecutionStatus.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the members are the API's")]
pub struct PutHookStatusInput {
    pub deployment_id: Option<String>,
    pub lifecycle_event_hook_execution_id: Option<String>,
    pub status: Option<String>,
}

/// A listing's input.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the members are the API's")]
pub struct ListInput {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub include_only_statuses: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_token: Option<String>,
}
