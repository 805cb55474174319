//! Deployments.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::time::Time;

use super::{
    AlarmConfiguration, AutoRollbackConfiguration, BlueGreenDeploymentConfiguration, DeploymentStyle,
    Ec2DeploymentOptions, Ec2TagSet, LoadBalancerInfo, RevisionLocation, TagFilter,
};

shapes! {
    /// CreateDeployment. Members that mean nothing to a Lambda deployment are taken and not looked at.
    CreateDeploymentInput {
        application_name: String,
        deployment_group_name: String,
        revision: RevisionLocation,
        deployment_config_name: String,
        description: String,
        auto_rollback_configuration: AutoRollbackConfiguration,
        override_alarm_configuration: AlarmConfiguration,
        ignore_application_stop_failures: bool,
        update_outdated_instances_only: bool,
        file_exists_behavior: String,
        deployment_mode: String,
        target_instances: TargetInstances,
        ec2_deployment_options: Ec2DeploymentOptions,
        /// Ours: which of its group's deployments it is, counted by whoever asks. A group may refuse what is older than the last.
        sequence_number: u64,
        /// Ours, and never a client's: the names in this request have been looked up, and this is what they meant.
        resolved: Resolved,
    }

    /// What the names in a CreateDeployment meant when it was accepted: what the configuration says and where the group's
    /// service is, in the form of the core, and what the group was like.
    #[serde(deny_unknown_fields)]
    Resolved {
        compute_platform: String,
        strategy: Value,
        group_strategy: Value,
        place: Value,
        waits: Value,
        load_balancer_info: LoadBalancerInfo,
        blue_green_deployment_configuration: BlueGreenDeploymentConfiguration,
        deployment_style: DeploymentStyle,
        deployment_group_id: String,
        previous_revision: RevisionLocation,
    }

    /// TargetInstances.
    TargetInstances {
        tag_filters: Vec<TagFilter>,
        auto_scaling_groups: Vec<String>,
        ec2_tag_set: Ec2TagSet,
    }

    /// DeploymentInfo.
    DeploymentInfo {
        application_name: String,
        deployment_group_name: String,
        deployment_config_name: String,
        deployment_id: String,
        previous_revision: RevisionLocation,
        revision: RevisionLocation,
        status: String,
        error_information: ErrorInformation,
        create_time: Time,
        start_time: Time,
        complete_time: Time,
        deployment_overview: DeploymentOverview,
        description: String,
        creator: String,
        ignore_application_stop_failures: bool,
        auto_rollback_configuration: AutoRollbackConfiguration,
        update_outdated_instances_only: bool,
        rollback_info: RollbackInfo,
        deployment_style: DeploymentStyle,
        target_instances: TargetInstances,
        instance_termination_wait_time_started: bool,
        blue_green_deployment_configuration: BlueGreenDeploymentConfiguration,
        load_balancer_info: LoadBalancerInfo,
        additional_deployment_status_info: String,
        file_exists_behavior: String,
        deployment_mode: String,
        deployment_status_messages: Vec<String>,
        compute_platform: String,
        external_id: String,
        related_deployments: RelatedDeployments,
        override_alarm_configuration: AlarmConfiguration,
        ec2_deployment_options: Ec2DeploymentOptions,
    }

    /// ErrorInformation.
    ErrorInformation {
        code: String,
        message: String,
    }

    /// DeploymentOverview. Its members begin with a capital.
    DeploymentOverview {
        #[serde(rename = "Pending")]
        pending: i64,
        #[serde(rename = "InProgress")]
        in_progress: i64,
        #[serde(rename = "Succeeded")]
        succeeded: i64,
        #[serde(rename = "Failed")]
        failed: i64,
        #[serde(rename = "Skipped")]
        skipped: i64,
        #[serde(rename = "Ready")]
        ready: i64,
    }

    /// RollbackInfo.
    RollbackInfo {
        rollback_deployment_id: String,
        rollback_triggering_deployment_id: String,
        rollback_message: String,
    }

    /// RelatedDeployments.
    RelatedDeployments {
        auto_update_outdated_instances_root_deployment_id: String,
        auto_update_outdated_instances_deployment_ids: Vec<String>,
    }

    /// TimeRange.
    TimeRange {
        start: Time,
        end: Time,
    }

    /// The input of every operation that names one deployment and no more.
    DeploymentIdInput {
        deployment_id: String,
    }

    /// BatchGetDeployments.
    BatchGetDeploymentsInput {
        deployment_ids: Vec<String>,
    }

    /// StopDeployment.
    StopDeploymentInput {
        deployment_id: String,
        auto_rollback_enabled: bool,
    }

    /// ContinueDeployment.
    ContinueDeploymentInput {
        deployment_id: String,
        deployment_wait_type: String,
        /// Ours: whether what is ended is the time that a step holds its weight for.
        skip_hold: bool,
    }

    /// PutLifecycleEventHookExecutionStatus.
    PutHookStatusInput {
        deployment_id: String,
        lifecycle_event_hook_execution_id: String,
        status: String,
    }

    /// The answer to CreateDeployment.
    CreateDeploymentOutput {
        deployment_id: String,
    }

    /// The answer to GetDeployment.
    GetDeploymentOutput {
        deployment_info: DeploymentInfo,
    }

    /// The answer to BatchGetDeployments.
    BatchGetDeploymentsOutput {
        deployments_info: Vec<DeploymentInfo>,
    }

    /// The answer to StopDeployment.
    StopDeploymentOutput {
        status: String,
        status_message: String,
    }

    /// The answer to PutLifecycleEventHookExecutionStatus.
    PutHookStatusOutput {
        lifecycle_event_hook_execution_id: String,
    }

    /// The answer to ListDeployments.
    ListOutput {
        deployments: Vec<String>,
        next_token: String,
    }

    /// ListDeployments.
    ListInput {
        application_name: String,
        deployment_group_name: String,
        external_id: String,
        include_only_statuses: Vec<String>,
        create_time_range: TimeRange,
        next_token: String,
    }
}

/// The answer of an operation that says no more than that it was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}
