//! What a hook answers, and what is kept of it.

use serde_json::Value;

use crate::ending::{Ending, ErrorCode};
use crate::lifecycle::{Diagnostics, LifecycleEvent};
use crate::seconds::Seconds;

/// How long a hook that says it is in progress is left alone when it names no delay (contract 12.5).
pub const DEFAULT_DELAY: Seconds = Seconds(30);

/// What a hook function said when it was called.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is content.
    Succeeded,
    /// It is not: the deployment fails.
    Failed(String),
    /// It is still busy and wants to be called again after `delay`, and be handed `details` then.
    InProgress {
        /// How long to wait.
        delay: Seconds,
        /// `hookDetails`, handed back with the next call.
        details: Option<Value>,
    },
    /// It said nothing we understand: it will answer with PutLifecycleEventHookExecutionStatus.
    WillCallBack,
}

/// Reads what a hook function returned.
///
/// Two spellings are understood: `{"status": …}` and ECS's `{"hookStatus": …, "callBackDelay": 30, "hookDetails": …}`
/// (contract 12.5). A `hookStatus` nobody knows is a failure, as it is for ECS; an unknown `status` is not, because
/// CodeDeploy's own hooks may return anything while they answer by callback.
pub fn answer(returned: &Value) -> Answer {
    let said = |key: &str| returned.get(key).and_then(Value::as_str);
    let (status, strict) = match (said("hookStatus"), said("status")) {
        (Some(status), _) => (status, true),
        (None, Some(status)) => (status, false),
        (None, None) => return Answer::WillCallBack,
    };
    match status.to_ascii_uppercase().replace('_', "").as_str() {
        "SUCCEEDED" => Answer::Succeeded,
        "FAILED" => Answer::Failed(said("message").unwrap_or("the hook returned Failed").to_owned()),
        "INPROGRESS" => Answer::InProgress {
            delay: returned.get("callBackDelay").and_then(Value::as_u64).map_or(DEFAULT_DELAY, Seconds),
            details: returned.get("hookDetails").filter(|details| !details.is_null()).cloned(),
        },
        _ if strict => Answer::Failed(format!(
            "the hook returned an unknown hookStatus {status}; write SUCCEEDED, FAILED or IN_PROGRESS"
        )),
        _ => Answer::WillCallBack,
    }
}

/// Values that must not be written down.
#[derive(Default)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// Values shorter than this are not searched for: they would blank out half of any text and hide nothing.
    const SHORTEST: usize = 3;

    /// Remembers values, also in the spellings they have inside JSON text.
    pub fn new<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let mut spellings: Vec<String> = Vec::new();
        for value in values {
            for value in std::iter::once(value).chain(value.lines()) {
                if value.len() >= Self::SHORTEST {
                    let quoted = Value::from(value).to_string();
                    spellings.push(quoted[1..quoted.len() - 1].to_owned());
                    spellings.push(value.to_owned());
                }
            }
        }
        // Longer ones first, so that a value that contains another leaves nothing behind.
        spellings.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        spellings.dedup();
        Self(spellings)
    }

    /// The text without them.
    pub fn redact(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

/// The most of a hook's log that is kept, in bytes (contract 5.2: up to 4 KB).
pub const MAX_LOG_TAIL: usize = 2_048;

/// What is kept of a failed hook: its message and the end of its log, without the secrets it was given.
pub fn diagnostics(message: &str, log_tail: &str, secrets: &Secrets) -> Diagnostics {
    let tail = secrets.redact(log_tail);
    let from = (tail.len().saturating_sub(MAX_LOG_TAIL)..tail.len()).find(|at| tail.is_char_boundary(*at)).unwrap_or(0);
    Diagnostics {
        message: Ending::new(ErrorCode::HookExecutionFailure, secrets.redact(message)).message,
        log_tail: tail[from..].to_owned(),
    }
}

/// The ending of a deployment whose hook failed.
pub fn failed(event: LifecycleEvent, why: &str) -> Ending {
    Ending::new(ErrorCode::HookExecutionFailure, format!("the {event} hook failed: {why}"))
}

/// The ending of a deployment whose hook did not answer in time.
pub fn timed_out(event: LifecycleEvent, after: Seconds) -> Ending {
    Ending::new(ErrorCode::Timeout, format!("the {event} hook did not answer within {after}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check(returned: Value, expected: Answer) {
        assert_eq!(answer(&returned), expected, "{returned}");
    }

    #[test]
    fn a_returned_status_is_understood_in_both_spellings() {
        check(json!({"status": "Succeeded"}), Answer::Succeeded);
        check(json!({"hookStatus": "SUCCEEDED"}), Answer::Succeeded);
        check(json!({"status": "Failed", "message": "3 of 9 checks"}), Answer::Failed("3 of 9 checks".into()));
        check(json!({"hookStatus": "FAILED"}), Answer::Failed("the hook returned Failed".into()));
    }

    #[test]
    fn a_hook_in_progress_says_when_to_call_again_or_is_called_after_thirty_seconds() {
        check(json!({"hookStatus": "IN_PROGRESS"}), Answer::InProgress { delay: Seconds(30), details: None });
        check(
            json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 5, "hookDetails": {"job": 7}}),
            Answer::InProgress { delay: Seconds(5), details: Some(json!({"job": 7})) },
        );
        check(json!({"status": "InProgress"}), Answer::InProgress { delay: Seconds(30), details: None });
    }

    #[test]
    fn what_codedeploys_own_hooks_return_means_that_they_will_call_back() {
        for returned in [
            json!(null),
            json!("Success"),
            json!({"statusCode": 200}),
            json!({"status": "validation passed"}),
            json!([]),
        ] {
            check(returned, Answer::WillCallBack);
        }
    }

    #[test]
    fn an_unknown_hook_status_is_a_failure() {
        assert!(matches!(answer(&json!({"hookStatus": "OK"})), Answer::Failed(_)));
    }

    #[test]
    fn a_failed_hook_keeps_the_end_of_its_log_without_the_secrets() {
        let secrets = Secrets::new(["hunter2-hunter2", "line one\nline \"two\""]);
        let kept = diagnostics(
            "wrong password hunter2-hunter2",
            "x\nline \\\"two\\\" then line one, hunter2-hunter2",
            &secrets,
        );
        assert_eq!(kept.message, "wrong password ***");
        assert_eq!(kept.log_tail, "x\n*** then ***, ***");
    }

    proptest! {
        #[test]
        fn no_secret_survives_in_what_is_kept(secret in "[a-z\"\\\\\n]{4,20}", around in ".{0,40}") {
            let secrets = Secrets::new([secret.as_str()]);
            let quoted = Value::from(format!("{around}{secret}{around}")).to_string();
            let kept = diagnostics(&format!("{around}{secret}"), &quoted, &secrets);
            prop_assume!(!around.contains(&secret) && !"***".contains(&secret));
            prop_assert!(!kept.message.contains(&secret));
            prop_assert!(!kept.log_tail.contains(&secret));
        }

        #[test]
        fn a_log_of_any_length_is_cut_at_a_whole_character(log in "\\PC{0,3000}") {
            let kept = diagnostics("", &log, &Secrets::default());
            prop_assert!(kept.log_tail.len() <= MAX_LOG_TAIL);
            prop_assert!(log.ends_with(&kept.log_tail));
        }
    }
}
