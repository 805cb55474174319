//! The template: least privilege, and the numbers code counts on.

mod adapters;
mod numbers;
mod ports;
mod powers;
mod reach;
mod resources;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::files::{resources, template};

/// The shared powers that a role names.
fn shared(role: &Value) -> Vec<&str> {
    let named = role["Properties"]["ManagedPolicyArns"].as_array().into_iter().flatten();
    named
        .map(|policy| policy["Ref"].as_str().unwrap_or_else(|| panic!("not a power of the template: {policy}")))
        .collect()
}

/// The statements of a role as they are written: its own, and those of the powers that it shares with others.
fn written(template: &Value, role: &str) -> Vec<Value> {
    let role = &template["Resources"][role];
    let shared = shared(role).into_iter().map(|power| &template["Resources"][power]["Properties"]);
    let own = role["Properties"]["Policies"].as_array().into_iter().flatten();
    let all = shared.chain(own).flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap());
    all.cloned().collect()
}

/// The statements of a role, those too that only some stacks have.
fn statements(template: &Value, role: &str) -> Vec<Value> {
    written(template, role).iter().map(|statement| statement["If"].get(1).unwrap_or(statement).clone()).collect()
}

/// Every role's statements, by its logical id.
fn roles(template: &Value) -> Vec<(String, Vec<Value>)> {
    let roles = resources(template, "AWS::IAM::Role").into_iter();
    roles.map(|(id, _)| (id.clone(), statements(template, &id))).collect()
}

/// The actions of a statement, one or many.
fn actions(statement: &Value) -> Vec<String> {
    match &statement["Action"] {
        Value::String(action) => vec![action.clone()],
        actions => actions.as_array().unwrap().iter().map(|action| action.as_str().unwrap().to_owned()).collect(),
    }
}

/// The actions that a function's role allows, by handler.
fn powers() -> BTreeMap<String, BTreeSet<String>> {
    let template = template();
    resources(&template, "AWS::Serverless::Function")
        .into_iter()
        .map(|(id, function)| {
            let role = function["Properties"]["Role"]["GetAtt"].as_str().unwrap_or_else(|| panic!("{id} has no role"));
            let mut allowed = BTreeSet::new();
            for statement in statements(&template, role.trim_end_matches(".Arn")) {
                assert_eq!(statement["Effect"], "Allow");
                allowed.extend(actions(&statement));
            }
            (function["Properties"]["Handler"].as_str().unwrap().to_owned(), allowed)
        })
        .collect()
}

fn who_may(action: &str) -> Vec<String> {
    powers().into_iter().filter(|(_, allowed)| allowed.contains(action)).map(|(handler, _)| handler).collect()
}

/// A variable of a function: its own, or else the one that all have.
fn variable<'a>(template: &'a Value, function: &str, name: &str) -> &'a Value {
    let of = |properties: &'a Value| properties["Environment"]["Variables"].get(name);
    let own = of(&template["Resources"][function]["Properties"]);
    own.or_else(|| of(&template["Globals"]["Function"])).unwrap_or_else(|| panic!("{function} has no {name}"))
}
