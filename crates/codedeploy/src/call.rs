//! A call by direct invoke of the `api` function: the target and body an HTTP client would send, and status and body back.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::error::{ApiError, Code};
use crate::text::clipped;
use crate::{empty, unknown};

/// What the caller sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// `X-Amz-Target`: prefix, point, operation.
    pub target: String,
    /// The operation's input.
    #[serde(default = "no_members")]
    pub body: Value,
}

fn no_members() -> Value {
    json!({})
}

/// What comes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The operation's output, or an [`ErrorBody`](crate::error::ErrorBody).
    pub body: Value,
}

impl From<Result<Value, ApiError>> for Reply {
    fn from(result: Result<Value, ApiError>) -> Self {
        match result {
            Ok(body) => Self { status: 200, body },
            Err(error) => Self { status: error.status(), body: error.body() },
        }
    }
}

/// The longest sentence about an input that cannot be read: serde repeats what it found, which may be a page of text.
const LONGEST: usize = 300;

/// Reads an operation's input, without what counts as left out ([`empty`]) and what nobody knows
/// ([`unknown`](crate::unknown)); a wrong shape is a `SerializationException` that says where.
pub fn input<T: for<'de> Deserialize<'de>>(body: &Value) -> Result<T, ApiError> {
    let Value::Object(members) = body else {
        return Err(ApiError::new(Code::SerializationException, "the input is a JSON object"));
    };
    if let Some(wrong) = unknown::wrong_value::<T>(body) {
        let message = format!("the body cannot be read as CBOR: {wrong}");
        return Err(ApiError::new(Code::SerializationException, message));
    }
    serde_path_to_error::deserialize(Value::Object(empty::pruned(members))).map_err(|error| {
        let (place, what) = (error.path().to_string(), in_plain_words(&error.inner().to_string()));
        let message = if place == "." { what } else { format!("{place}: {what}") };
        ApiError::new(Code::SerializationException, clipped(&message, LONGEST))
    })
}

/// What serde says of a wrong type, without its own words for types: `expected a list, found the text "x"`.
fn in_plain_words(said: &str) -> String {
    let wrong = said.strip_prefix("invalid type: ").or_else(|| said.strip_prefix("invalid value: "));
    let Some((found, expected)) = wrong.and_then(|wrong| wrong.split_once(", expected ")) else {
        return said.to_owned();
    };
    let expected = match expected {
        "a string" => "a text",
        "a sequence" => "a list",
        "a boolean" => "true or false",
        _ if expected.starts_with("struct ") => "an object",
        _ if expected.starts_with(['i', 'u', 'f']) && expected[1..].chars().all(|c| c.is_ascii_digit()) => "a number",
        other => other,
    };
    let found = match found {
        "map" => "an object".to_owned(),
        "sequence" => "a list".to_owned(),
        "null" => "nothing".to_owned(),
        _ => match found.split_once(' ') {
            Some(("string", text)) => format!("the text {text}"),
            Some(("boolean", value)) => value.replace('`', ""),
            Some(("integer", number)) => format!("the number {}", number.replace('`', "")),
            Some(("floating", number)) => {
                format!("the number {}", number.trim_start_matches("point ").replace('`', ""))
            }
            _ => found.to_owned(),
        },
    };
    format!("expected {expected}, found {found}")
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::shapes::{CreateDeploymentInput, ListApplicationsInput};

    #[test]
    fn a_wrong_type_is_named_and_not_repeated_by_the_page() {
        let page = "x".repeat(100_000);
        let error = input::<ListApplicationsInput>(&json!({"nextToken": [page]})).expect_err("a list is no token");
        assert_eq!(error.code, Code::SerializationException);
        assert!(error.message.len() < 400);
        for body in [json!(null), json!([]), json!("text"), json!(1)] {
            let error = input::<ListApplicationsInput>(&body).expect_err("no object");
            assert_eq!(error.code, Code::SerializationException);
        }
    }

    #[test]
    fn a_wrong_type_is_told_with_its_member_in_plain_words() {
        let told = |body| input::<CreateDeploymentInput>(&body).expect_err("a wrong type").message;
        let told = [
            told(json!({"applicationName": 7})),
            told(json!({"overrideAlarmConfiguration": {"enabled": "yes"}})),
            told(json!({"overrideAlarmConfiguration": {"alarms": [{"name": ["errors"]}]}})),
            told(json!({"autoRollbackConfiguration": "on"})),
            told(json!({"autoRollbackConfiguration": {"events": "DEPLOYMENT_FAILURE"}})),
            told(json!({"ignoreApplicationStopFailures": 1.5})),
        ];
        expect![[r#"
            applicationName: expected a text, found the number 7
            overrideAlarmConfiguration.enabled: expected true or false, found the text "yes"
            overrideAlarmConfiguration.alarms[0].name: expected a text, found a list
            autoRollbackConfiguration: expected an object, found the text "on"
            autoRollbackConfiguration.events: expected a list, found the text "DEPLOYMENT_FAILURE"
            ignoreApplicationStopFailures: expected true or false, found the number 1.5"#]]
        .assert_eq(&told.join("\n"));
    }

    #[test]
    fn a_member_that_is_null_is_not_there() {
        let read: ListApplicationsInput = input(&json!({"nextToken": null, "unknown": 1})).expect("a client's input");
        assert_eq!(read, ListApplicationsInput::default());
    }
}
