//! What a hook answers, and what is kept of it.

mod returned;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::appspec::{Hook, Output};
use crate::ending::{Ending, ErrorCode};
use crate::ids::HookFunction;
use crate::lifecycle::{Diagnostics, EventRecord, LifecycleEvent};
use crate::seconds::Seconds;

pub use returned::{Returned, Unanswered};

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

/// Values that must not be written down. Searching for them is the second line: see [`Words`].
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

/// The most of a hook's log that is kept, in bytes: as much as the host agent keeps (docs/host-agent-contract.md 10), of up to 4 KB (docs/codedeploy-contract.md 5.2).
pub const MAX_LOG_TAIL: usize = 2_048;

/// The number of one call of a function, by which its log is searched. Lambda gives it, not the function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallId(String);

impl CallId {
    /// The longest one.
    const LONGEST: usize = 64;

    /// Reads one; `None` for anything but hexadecimal digits and dashes.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        (plain && !text.is_empty() && text.len() <= Self::LONGEST).then(|| Self(text.to_owned()))
    }

    /// As Lambda gave it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The most that is kept of a hook's `hookDetails` for its next call, in bytes of JSON. An item of DynamoDB has 400 KB, and more
/// than half of that is no note to oneself.
pub const MAX_DETAILS: usize = 256 * 1_024;

/// How a hook failed, with what it said or what was said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure<'a> {
    /// It returned Failed, with this message.
    Refused(&'a str),
    /// It returned a `hookStatus` that nobody knows.
    UnknownStatus(&'a str),
    /// It threw an error.
    Threw {
        /// The error's type.
        kind: &'a str,
        /// The error's message.
        message: &'a str,
        /// The end of the function's log.
        log_tail: &'a str,
    },
    /// It could not be called, for this reason.
    NotCalled(&'a str),
    /// It left `hookDetails` that may not be kept for its next call.
    Details,
    /// It left `hookDetails` of so many bytes of JSON, more than [`MAX_DETAILS`].
    LargeDetails(usize),
    /// It gave two answers that differ.
    Contradictory,
    /// It is in progress, and its `callBackDelay` is no number of seconds.
    NoDelay,
}

/// What a hook did wrong that gave two answers.
const CONTRADICTORY: &str =
    "the hook returned a status and a hookStatus that contradict each other; return one of them";

/// What a hook did wrong that names no time to wait.
const NO_DELAY: &str = "the hook returned IN_PROGRESS with a callBackDelay that is no whole number of seconds; write a number, like \
                        30, or leave it out";

/// What a hook did wrong that left `hookDetails` of so many bytes.
fn large_details(size: usize) -> String {
    format!(
        "the hook left hookDetails of {} KB for its next call, and {} KB are kept at most; keep them elsewhere, as in S3, and \
         leave the key",
        size.div_ceil(1_024),
        MAX_DETAILS / 1_024
    )
}

/// What may be written down of what a hook says.
///
/// Somebody who was handed a secret can say it in more ways than anybody can search for: encoded, in pieces, backwards. So of
/// a hook that was handed parameters nothing is kept, unless its AppSpec says that its words are safe; and then they are
/// searched for the values all the same.
#[derive(Debug)]
pub enum Words {
    /// Everything, without these values.
    Kept(Secrets),
    /// Its status, our own words and where its log is.
    Withheld,
}

impl Words {
    /// Of this hook, which is handed these values.
    pub fn of<'a>(hook: &Hook, values: impl IntoIterator<Item = &'a str>) -> Self {
        match hook.output {
            Output::Withheld if !hook.parameters.is_empty() => Self::Withheld,
            Output::Withheld | Output::Kept => Self::Kept(Secrets::new(values)),
        }
    }

    /// What is kept of a hook's failure.
    pub fn failed(&self, function: &HookFunction, call: Option<&CallId>, failure: Failure<'_>) -> Diagnostics {
        let (message, log_tail) = match self {
            Self::Kept(secrets) => {
                let (message, tail) = failure.in_full(function);
                (secrets.redact(&message), end_of(&secrets.redact(tail)).to_owned())
            }
            Self::Withheld => (failure.in_our_words(function, call), String::new()),
        };
        Diagnostics { message: Ending::new(ErrorCode::HookExecutionFailure, message).message, log_tail }
    }

    /// What is kept of the reason why a hook could not be called now.
    pub fn busy(&self, function: &HookFunction, why: &str) -> String {
        match self {
            Self::Kept(secrets) => secrets.redact(why),
            Self::Withheld => format!("Lambda did not take the call of {} now", function.name()),
        }
    }

    /// The `hookDetails` to keep for the hook's next call, or why they are not kept.
    pub fn details(&self, details: &Value) -> Result<Value, Failure<'static>> {
        let Self::Kept(secrets) = self else { return Err(Failure::Details) };
        let details = secrets.redact(&details.to_string());
        if details.len() > MAX_DETAILS {
            return Err(Failure::LargeDetails(details.len()));
        }
        Ok(serde_json::from_str(&details).unwrap_or(Value::Null))
    }
}

impl Failure<'_> {
    fn in_full(&self, function: &HookFunction) -> (String, &str) {
        match self {
            Self::Refused(message) => ((*message).to_owned(), ""),
            Self::UnknownStatus(status) => (
                format!("the hook returned an unknown hookStatus {status}; write SUCCEEDED, FAILED or IN_PROGRESS"),
                "",
            ),
            Self::Threw { kind, message, log_tail } => (format!("{kind}: {message}"), log_tail),
            Self::NotCalled(why) => (format!("{function} could not be called: {why}"), ""),
            Self::Details => ("the hook left hookDetails that cannot be kept".to_owned(), ""),
            Self::LargeDetails(size) => (large_details(*size), ""),
            Self::Contradictory => (CONTRADICTORY.to_owned(), ""),
            Self::NoDelay => (NO_DELAY.to_owned(), ""),
        }
    }

    fn in_our_words(&self, function: &HookFunction, call: Option<&CallId>) -> String {
        let name = function.name();
        let what = match self {
            Self::Refused(_) => "the hook returned Failed",
            Self::UnknownStatus(_) => "the hook returned an unknown hookStatus; write SUCCEEDED, FAILED or IN_PROGRESS",
            Self::Threw { .. } => "the hook threw an error",
            // Ours to the last word.
            Self::Contradictory => return CONTRADICTORY.to_owned(),
            Self::NoDelay => return NO_DELAY.to_owned(),
            Self::LargeDetails(size) => return large_details(*size),
            Self::NotCalled(_) => {
                return format!(
                    "{name} could not be called: it is gone, may not be called by this stack, or does not take the call; why \
                     is not kept, since it was to be handed parameters: try with aws lambda invoke --function-name {name}"
                );
            }
            Self::Details => {
                return "the hook left hookDetails for its next call; they are not kept, since it was handed parameters: keep \
                        them elsewhere, or, where nothing of it is secret, write KeepOutput: true beside its Parameters"
                    .to_owned();
            }
        };
        let log = returned::log_of(function, call.map(CallId::as_str));
        format!(
            "{what}; what it said is not kept, since it was handed parameters: see its log ({log}), or, where nothing of it is \
             secret, write KeepOutput: true beside its Parameters"
        )
    }
}

/// The end of a log, cut at a whole character.
fn end_of(log: &str) -> &str {
    let from = (log.len().saturating_sub(MAX_LOG_TAIL)..log.len()).find(|at| log.is_char_boundary(*at)).unwrap_or(0);
    &log[from..]
}

/// The ending of a deployment whose hook failed. The function is named where the plan is at hand.
pub fn failed(event: LifecycleEvent, function: Option<&HookFunction>, why: &str) -> Ending {
    let named = function.map(|function| format!(" {}", function.name())).unwrap_or_default();
    Ending::new(ErrorCode::HookExecutionFailure, format!("the {event} hook{named} failed: {why}"))
}

/// The ending of a deployment whose hook did not answer in time, with what it returned instead, where its log is, and how to answer.
pub fn timed_out(event: LifecycleEvent, hook: &Hook, record: Option<&EventRecord>) -> Ending {
    let (name, after) = (hook.function.name(), hook.timeout);
    let unanswered = record.and_then(|record| record.unanswered.as_ref().zip(record.started));
    let told = match unanswered {
        Some((unanswered, began)) => format!(": {}, and it did not call back", unanswered.told(began)),
        None => String::new(),
    };
    let call = unanswered.and_then(|(unanswered, _)| unanswered.call.as_deref());
    let log = returned::log_of(&hook.function, call);
    let how = returned::HOW_TO_ANSWER;
    let message = match record.map_or(0, |record| record.calls) {
        // It was called again because it said IN_PROGRESS.
        calls @ 2.. if unanswered.is_none() => format!(
            "the {event} hook {name} was still in progress after {after} and {calls} calls: let it end sooner, or give it a longer \
             Timeout; its log: {log}"
        ),
        _ => format!("the {event} hook {name} did not answer within {after}{told}; to answer, {how}; its log: {log}"),
    };
    Ending::new(ErrorCode::Timeout, message)
}

/// What a hook that is waited for has done so far: it may still call back until then.
pub fn awaited(record: &EventRecord) -> Option<String> {
    let (unanswered, began) = record.unanswered.as_ref().zip(record.started)?;
    Some(format!("{}: it may still call PutLifecycleEventHookExecutionStatus", unanswered.told(began)))
}

/// When a hook's time is over that was called first at `began`.
pub fn deadline(hook: &Hook, began: Timestamp) -> Timestamp {
    began.saturating_add(SignedDuration::from(hook.timeout)).unwrap_or(Timestamp::MAX)
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

    fn function() -> HookFunction {
        HookFunction::parse("CodeDeployHook_checks").unwrap()
    }

    fn handed(output: Output, values: &[&str]) -> Words {
        let mut hook = Hook::new(function());
        hook.parameters = vec![crate::ids::ParameterName::parse("/shop/password").unwrap()];
        hook.output = output;
        Words::of(&hook, values.iter().copied())
    }

    fn threw<'a>(message: &'a str, log_tail: &'a str) -> Failure<'a> {
        Failure::Threw { kind: "Error", message, log_tail }
    }

    #[test]
    fn a_hook_that_was_handed_nothing_keeps_its_words_and_the_end_of_its_log() {
        let words = Words::of(&Hook::new(function()), []);
        let kept = words.failed(&function(), None, threw("no price", "GET /"));
        assert_eq!((kept.message.as_str(), kept.log_tail.as_str()), ("Error: no price", "GET /"));
        assert_eq!(words.details(&json!({"job": 7})), Ok(json!({"job": 7})));
    }

    #[test]
    fn of_a_hook_that_was_handed_parameters_only_our_words_and_the_way_to_its_log_are_kept() {
        let words = handed(Output::Withheld, &["hunter2-hunter2"]);
        let call = CallId::parse("5a9e-01");
        let kept = words.failed(&function(), call.as_ref(), threw("odd words", "odd log"));
        assert_eq!(kept.log_tail, "");
        for wanted in ["threw an error", "/aws/lambda/CodeDeployHook_checks", "request 5a9e-01", "KeepOutput: true"] {
            assert!(kept.message.contains(wanted), "{}", kept.message);
        }
        for failure in [
            threw("odd words", "odd log"),
            Failure::Refused("odd words"),
            Failure::UnknownStatus("odd words"),
            Failure::NotCalled("odd words"),
            Failure::Details,
        ] {
            let kept = words.failed(&function(), None, failure);
            assert!(!kept.message.contains("odd") && kept.log_tail.is_empty(), "{kept:?}");
            assert!(kept.message.len() < Ending::MAX_MESSAGE);
        }
        assert!(!words.busy(&function(), "odd words").contains("odd"));
        assert_eq!(words.details(&json!({"odd": "words"})), Err(Failure::Details));
    }

    #[test]
    fn only_lambdas_own_kind_of_number_is_the_number_of_a_call() {
        assert!(CallId::parse("c6af9ac6-7b61-11e6-9a41-93e8deadbeef").is_some());
        for odd in ["", "a secret", "x\ny", &"a".repeat(65)] {
            assert_eq!(CallId::parse(odd), None, "{odd}");
        }
    }

    #[test]
    fn words_that_are_kept_on_request_are_searched_all_the_same() {
        let words = handed(Output::Kept, &["hunter2-hunter2", "line one\nline \"two\""]);
        let log = "x\nline \\\"two\\\" then line one, hunter2-hunter2";
        let kept = words.failed(&function(), None, threw("wrong password hunter2-hunter2", log));
        assert_eq!(kept.message, "Error: wrong password ***");
        assert_eq!(kept.log_tail, "x\n*** then ***, ***");
    }

    proptest! {
        #[test]
        fn no_secret_survives_in_what_is_kept(secret in "[a-z\"\\\\\n]{4,20}", around in ".{0,40}") {
            let words = handed(Output::Kept, &[secret.as_str()]);
            let quoted = Value::from(format!("{around}{secret}{around}")).to_string();
            let said = format!("{around}{secret}");
            let kept = words.failed(&function(), None, threw(&said, &quoted));
            prop_assume!(!around.contains(&secret) && !"Error: ***".contains(&secret));
            prop_assert!(!kept.message.contains(&secret));
            prop_assert!(!kept.log_tail.contains(&secret));
        }

        #[test]
        fn a_log_of_any_length_is_cut_at_a_whole_character(log in "\\PC{0,3000}") {
            let kept = Words::Kept(Secrets::default()).failed(&function(), None, threw("", &log));
            prop_assert!(kept.log_tail.len() <= MAX_LOG_TAIL);
            prop_assert!(log.ends_with(&kept.log_tail));
        }
    }
}
