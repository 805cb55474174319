//! What counts as left out: null, an empty text, list or object. Clients that build requests from forms, templates and structs
//! send such members for "not set", and none of them may switch off what protects or refuse the call.
//!
//! A request is pruned once, where it is decoded. Items of lists stay, also empty ones: an alarm without a name is a mistake and
//! not an alarm that was left out.

use serde_json::{Map, Value};

/// The members whose emptiness says something, by their path from the top of the input.
///
/// With UpdateDeploymentGroup an empty list takes away what the group has (docs/codedeploy-contract.md 1.4), and a group whose alarms are switched off
/// may be given an empty list of them.
const LISTS_THAT_EMPTY: [&[&str]; 12] = [
    &["ec2TagFilters"],
    &["ec2TagSet", "ec2TagSetList"],
    &["onPremisesInstanceTagFilters"],
    &["onPremisesTagSet", "onPremisesTagSetList"],
    &["autoScalingGroups"],
    &["triggerConfigurations"],
    &["ecsServices"],
    &["loadBalancerInfo", "elbInfoList"],
    &["loadBalancerInfo", "targetGroupInfoList"],
    &["loadBalancerInfo", "targetGroupPairInfoList"],
    &["ec2DeploymentOptions", "autoScalingGroupProcessesToSuspend"],
    &["alarmConfiguration", "alarms"],
];

/// A tag may have an empty value, and a filter may look for one.
const TEXT_THAT_MAY_BE_EMPTY: &str = "Value";

/// Written by us and by no client: it is read as it was written.
const OURS: &str = "resolved";

/// The input without what counts as left out, also without the objects in which nothing is left.
pub fn pruned(input: &Map<String, Value>) -> Map<String, Value> {
    members(input, &mut Vec::new())
}

fn members<'a>(object: &'a Map<String, Value>, path: &mut Vec<&'a str>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (name, value) in object {
        path.push(name);
        let value = if path[..] == [OURS] { value.clone() } else { inside(value, path) };
        let is_left_out = match &value {
            Value::Null => true,
            Value::String(text) => text.is_empty() && name != TEXT_THAT_MAY_BE_EMPTY,
            Value::Array(items) => items.is_empty() && !LISTS_THAT_EMPTY.contains(&path.as_slice()),
            Value::Object(members) => members.is_empty(),
            Value::Bool(_) | Value::Number(_) => false,
        };
        path.pop();
        if !is_left_out {
            kept.insert(name.clone(), value);
        }
    }
    kept
}

fn inside<'a>(value: &'a Value, path: &mut Vec<&'a str>) -> Value {
    match value {
        Value::Object(object) => Value::Object(members(object, path)),
        Value::Array(items) => items.iter().map(|item| inside(item, path)).collect(),
        plain => plain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn prune(input: Value) -> Value {
        Value::Object(pruned(input.as_object().expect("an object")))
    }

    #[test]
    fn what_is_empty_is_left_out_however_deep_it_is() {
        for empty in [json!(null), json!(""), json!([]), json!({}), json!({"a": {"b": []}, "c": ""})] {
            assert_eq!(prune(json!({"member": empty, "inner": {"member": empty}, "kept": 0})), json!({"kept": 0}));
        }
    }

    #[test]
    fn what_says_something_stays() {
        for whole in [
            json!({"enabled": false, "count": 0}),
            json!({"alarms": [null, {}, ""]}),
            json!({"Tags": [{"Key": "team", "Value": ""}]}),
            json!({"resolved": {"waits": {"ready": null}, "place": {}}}),
        ] {
            assert_eq!(prune(whole.clone()), whole);
        }
    }

    #[test]
    fn an_empty_list_that_takes_something_from_a_group_stays_where_it_means_that_and_nowhere_else() {
        for path in LISTS_THAT_EMPTY {
            let at = |path: &[&str]| path.iter().rev().fold(json!([]), |inner, name| json!({*name: inner}));
            let mut deeper = vec!["targetInstances"];
            deeper.extend(path);
            assert_eq!(prune(at(path)), at(path));
            assert_eq!(prune(at(&deeper)), json!({}));
        }
        assert_eq!(prune(json!({"overrideAlarmConfiguration": {"alarms": []}})), json!({}));
    }
}
