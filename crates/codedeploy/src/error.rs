//! Errors on the wire: `__type` and `message` in the body, HTTP 400; ours or AWS's fault is HTTP 500, which clients retry.
//! They retry [`Code::ThrottlingException`] too, by its name (docs/codedeploy-contract.md 1.2).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// An error in the body of an answer, as clients read it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The exception's name, from some services behind a namespace and `#`.
    #[serde(rename = "__type", default)]
    pub kind: Option<String>,
    /// The sentence.
    #[serde(alias = "Message", default)]
    pub message: Option<String>,
}

impl ErrorBody {
    /// What is said of an error in this body, which may be none.
    pub fn of(body: &Value) -> Self {
        Self::deserialize(body).unwrap_or_default()
    }

    /// The exception's name alone.
    pub fn code(&self) -> Option<&str> {
        self.kind.as_deref().map(|kind| kind.rsplit('#').next().unwrap_or(kind))
    }
}

/// An error as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct ApiError {
    /// The exception's name.
    pub code: Code,
    /// The sentence.
    pub message: String,
}

impl ApiError {
    /// An error.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self.code {
            Code::InternalFailure => 500,
            Code::ServiceUnavailable => 503,
            _ => 400,
        }
    }

    /// Whether the same call may work later: nothing about it is wrong.
    pub fn may_work_later(&self) -> bool {
        self.status() >= 500 || self.code == Code::ThrottlingException
    }

    /// The body.
    pub fn body(&self) -> Value {
        json!(ErrorBody { kind: Some(self.code.as_str().to_owned()), message: Some(self.message.clone()) })
    }
}

macro_rules! codes {
    (modelled { $($modelled:ident)* } common { $($common:ident)* }) => {
        /// The names of the errors, as on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are the API's")]
        pub enum Code { $($modelled,)* $($common,)* }

        impl Code {
            /// The errors of the service model, the three that no operation uses among them.
            pub const MODELLED: &'static [Self] = &[$(Self::$modelled,)*];

            /// Errors that every AWS API has and no model lists.
            pub const COMMON: &'static [Self] = &[$(Self::$common,)*];

            /// The name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$modelled => stringify!($modelled),)* $(Self::$common => stringify!($common),)* }
            }
        }
    };
}

codes! {
    modelled {
    AlarmsLimitExceededException
    ApplicationAlreadyExistsException
    ApplicationDoesNotExistException
    ApplicationLimitExceededException
    ApplicationNameRequiredException
    ArnNotSupportedException
    BatchLimitExceededException
    BucketNameFilterRequiredException
    DeploymentAlreadyCompletedException
    DeploymentAlreadyStartedException
    DeploymentConfigAlreadyExistsException
    DeploymentConfigDoesNotExistException
    DeploymentConfigInUseException
    DeploymentConfigLimitExceededException
    DeploymentConfigNameRequiredException
    DeploymentDoesNotExistException
    DeploymentGroupAlreadyExistsException
    DeploymentGroupDoesNotExistException
    DeploymentGroupLimitExceededException
    DeploymentGroupNameRequiredException
    DeploymentIdRequiredException
    DeploymentIsNotInReadyStateException
    DeploymentLimitExceededException
    DeploymentNotStartedException
    DeploymentTargetDoesNotExistException
    DeploymentTargetIdRequiredException
    DeploymentTargetListSizeExceededException
    DescriptionTooLongException
    ECSServiceMappingLimitExceededException
    GitHubAccountTokenDoesNotExistException
    GitHubAccountTokenNameRequiredException
    IamArnRequiredException
    IamSessionArnAlreadyRegisteredException
    IamUserArnAlreadyRegisteredException
    IamUserArnRequiredException
    InstanceDoesNotExistException
    InstanceIdRequiredException
    InstanceLimitExceededException
    InstanceNameAlreadyRegisteredException
    InstanceNameRequiredException
    InstanceNotRegisteredException
    InvalidAlarmConfigException
    InvalidApplicationNameException
    InvalidArnException
    InvalidAutoRollbackConfigException
    InvalidAutoScalingGroupException
    InvalidAutoScalingGroupProcessToSuspendException
    InvalidBlueGreenDeploymentConfigurationException
    InvalidBucketNameFilterException
    InvalidComputePlatformException
    InvalidDeployedStateFilterException
    InvalidDeploymentConfigNameException
    InvalidDeploymentGroupNameException
    InvalidDeploymentIdException
    InvalidDeploymentInstanceTypeException
    InvalidDeploymentStatusException
    InvalidDeploymentStyleException
    InvalidDeploymentTargetIdException
    InvalidDeploymentWaitTypeException
    InvalidEC2TagCombinationException
    InvalidEC2TagException
    InvalidECSServiceException
    InvalidExternalIdException
    InvalidFileExistsBehaviorException
    InvalidGitHubAccountTokenException
    InvalidGitHubAccountTokenNameException
    InvalidIamSessionArnException
    InvalidIamUserArnException
    InvalidIgnoreApplicationStopFailuresValueException
    InvalidInputException
    InvalidInstanceIdException
    InvalidInstanceNameException
    InvalidInstanceStatusException
    InvalidInstanceTypeException
    InvalidKeyPrefixFilterException
    InvalidLifecycleEventHookExecutionIdException
    InvalidLifecycleEventHookExecutionStatusException
    InvalidLoadBalancerInfoException
    InvalidMinimumHealthyHostValueException
    InvalidNextTokenException
    InvalidOnPremisesTagCombinationException
    InvalidOperationException
    InvalidRegistrationStatusException
    InvalidRevisionException
    InvalidRoleException
    InvalidSortByException
    InvalidSortOrderException
    InvalidTagException
    InvalidTagFilterException
    InvalidTagsToAddException
    InvalidTargetException
    InvalidTargetFilterNameException
    InvalidTargetGroupPairException
    InvalidTargetInstancesException
    InvalidTimeRangeException
    InvalidTrafficRoutingConfigurationException
    InvalidTriggerConfigException
    InvalidUpdateOutdatedInstancesOnlyValueException
    InvalidZonalDeploymentConfigurationException
    LifecycleEventAlreadyCompletedException
    LifecycleHookLimitExceededException
    MultipleIamArnsProvidedException
    OperationNotSupportedException
    ResourceArnRequiredException
    ResourceValidationException
    RevisionDoesNotExistException
    RevisionRequiredException
    RoleRequiredException
    TagLimitExceededException
    TagRequiredException
    TagSetListLimitExceededException
    ThrottlingException
    TriggerTargetsLimitExceededException
    UnsupportedActionForDeploymentTypeException
    }
    common {
    AccessDeniedException
    ExpiredTokenException
    InternalFailure
    InvalidSignatureException
    MissingAuthenticationTokenException
    RequestEntityTooLargeException
    SerializationException
    ServiceUnavailable
    UnknownOperationException
    UnrecognizedClientException
    ValidationException
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_114_errors_are_known_and_none_of_them_is_a_fault_of_the_service() {
        assert_eq!(Code::MODELLED.len(), 114);
        for code in Code::MODELLED {
            assert_eq!(ApiError::new(*code, "").status(), 400);
            assert!(code.as_str().ends_with("Exception"), "{code}");
        }
    }
}
