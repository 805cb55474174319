//! A line of a function's log as a person reads it.

use proxy::text::one_line;
use serde_json::Value;

/// What a line says, on one line: `a warning: the step is tried again (error: Transient, …)`. One in another form than the
/// functions' own is quoted.
pub(super) fn words(message: &str) -> String {
    let line: Value = serde_json::from_str(message).unwrap_or_default();
    let Value::Object(fields) = &line["fields"] else { return format!("\"{}\"", one_line(message.trim())) };
    let level = match line["level"].as_str() {
        Some("ERROR") => "an error: ",
        Some("WARN") => "a warning: ",
        Some(_) | None => "",
    };
    let said = fields.get("message").map(text).unwrap_or_default();
    let others = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "message" | "deployment"));
    let others: Vec<String> = others.map(|(name, value)| format!("{name}: {}", text(value))).collect();
    let others = if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
    one_line(&format!("{level}{said}{others}"))
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_line_says_its_level_what_happened_and_what_with() {
        let table = [
            (
                r#"{"level":"WARN","fields":{"message":"the step is tried again","deployment":"d-1","error":"Transient","attempt":2},"target":"bootstrap"}"#,
                "a warning: the step is tried again (error: Transient, attempt: 2)",
            ),
            (r#"{"level":"INFO","fields":{"message":"alarm","deployment":"d-1"}}"#, "alarm"),
            ("RequestId: 7 Error: d-1\nforged\n", r#""RequestId: 7 Error: d-1\nforged""#),
            (r#"{"fields":7}"#, r#""{"fields":7}""#),
        ];
        for (line, expected) in table {
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
