//! IAM for our own functions: what their role does not allow is refused, as it would be in an account.
//!
//! moto keeps roles and policies but lets everyone do everything here. Read are the role's inline policies (all that
//! the template gives beyond logging and tracing); conditions are taken as fulfilled, a Deny wins.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use crate::arn::{ACCOUNT, REGION, function_arn};
use crate::call::Call;
use crate::client::{Client, between};
use crate::guarded::Guarded;
use crate::http::decoded;

/// The policies of roles, read once.
#[derive(Debug, Default)]
pub(crate) struct Iam(Guarded<HashMap<String, Arc<Vec<Statement>>>>);

/// A statement of a policy.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    allow: bool,
    actions: Vec<String>,
    resources: Vec<String>,
}

impl Iam {
    /// Forgets what was read: something may have changed it.
    pub(crate) fn forget(&self) {
        self.0.lock().clear();
    }

    /// The statements of a role, by its ARN.
    pub(crate) async fn statements(&self, moto: &Client, role: &str) -> Arc<Vec<Statement>> {
        if let Some(known) = self.0.lock().get(role) {
            return Arc::clone(known);
        }
        let name = role.rsplit('/').next().unwrap_or(role);
        let read = Arc::new(read(moto, name).await);
        self.0.lock().insert(role.to_owned(), Arc::clone(&read));
        read
    }
}

async fn read(moto: &Client, role: &str) -> Vec<Statement> {
    let version = ("Version", "2010-05-08");
    let list = [("Action", "ListRolePolicies"), version, ("RoleName", role)];
    let Ok(names) = moto.aws_query("iam", &list).await else { return Vec::new() };
    let mut statements = Vec::new();
    for name in names.split("<member>").skip(1).filter_map(|rest| rest.split_once("</member>")) {
        let get = [("Action", "GetRolePolicy"), version, ("RoleName", role), ("PolicyName", name.0)];
        let Ok(policy) = moto.aws_query("iam", &get).await else { continue };
        let Some(document) = between(&policy, "<PolicyDocument>", "</PolicyDocument>") else { continue };
        let plain = decoded(document).replace("&quot;", "\"").replace("&#34;", "\"").replace("&amp;", "&");
        statements.extend(parse(&serde_json::from_str(&plain).unwrap_or_default()));
    }
    statements
}

/// The statements of a policy document.
pub(crate) fn parse(document: &Value) -> Vec<Statement> {
    let texts = |value: &Value| match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect(),
        _ => Vec::new(),
    };
    let statements = match &document["Statement"] {
        Value::Array(many) => many.clone(),
        one => vec![one.clone()],
    };
    let read = |statement: &Value| Statement {
        allow: statement["Effect"] == "Allow",
        actions: texts(&statement["Action"]),
        resources: texts(&statement["Resource"]),
    };
    statements.iter().map(read).collect()
}

/// Whether `statements` allow an action on a resource.
pub(crate) fn allows(statements: &[Statement], action: &str, resource: &str) -> bool {
    let covers = |statement: &Statement| {
        let action = action.to_ascii_lowercase();
        statement.actions.iter().any(|pattern| wildcard(&pattern.to_ascii_lowercase(), &action))
            && statement.resources.iter().any(|pattern| wildcard(pattern, resource))
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

/// Matches `*` and `?`.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|byte| *byte == b'*')
}

/// What a call needs: actions and the resources they are on. Empty where we do not judge.
///
/// `SendTask*` is judged by AWS on the state machine the token is of. A token does not tell: it is taken to be of
/// `machine`, and without one the call is let through, to fail on its token.
pub(crate) fn needs(call: &Call, machine: Option<&str>) -> Vec<(String, String)> {
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}");
    let operation = call.operation.as_str();
    let action = format!("{}:{operation}", call.service);
    let texts = |value: &Value| {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    match call.service.as_str() {
        "dynamodb" => dynamodb(call),
        "lambda" => {
            let Some(function) = &call.function else { return vec![(action, "*".to_owned())] };
            let on_alias = call.alias.is_some() || operation.ends_with("Aliases");
            let resource = if on_alias { function_arn(&function.name) } else { function.arn() };
            vec![(action, resource)]
        }
        "ssm" => {
            let mut names = texts(&call.input["Names"]);
            names.extend(call.text("Name").map(ToOwned::to_owned));
            names.extend(call.text("Path").map(ToOwned::to_owned));
            let on =
                |name: String| (action.clone(), arn("ssm", &format!("parameter/{}", name.trim_start_matches('/'))));
            names.into_iter().map(on).collect()
        }
        "states" if operation.starts_with("SendTask") => {
            machine.into_iter().map(|machine| (action.clone(), machine.to_owned())).collect()
        }
        "states" => {
            let resource = ["stateMachineArn", "executionArn"].into_iter().find_map(|member| call.text(member));
            vec![(action, resource.unwrap_or("*").to_owned())]
        }
        "cloudwatch" => {
            let names = texts(&call.input["AlarmNames"]);
            if operation != "DescribeAlarms" || names.is_empty() {
                return vec![(action, "*".to_owned())];
            }
            names.into_iter().map(|name| (action.clone(), arn("cloudwatch", &format!("alarm:{name}")))).collect()
        }
        "s3" if operation == "GetObject" => {
            let action = if call.request.query("versionId").is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
            let object = decoded(call.request.path.trim_start_matches('/'));
            vec![(action.to_owned(), format!("arn:aws:s3:::{object}"))]
        }
        "s3" => vec![(action, "*".to_owned())],
        "events" if operation == "PutEvents" => vec![(action, arn("events", "event-bus/default"))],
        _ => Vec::new(),
    }
}

fn dynamodb(call: &Call) -> Vec<(String, String)> {
    let table = |name: &str| {
        let name = name.rsplit('/').next().unwrap_or(name);
        format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{name}")
    };
    let action = format!("dynamodb:{}", call.operation);
    match call.operation.as_str() {
        "TransactWriteItems" | "TransactGetItems" => {
            let items = call.input["TransactItems"].as_array().into_iter().flatten();
            let parts = items.filter_map(Value::as_object).flatten();
            let need = |(kind, part): (&String, &Value)| {
                let action = match kind.as_str() {
                    "ConditionCheck" => "ConditionCheckItem".to_owned(),
                    kind => format!("{kind}Item"),
                };
                (format!("dynamodb:{action}"), table(part["TableName"].as_str().unwrap_or_default()))
            };
            parts.map(need).collect()
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = call.input["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(name, _)| (action.clone(), table(name))).collect()
        }
        _ => {
            let mut resource = table(call.text("TableName").unwrap_or("*"));
            if let Some(index) = call.text("IndexName") {
                resource = format!("{resource}/index/{index}");
            }
            vec![(action, resource)]
        }
    }
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
    use http::{HeaderMap, Method};
    use serde_json::json;

    use super::{allows, needs, parse, wildcard};
    use crate::call::Call;
    use crate::http::Request;

    #[test]
    fn wildcards_match_as_iam_does() {
        for (pattern, text, does) in [
            ("*", "", true),
            ("lambda:Get*", "lambda:GetAlias", true),
            ("lambda:Get*", "lambda:UpdateAlias", false),
            ("arn:*:function:CodeDeployHook_*", "arn:aws:lambda:r:1:function:CodeDeployHook_a", true),
            ("arn:*:function:CodeDeployHook_*", "arn:aws:lambda:r:1:function:other", false),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a*b*c", "a-b-b-c", true),
            ("table/x", "table/x/index/y", false),
        ] {
            assert_eq!(wildcard(pattern, text), does, "{pattern} on {text}");
        }
    }

    #[test]
    fn an_action_needs_a_statement_that_covers_it_and_its_resource() {
        let statements = parse(&json!({ "Statement": [
            { "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": "arn:table/a" },
            { "Effect": "Allow", "Action": "states:SendTask*", "Resource": "*" },
        ] }));
        assert!(allows(&statements, "dynamodb:GetItem", "arn:table/a"));
        assert!(!allows(&statements, "dynamodb:GetItem", "arn:table/b"));
        assert!(!allows(&statements, "dynamodb:DeleteItem", "arn:table/a"));
        assert!(allows(&statements, "states:SendTaskSuccess", "*"));
        assert!(!allows(&[], "dynamodb:GetItem", "*"));
    }

    #[test]
    fn a_deny_wins() {
        let statements = parse(&json!({ "Statement": [
            { "Effect": "Allow", "Action": "*", "Resource": "*" },
            { "Effect": "Deny", "Action": "lambda:UpdateAlias", "Resource": "*" },
        ] }));
        assert!(allows(&statements, "lambda:GetAlias", "x"));
        assert!(!allows(&statements, "lambda:UpdateAlias", "x"));
    }
    #[test]
    fn an_object_is_read_by_its_name_and_a_version_of_it_by_another_right() {
        let need = |path: &str, query: &str| {
            let scope = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request, SignedHeaders=host";
            let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, scope.parse().unwrap())]);
            let (path, query) = (path.to_owned(), query.to_owned());
            needs(&Call::read(Request { method: Method::GET, path, query, headers, body: Default::default() }), None)
        };
        let on = |action: &str, resource: &str| vec![(action.to_owned(), resource.to_owned())];
        let object = "arn:aws:s3:::specs/shop/app spec.yaml";
        assert_eq!(need("/specs/shop/app%20spec.yaml", "x-id=GetObject"), on("s3:GetObject", object));
        assert_eq!(need("/specs/shop/app%20spec.yaml", "versionId=7"), on("s3:GetObjectVersion", object));
        assert_eq!(need("/specs/", "list-type=2"), on("s3:", "*"), "nothing else is allowed by the right to read");
        let statements = parse(&json!({ "Statement": [
            { "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::specs/*"] },
            null,
        ] }));
        assert!(allows(&statements, "s3:GetObject", object));
        assert!(!allows(&statements, "s3:GetObjectVersion", object));
        assert!(!allows(&statements, "s3:GetObject", "arn:aws:s3:::other/shop.yaml"));
    }
}
