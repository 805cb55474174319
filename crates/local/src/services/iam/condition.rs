//! The conditions of a statement, as far as policies on ECS and load balancers use them.

use serde_json::Value;

use super::need::Context;
use crate::wildcard::wildcard;

/// One operator on one key. Any of the values will do, or none of them may, as the operator says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Condition {
    operator: Operator,
    if_exists: bool,
    key: String,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    NotEquals,
    EqualsIgnoreCase,
    /// `Arn…` and `String…` alike: with wildcards.
    Like,
    NotLike,
    Null,
    /// What is not known here is never fulfilled where its key is.
    Unknown,
}

impl Condition {
    /// The conditions of a statement: all of them must be fulfilled.
    pub(super) fn all(block: &Value) -> Vec<Self> {
        let operators = block.as_object().into_iter().flatten();
        let of = |(named, keys): (&String, &Value)| {
            // Our keys have one value each.
            let named = named.rsplit(':').next().unwrap_or(named);
            let (name, if_exists) = named.strip_suffix("IfExists").map_or((named, false), |name| (name, true));
            let operator = Operator::named(name);
            let keys = keys.as_object().into_iter().flatten();
            let one = |(key, values): (&String, &Value)| Self {
                operator,
                if_exists,
                key: key.clone(),
                values: texts(values),
            };
            keys.map(one).collect::<Vec<_>>()
        };
        operators.flat_map(of).collect()
    }

    /// Whether it asks for a tag of the resource.
    pub(super) fn asks_for_tags(&self) -> bool {
        self.key.to_ascii_lowercase().contains(":resourcetag/")
    }

    /// Whether it is fulfilled under these circumstances; where nothing can be said, it is.
    pub(super) fn is_fulfilled(&self, context: &Context) -> bool {
        if context.is_silent_on(&self.key) {
            return true;
        }
        let value = context.get(&self.key);
        if self.operator == Operator::Null {
            return self.values.iter().any(|wanted| (wanted == "true") == value.is_none());
        }
        let Some(value) = value else {
            // A value that is not there equals nothing.
            return self.if_exists || matches!(self.operator, Operator::NotEquals | Operator::NotLike);
        };
        let mut wanted = self.values.iter();
        match self.operator {
            Operator::Equals => wanted.any(|wanted| wanted == value),
            Operator::NotEquals => wanted.all(|wanted| wanted != value),
            Operator::EqualsIgnoreCase => wanted.any(|wanted| wanted.eq_ignore_ascii_case(value)),
            Operator::Like => wanted.any(|wanted| wildcard(wanted, value)),
            Operator::NotLike => wanted.all(|wanted| !wildcard(wanted, value)),
            Operator::Null | Operator::Unknown => false,
        }
    }
}

/// One text or a list of them.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Bool(one) => vec![one.to_string()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        _ => Vec::new(),
    }
}

impl Operator {
    fn named(name: &str) -> Self {
        match name {
            "StringEquals" => Self::Equals,
            "StringNotEquals" => Self::NotEquals,
            "StringEqualsIgnoreCase" => Self::EqualsIgnoreCase,
            // The two of ARNs behave alike.
            "StringLike" | "ArnLike" | "ArnEquals" => Self::Like,
            "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => Self::NotLike,
            "Null" => Self::Null,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Condition;
    use crate::services::iam::need::Context;

    const CLUSTER: &str = "arn:aws:ecs:us-east-1:123456789012:cluster/shop";

    fn fulfilled(block: &Value, context: &Context) -> bool {
        Condition::all(block).iter().all(|condition| condition.is_fulfilled(context))
    }

    #[test]
    fn operators_compare_as_iam_does() {
        let context = Context::known([("ecs:cluster", CLUSTER), ("iam:PassedToService", "ecs-tasks.amazonaws.com")]);
        for (operator, key, value, does) in [
            ("StringEquals", "iam:PassedToService", json!("ecs-tasks.amazonaws.com"), true),
            ("StringEquals", "iam:passedtoservice", json!(["ec2.amazonaws.com", "ecs-tasks.amazonaws.com"]), true),
            ("StringEquals", "iam:PassedToService", json!("ecs-*"), false),
            ("StringLike", "iam:PassedToService", json!("ecs-*"), true),
            ("StringNotEquals", "iam:PassedToService", json!("ec2.amazonaws.com"), true),
            ("ArnLike", "ecs:cluster", json!("arn:aws:ecs:*:*:cluster/shop*"), true),
            ("ArnEquals", "ecs:cluster", json!("arn:aws:ecs:*:*:cluster/other"), false),
            ("ForAnyValue:StringLike", "ecs:cluster", json!("*/shop"), true),
            ("NumericEquals", "ecs:cluster", json!("1"), false),
        ] {
            let block = json!({ operator: { key: value } });
            assert_eq!(fulfilled(&block, &context), does, "{block}");
        }
    }

    #[test]
    fn a_key_without_a_value_fulfils_only_what_allows_for_that() {
        let context = Context::known([("ecs:cluster", CLUSTER)]);
        for (operator, value, does) in [
            ("StringEquals", "enabled", false),
            ("StringEqualsIfExists", "enabled", true),
            ("StringNotEquals", "enabled", true),
            ("Null", "true", true),
            ("Null", "false", false),
        ] {
            let block = json!({ operator: { "aws:ResourceTag/tideshift": value } });
            assert_eq!(fulfilled(&block, &context), does, "{block}");
        }
    }

    #[test]
    fn all_operators_and_keys_must_be_fulfilled() {
        let context = Context::known([("ecs:cluster", CLUSTER), ("aws:ResourceTag/team", "a")]);
        let block = |team: &str| json!({ "StringEquals": { "aws:ResourceTag/team": team, "ecs:cluster": CLUSTER }, "Null": { "x": "true" } });
        assert!(fulfilled(&block("a"), &context));
        assert!(!fulfilled(&block("b"), &context));
    }
}
