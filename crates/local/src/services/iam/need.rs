//! What a call needs: actions on resources, and what conditions may ask about them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::arn::{ACCOUNT, REGION, function_arn};
use crate::call::Call;
use crate::http::decoded;

/// The values of condition keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Context {
    /// By key, in lower case: keys are not case-sensitive.
    values: BTreeMap<String, String>,
    /// Whether a key that is not here has no value; otherwise it may have any.
    complete: bool,
}

impl Context {
    /// All the keys there are.
    pub(crate) fn known<'a>(values: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let values = values.into_iter().map(|(key, value)| (key.to_ascii_lowercase(), value.to_owned()));
        Self { values: values.collect(), complete: true }
    }

    /// One more key.
    pub(crate) fn insert(&mut self, key: &str, value: &str) {
        self.values.insert(key.to_ascii_lowercase(), value.to_owned());
    }

    /// A key's value.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.values.get(&key.to_ascii_lowercase()).map(String::as_str)
    }

    /// Whether nothing can be said about a key.
    pub(super) fn is_silent_on(&self, key: &str) -> bool {
        !self.complete && self.get(key).is_none()
    }
}

/// An action on a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) context: Context,
}

impl Need {
    /// A need of whose circumstances nothing is known.
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), context: Context::default() }
    }

    /// The same under known circumstances.
    pub(crate) fn within(mut self, context: Context) -> Self {
        self.context = context;
        self
    }
}

/// What a call needs: actions and the resources they are on. Empty where we do not judge.
///
/// `SendTask*` is judged by AWS on the state machine the token is of. A token does not tell: it may be of any of `machines`,
/// so the right to one of them will do; without any the call is let through, to fail on its token.
pub(super) fn needs(call: &Call, machines: &[String]) -> Vec<Need> {
    let arn = |service: &str, rest: &str| format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}");
    let operation = call.operation.as_str();
    let action = format!("{}:{operation}", call.service);
    let texts = |value: &Value| {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    match call.service.as_str() {
        "dynamodb" => dynamodb(call),
        "lambda" => {
            let Some(function) = &call.function else { return vec![Need::new(action, "*")] };
            let on_alias = call.alias.is_some() || operation.ends_with("Aliases");
            let resource = if on_alias { function_arn(&function.name) } else { function.arn() };
            vec![Need::new(action, resource)]
        }
        "ssm" => {
            let mut names = texts(&call.input["Names"]);
            names.extend(call.text("Name").map(ToOwned::to_owned));
            names.extend(call.text("Path").map(ToOwned::to_owned));
            // Of ListTagsForResource, of a parameter.
            names.extend(call.text("ResourceId").map(ToOwned::to_owned));
            let on = |name: String| {
                Need::new(action.clone(), arn("ssm", &format!("parameter/{}", name.trim_start_matches('/'))))
            };
            names.into_iter().map(on).collect()
        }
        "states" if operation.starts_with("SendTask") => {
            machines.iter().map(|machine| Need::new(action.clone(), machine)).collect()
        }
        "states" => {
            let resource = ["stateMachineArn", "executionArn"].into_iter().find_map(|member| call.text(member));
            vec![Need::new(action, resource.unwrap_or("*"))]
        }
        "cloudwatch" => {
            let names = texts(&call.input["AlarmNames"]);
            if operation != "DescribeAlarms" || names.is_empty() {
                return vec![Need::new(action, "*")];
            }
            let on = |name: String| Need::new(action.clone(), arn("cloudwatch", &format!("alarm:{name}")));
            names.into_iter().map(on).collect()
        }
        "s3" if !operation.is_empty() => {
            let action = match operation {
                "PutObject" => "s3:PutObject",
                _ if call.request.query("versionId").is_some() => "s3:GetObjectVersion",
                _ => "s3:GetObject",
            };
            let object = decoded(call.request.path.trim_start_matches('/'));
            vec![Need::new(action, format!("arn:aws:s3:::{object}"))]
        }
        "s3" => vec![Need::new(action, "*")],
        "codepipeline" => {
            // The results of jobs have no resource of their own.
            let name = ["name", "pipelineName"].into_iter().find_map(|member| call.text(member));
            vec![Need::new(action, name.map_or_else(|| "*".to_owned(), |name| arn("codepipeline", name)))]
        }
        "events" if operation == "PutEvents" => vec![Need::new(action, arn("events", "event-bus/default"))],
        _ => Vec::new(),
    }
}

fn dynamodb(call: &Call) -> Vec<Need> {
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
                Need::new(format!("dynamodb:{action}"), table(part["TableName"].as_str().unwrap_or_default()))
            };
            parts.map(need).collect()
        }
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = call.input["RequestItems"].as_object().into_iter().flatten();
            tables.map(|(name, _)| Need::new(action.clone(), table(name))).collect()
        }
        _ => {
            let mut resource = table(call.text("TableName").unwrap_or("*"));
            if let Some(index) = call.text("IndexName") {
                resource = format!("{resource}/index/{index}");
            }
            vec![Need::new(action, resource)]
        }
    }
}

/// Whether the right to one of the needs is enough: see [`needs`].
pub(super) fn one_will_do(call: &Call) -> bool {
    call.service == "states" && call.operation.starts_with("SendTask")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use serde_json::json;

    use super::super::policy::{allows, parse};
    use super::{Need, needs};
    use crate::call::Call;
    use crate::http::Request;

    #[test]
    fn an_object_is_read_by_its_name_and_a_version_of_it_by_another_right() {
        let asked = |method: Method, path: &str, query: &str| {
            let scope = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/s3/aws4_request, SignedHeaders=host";
            let headers = HeaderMap::from_iter([(http::header::AUTHORIZATION, scope.parse().unwrap())]);
            let (path, query) = (path.to_owned(), query.to_owned());
            needs(&Call::read(Request { method, path, query, headers, body: Default::default() }), &[])
        };
        let need = |path: &str, query: &str| asked(Method::GET, path, query);
        let on = |action: &str, resource: &str| vec![Need::new(action, resource)];
        let object = "arn:aws:s3:::specs/shop/app spec.yaml";
        assert_eq!(need("/specs/shop/app%20spec.yaml", "x-id=GetObject"), on("s3:GetObject", object));
        assert_eq!(need("/specs/shop/app%20spec.yaml", "versionId=7"), on("s3:GetObjectVersion", object));
        assert_eq!(asked(Method::HEAD, "/specs/shop/app%20spec.yaml", ""), on("s3:GetObject", object));
        assert_eq!(asked(Method::PUT, "/specs/shop/app%20spec.yaml", ""), on("s3:PutObject", object));
        assert_eq!(need("/specs/", "list-type=2"), on("s3:", "*"), "nothing else is allowed by the right to read");
        let statements = parse(&json!({ "Statement": [
            { "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::specs/*"] },
            null,
        ] }));
        assert!(allows(&statements, &Need::new("s3:GetObject", object)));
        assert!(!allows(&statements, &Need::new("s3:GetObjectVersion", object)));
        assert!(!allows(&statements, &Need::new("s3:GetObject", "arn:aws:s3:::other/shop.yaml")));
    }
}
