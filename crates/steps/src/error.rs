//! The errors of steps. Their names are a contract with the state machine: it matches on them.

use rollout::code::ErrorCode;
use rollout::deployment::Phase;
use rollout::ending::Ending;
use rollout::failure::names;

use crate::ports::PortError;

/// Why a step failed, told by what the state machine does about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// An alarm stops the deployment.
    #[error("{0}")]
    AlarmBreached(String),
    /// A user stopped the deployment, or nobody continued it in time.
    #[error("{0}")]
    StopRequested(String),
    /// A hook said no.
    #[error("{0}")]
    HookFailed(String),
    /// What was waited for did not come in time: a hook's answer, or the tasks of a new task set.
    #[error("{0}")]
    TimedOut(String),
    /// The target was changed by somebody else.
    #[error("{0}")]
    Drift(String),
    /// Another deployment holds the target.
    #[error("{0}")]
    TargetLocked(String),
    /// The same call may work later.
    #[error("{0}")]
    Transient(String),
    /// A record is of a newer format than this code: CloudFormation is still at updating the functions, which takes minutes.
    #[error("{0}")]
    UpgradeInFlight(String),
    /// What was asked for cannot be done; asking again changes nothing.
    #[error("{0}")]
    InvalidInput(String),
    /// AWS said no for good.
    #[error("{0}")]
    Refused(String),
    /// Our own table refuses: a right or a key was taken away. What must end well is tried again until that is mended.
    #[error("{0}")]
    TableRefused(String),
    /// The record belongs to another execution; this one touches nothing of it.
    #[error("{0}")]
    ForeignExecution(String),
    /// Traffic cannot go back: what had it before cannot take it. A person is needed.
    #[error("{0}")]
    NoWayBack(String),
}

impl StepError {
    /// Every name, as the state machine knows them.
    pub const NAMES: [&'static str; 13] = names::OF_STEPS;

    /// The stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AlarmBreached(_) => names::ALARM_BREACHED,
            Self::StopRequested(_) => names::STOP_REQUESTED,
            Self::HookFailed(_) => names::HOOK_FAILED,
            Self::TimedOut(_) => names::TIMED_OUT,
            Self::Drift(_) => names::DRIFT,
            Self::TargetLocked(_) => names::BUSY,
            Self::Transient(_) => names::TRANSIENT,
            Self::UpgradeInFlight(_) => names::UPGRADE_IN_FLIGHT,
            Self::InvalidInput(_) => names::INVALID_INPUT,
            Self::Refused(_) => names::REFUSED,
            Self::TableRefused(_) => names::TABLE_REFUSED,
            Self::ForeignExecution(_) => names::FOREIGN_EXECUTION,
            Self::NoWayBack(_) => names::NO_WAY_BACK,
        }
    }

    /// The error that carries an ending through the state machine.
    pub fn ending(why: &Ending) -> Self {
        let message = why.message.clone();
        match why.code {
            ErrorCode::AlarmActive | ErrorCode::AlarmUnreadable => Self::AlarmBreached(message),
            ErrorCode::ManualStop | ErrorCode::Superseded => Self::StopRequested(message),
            ErrorCode::HookExecutionFailure => Self::HookFailed(message),
            ErrorCode::Timeout => Self::TimedOut(message),
            ErrorCode::Drift => Self::Drift(message),
            ErrorCode::TargetLocked => Self::TargetLocked(message),
            ErrorCode::InvalidRevision
            | ErrorCode::RevisionMissing
            | ErrorCode::Outdated
            | ErrorCode::InvalidLambdaConfiguration
            | ErrorCode::InvalidLambdaFunction
            | ErrorCode::InvalidEcsService => Self::InvalidInput(message),
            ErrorCode::EcsUpdateError | ErrorCode::ExecutionLost | ErrorCode::InternalError => Self::Refused(message),
        }
    }

    /// The error of a step that wants to go on with a deployment that does not run any more.
    pub fn not_running(phase: &Phase) -> Self {
        match phase.why() {
            Some(why) => Self::ending(why),
            None => Self::InvalidInput(format!("the deployment is {}, not running", phase.name())),
        }
    }
}

impl From<PortError> for StepError {
    fn from(error: PortError) -> Self {
        let message = error.to_string();
        match error {
            PortError::Passing(_) | PortError::Conflict(_) => Self::Transient(message),
            PortError::Newer(_) => Self::UpgradeInFlight(message),
            PortError::Missing(_) | PortError::Denied(_) => Self::Refused(message),
            PortError::Barred(_) => Self::TableRefused(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use rollout::failure::ending_of;
    use rollout::platform::Platform;

    use super::*;

    #[test]
    fn every_name_that_carries_an_ending_comes_back_as_the_same_kind_of_ending() {
        for code in ErrorCode::ALL {
            let error = StepError::ending(&Ending::new(code, "why"));
            assert!(StepError::NAMES.contains(&error.name()));
            for platform in [Platform::Lambda, Platform::Ecs] {
                let back = ending_of(platform, error.name(), "why").code;
                assert_eq!(back.rollback_event(), code.rollback_event(), "{code} by {}", error.name());
            }
        }
    }

    #[test]
    fn what_a_call_failed_with_is_said_once() {
        let denied = PortError::Denied("UpdateAlias: AccessDeniedException: not allowed".to_owned());
        let busy = PortError::Passing("GetAlias: ThrottlingException: Rate exceeded".to_owned());
        let told = [denied, busy].map(|error| {
            let error = StepError::from(error);
            ending_of(Platform::Lambda, error.name(), &error.to_string()).message
        });
        expect_test::expect![[r#"
            refused: UpdateAlias: AccessDeniedException: not allowed
            try again later: GetAlias: ThrottlingException: Rate exceeded"#]]
        .assert_eq(&told.join("\n"));
    }
}
