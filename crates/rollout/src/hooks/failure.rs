//! How a hook failed, in its words and in ours.

use super::call::CallId;
use super::no_answer::log_of;
use crate::ids::HookFunction;

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

impl Failure<'_> {
    /// What it said, and the end of its log.
    pub(super) fn in_full(&self, function: &HookFunction) -> (String, &str) {
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

    /// What it did, without a word of its own.
    pub(super) fn in_our_words(&self, function: &HookFunction, call: Option<&CallId>) -> String {
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
        let log = log_of(function, call.map(CallId::as_str));
        format!(
            "{what}; what it said is not kept, since it was handed parameters: see its log ({log}), or, where nothing of it is \
             secret, write KeepOutput: true beside its Parameters"
        )
    }
}
