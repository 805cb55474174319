//! What a hook answers, and what is kept of it.

mod answer;
mod call;
mod failure;
mod no_answer;
mod secrets;
mod words;

use jiff::{SignedDuration, Timestamp};

use crate::appspec::Hook;
use crate::code::ErrorCode;
use crate::ending::Ending;
use crate::event::LifecycleEvent;
use crate::ids::HookFunction;
use crate::lifecycle::EventRecord;

pub use answer::{Answer, DEFAULT_DELAY, answer};
pub use call::CallId;
pub use failure::{Failure, MAX_DETAILS};
pub use no_answer::{Returned, Unanswered};
pub use secrets::Secrets;
pub use words::{MAX_LOG_TAIL, Words};

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
    let log = no_answer::log_of(&hook.function, call);
    let how = no_answer::HOW_TO_ANSWER;
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
