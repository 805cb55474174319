//! The constraints of the API's model (docs/codedeploy-contract.md 10.1, 10.3), and what AWS says of a member that breaks one.

use serde_json::Value;

use super::refusal::Refusal;

/// A regular expression of one class of characters, as AWS writes it, and whether a character is of the class.
type Pattern = (&'static str, fn(char) -> bool);

/// What a text must be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Text {
    least: usize,
    most: usize,
    pattern: Option<Pattern>,
    one_of: &'static [&'static str],
}

/// Any text.
pub(super) const ANY: Text = Text { least: 0, most: usize::MAX, pattern: None, one_of: &[] };

const fn of_length(least: usize, most: usize) -> Text {
    Text { least, most, ..ANY }
}

const fn named(most: usize) -> Text {
    let pattern =
        Some((r"[A-Za-z0-9.@\-_]+", (|c| c.is_ascii_alphanumeric() || ".@-_".contains(c)) as fn(char) -> bool));
    Text { least: 1, most, pattern, one_of: &[] }
}

const fn one_of(words: &'static [&'static str]) -> Text {
    Text { one_of: words, ..ANY }
}

/// The characters that names of variables and their namespaces have.
pub(super) fn is_of_variables(c: char) -> bool {
    c.is_ascii_alphanumeric() || "@-_".contains(c)
}

const OF_VARIABLES: Option<Pattern> = Some((r"[A-Za-z0-9@\-_]+", is_of_variables));

/// The name of a pipeline, a stage or an action.
pub(super) const NAME: Text = named(100);
/// The name of an artifact.
pub(super) const ARTIFACT: Text = Text {
    pattern: Some((r"[a-zA-Z0-9_\-]+", |c| c.is_ascii_alphanumeric() || "_-".contains(c))),
    ..of_length(1, 100)
};
/// A namespace.
pub(super) const NAMESPACE: Text = Text { pattern: OF_VARIABLES, ..of_length(1, 100) };
/// The name of a variable of a pipeline.
pub(super) const VARIABLE: Text = Text { pattern: OF_VARIABLES, ..of_length(1, 128) };
/// The value of one.
pub(super) const VALUE: Text = of_length(1, 1_000);
/// The name of an output variable.
pub(super) const OUTPUT: Text = Text { pattern: OF_VARIABLES, ..ANY };
/// A key of an action's configuration.
pub(super) const CONFIGURATION_KEY: Text = of_length(1, 50);
/// A value of an action's configuration.
pub(super) const CONFIGURATION_VALUE: Text = of_length(1, 1_000);
/// A role.
pub(super) const ROLE: Text = of_length(0, 1_024);
/// The bucket of an artifact store.
pub(super) const BUCKET: Text = Text {
    pattern: Some((r"[a-zA-Z0-9\-\.]+", |c| c.is_ascii_alphanumeric() || "-.".contains(c))),
    ..of_length(3, 63)
};
/// A key of KMS.
pub(super) const KEY: Text = of_length(1, 400);
/// The kind of such a key.
pub(super) const KEY_TYPE: Text = one_of(&["KMS"]);
/// The kind of an artifact store.
pub(super) const STORE_TYPE: Text = one_of(&["S3"]);
/// The kind of a pipeline.
pub(super) const PIPELINE_TYPE: Text = one_of(&["V1", "V2"]);
/// What a pipeline does with several executions.
pub(super) const MODE: Text = one_of(&["QUEUED", "SUPERSEDED", "PARALLEL"]);
/// The category of an action.
pub(super) const CATEGORY: Text = one_of(&["Source", "Build", "Deploy", "Test", "Invoke", "Approval", "Compute"]);
/// Whose an action is.
pub(super) const OWNER: Text = one_of(&["AWS", "ThirdParty", "Custom"]);
/// Who carries it out.
pub(super) const PROVIDER: Text =
    Text { pattern: Some((r"[0-9A-Za-z_-]+", |c| c.is_ascii_alphanumeric() || "_-".contains(c))), ..of_length(1, 35) };
/// Its version.
pub(super) const VERSION: Text = Text { most: 9, ..PROVIDER };
/// What makes a request the same as an earlier one.
pub(super) const REQUEST_TOKEN: Text =
    Text { pattern: Some(("^[a-zA-Z0-9-]+$", |c| c.is_ascii_alphanumeric() || c == '-')), ..of_length(1, 128) };
/// Why an execution is stopped.
pub(super) const REASON: Text = of_length(0, 200);
/// Where a listing goes on.
pub(super) const PAGE: Text = of_length(1, 2_048);
/// The id of an execution or a job.
pub(super) const ID: Text = Text {
    pattern: Some((
        "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
        |c| matches!(c, '0'..='9' | 'a'..='f' | '-'),
    )),
    ..of_length(36, 36)
};
/// The token of a job that is to be called again.
pub(super) const CONTINUATION: Text = of_length(1, 2_048);
/// What a job says of itself.
pub(super) const SUMMARY: Text = of_length(1, 2_048);
/// What a job calls what it has started.
pub(super) const EXTERNAL_ID: Text = of_length(1, 1_500);
/// The message of a failure.
pub(super) const MESSAGE: Text = of_length(1, 5_000);
/// The kinds of failures.
pub(super) const FAILURE: Text = one_of(&[
    "JobFailed",
    "ConfigurationError",
    "PermissionError",
    "RevisionOutOfSync",
    "RevisionUnavailable",
    "SystemUnavailable",
]);

/// Whether a member may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

/// What is wrong with the members of a request.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<String>);

impl Faults {
    /// Refuses the request, where anything is wrong.
    pub(super) fn refused(self) -> Result<(), Refusal> {
        match self.0.len() {
            0 => Ok(()),
            1 => Err(Refusal::validation(format!("1 validation error detected: {}", self.0.concat()))),
            many => Err(Refusal::validation(format!("{many} validation errors detected: {}", self.0.join("; ")))),
        }
    }

    fn add(&mut self, value: &str, at: &str, constraint: &str) {
        self.0.push(format!("Value {value} at '{at}' failed to satisfy constraint: {constraint}"));
    }

    /// A member that must be there, whatever it is.
    pub(super) fn present(&mut self, at: &str, value: &Value) -> bool {
        if value.is_null() {
            self.add("null", at, "Member must not be null");
        }
        !value.is_null()
    }

    /// A text. One of another kind is for serde to refuse.
    pub(super) fn text(&mut self, at: &str, value: &Value, presence: Presence, rule: &Text) {
        if value.is_null() {
            if presence == Presence::Required {
                self.present(at, value);
            }
        } else if let Some(text) = value.as_str() {
            for constraint in broken(text, rule) {
                self.add(&format!("'{text}'"), at, &constraint);
            }
        }
    }

    /// A number, where there is one.
    pub(super) fn number(&mut self, at: &str, value: &Value, least: i64, most: i64) {
        let Some(number) = value.as_i64() else { return };
        if number < least {
            self.add(&format!("'{number}'"), at, &format!("Member must have value greater than or equal to {least}"));
        } else if number > most {
            self.add(&format!("'{number}'"), at, &format!("Member must have value less than or equal to {most}"));
        }
    }

    /// The keys and values of a map.
    pub(super) fn map(&mut self, at: &str, map: &Value, keys: &Text, values: &Text) {
        for (key, value) in map.as_object().into_iter().flatten() {
            let wrong = broken(key, keys);
            if !wrong.is_empty() {
                let constraint = format!("Map keys must satisfy constraint: [{}]", wrong.join(", "));
                self.add(&format!("'{{{key}}}'"), at, &constraint);
            }
            let wrong = value.as_str().map(|value| broken(value, values)).unwrap_or_default();
            if !wrong.is_empty() {
                let constraint = format!("Map value must satisfy constraint: [{}]", wrong.join(", "));
                self.add(&format!("'{{{key}={}}}'", value.as_str().unwrap_or_default()), at, &constraint);
            }
        }
    }
}

/// The constraints that a text breaks.
fn broken(text: &str, rule: &Text) -> Vec<String> {
    let (length, mut broken) = (text.chars().count(), Vec::new());
    if length > rule.most {
        broken.push(format!("Member must have length less than or equal to {}", rule.most));
    }
    if length < rule.least {
        broken.push(format!("Member must have length greater than or equal to {}", rule.least));
    }
    if let Some((pattern, fits)) = rule.pattern
        && (text.is_empty() || !text.chars().all(fits))
    {
        broken.push(format!("Member must satisfy regular expression pattern: {pattern}"));
    }
    if !rule.one_of.is_empty() && !rule.one_of.contains(&text) {
        broken.push(format!("Member must satisfy enum value set: [{}]", rule.one_of.join(", ")));
    }
    broken
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn said(check: impl FnOnce(&mut Faults)) -> String {
        let mut faults = Faults::default();
        check(&mut faults);
        faults.refused().map_or_else(|refusal| refusal.message, |()| String::new())
    }

    #[test]
    fn a_member_that_breaks_a_constraint_is_named_with_it() {
        let asked = |rule: &Text, value: &str| {
            said(|faults| faults.text("name", &json!(value), Presence::Required, rule))
                .replace("1 validation error detected: ", "")
        };
        assert_eq!(asked(&NAME, "shop.web@1-a_b"), "");
        let broken = r"Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\-_]+";
        assert_eq!(asked(&NAME, "a b"), broken);
        assert!(asked(&NAME, &"x".repeat(101)).ends_with("Member must have length less than or equal to 100"));
        assert!(asked(&ID, "no-id").contains("Member must have length greater than or equal to 36"));
        assert!(asked(&FAILURE, "Broken").contains("Member must satisfy enum value set: [JobFailed, "));
        let missing = said(|faults| faults.text("jobId", &json!(null), Presence::Required, &ID));
        assert!(missing.ends_with("Value null at 'jobId' failed to satisfy constraint: Member must not be null"));
    }

    #[test]
    fn a_configuration_has_short_keys_and_values_of_a_thousand_characters_at_most() {
        let asked =
            |map: Value| said(|faults| faults.map("configuration", &map, &CONFIGURATION_KEY, &CONFIGURATION_VALUE));
        assert_eq!(asked(json!({ "UserParameters": "x".repeat(1_000) })), "");
        assert!(asked(json!({ "UserParameters": "x".repeat(1_001) })).contains("length less than or equal to 1000"));
        assert!(asked(json!({ "x".repeat(51): "y" })).contains("length less than or equal to 50"));
    }

    #[test]
    fn several_faults_are_told_at_once() {
        let told = said(|faults| {
            faults.number("percentComplete", &json!(101), 0, 100);
            faults.number("percentComplete", &json!(-1), 0, 100);
        });
        assert!(told.starts_with("2 validation errors detected: Value '101' at 'percentComplete'"), "{told}");
    }
}
