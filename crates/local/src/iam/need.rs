//! What a call needs: actions on resources, and what conditions may ask about them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::arn::{ACCOUNT, REGION, function_arn};
use crate::call::Call;

/// The values of condition keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Context {
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
pub(crate) struct Need {
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
/// `SendTask*` is judged by AWS on the state machine the token is of. A token does not tell: it is taken to be of
/// `machine`, and without one the call is let through, to fail on its token.
pub(crate) fn needs(call: &Call, machine: Option<&str>) -> Vec<Need> {
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
            let on = |name: String| {
                Need::new(action.clone(), arn("ssm", &format!("parameter/{}", name.trim_start_matches('/'))))
            };
            names.into_iter().map(on).collect()
        }
        "states" if operation.starts_with("SendTask") => {
            machine.into_iter().map(|machine| Need::new(action.clone(), machine)).collect()
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
