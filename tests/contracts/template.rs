//! The template: least privilege, and the numbers code counts on.

use std::collections::{BTreeMap, BTreeSet};

use codedeploy::quota::Quotas;
use serde_json::Value;

use crate::files::{machine, resources, template};

/// The actions that a function's role allows, by handler.
fn powers() -> BTreeMap<String, BTreeSet<String>> {
    let template = template();
    resources(&template, "AWS::Serverless::Function")
        .into_iter()
        .map(|(id, function)| {
            let role = function["Properties"]["Role"]["GetAtt"].as_str().unwrap_or_else(|| panic!("{id} has no role"));
            let role = &template["Resources"][role.trim_end_matches(".Arn")]["Properties"];
            assert!(
                role["ManagedPolicyArns"].is_null() || role["ManagedPolicyArns"].is_object(),
                "{id} uses a managed policy"
            );
            let mut allowed = BTreeSet::new();
            for statement in role["Policies"]
                .as_array()
                .unwrap()
                .iter()
                .flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap())
            {
                // One that depends on a parameter counts as if it were there.
                let statement = statement["If"].get(1).unwrap_or(statement);
                assert_eq!(statement["Effect"], "Allow");
                match &statement["Action"] {
                    Value::String(action) => drop(allowed.insert(action.clone())),
                    Value::Array(actions) => {
                        allowed.extend(actions.iter().map(|action| action.as_str().unwrap().to_owned()))
                    }
                    other => panic!("{id}: {other}"),
                }
            }
            (function["Properties"]["Handler"].as_str().unwrap().to_owned(), allowed)
        })
        .collect()
}

fn who_may(action: &str) -> Vec<String> {
    powers().into_iter().filter(|(_, allowed)| allowed.contains(action)).map(|(handler, _)| handler).collect()
}

#[test]
fn only_shift_and_rollback_may_move_traffic() {
    assert_eq!(who_may("lambda:UpdateAlias"), ["rollback", "shift"]);
}

#[test]
fn only_hook_may_read_secrets_and_call_hooks() {
    for action in ["ssm:GetParameters", "kms:Decrypt", "lambda:InvokeFunction"] {
        assert_eq!(who_may(action), ["hook"], "{action}");
    }
}

#[test]
fn only_what_reads_a_request_may_read_objects_and_only_those_the_stack_names() {
    let template = template();
    let reading = ["s3:GetObject", "s3:GetObjectVersion"];
    for action in reading {
        assert_eq!(who_may(action), ["api", "prepare"], "{action}");
    }
    for role in ["PrepareRole", "ApiRole"] {
        let statements = &template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
        let conditional = statements.as_array().unwrap().iter().filter_map(|statement| statement["If"].as_array());
        let [branches] = &conditional.collect::<Vec<_>>()[..] else { panic!("one of {role} depends on a parameter") };
        assert_eq!((&branches[0], &branches[2]["Ref"]), (&"ReadsRevisions".into(), &"AWS::NoValue".into()));
        assert_eq!(
            (&branches[1]["Action"], &branches[1]["Resource"]["Ref"]),
            (&reading.into(), &"RevisionObjects".into())
        );
    }
    assert_eq!(template["Parameters"]["RevisionObjects"]["Default"], "", "none, unless somebody says which");
}

#[test]
fn no_function_has_a_wildcard_for_an_action_and_none_shares_a_role() {
    for (handler, allowed) in powers() {
        assert!(allowed.iter().all(|action| !action.contains('*')), "{handler}: {allowed:?}");
    }
    let template = template();
    let roles: BTreeSet<String> = resources(&template, "AWS::Serverless::Function")
        .into_iter()
        .map(|(_, function)| function["Properties"]["Role"]["GetAtt"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(roles.len(), powers().len());
}

#[test]
fn the_table_survives_the_stack_and_every_mistake() {
    let template = template();
    let [(_, table)] = &resources(&template, "AWS::DynamoDB::Table")[..] else { panic!("one table") };
    assert_eq!(table["DeletionPolicy"], "Retain");
    assert_eq!(table["UpdateReplacePolicy"], "Retain");
    let properties = &table["Properties"];
    assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], true);
    assert_eq!(properties["TimeToLiveSpecification"]["AttributeName"], "expires");
    assert_eq!(properties["SSESpecification"]["SSEEnabled"], true);
}

#[test]
fn a_lease_outlives_the_function_that_holds_it() {
    let template = template();
    let shift = &template["Resources"]["ShiftFunction"]["Properties"]["Timeout"];
    let timeout = shift.as_u64().or(template["Globals"]["Function"]["Timeout"].as_u64()).unwrap();
    assert!(timeout < rollout::deployment::Lease::LENGTH.0, "{timeout} s");
}

#[test]
fn the_machine_outlives_the_longest_plan_with_two_hooks_of_a_day() {
    let longest = rollout::strategy::MAX_TOTAL.0 + 2 * rollout::appspec::MAX_HOOK_TIMEOUT.0;
    assert!(machine()["TimeoutSeconds"].as_u64().unwrap() > longest);
    let guard = &machine()["States"]["Deploy"]["Branches"][0]["States"]["Guard"]["TimeoutSeconds"];
    assert!(guard.as_u64().unwrap() > longest);
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
fn every_function_keeps_its_logs_for_a_while_and_not_for_ever() {
    let template = template();
    for (id, function) in resources(&template, "AWS::Serverless::Function") {
        let group =
            function["Properties"]["LoggingConfig"]["LogGroup"]["Ref"].as_str().unwrap_or_else(|| panic!("{id}"));
        assert!(template["Resources"][group]["Properties"]["RetentionInDays"].is_object(), "{id}");
    }
}

#[test]
fn the_quotas_of_the_stack_are_those_the_api_knows() {
    let template = template();
    let variables = &template["Resources"]["ApiFunction"]["Properties"]["Environment"]["Variables"];
    assert_eq!(variables["QUOTAS"]["Ref"], "Quotas");
    let parameter = &template["Parameters"]["Quotas"];
    let default: Quotas = parameter["Default"].as_str().unwrap().parse().unwrap();
    assert_eq!(default, Quotas::default());
    let names: Vec<&str> = Quotas::names().collect();
    let pattern = parameter["AllowedPattern"].as_str().unwrap();
    assert!(pattern.contains(&format!("({})=", names.join("|"))), "{pattern}");
    let said = parameter["ConstraintDescription"].as_str().unwrap();
    assert!(said.ends_with(&names.join(", ")), "{said}");
}
