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

fn row(target: &Value) -> Result<ListedDeployment, serde_json::Error> {
    serde_json::from_value(json!({"deploymentId": "d-1", "status": "Succeeded", "target": target}))
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
fn a_target_says_its_platform_and_its_name_beside_its_parts() {
    let alias = Target::Alias { function: "f".to_owned(), alias: "live".to_owned() };
    let service = Target::Service { cluster: "shop".to_owned(), service: "web".to_owned() };
    for (target, written) in [
        (alias, json!({"computePlatform": "Lambda", "name": "f:live", "function": "f", "alias": "live"})),
        (service, json!({"computePlatform": "ECS", "name": "shop/web", "cluster": "shop", "service": "web"})),
    ] {
        let shown = ShownTarget::from(target);
        assert_eq!(json!(shown), written);
        assert_eq!(row(&written).expect("a row").target, Some(shown));
    }
    assert_eq!(row(&Value::Null).expect("a row").target, None, "nobody knows what it was about");
}

#[test]
fn a_target_that_is_none_is_an_error_and_not_one_that_nobody_knows() {
    for (wrong, why) in [
        (json!({"name": "f:live", "function": "f", "alias": "live"}), "missing field `computePlatform`"),
        (json!({"computePlatform": "Lambda", "name": "f:live", "function": "f"}), "missing field `alias`"),
        (
            json!({"computePlatform": "ECS", "name": "f:live", "function": "f", "alias": "live"}),
            "missing field `cluster`",
        ),
        (json!({"computePlatform": "Mainframe", "name": "f"}), "unknown variant `Mainframe`"),
    ] {
        let error = row(&wrong).expect_err("no target").to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn a_way_in_that_nobody_knows_is_one_more() {
    let view = reads(json!({"deploymentId": "d-1", "status": "Created", "startedBy": {"by": "Pigeon"}}));
    assert_eq!(view.started_by, Some(StarterView::Other));
}
