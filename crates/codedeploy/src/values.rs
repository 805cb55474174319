//! The enums of the model. The service's clients send any text, and the service answers with an error of the operation's own,
//! so values stay text in the shapes and are looked up here (docs/codedeploy-contract.md 1.1, 1.5).

use crate::error::{ApiError, Code};
use crate::text::clipped;

/// The values of one enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Values {
    /// Its name in the model.
    pub name: &'static str,
    /// What it can be.
    pub all: &'static [&'static str],
}

impl Values {
    /// Whether `text` is one of them. Case counts.
    pub fn has(&self, text: &str) -> bool {
        self.all.contains(&text)
    }

    /// `text`, which must be one of them, or the operation's error.
    pub fn checked<'a>(&self, text: &'a str, invalid: Code) -> Result<&'a str, ApiError> {
        if self.has(text) {
            return Ok(text);
        }
        let (found, known) = (clipped(text, 64).escape_debug().to_string(), self.all.join(", "));
        Err(ApiError::new(invalid, format!("there is no {} '{found}': write one of {known}", self.name)))
    }
}

macro_rules! values {
    ($($constant:ident $name:literal: $($value:literal)*;)*) => {
        $(
            #[doc = concat!("`", $name, "`.")]
            pub const $constant: Values = Values { name: $name, all: &[$($value,)*] };
        )*

        /// Every enum of the model.
        pub const ALL: &[Values] = &[$($constant,)*];
    };
}

values! {
    ERROR_CODE "ErrorCode": "AGENT_ISSUE" "ALARM_ACTIVE" "APPLICATION_MISSING" "AUTOSCALING_VALIDATION_ERROR"
        "AUTO_SCALING_CONFIGURATION" "AUTO_SCALING_IAM_ROLE_PERMISSIONS" "CODEDEPLOY_RESOURCE_CANNOT_BE_FOUND"
        "CUSTOMER_APPLICATION_UNHEALTHY" "DEPLOYMENT_GROUP_MISSING" "ECS_UPDATE_ERROR" "ELASTIC_LOAD_BALANCING_INVALID"
        "ELB_INVALID_INSTANCE" "HEALTH_CONSTRAINTS" "HEALTH_CONSTRAINTS_INVALID" "HOOK_EXECUTION_FAILURE" "IAM_ROLE_MISSING"
        "IAM_ROLE_PERMISSIONS" "INTERNAL_ERROR" "INVALID_ECS_SERVICE" "INVALID_LAMBDA_CONFIGURATION"
        "INVALID_LAMBDA_FUNCTION" "INVALID_REVISION" "MANUAL_STOP" "MISSING_BLUE_GREEN_DEPLOYMENT_CONFIGURATION"
        "MISSING_ELB_INFORMATION" "MISSING_GITHUB_TOKEN" "NO_EC2_SUBSCRIPTION" "NO_INSTANCES" "OVER_MAX_INSTANCES"
        "RESOURCE_LIMIT_EXCEEDED" "REVISION_MISSING" "THROTTLED" "TIMEOUT" "CLOUDFORMATION_STACK_FAILURE";
    APPLICATION_REVISION_SORT_BY "ApplicationRevisionSortBy": "registerTime" "firstUsedTime" "lastUsedTime";
    AUTO_ROLLBACK_EVENT "AutoRollbackEvent": "DEPLOYMENT_FAILURE" "DEPLOYMENT_STOP_ON_ALARM" "DEPLOYMENT_STOP_ON_REQUEST";
    AUTO_SCALING_GROUP_PROCESS "AutoScalingGroupProcess": "Terminate" "AZRebalance" "InstanceRefresh" "ScheduledActions";
    BUNDLE_TYPE "BundleType": "tar" "tgz" "zip" "YAML" "JSON";
    COMPUTE_PLATFORM "ComputePlatform": "Server" "Lambda" "ECS";
    DEPLOYMENT_CREATOR "DeploymentCreator": "user" "autoscaling" "codeDeployRollback" "CodeDeploy" "CodeDeployAutoUpdate"
        "CloudFormation" "CloudFormationRollback" "autoscalingTermination";
    DEPLOYMENT_MODE "DeploymentMode": "STANDARD" "RESTART";
    DEPLOYMENT_OPTION "DeploymentOption": "WITH_TRAFFIC_CONTROL" "WITHOUT_TRAFFIC_CONTROL";
    DEPLOYMENT_READY_ACTION "DeploymentReadyAction": "CONTINUE_DEPLOYMENT" "STOP_DEPLOYMENT";
    DEPLOYMENT_STATUS "DeploymentStatus": "Created" "Queued" "InProgress" "Baking" "Succeeded" "Failed" "Stopped" "Ready";
    DEPLOYMENT_TARGET_TYPE "DeploymentTargetType": "InstanceTarget" "LambdaTarget" "ECSTarget" "CloudFormationTarget";
    DEPLOYMENT_TYPE "DeploymentType": "IN_PLACE" "BLUE_GREEN";
    DEPLOYMENT_WAIT_TYPE "DeploymentWaitType": "READY_WAIT" "TERMINATION_WAIT";
    EC2_TAG_FILTER_TYPE "EC2TagFilterType": "KEY_ONLY" "VALUE_ONLY" "KEY_AND_VALUE";
    FILE_EXISTS_BEHAVIOR "FileExistsBehavior": "DISALLOW" "OVERWRITE" "RETAIN";
    GREEN_FLEET_PROVISIONING_ACTION "GreenFleetProvisioningAction": "DISCOVER_EXISTING" "COPY_AUTO_SCALING_GROUP";
    INSTANCE_ACTION "InstanceAction": "TERMINATE" "KEEP_ALIVE";
    INSTANCE_STATUS "InstanceStatus": "Pending" "InProgress" "Succeeded" "Failed" "Skipped" "Unknown" "Ready";
    INSTANCE_TYPE "InstanceType": "Blue" "Green";
    LIFECYCLE_ERROR_CODE "LifecycleErrorCode": "Success" "ScriptMissing" "ScriptNotExecutable" "ScriptTimedOut"
        "ScriptFailed" "UnknownError";
    LIFECYCLE_EVENT_STATUS "LifecycleEventStatus": "Pending" "InProgress" "Succeeded" "Failed" "Skipped" "Unknown";
    LIST_STATE_FILTER_ACTION "ListStateFilterAction": "include" "exclude" "ignore";
    MINIMUM_HEALTHY_HOSTS_PER_ZONE_TYPE "MinimumHealthyHostsPerZoneType": "HOST_COUNT" "FLEET_PERCENT";
    MINIMUM_HEALTHY_HOSTS_TYPE "MinimumHealthyHostsType": "HOST_COUNT" "FLEET_PERCENT";
    OUTDATED_INSTANCES_STRATEGY "OutdatedInstancesStrategy": "UPDATE" "IGNORE";
    REGISTRATION_STATUS "RegistrationStatus": "Registered" "Deregistered";
    REVISION_LOCATION_TYPE "RevisionLocationType": "S3" "GitHub" "String" "AppSpecContent";
    SORT_ORDER "SortOrder": "ascending" "descending";
    STOP_STATUS "StopStatus": "Pending" "Succeeded";
    TAG_FILTER_TYPE "TagFilterType": "KEY_ONLY" "VALUE_ONLY" "KEY_AND_VALUE";
    TARGET_FILTER_NAME "TargetFilterName": "TargetStatus" "ServerInstanceLabel";
    TARGET_LABEL "TargetLabel": "Blue" "Green";
    TARGET_STATUS "TargetStatus": "Pending" "InProgress" "Succeeded" "Failed" "Skipped" "Unknown" "Ready";
    TRAFFIC_ROUTING_TYPE "TrafficRoutingType": "TimeBasedCanary" "TimeBasedLinear" "AllAtOnce";
    TRIGGER_EVENT_TYPE "TriggerEventType": "DeploymentStart" "DeploymentSuccess" "DeploymentFailure" "DeploymentStop"
        "DeploymentRollback" "DeploymentReady" "InstanceStart" "InstanceSuccess" "InstanceFailure" "InstanceReady";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_taken_as_the_model_spells_it() {
        assert!(COMPUTE_PLATFORM.has("ECS") && !COMPUTE_PLATFORM.has("Ecs"));
        let error = SORT_ORDER.checked("up", Code::InvalidSortOrderException).unwrap_err();
        assert_eq!(error.message, "there is no SortOrder 'up': write one of ascending, descending");
    }
}
