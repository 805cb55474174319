//! What is written down of what a hook says.

use serde_json::Value;

use super::call::CallId;
use super::failure::{Failure, MAX_DETAILS};
use super::secrets::Secrets;
use crate::appspec::{Hook, Output};
use crate::code::ErrorCode;
use crate::ending::Ending;
use crate::ids::HookFunction;
use crate::lifecycle::Diagnostics;

/// The most of a hook's log that is kept, in bytes (docs/codedeploy-contract.md 5.2: up to 4 KB).
pub const MAX_LOG_TAIL: usize = 2_048;

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

/// The end of a log, cut at a whole character.
fn end_of(log: &str) -> &str {
    let from = (log.len().saturating_sub(MAX_LOG_TAIL)..log.len()).find(|at| log.is_char_boundary(*at)).unwrap_or(0);
    &log[from..]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

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
