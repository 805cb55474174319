//! Targets of deployments, and instances, their deprecated twins.

use std::collections::BTreeMap;

use crate::time::Time;

use super::TargetGroupInfo;

shapes! {
    /// DeploymentTarget.
    DeploymentTarget {
        deployment_target_type: String,
        instance_target: InstanceTarget,
        lambda_target: LambdaTarget,
        ecs_target: EcsTarget,
        cloud_formation_target: CloudFormationTarget,
    }

    /// InstanceTarget.
    InstanceTarget {
        deployment_id: String,
        target_id: String,
        target_arn: String,
        status: String,
        last_updated_at: Time,
        lifecycle_events: Vec<LifecycleEvent>,
        instance_label: String,
    }

    /// LambdaTarget.
    LambdaTarget {
        deployment_id: String,
        target_id: String,
        target_arn: String,
        status: String,
        last_updated_at: Time,
        lifecycle_events: Vec<LifecycleEvent>,
        lambda_function_info: LambdaFunctionInfo,
    }

    /// LambdaFunctionInfo. The weight is a fraction (docs/codedeploy-contract.md 5.3).
    LambdaFunctionInfo {
        function_name: String,
        function_alias: String,
        current_version: String,
        target_version: String,
        target_version_weight: f64,
    }

    /// ECSTarget.
    EcsTarget {
        deployment_id: String,
        target_id: String,
        target_arn: String,
        last_updated_at: Time,
        lifecycle_events: Vec<LifecycleEvent>,
        status: String,
        task_sets_info: Vec<EcsTaskSet>,
    }

    /// ECSTaskSet. The weight is in percent (docs/codedeploy-contract.md 5.3).
    EcsTaskSet {
        /// Misspelt in the model, and so on the wire.
        identifer: String,
        desired_count: i64,
        pending_count: i64,
        running_count: i64,
        status: String,
        traffic_weight: f64,
        target_group: TargetGroupInfo,
        task_set_label: String,
    }

    /// CloudFormationTarget.
    CloudFormationTarget {
        deployment_id: String,
        target_id: String,
        last_updated_at: Time,
        lifecycle_events: Vec<LifecycleEvent>,
        status: String,
        resource_type: String,
        target_version_weight: f64,
    }

    /// LifecycleEvent.
    LifecycleEvent {
        lifecycle_event_name: String,
        diagnostics: Diagnostics,
        start_time: Time,
        end_time: Time,
        status: String,
    }

    /// Diagnostics.
    Diagnostics {
        error_code: String,
        script_name: String,
        message: String,
        log_tail: String,
    }

    /// InstanceSummary.
    InstanceSummary {
        deployment_id: String,
        instance_id: String,
        status: String,
        last_updated_at: Time,
        lifecycle_events: Vec<LifecycleEvent>,
        instance_type: String,
    }

    /// ListDeploymentTargets.
    ListDeploymentTargetsInput {
        deployment_id: String,
        next_token: String,
        target_filters: BTreeMap<String, Option<Vec<String>>>,
    }

    /// GetDeploymentTarget.
    GetDeploymentTargetInput {
        deployment_id: String,
        target_id: String,
    }

    /// BatchGetDeploymentTargets.
    BatchGetDeploymentTargetsInput {
        deployment_id: String,
        target_ids: Vec<String>,
    }

    /// The answer to ListDeploymentTargets.
    ListDeploymentTargetsOutput {
        target_ids: Vec<String>,
        next_token: String,
    }

    /// The answer to GetDeploymentTarget.
    GetDeploymentTargetOutput {
        deployment_target: DeploymentTarget,
    }

    /// The answer to BatchGetDeploymentTargets.
    BatchGetDeploymentTargetsOutput {
        deployment_targets: Vec<DeploymentTarget>,
    }

    /// ListDeploymentInstances.
    ListDeploymentInstancesInput {
        deployment_id: String,
        next_token: String,
        instance_status_filter: Vec<String>,
        instance_type_filter: Vec<String>,
    }

    /// GetDeploymentInstance.
    GetDeploymentInstanceInput {
        deployment_id: String,
        instance_id: String,
    }

    /// BatchGetDeploymentInstances.
    BatchGetDeploymentInstancesInput {
        deployment_id: String,
        instance_ids: Vec<String>,
    }
}
