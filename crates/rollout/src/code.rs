//! Why deployments end, in codes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What ended a deployment. The names are CodeDeploy's where it has one (docs/codedeploy-contract.md 5.4), ours otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// The AppSpec or another part of the request cannot be read.
    InvalidRevision,
    /// The AppSpec is not where the request says, or the stack may not read it there.
    RevisionMissing,
    /// The AppSpec asks for something the function's state does not allow.
    InvalidLambdaConfiguration,
    /// The function, alias or a version does not exist or is not usable.
    InvalidLambdaFunction,
    /// The service, its listeners or its task definition do not allow the deployment.
    InvalidEcsService,
    /// ECS or a load balancer refused, or the new task set is not well.
    EcsUpdateError,
    /// An alarm is in ALARM.
    AlarmActive,
    /// An alarm does not exist or could not be read. Ours.
    AlarmUnreadable,
    /// A user stopped the deployment.
    ManualStop,
    /// A hook said no, threw an error, or could not be called.
    HookExecutionFailure,
    /// A hook did not answer in time, or the new task set did not become healthy in time.
    Timeout,
    /// The target was changed by somebody else. Ours.
    Drift,
    /// Another deployment holds the target, or is the active one of the group. Ours.
    TargetLocked,
    /// A newer deployment of the group came while this one waited for its turn. Ours.
    Superseded,
    /// What was asked for is older than what the group was last asked for. Ours.
    Outdated,
    /// The execution was aborted, timed out, or died. Ours.
    ExecutionLost,
    /// Something of ours or of AWS failed.
    InternalError,
}

impl ErrorCode {
    /// Every code.
    pub const ALL: [Self; 17] = [
        Self::InvalidRevision,
        Self::RevisionMissing,
        Self::InvalidLambdaConfiguration,
        Self::InvalidLambdaFunction,
        Self::InvalidEcsService,
        Self::EcsUpdateError,
        Self::AlarmActive,
        Self::AlarmUnreadable,
        Self::ManualStop,
        Self::HookExecutionFailure,
        Self::Timeout,
        Self::Drift,
        Self::TargetLocked,
        Self::Superseded,
        Self::Outdated,
        Self::ExecutionLost,
        Self::InternalError,
    ];

    /// The name on the wire and in records.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRevision => "INVALID_REVISION",
            Self::RevisionMissing => "REVISION_MISSING",
            Self::InvalidLambdaConfiguration => "INVALID_LAMBDA_CONFIGURATION",
            Self::InvalidLambdaFunction => "INVALID_LAMBDA_FUNCTION",
            Self::InvalidEcsService => "INVALID_ECS_SERVICE",
            Self::EcsUpdateError => "ECS_UPDATE_ERROR",
            Self::AlarmActive => "ALARM_ACTIVE",
            Self::AlarmUnreadable => "ALARM_UNREADABLE",
            Self::ManualStop => "MANUAL_STOP",
            Self::HookExecutionFailure => "HOOK_EXECUTION_FAILURE",
            Self::Timeout => "TIMEOUT",
            Self::Drift => "DRIFT",
            Self::TargetLocked => "TARGET_LOCKED",
            Self::Superseded => "SUPERSEDED",
            Self::Outdated => "OUTDATED",
            Self::ExecutionLost => "EXECUTION_LOST",
            Self::InternalError => "INTERNAL_ERROR",
        }
    }

    /// Which rollback event it counts as (docs/codedeploy-contract.md 6.2).
    pub fn rollback_event(self) -> RollbackEvent {
        match self {
            Self::AlarmActive | Self::AlarmUnreadable => RollbackEvent::DeploymentStopOnAlarm,
            Self::ManualStop | Self::Superseded => RollbackEvent::DeploymentStopOnRequest,
            Self::InvalidRevision
            | Self::RevisionMissing
            | Self::InvalidLambdaConfiguration
            | Self::InvalidLambdaFunction
            | Self::InvalidEcsService
            | Self::EcsUpdateError
            | Self::HookExecutionFailure
            | Self::Timeout
            | Self::Drift
            | Self::TargetLocked
            | Self::Outdated
            | Self::ExecutionLost
            | Self::InternalError => RollbackEvent::DeploymentFailure,
        }
    }

    /// Whether a deployment that ended so is `Stopped` rather than `Failed` (docs/codedeploy-contract.md 5.1).
    pub fn stops(self) -> bool {
        self.rollback_event() != RollbackEvent::DeploymentFailure
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The events after which traffic is put back, in CodeDeploy's words (docs/codedeploy-contract.md 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RollbackEvent {
    /// The deployment failed.
    DeploymentFailure,
    /// An alarm stopped it.
    DeploymentStopOnAlarm,
    /// A user stopped it.
    DeploymentStopOnRequest,
}

impl RollbackEvent {
    /// All three.
    pub const ALL: [Self; 3] = [Self::DeploymentFailure, Self::DeploymentStopOnAlarm, Self::DeploymentStopOnRequest];
}

impl fmt::Display for RollbackEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DeploymentFailure => "DEPLOYMENT_FAILURE",
            Self::DeploymentStopOnAlarm => "DEPLOYMENT_STOP_ON_ALARM",
            Self::DeploymentStopOnRequest => "DEPLOYMENT_STOP_ON_REQUEST",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_name_of_a_code_is_its_serde_name() {
        for code in ErrorCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }

    #[test]
    fn an_alarm_or_a_user_stops_a_deployment_and_everything_else_fails_it() {
        let stopping: Vec<_> = ErrorCode::ALL.into_iter().filter(|code| code.stops()).collect();
        assert_eq!(
            stopping,
            [ErrorCode::AlarmActive, ErrorCode::AlarmUnreadable, ErrorCode::ManualStop, ErrorCode::Superseded]
        );
    }
}
