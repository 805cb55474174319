//! The errors of steps. Their names are a contract with the state machine: it matches on them.

use rollout::deployment::{Deployment, Phase};
use rollout::ending::{Ending, ErrorCode};
use rollout::hooks;
use rollout::lifecycle::{EventRecord, EventStatus, LifecycleEvent};
use rollout::plan::Plan;
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
    /// [`StepError::UpgradeInFlight`](super::StepError::UpgradeInFlight).
    pub const UPGRADE_IN_FLIGHT: &str = "UpgradeInFlight";
    /// [`StepError::InvalidInput`](super::StepError::InvalidInput).
    pub const INVALID_INPUT: &str = "InvalidInput";
    /// [`StepError::Refused`](super::StepError::Refused).
    pub const REFUSED: &str = "Refused";
    /// [`StepError::ForeignExecution`](super::StepError::ForeignExecution).
    pub const FOREIGN_EXECUTION: &str = "ForeignExecution";
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
    /// A record is of a newer format than this code: CloudFormation is still at updating the functions, which takes minutes.
    #[error("{0}")]
    UpgradeInFlight(String),
    /// What was asked for cannot be done; asking again changes nothing.
    #[error("{0}")]
    InvalidInput(String),
    /// AWS said no for good.
    #[error("{0}")]
    Refused(String),
    /// The record belongs to another execution; this one touches nothing of it.
    #[error("{0}")]
    ForeignExecution(String),
    /// Traffic cannot go back: what had it before cannot take it. A person is needed.
    #[error("{0}")]
    NoWayBack(String),
}

impl StepError {
    /// Every name, as the state machine knows them.
    pub const NAMES: [&'static str; 12] = [
        names::ALARM_BREACHED,
        names::STOP_REQUESTED,
        names::HOOK_FAILED,
        names::HOOK_TIMED_OUT,
        names::DRIFT,
        names::BUSY,
        names::TRANSIENT,
        names::UPGRADE_IN_FLIGHT,
        names::INVALID_INPUT,
        names::REFUSED,
        names::FOREIGN_EXECUTION,
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
            Self::UpgradeInFlight(_) => names::UPGRADE_IN_FLIGHT,
            Self::InvalidInput(_) => names::INVALID_INPUT,
            Self::Refused(_) => names::REFUSED,
            Self::ForeignExecution(_) => names::FOREIGN_EXECUTION,
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
            PortError::Newer(_) => Self::UpgradeInFlight(message),
            PortError::Missing(_) | PortError::Denied(_) => Self::Refused(message),
        }
    }
}

/// How a deployment ends that its execution was ended of, with this error and cause, before anybody marked the record.
///
/// A hook may end its own wait, under a name of its own choosing. That is the hook's failure whatever the name is: a name of ours
/// counts only where it comes as ours do.
pub fn why_it_ended(deployment: &Deployment, plan: Option<&Plan>, error: &str, cause: &str) -> Ending {
    let running = |record: &&EventRecord| record.status == EventStatus::InProgress && record.event.is_hook();
    match deployment.events.events().iter().find(running) {
        Some(EventRecord { event, .. }) if !beside_hook(*event, error, cause) => {
            let function = plan.and_then(|plan| plan.hook(*event)).map(|hook| &hook.function);
            hooks::failed(*event, function, &format!("{error}: {}", message_in(cause)))
        }
        // The state machine knows no more than that: the record does.
        Some(record) if error == names::HOOK_TIMED_OUT => match plan.and_then(|plan| plan.hook(record.event)) {
            Some(hook) => hooks::timed_out(record.event, hook, Some(record)),
            None => ending_of(deployment.platform, error, cause),
        },
        _ => ending_of(deployment.platform, error, cause),
    }
}

/// Whether an error that came while this hook was waited for is not the hook's own.
fn beside_hook(event: LifecycleEvent, error: &str, cause: &str) -> bool {
    match error {
        // A step fails as a Lambda task does: its cause is the function's error document, under the same name.
        names::TRANSIENT | names::INVALID_INPUT | names::REFUSED => error_type(cause).as_deref() == Some(error),
        // The state machine says these itself, in these words.
        names::HOOK_TIMED_OUT => cause == format!("the {event} hook did not answer in time"),
        names::RECOVERED => cause == RECOVERY,
        // With these a step of ours ends a deployment, and it has marked the record before.
        names::ALARM_BREACHED | names::STOP_REQUESTED | names::HOOK_FAILED | names::DRIFT | names::BUSY => false,
        other => ["States.", "Lambda.", "Runtime.", "Sandbox."].iter().any(|prefix| other.starts_with(prefix)),
    }
}

/// What a recovery's execution enters Rollback with, as the state machines write it.
const RECOVERY: &str = "the execution ended before its time";

fn error_type(cause: &str) -> Option<String> {
    serde_json::from_str::<serde_json::Value>(cause).ok()?.get("errorType")?.as_str().map(str::to_owned)
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
        names::REFUSED => platform.row().codes.refused,
        names::NO_WAY_BACK => ErrorCode::EcsUpdateError,
        names::RECOVERED => ErrorCode::ExecutionLost,
        _ => ErrorCode::InternalError,
    };
    let ours = error == names::RECOVERED || StepError::NAMES.contains(&error);
    // Ours come with a sentence that says it all; of any other, the name says what little is known.
    let message = if ours { message_in(cause) } else { format!("{error}: {}", message_in(cause)) };
    Ending::new(code, message)
}

/// The cause of a failed Lambda task is the function's error document; the sentence is inside.
pub fn message_in(cause: &str) -> String {
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

    /// A deployment that waits for its first hook.
    fn waiting(event: LifecycleEvent, platform: Platform) -> Deployment {
        let id = rollout::ids::DeploymentId::parse("d-1").unwrap();
        let mut deployment = Deployment::new(id, platform, Default::default(), jiff::Timestamp::UNIX_EPOCH);
        deployment.events.begin(event, jiff::Timestamp::UNIX_EPOCH);
        deployment
    }

    #[test]
    fn a_name_that_a_hook_chooses_is_never_one_of_ours() {
        for (event, platform) in
            [(LifecycleEvent::BeforeAllowTraffic, Platform::Lambda), (LifecycleEvent::AfterInstall, Platform::Ecs)]
        {
            let deployment = waiting(event, platform);
            let chosen = StepError::NAMES.into_iter().chain([names::RECOVERED, names::UNRESOLVED, "MyError", ""]);
            for error in chosen {
                let ending = why_it_ended(&deployment, None, error, "no");
                assert_eq!(ending.code, ErrorCode::HookExecutionFailure, "{error}");
                assert!(ending.message.contains(&format!("{error}: no")), "{}", ending.message);
            }
            for error in [names::ALARM_BREACHED, names::STOP_REQUESTED, names::DRIFT, names::BUSY] {
                let forged = format!(r#"{{"errorType": "{error}", "errorMessage": "no"}}"#);
                assert_eq!(
                    why_it_ended(&deployment, None, error, &forged).code,
                    ErrorCode::HookExecutionFailure,
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn what_ends_a_hooks_wait_beside_the_hook_is_told_as_what_it_is() {
        let deployment = waiting(LifecycleEvent::BeforeAllowTraffic, Platform::Lambda);
        let document = |error: &str| format!(r#"{{"errorType": "{error}", "errorMessage": "no"}}"#);
        let table = [
            (names::TRANSIENT, document(names::TRANSIENT), ErrorCode::InternalError),
            (names::REFUSED, document(names::REFUSED), ErrorCode::InternalError),
            (names::INVALID_INPUT, document(names::INVALID_INPUT), ErrorCode::InvalidRevision),
            (
                names::HOOK_TIMED_OUT,
                "the BeforeAllowTraffic hook did not answer in time".to_owned(),
                ErrorCode::Timeout,
            ),
            (names::RECOVERED, RECOVERY.to_owned(), ErrorCode::ExecutionLost),
            ("Runtime.ExitError", document("Runtime.ExitError"), ErrorCode::InternalError),
            ("States.Timeout", String::new(), ErrorCode::InternalError),
        ];
        for (error, cause, code) in table {
            assert_eq!(why_it_ended(&deployment, None, error, &cause).code, code, "{error}");
        }
        // Where no hook is waited for, nobody else could have said it.
        let id = rollout::ids::DeploymentId::parse("d-1").unwrap();
        let idle = Deployment::new(id, Platform::Lambda, Default::default(), jiff::Timestamp::UNIX_EPOCH);
        assert_eq!(why_it_ended(&idle, None, names::ALARM_BREACHED, "why").code, ErrorCode::AlarmActive);
    }

    #[test]
    fn the_sentence_is_taken_out_of_a_functions_error_document() {
        let cause = r#"{"errorType":"Drift","errorMessage":"the alias was changed"}"#;
        let said = |error, cause| ending_of(Platform::Lambda, error, cause).message;
        assert_eq!(said("Drift", cause), "the alias was changed");
        assert_eq!(said("Runtime.ExitError", "signal: killed"), "Runtime.ExitError: signal: killed");
    }

    #[test]
    fn what_a_call_failed_with_is_said_once() {
        let denied = PortError::Denied("UpdateAlias: AccessDeniedException: not allowed".to_owned());
        let busy = PortError::Busy("GetAlias: ThrottlingException: Rate exceeded".to_owned());
        let told = [denied, busy].map(|error| {
            let error = StepError::from(error);
            ending_of(Platform::Lambda, error.name(), &error.to_string()).message
        });
        expect_test::expect![[r#"
            refused: UpdateAlias: AccessDeniedException: not allowed
            try again later: GetAlias: ThrottlingException: Rate exceeded"#]]
        .assert_eq(&told.join("\n"));
    }

    #[test]
    fn what_ecs_or_a_load_balancer_refused_has_a_code_of_its_own() {
        let ended = |platform, error| ending_of(platform, error, "no").code;
        assert_eq!(ended(Platform::Ecs, names::REFUSED), ErrorCode::EcsUpdateError);
        assert_eq!(ended(Platform::Lambda, names::REFUSED), ErrorCode::InternalError);
        assert_eq!(ended(Platform::Ecs, "Runtime.ExitError"), ErrorCode::InternalError);
    }
}
