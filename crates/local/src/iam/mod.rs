//! IAM for our own functions: what their role does not allow is refused, as it would be in an account.
//!
//! moto keeps roles and policies but lets everyone do everything here. Read are the role's inline policies (all that
//! the template gives beyond logging and tracing); a Deny wins. Conditions are judged where the gateway knows what they
//! ask for, which is for ECS, load balancers and functions (`service`); elsewhere they are taken as fulfilled.

mod condition;
mod need;
mod service;
mod tags;

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use self::condition::Condition;
pub(crate) use self::need::{Need, needs, one_will_do};
pub(crate) use self::tags::may_change as may_change_tags;
use crate::LocalError;
use crate::arn::ACCOUNT;
use crate::client::{Client, between};
use crate::guarded::Guarded;
use crate::http::decoded;
use crate::wildcard::wildcard;

/// The policies of roles and the tags of functions, read once.
#[derive(Debug, Default)]
pub(crate) struct Iam {
    known: Guarded<HashMap<String, Arc<Vec<Statement>>>>,
    reading: tokio::sync::Mutex<()>,
    tags: tags::Known,
}

/// A statement of a policy.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    allow: bool,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<Condition>,
}

impl Iam {
    /// Forgets what was read: something may have changed it.
    pub(crate) fn forget(&self) {
        self.known.lock().clear();
        self.forget_tags();
    }

    /// Forgets the tags of functions: somebody may have changed one.
    pub(crate) fn forget_tags(&self) {
        self.tags.forget();
    }

    /// The statements of a role, by its ARN.
    pub(crate) async fn statements(&self, moto: &Client, role: &str) -> Result<Arc<Vec<Statement>>, LocalError> {
        let known = || self.known.lock().get(role).cloned();
        if let Some(known) = known() {
            return Ok(known);
        }
        // Those who ask at the same time wait for the first one's answer.
        let _one_at_a_time = self.reading.lock().await;
        if let Some(known) = known() {
            return Ok(known);
        }
        let name = role.rsplit('/').next().unwrap_or(role);
        let read = Arc::new(read(moto, name).await?);
        self.known.lock().insert(role.to_owned(), Arc::clone(&read));
        Ok(read)
    }
}

/// All of them or none: half of a role would refuse what it allows.
async fn read(moto: &Client, role: &str) -> Result<Vec<Statement>, LocalError> {
    let version = ("Version", "2010-05-08");
    let list = [("Action", "ListRolePolicies"), version, ("RoleName", role)];
    let names = moto.aws_query("iam", &list).await?;
    let mut statements = Vec::new();
    for name in names.split("<member>").skip(1).filter_map(|rest| rest.split_once("</member>")) {
        let get = [("Action", "GetRolePolicy"), version, ("RoleName", role), ("PolicyName", name.0)];
        let policy = moto.aws_query("iam", &get).await?;
        let Some(document) = between(&policy, "<PolicyDocument>", "</PolicyDocument>") else { continue };
        let plain = decoded(document).replace("&quot;", "\"").replace("&#34;", "\"").replace("&amp;", "&");
        statements.extend(parse(&serde_json::from_str(&plain).unwrap_or_default()));
    }
    Ok(statements)
}

/// The statements of a policy document.
pub(crate) fn parse(document: &Value) -> Vec<Statement> {
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

/// One text or a list of them.
fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Bool(one) => vec![one.to_string()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Whether any of `statements` asks for tags of the resource.
pub(crate) fn ask_for_tags(statements: &[Statement]) -> bool {
    statements.iter().flat_map(|statement| &statement.conditions).any(Condition::asks_for_tags)
}

/// Whether `statements` allow what is needed.
pub(crate) fn allows(statements: &[Statement], need: &Need) -> bool {
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

/// AWS's words for a refusal.
pub(crate) fn refusal(role: &str, function: &str, action: &str, resource: &str) -> String {
    let role = role.rsplit('/').next().unwrap_or(role);
    let subject = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{function}");
    let why = "because no identity-based policy allows the action";
    format!("User: {subject} is not authorized to perform: {action} on resource: {resource} {why} {action}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::need::Context;
    use super::{Need, Statement, allows, parse};

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
