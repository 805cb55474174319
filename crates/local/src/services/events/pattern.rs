//! EventBridge patterns: exact values, nesting, and the matchers rules commonly use.

use serde_json::Value;

/// Whether an event matches a rule's pattern.
pub(crate) fn matches(pattern: &Value, event: &Value) -> bool {
    let Some(fields) = pattern.as_object() else { return false };
    fields.iter().all(|(name, wanted)| match wanted {
        Value::Array(alternatives) if name == "$or" => alternatives.iter().any(|pattern| matches(pattern, event)),
        Value::Array(alternatives) => alternatives.iter().any(|wanted| field(wanted, event.get(name))),
        Value::Object(_) => event.get(name).is_some_and(|inner| matches(wanted, inner)),
        _ => false,
    })
}

fn field(wanted: &Value, found: Option<&Value>) -> bool {
    if let Some(exists) = wanted.get("exists") {
        return found.is_some() == exists.as_bool().unwrap_or(true);
    }
    match found {
        Some(Value::Array(items)) => items.iter().any(|item| value(wanted, item)),
        Some(item) => value(wanted, item),
        None => false,
    }
}

fn value(wanted: &Value, found: &Value) -> bool {
    let Some(matcher) = wanted.as_object().and_then(|matcher| matcher.iter().next()) else {
        return same(wanted, found);
    };
    let text = found.as_str();
    let of_text =
        |test: fn(&str, &str) -> bool| matcher.1.as_str().is_some_and(|part| text.is_some_and(|text| test(text, part)));
    match matcher.0.as_str() {
        "prefix" => of_text(|text, part| text.starts_with(part)),
        "suffix" => of_text(|text, part| text.ends_with(part)),
        "equals-ignore-case" => of_text(|text, part| text.eq_ignore_ascii_case(part)),
        "wildcard" => of_text(|text, part| crate::wildcard::wildcard(&part.replace('?', "\u{0}"), text)),
        "anything-but" => match matcher.1 {
            Value::Array(many) => !many.iter().any(|unwanted| value(unwanted, found)),
            unwanted => !value(unwanted, found),
        },
        "numeric" => matcher.1.as_array().is_some_and(|tests| numeric(tests, found)),
        _ => false,
    }
}

fn numeric(tests: &[Value], found: &Value) -> bool {
    let Some(found) = found.as_f64() else { return false };
    tests.chunks(2).all(|test| match (test.first().and_then(Value::as_str), test.get(1).and_then(Value::as_f64)) {
        (Some("="), Some(bound)) => (found - bound).abs() < f64::EPSILON,
        (Some(">"), Some(bound)) => found > bound,
        (Some(">="), Some(bound)) => found >= bound,
        (Some("<"), Some(bound)) => found < bound,
        (Some("<="), Some(bound)) => found <= bound,
        _ => false,
    })
}

fn same(wanted: &Value, found: &Value) -> bool {
    match (wanted.as_f64(), found.as_f64()) {
        (Some(wanted), Some(found)) => (wanted - found).abs() < f64::EPSILON,
        _ => wanted == found,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::matches;

    fn event() -> Value {
        json!({
            "source": "aws.states",
            "resources": ["arn:a", "arn:b"],
            "detail": { "status": "FAILED", "stateMachineArn": "arn:tideshift-lambda", "n": 3 },
        })
    }

    #[test]
    fn patterns_match_as_on_eventbridge() {
        for (pattern, does) in [
            (json!({ "source": ["aws.states"] }), true),
            (json!({ "source": ["aws.cloudwatch"] }), false),
            (json!({ "source": "aws.states" }), false),
            (json!({ "resources": ["arn:b"] }), true),
            (json!({ "detail": { "status": ["ABORTED", "FAILED"] } }), true),
            (json!({ "detail": { "status": ["ABORTED"] } }), false),
            (json!({ "detail": { "stateMachineArn": [{ "prefix": "arn:tide" }] } }), true),
            (json!({ "detail": { "stateMachineArn": [{ "suffix": "-ecs" }] } }), false),
            (json!({ "detail": { "stateMachineArn": [{ "wildcard": "arn:*-lambda" }] } }), true),
            (json!({ "detail": { "status": [{ "anything-but": ["SUCCEEDED"] }] } }), true),
            (json!({ "detail": { "status": [{ "anything-but": { "prefix": "FAIL" } }] } }), false),
            (json!({ "detail": { "status": [{ "anything-but": "FAILED" }] } }), false),
            (json!({ "detail": { "missing": [{ "exists": false }] } }), true),
            (json!({ "detail": { "missing": [{ "exists": true }] } }), false),
            (json!({ "detail": { "missing": ["x"] } }), false),
            (json!({ "detail": { "n": [{ "numeric": [">", 2, "<=", 3] }] } }), true),
            (json!({ "detail": { "n": [3.0] } }), true),
            (json!({ "$or": [{ "source": ["x"] }, { "detail": { "n": [3] } }] }), true),
        ] {
            assert_eq!(matches(&pattern, &event()), does, "{pattern}");
        }
    }
}
