//! What is made, in which order, and what becomes of it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{variable, who_may};
use crate::files::{resources, template};

#[test]
fn the_table_survives_the_stack_and_every_mistake() {
    let template = template();
    let [(_, table)] = &resources(&template, "AWS::DynamoDB::Table")[..] else { panic!("one table") };
    // But for a table that a failed first deployment made: it would keep its name from the next one.
    assert_eq!(table["DeletionPolicy"], "RetainExceptOnCreate");
    assert_eq!(table["UpdateReplacePolicy"], "Retain");
    let properties = &table["Properties"];
    assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(properties["TimeToLiveSpecification"]["AttributeName"], "expires");
    assert_eq!(properties["SSESpecification"]["SSEEnabled"], true);
}

/// The logical ids that a part of the template names.
fn named(part: &Value, found: &mut BTreeSet<String>) {
    match part {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value.as_str()) {
                    ("Ref" | "GetAtt", Some(text)) => {
                        found.insert(text.split('.').next().unwrap_or_default().to_owned());
                    }
                    ("Sub", Some(text)) => {
                        let ids = text.split("${").skip(1).filter_map(|rest| rest.split(['}', '.']).next());
                        found.extend(ids.map(str::to_owned));
                    }
                    _ => named(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, found)),
        _ => {}
    }
}

#[test]
fn nothing_that_a_function_needs_depends_on_a_function() {
    let template = template();
    let all = template["Resources"].as_object().unwrap();
    // A right that a function must have when it is made is named by its role: what is attached to a role comes too late.
    for (id, resource) in all {
        let attaches = ["Roles", "Users", "Groups"].iter().any(|to| !resource["Properties"][to].is_null());
        assert!(resource["Type"] != "AWS::IAM::Policy" && !attaches, "{id} gives a right after the fact");
    }
    let functions = resources(&template, "AWS::Serverless::Function");
    let machines = resources(&template, "AWS::Serverless::StateMachine");
    let late: BTreeSet<&str> = functions.iter().chain(&machines).map(|(id, _)| id.as_str()).collect();
    for (function, _) in &functions {
        let (mut reached, mut open) = (BTreeSet::new(), vec![function.clone()]);
        while let Some(id) = open.pop() {
            let mut next = BTreeSet::new();
            named(&all[&id], &mut next);
            named(&template["Globals"]["Function"], &mut next);
            open.extend(next.into_iter().filter(|id| all.contains_key(id) && reached.insert(id.clone())));
        }
        let waits_for: Vec<_> = reached.iter().filter(|id| late.contains(id.as_str())).collect();
        assert!(waits_for.is_empty(), "{function} waits for {waits_for:?}");
    }
}

#[test]
fn the_api_has_a_url_only_if_asked_for_and_only_for_signed_requests() {
    let template = template();
    assert_eq!(template["Parameters"]["FunctionUrl"]["Default"], "Disabled");
    let [(_, url)] = &resources(&template, "AWS::Lambda::Url")[..] else { panic!("one URL") };
    assert_eq!(url["Condition"], "HasUrl");
    assert_eq!(url["Properties"]["AuthType"], "AWS_IAM");
}

#[test]
fn all_functions_log_to_one_place_and_what_they_log_is_kept_for_a_while_and_not_for_ever() {
    let template = template();
    for (id, function) in resources(&template, "AWS::Serverless::Function") {
        assert!(function["Properties"]["LoggingConfig"].is_null(), "{id} logs elsewhere");
    }
    let group = template["Globals"]["Function"]["LoggingConfig"]["LogGroup"]["Ref"].as_str().unwrap();
    let group = &template["Resources"][group]["Properties"];
    assert_eq!(group["RetentionInDays"]["Ref"], "LogRetentionDays");
    let name = group["LogGroupName"]["Sub"].as_str().unwrap();
    assert_eq!(name.replace("${AWS::StackName}", "shop"), proxy::log_group("shop"), "where programs look");
}

#[test]
fn only_changes_to_alarm_of_this_account_and_region_come_to_the_function_that_stops() {
    let template = template();
    let function = &template["Resources"]["OnAlarmFunction"]["Properties"];
    let pattern = &function["Events"]["Alarm"]["Properties"]["Pattern"];
    assert_eq!(pattern["account"][0]["Ref"], "AWS::AccountId");
    assert_eq!(pattern["region"][0]["Ref"], "AWS::Region");
    assert_eq!(pattern["detail"]["state"]["value"], serde_json::json!(["ALARM"]));
    // In doubt it looks at the alarm, and it knows where it is.
    assert!(who_may("cloudwatch:DescribeAlarms").contains(&"on_alarm".to_owned()));
    for function in ["ApiFunction", "PrepareFunction", "OnAlarmFunction"] {
        let machine = variable(&template, function, "STATE_MACHINE")["Sub"].as_str().unwrap();
        assert!(machine.ends_with("-lambda"), "{function}");
    }
}
