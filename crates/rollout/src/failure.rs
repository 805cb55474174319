//! What it means that an execution failed: the names that the state machine knows failures by, and whose doing each one was.

use crate::code::ErrorCode;
use crate::deployment::Deployment;
use crate::ending::Ending;
use crate::event::LifecycleEvent;
use crate::hooks;
use crate::lifecycle::{EventRecord, EventStatus};
use crate::plan::Plan;
use crate::platform::Platform;

/// The names of errors: what the state machine matches on, and what comes back from it.
pub mod names {
    /// A step fails with it: see `StepError::AlarmBreached`.
    pub const ALARM_BREACHED: &str = "AlarmBreached";
    /// A step fails with it: see `StepError::StopRequested`.
    pub const STOP_REQUESTED: &str = "StopRequested";
    /// A step fails with it: see `StepError::HookFailed`.
    pub const HOOK_FAILED: &str = "HookFailed";
    /// A step fails with it: see `StepError::TimedOut`.
    pub const TIMED_OUT: &str = "TimedOut";
    /// A step fails with it: see `StepError::Drift`.
    pub const DRIFT: &str = "Drift";
    /// A step fails with it: see `StepError::TargetLocked`.
    pub const BUSY: &str = "Busy";
    /// A step fails with it: see `StepError::Transient`.
    pub const TRANSIENT: &str = "Transient";
    /// A step fails with it: see `StepError::UpgradeInFlight`.
    pub const UPGRADE_IN_FLIGHT: &str = "UpgradeInFlight";
    /// A step fails with it: see `StepError::InvalidInput`.
    pub const INVALID_INPUT: &str = "InvalidInput";
    /// A step fails with it: see `StepError::Refused`.
    pub const REFUSED: &str = "Refused";
    /// A step fails with it: see `StepError::TableRefused`.
    pub const TABLE_REFUSED: &str = "TableRefused";
    /// A step fails with it: see `StepError::ForeignExecution`.
    pub const FOREIGN_EXECUTION: &str = "ForeignExecution";
    /// A step fails with it: see `StepError::NoWayBack`.
    pub const NO_WAY_BACK: &str = "NoWayBack";
    /// What the state machine says where a hook that calls back did not, in its time. No step fails with it.
    pub const HOOK_TIMED_OUT: &str = "HookTimedOut";
    /// What a recovery execution enters Rollback with.
    pub const RECOVERED: &str = "Recovered";
    /// What an execution ends with whose traffic could not be put back. No step fails with it.
    pub const UNRESOLVED: &str = "UNRESOLVED";

    /// All that steps fail with.
    pub const OF_STEPS: [&str; 13] = [
        ALARM_BREACHED,
        STOP_REQUESTED,
        HOOK_FAILED,
        TIMED_OUT,
        DRIFT,
        BUSY,
        TRANSIENT,
        UPGRADE_IN_FLIGHT,
        INVALID_INPUT,
        REFUSED,
        TABLE_REFUSED,
        FOREIGN_EXECUTION,
        NO_WAY_BACK,
    ];
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
        names::TRANSIENT | names::INVALID_INPUT | names::REFUSED | names::TABLE_REFUSED => {
            error_type(cause).as_deref() == Some(error)
        }
        // The state machine says these itself, in these words.
        names::HOOK_TIMED_OUT => cause == format!("the {event} hook did not answer in time"),
        names::RECOVERED => cause == RECOVERY,
        // With these a step of ours ends a deployment, and it has marked the record before.
        names::ALARM_BREACHED
        | names::STOP_REQUESTED
        | names::HOOK_FAILED
        | names::TIMED_OUT
        | names::DRIFT
        | names::BUSY => false,
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
        names::TIMED_OUT | names::HOOK_TIMED_OUT => ErrorCode::Timeout,
        names::DRIFT => ErrorCode::Drift,
        names::BUSY => ErrorCode::TargetLocked,
        names::INVALID_INPUT => ErrorCode::InvalidRevision,
        names::REFUSED | names::TABLE_REFUSED => platform.row().codes.refused,
        names::NO_WAY_BACK => ErrorCode::EcsUpdateError,
        names::RECOVERED => ErrorCode::ExecutionLost,
        _ => ErrorCode::InternalError,
    };
    let ours = [names::RECOVERED, names::HOOK_TIMED_OUT].contains(&error) || names::OF_STEPS.contains(&error);
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

    /// A deployment that waits for its first hook.
    fn waiting(event: LifecycleEvent, platform: Platform) -> Deployment {
        let id = crate::ids::DeploymentId::parse("d-1").unwrap();
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
            let chosen = names::OF_STEPS.into_iter().chain([names::RECOVERED, names::UNRESOLVED, "MyError", ""]);
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
        let id = crate::ids::DeploymentId::parse("d-1").unwrap();
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
    fn what_ecs_or_a_load_balancer_refused_has_a_code_of_its_own() {
        let ended = |platform, error| ending_of(platform, error, "no").code;
        assert_eq!(ended(Platform::Ecs, names::REFUSED), ErrorCode::EcsUpdateError);
        assert_eq!(ended(Platform::Lambda, names::REFUSED), ErrorCode::InternalError);
        assert_eq!(ended(Platform::Ecs, "Runtime.ExitError"), ErrorCode::InternalError);
    }
}
