//! The errors of steps. Their names are a contract with the state machine: it matches on them.

use rollout::deployment::Phase;
use rollout::ending::{Ending, ErrorCode};
use rollout::strategy::Platform;

use crate::ports::PortError;

/// The names of errors: what the state machine matches on, and what comes back from it.
pub mod names {
    /// [`StepError::AlarmBreached`](super::StepError::AlarmBreached).
    pub const ALARM_BREACHED: &str = "AlarmBreached";
    /// [`StepError::StopRequested`](super::StepError::StopRequested).
    pub const STOP_REQUESTED: &str = "StopRequested";
    /// [`StepError::HookFailed`](super::StepError::HookFailed).
    pub const HOOK_FAILED: &str = "HookFailed";
    /// [`StepError::HookTimedOut`](super::StepError::HookTimedOut).
    pub const HOOK_TIMED_OUT: &str = "HookTimedOut";
    /// [`StepError::Drift`](super::StepError::Drift).
    pub const DRIFT: &str = "Drift";
    /// [`StepError::Busy`](super::StepError::Busy).
    pub const BUSY: &str = "Busy";
    /// [`StepError::Transient`](super::StepError::Transient).
    pub const TRANSIENT: &str = "Transient";
    /// [`StepError::InvalidInput`](super::StepError::InvalidInput).
    pub const INVALID_INPUT: &str = "InvalidInput";
    /// [`StepError::Refused`](super::StepError::Refused).
    pub const REFUSED: &str = "Refused";
    /// [`StepError::NoWayBack`](super::StepError::NoWayBack).
    pub const NO_WAY_BACK: &str = "NoWayBack";
    /// What a recovery execution enters Rollback with.
    pub const RECOVERED: &str = "Recovered";
    /// What an execution ends with whose traffic could not be put back. No step fails with it.
    pub const UNRESOLVED: &str = "UNRESOLVED";
}

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
    /// A hook did not answer in time, or the new task set did not come in time.
    #[error("{0}")]
    HookTimedOut(String),
    /// The target was changed by somebody else.
    #[error("{0}")]
    Drift(String),
    /// Another deployment holds the target.
    #[error("{0}")]
    Busy(String),
    /// The same call may work later.
    #[error("{0}")]
    Transient(String),
    /// What was asked for cannot be done; asking again changes nothing.
    #[error("{0}")]
    InvalidInput(String),
    /// AWS said no for good.
    #[error("{0}")]
    Refused(String),
    /// Traffic cannot go back: what had it before cannot take it. A person is needed.
    #[error("{0}")]
    NoWayBack(String),
}

impl StepError {
    /// Every name, as the state machine knows them.
    pub const NAMES: [&'static str; 10] = [
        names::ALARM_BREACHED,
        names::STOP_REQUESTED,
        names::HOOK_FAILED,
        names::HOOK_TIMED_OUT,
        names::DRIFT,
        names::BUSY,
        names::TRANSIENT,
        names::INVALID_INPUT,
        names::REFUSED,
        names::NO_WAY_BACK,
    ];

    /// The stable name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AlarmBreached(_) => names::ALARM_BREACHED,
            Self::StopRequested(_) => names::STOP_REQUESTED,
            Self::HookFailed(_) => names::HOOK_FAILED,
            Self::HookTimedOut(_) => names::HOOK_TIMED_OUT,
            Self::Drift(_) => names::DRIFT,
            Self::Busy(_) => names::BUSY,
            Self::Transient(_) => names::TRANSIENT,
            Self::InvalidInput(_) => names::INVALID_INPUT,
            Self::Refused(_) => names::REFUSED,
            Self::NoWayBack(_) => names::NO_WAY_BACK,
        }
    }

    /// The error that carries an ending through the state machine.
    pub fn ending(why: &Ending) -> Self {
        let message = why.message.clone();
        match why.code {
            ErrorCode::AlarmActive | ErrorCode::AlarmUnreadable => Self::AlarmBreached(message),
            ErrorCode::ManualStop => Self::StopRequested(message),
            ErrorCode::HookExecutionFailure => Self::HookFailed(message),
            ErrorCode::Timeout => Self::HookTimedOut(message),
            ErrorCode::Drift => Self::Drift(message),
            ErrorCode::TargetLocked => Self::Busy(message),
            ErrorCode::InvalidRevision
            | ErrorCode::RevisionMissing
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
            PortError::Busy(_) | PortError::Conflict(_) => Self::Transient(message),
            PortError::Missing(_) | PortError::Denied(_) => Self::Refused(message),
        }
    }
}

/// The ending of a deployment on this platform whose execution failed with an error of this name.
pub fn ending_of(platform: Platform, error: &str, cause: &str) -> Ending {
    let code = match error {
        names::ALARM_BREACHED => ErrorCode::AlarmActive,
        names::STOP_REQUESTED => ErrorCode::ManualStop,
        names::HOOK_FAILED => ErrorCode::HookExecutionFailure,
        names::HOOK_TIMED_OUT => ErrorCode::Timeout,
        names::DRIFT => ErrorCode::Drift,
        names::BUSY => ErrorCode::TargetLocked,
        names::INVALID_INPUT => ErrorCode::InvalidRevision,
        names::REFUSED => ErrorCode::of_refusal(platform),
        names::NO_WAY_BACK => ErrorCode::EcsUpdateError,
        names::RECOVERED => ErrorCode::ExecutionLost,
        _ => ErrorCode::InternalError,
    };
    let message = match code {
        _ if error == names::NO_WAY_BACK => message_in(cause),
        // No sentence of ours: the name says what little is known.
        ErrorCode::InternalError | ErrorCode::EcsUpdateError => format!("{error}: {}", message_in(cause)),
        _ => message_in(cause),
    };
    Ending::new(code, message)
}

/// The cause of a failed Lambda task is the function's error document; the sentence is inside.
fn message_in(cause: &str) -> String {
    serde_json::from_str::<serde_json::Value>(cause)
        .ok()
        .and_then(|document| Some(document.get("errorMessage")?.as_str()?.to_owned()))
        .unwrap_or_else(|| cause.to_owned())
}

#[cfg(test)]
mod tests {
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
    fn the_sentence_is_taken_out_of_a_functions_error_document() {
        let cause = r#"{"errorType":"Drift","errorMessage":"the alias was changed"}"#;
        let said = |error, cause| ending_of(Platform::Lambda, error, cause).message;
        assert_eq!(said("Drift", cause), "the alias was changed");
        assert_eq!(said("Runtime.ExitError", "signal: killed"), "Runtime.ExitError: signal: killed");
    }

    #[test]
    fn what_ecs_or_a_load_balancer_refused_has_a_code_of_its_own() {
        let ended = |platform, error| ending_of(platform, error, "no").code;
        assert_eq!(ended(Platform::Ecs, names::REFUSED), ErrorCode::EcsUpdateError);
        assert_eq!(ended(Platform::Lambda, names::REFUSED), ErrorCode::InternalError);
        assert_eq!(ended(Platform::Ecs, "Runtime.ExitError"), ErrorCode::InternalError);
    }
}
