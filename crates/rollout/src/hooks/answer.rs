//! The answer that a hook function returned, with the delay it asks for. How long it is really left alone, [`crate::budget::next_hook_call`] says.

use serde_json::Value;

use super::no_answer::Returned;
use crate::seconds::Seconds;

/// How long a hook that says it is in progress is left alone when it names no delay (docs/codedeploy-contract.md 12.5).
pub const DEFAULT_DELAY: Seconds = Seconds(30);

/// What a hook function said when it was called.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It is content.
    Succeeded,
    /// It is not, and says this: the deployment fails.
    Failed(String),
    /// It returned this `hookStatus`, which nobody knows: the deployment fails.
    Unknown(String),
    /// It is still busy and wants to be called again after `delay`, and be handed `details` then.
    InProgress {
        /// How long to wait.
        delay: Seconds,
        /// `hookDetails`, handed back with the next call.
        details: Option<Value>,
    },
    /// It gave two answers at once, and they differ: the deployment fails.
    Contradictory,
    /// It is still busy, and says when to call again in something that is no number of seconds: the deployment fails.
    NoDelay,
    /// It said nothing we understand, but this kind of thing: it may answer with PutLifecycleEventHookExecutionStatus.
    WillCallBack(Returned),
}

/// Reads what a hook function returned.
///
/// Two spellings are understood: `{"status": …}` and ECS's `{"hookStatus": …, "callBackDelay": 30, "hookDetails": …}`
/// (docs/codedeploy-contract.md 12.5). A `hookStatus` nobody knows is a failure, as it is for ECS; an unknown `status` is not, because
/// CodeDeploy's own hooks may return anything while they answer by callback. Both spellings at once must say the same.
pub fn answer(returned: &Value) -> Answer {
    let said = |key: &str| returned.get(key).and_then(Value::as_str);
    let (status, strict) = match (said("hookStatus"), said("status")) {
        (Some(status), _) => (status, true),
        (None, Some(status)) => (status, false),
        (None, None) => return Answer::WillCallBack(Returned::of(returned)),
    };
    let plain = |status: &str| status.to_ascii_uppercase().replace('_', "");
    if let (Some(one), Some(other)) = (said("hookStatus"), said("status"))
        && plain(one) != plain(other)
        && ["SUCCEEDED", "FAILED", "INPROGRESS"].contains(&plain(other).as_str())
    {
        return Answer::Contradictory;
    }
    match plain(status).as_str() {
        "SUCCEEDED" => Answer::Succeeded,
        "FAILED" => Answer::Failed(said("message").unwrap_or("the hook returned Failed").to_owned()),
        "INPROGRESS" => match delay(returned.get("callBackDelay")) {
            Some(delay) => Answer::InProgress {
                delay,
                details: returned.get("hookDetails").filter(|details| !details.is_null()).cloned(),
            },
            None => Answer::NoDelay,
        },
        _ if strict => Answer::Unknown(status.to_owned()),
        _ => Answer::WillCallBack(Returned::of(returned)),
    }
}

/// When a hook wants to be called again; `None` where that is no number of seconds. Python's `30.0` is one.
fn delay(named: Option<&Value>) -> Option<Seconds> {
    match named {
        None | Some(Value::Null) => Some(DEFAULT_DELAY),
        Some(named) => {
            let whole = || named.as_f64().filter(|delay| delay.fract() == 0.0 && (0.0..1e9).contains(delay));
            named.as_u64().or_else(|| whole().map(|delay| delay as u64)).map(Seconds)
        }
    }
}

#[cfg(test)]
mod tests {
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
            let kind = Returned::of(&returned);
            check(returned, Answer::WillCallBack(kind));
        }
    }

    #[test]
    fn answers_that_contradict_each_other_and_a_delay_that_is_no_number_are_failures() {
        check(json!({"status": "Succeeded", "hookStatus": "FAILED"}), Answer::Contradictory);
        check(json!({"status": "InProgress", "hookStatus": "SUCCEEDED"}), Answer::Contradictory);
        check(json!({"status": "Succeeded", "hookStatus": "SUCCEEDED"}), Answer::Succeeded);
        check(json!({"status": "all well", "hookStatus": "SUCCEEDED"}), Answer::Succeeded);
        for delay in [json!("30"), json!("soon"), json!(-1), json!(1.5), json!([30]), json!(true)] {
            check(json!({"hookStatus": "IN_PROGRESS", "callBackDelay": delay}), Answer::NoDelay);
        }
        let wait = |delay| Answer::InProgress { delay: Seconds(delay), details: None };
        check(json!({"hookStatus": "IN_PROGRESS", "callBackDelay": 5.0}), wait(5));
        check(json!({"hookStatus": "IN_PROGRESS", "callBackDelay": null}), wait(30));
    }

    #[test]
    fn an_unknown_hook_status_is_a_failure() {
        check(json!({"hookStatus": "OK"}), Answer::Unknown("OK".into()));
    }
}
