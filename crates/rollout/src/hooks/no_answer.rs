//! What a hook returned that is no answer: its kind, in words of ours. Never its values, nor the names it chose: a hook may hold
//! a secret.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::HookFunction;
use crate::seconds::Seconds;

/// What kind of thing a hook returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Returned {
    /// `null`: in most languages, a function that returns nothing.
    Nothing,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A text.
    Text,
    /// A list.
    List,
    /// An object with `status` in another spelling, as `Status`.
    Misspelt,
    /// An object whose `status` is another word than ours, or no text.
    OtherStatus,
    /// An object as an HTTP answer is, with a `statusCode`.
    Http,
    /// Any other object.
    Object,
    /// The call was made, and its answer was lost on the way.
    Lost,
    /// A kind that newer code knows.
    #[serde(other)]
    Other,
}

impl Returned {
    /// The kind of a value that is no answer.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::Text,
            Value::Array(_) => Self::List,
            Value::Object(members) => {
                let has = |wanted: &str| members.keys().any(|name| name.eq_ignore_ascii_case(wanted));
                if members.contains_key("status") || members.contains_key("hookStatus") {
                    Self::OtherStatus
                } else if has("status") || has("hookStatus") || has("hook_status") {
                    Self::Misspelt
                } else if has("statusCode") {
                    Self::Http
                } else {
                    Self::Object
                }
            }
        }
    }
}

impl fmt::Display for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "nothing (null)",
            Self::Bool => "true or false",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::List => "a list",
            Self::Misspelt => "an object whose status is spelt otherwise (write status in small letters)",
            Self::OtherStatus => "an object whose status is neither Succeeded, Failed nor InProgress",
            Self::Http => "an object as HTTP has it (statusCode), without a status",
            Self::Object => "an object without a status",
            Self::Lost => "an answer that was lost",
            Self::Other => "something else",
        })
    }
}

/// A hook that returned no answer and may still call back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unanswered {
    /// What it returned.
    pub returned: Returned,
    /// When.
    pub at: Timestamp,
    /// Lambda's number of the call, by which its log is searched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
}

impl Unanswered {
    /// What is known of it, for a hook that was called first at `began`.
    pub fn told(&self, began: Timestamp) -> String {
        let after = Seconds::between(began, self.at);
        match self.returned {
            Returned::Lost => format!("what its call returned was lost after {after}, so it was not called again"),
            returned => format!("it returned {returned} after {after}, which is no answer"),
        }
    }
}

/// How a hook answers.
pub(super) const HOW_TO_ANSWER: &str = "return {\"status\": \"Succeeded\"} or {\"status\": \"Failed\"}, or call \
                                 PutLifecycleEventHookExecutionStatus";

/// Where the log of a hook is.
pub(super) fn log_of(function: &HookFunction, call: Option<&str>) -> String {
    let call = call.map_or_else(String::new, |call| format!(", request {call}"));
    format!("log group /aws/lambda/{}, unless the function has another{call}", function.name())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_answer_is_told_by_its_kind_and_by_no_word_of_its_own() {
        let table = [
            (json!(null), Returned::Nothing),
            (json!(true), Returned::Bool),
            (json!(7), Returned::Number),
            (json!("hunter2"), Returned::Text),
            (json!(["hunter2"]), Returned::List),
            (json!({"Status": "Succeeded", "hunter2": 1}), Returned::Misspelt),
            (json!({"HookStatus": "SUCCEEDED"}), Returned::Misspelt),
            (json!({"status": "hunter2"}), Returned::OtherStatus),
            (json!({"status": 200}), Returned::OtherStatus),
            (json!({"statusCode": 200, "body": "hunter2"}), Returned::Http),
            (json!({"hunter2": "hunter2"}), Returned::Object),
        ];
        for (value, kind) in table {
            assert_eq!(Returned::of(&value), kind, "{value}");
            assert!(!kind.to_string().contains("hunter2"));
            assert_eq!(serde_json::from_value::<Returned>(json!(kind)).unwrap(), kind);
        }
        assert_eq!(serde_json::from_value::<Returned>(json!("Pigeon")).unwrap(), Returned::Other);
    }
}
