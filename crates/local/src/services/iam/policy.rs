//! Policies: what their statements say, and whether they allow something.

use serde_json::Value;

use super::condition::{Condition, texts};
use super::need::Need;
use crate::wildcard::wildcard;

/// A statement of a policy.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    allow: bool,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<Condition>,
}

/// The statements of a policy document.
pub(super) fn parse(document: &Value) -> Vec<Statement> {
    let statements = match &document["Statement"] {
        Value::Array(many) => many.clone(),
        one => vec![one.clone()],
    };
    let read = |statement: &Value| Statement {
        allow: statement["Effect"] == "Allow",
        actions: texts(&statement["Action"]),
        resources: texts(&statement["Resource"]),
        conditions: Condition::all(&statement["Condition"]),
    };
    statements.iter().map(read).collect()
}

/// Whether any of `statements` asks for tags of the resource.
pub(super) fn ask_for_tags(statements: &[Statement]) -> bool {
    statements.iter().flat_map(|statement| &statement.conditions).any(Condition::asks_for_tags)
}

/// Whether `statements` allow what is needed.
pub(super) fn allows(statements: &[Statement], need: &Need) -> bool {
    let action = need.action.to_ascii_lowercase();
    let covers = |statement: &Statement| {
        statement.actions.iter().any(|pattern| wildcard(&pattern.to_ascii_lowercase(), &action))
            && statement.resources.iter().any(|pattern| wildcard(pattern, &need.resource))
            && statement.conditions.iter().all(|condition| condition.is_fulfilled(&need.context))
    };
    let covering = statements.iter().filter(|statement| covers(statement));
    let mut allowed = false;
    for statement in covering {
        if !statement.allow {
            return false;
        }
        allowed = true;
    }
    allowed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::need::{Context, Need};
    use super::{Statement, allows, parse};

    fn may(statements: &[Statement], action: &str, resource: &str) -> bool {
        allows(statements, &Need::new(action, resource))
    }

    #[test]
    fn an_action_needs_a_statement_that_covers_it_and_its_resource() {
        let statements = parse(&json!({ "Statement": [
            { "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": "arn:table/a" },
            { "Effect": "Allow", "Action": "states:SendTask*", "Resource": "*" },
        ] }));
        assert!(may(&statements, "dynamodb:GetItem", "arn:table/a"));
        assert!(!may(&statements, "dynamodb:GetItem", "arn:table/b"));
        assert!(!may(&statements, "dynamodb:DeleteItem", "arn:table/a"));
        assert!(may(&statements, "states:SendTaskSuccess", "*"));
        assert!(!may(&[], "dynamodb:GetItem", "*"));
    }

    #[test]
    fn a_deny_wins() {
        let statements = parse(&json!({ "Statement": [
            { "Effect": "Allow", "Action": "*", "Resource": "*" },
            { "Effect": "Deny", "Action": "lambda:UpdateAlias", "Resource": "*" },
        ] }));
        assert!(may(&statements, "lambda:GetAlias", "x"));
        assert!(!may(&statements, "lambda:UpdateAlias", "x"));
    }

    #[test]
    fn a_condition_is_judged_where_its_key_can_be_known() {
        let statements = parse(&json!({ "Statement": [{
            "Effect": "Allow", "Action": "*", "Resource": "*",
            "Condition": { "StringEquals": { "aws:ResourceTag/tideshift": "enabled" } },
        }] }));
        let tagged = |value: &str| {
            let context = Context::known([("aws:ResourceTag/tideshift", value)]);
            allows(&statements, &Need::new("ecs:DeleteTaskSet", "x").within(context))
        };
        assert!(tagged("enabled") && !tagged("disabled"));
        assert!(!allows(&statements, &Need::new("ecs:DeleteTaskSet", "x").within(Context::known([]))));
        assert!(may(&statements, "ssm:GetParameter", "x"), "nothing is known of it");
    }
}
