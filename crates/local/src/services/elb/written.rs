//! What a write to a listener or a rule says about target groups: evidence for tests and demos.

use std::collections::BTreeMap;

use crate::call::Call;
use crate::clock;
use crate::observed::ListenerWrite;

/// An accepted ModifyListener or ModifyRule; `None` for other writes.
pub(super) fn listener_write(call: &Call) -> Option<ListenerWrite> {
    let resource = match call.operation.as_str() {
        "ModifyListener" => call.text("ListenerArn"),
        "ModifyRule" => call.text("RuleArn"),
        _ => None,
    }?;
    Some(ListenerWrite {
        at: clock::now_seconds(),
        resource: resource.to_owned(),
        weights: weights(call),
        caller: call.caller.as_ref().map(|caller| caller.function.clone()),
    })
}

/// The weight each target group is given, in whichever form; a group on its own has all there is.
fn weights(call: &Call) -> BTreeMap<String, u32> {
    let members = call.input.as_object().into_iter().flatten();
    let groups = members.filter_map(|(name, value)| Some((name.strip_suffix("TargetGroupArn")?, value.as_str()?)));
    let weight =
        |prefix: &str| call.text(&format!("{prefix}Weight")).and_then(|weight| weight.parse().ok()).unwrap_or(1);
    let mut weights = BTreeMap::new();
    for (prefix, group) in groups {
        // A forward to one group may say it twice; the weight is in the longer form.
        if prefix.contains(".ForwardConfig.") || !weights.contains_key(group) {
            weights.insert(group.to_owned(), weight(prefix));
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::listener_write;
    use crate::call::Call;
    use crate::http::Request;

    fn call(body: &str) -> Call {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
        let (method, path, query) = (Method::POST, "/".to_owned(), String::new());
        Call::read(Request { method, path, query, headers, body: body.to_owned().into() })
    }

    #[test]
    fn a_listeners_write_is_seen_with_its_weights() {
        let groups = "DefaultActions.member.1.ForwardConfig.TargetGroups.member";
        let body = format!(
            "Action=ModifyListener&ListenerArn=l&{groups}.1.TargetGroupArn=blue&{groups}.1.Weight=90\
             &{groups}.2.TargetGroupArn=green&{groups}.2.Weight=10"
        );
        let seen = listener_write(&call(&body)).unwrap();
        assert_eq!(seen.resource, "l");
        assert_eq!(Vec::from_iter(seen.weights), [("blue".to_owned(), 90), ("green".to_owned(), 10)]);
    }

    #[test]
    fn a_forward_to_one_group_counts_in_its_short_form() {
        let seen = listener_write(&call("Action=ModifyRule&RuleArn=r&Actions.member.1.TargetGroupArn=green")).unwrap();
        assert_eq!(Vec::from_iter(seen.weights), [("green".to_owned(), 1)]);
        assert!(listener_write(&call("Action=CreateRule&ListenerArn=l")).is_none());
    }
}
