use serde_json::{Value, json};

use super::*;

fn reads(document: Value) -> DeploymentView {
    serde_json::from_value(document).expect("a deployment")
}

#[test]
fn what_ended_with_all_traffic_on_one_version_is_read() {
    let view = reads(json!({
        "deploymentId": "d-1", "status": "Failed", "outcome": "Failed",
        "leftover": {"version": "3", "additionalVersion": null, "additionalWeight": null},
    }));
    let leftover = view.leftover.expect("where the traffic is");
    assert_eq!((leftover.version.as_str(), leftover.additional_version, leftover.additional_weight), ("3", None, None));
}

#[test]
fn what_may_be_unknown_is_read_where_it_is_null_and_where_it_is_left_out() {
    let bare = reads(json!({"deploymentId": "d-1", "status": "Created"}));
    let Value::Object(written) = serde_json::to_value(&bare).expect("a document") else { panic!("an object") };
    assert!(written.values().any(Value::is_null), "what is unknown is written as null");
    assert_eq!(reads(Value::Object(written)), bare);
}

#[test]
fn a_line_of_the_journal_is_read_with_its_key_and_meaning_and_from_an_older_stack_without() {
    let older = json!({"at": 1.0, "text": "planned"});
    let newer = json!({
        "at": 2.0, "key": "weight/010", "text": "10 % of the calls to version 2",
        "event": {"name": "AllowTraffic", "status": "InProgress"},
    });
    let lines = [older, newer];
    let view = reads(json!({"deploymentId": "d-1", "status": "Created", "journal": lines}));
    assert_eq!(view.journal[0].key, None);
    assert_eq!(view.journal[1].key.as_deref(), Some("weight/010"));
    assert_eq!(view.journal[1].event.as_ref().map(|event| event.name.as_str()), Some("AllowTraffic"));
    assert_eq!(json!(view.journal), json!(lines), "what a line does not say is left out");
}

#[test]
fn a_target_is_known_by_its_members_and_a_way_in_that_nobody_knows_is_one_more() {
    let row = |more: Value| -> ListedDeployment {
        let mut row = json!({"deploymentId": "d-1", "status": "Succeeded"});
        if let (Value::Object(row), Value::Object(more)) = (&mut row, more) {
            row.extend(more);
        }
        serde_json::from_value(row).expect("a row")
    };
    let named = |more| row(more).place.map(|place| place.target.to_string());
    assert_eq!(named(json!({"function": "f", "alias": "live"})).as_deref(), Some("f:live"));
    assert_eq!(named(json!({"cluster": "shop", "service": "web"})).as_deref(), Some("shop/web"));
    assert_eq!(named(json!({"function": null, "alias": null})), None);
    let view = reads(json!({"deploymentId": "d-1", "status": "Created", "startedBy": {"by": "Pigeon"}}));
    assert_eq!(view.started_by, Some(StarterView::Other));
}
