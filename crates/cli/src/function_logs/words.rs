//! A line of a function's log as a person reads it.

use proxy::text::one_line;
use serde_json::Value;

/// What a line says, on one line: `warning: the step is tried again (error: Transient, …)`. `None` for a line that counts a metric.
pub(super) fn words(message: &str) -> Option<String> {
    let plain = || Some(format!("\"{}\"", one_line(message.trim())));
    let Ok(Value::Object(line)) = serde_json::from_str(message) else { return plain() };
    if line.contains_key("_aws") {
        return None;
    }
    let Some(Value::Object(fields)) = line.get("fields") else { return plain() };
    let level = match line.get("level").and_then(Value::as_str) {
        Some("ERROR") => "an error: ",
        Some("WARN") => "a warning: ",
        Some(_) | None => "",
    };
    let said = fields.get("message").map(text).unwrap_or_default();
    let others = fields.iter().filter(|(name, _)| !matches!(name.as_str(), "message" | "deployment"));
    let others: Vec<String> = others.map(|(name, value)| format!("{name}: {}", text(value))).collect();
    let others = if others.is_empty() { String::new() } else { format!(" ({})", others.join(", ")) };
    Some(one_line(&format!("{level}{said}{others}")))
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
                Some("a warning: the step is tried again (error: Transient, attempt: 2)"),
            ),
            (r#"{"level":"INFO","fields":{"message":"alarm","deployment":"d-1"}}"#, Some("alarm")),
            (r#"{"_aws":{"Timestamp":1},"deployment":"d-1","Unresolved":1}"#, None),
            ("RequestId: 7 Error: d-1\nforged\n", Some(r#""RequestId: 7 Error: d-1\nforged""#)),
            (r#"{"fields":7}"#, Some(r#""{"fields":7}""#)),
            ("", Some(r#""""#)),
        ];
        for (line, expected) in table {
            assert_eq!(words(line).as_deref(), expected, "{line}");
        }
    }
}
