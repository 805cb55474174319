//! Who may do what.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{actions, powers, shared, who_may};
use crate::files::{resources, template};

#[test]
fn only_shift_and_rollback_may_move_the_traffic_of_an_alias() {
    assert_eq!(who_may("lambda:UpdateAlias"), ["rollback", "shift"]);
}

#[test]
fn provisioned_concurrency_is_given_by_shift_and_taken_back_by_whoever_ends_a_deployment_and_the_sweep() {
    let looking = ["api", "finish", "prepare", "shift", "sweep"];
    for (action, functions) in [
        ("lambda:GetProvisionedConcurrencyConfig", &looking[..]),
        ("lambda:PutProvisionedConcurrencyConfig", &["shift"]),
        ("lambda:DeleteProvisionedConcurrencyConfig", &["finish", "sweep"]),
    ] {
        assert_eq!(who_may(action), functions, "{action}");
    }
}

#[test]
fn each_power_over_services_and_listeners_belongs_to_the_functions_that_use_it() {
    for (action, functions) in [
        (
            "ecs:DescribeServices",
            &["api", "clear", "install", "on_service", "prepare", "rollback", "shift", "sweep", "wait"][..],
        ),
        ("ecs:DescribeTaskDefinition", &["api", "prepare"]),
        ("ecs:DescribeTaskSets", &["api", "prepare"]),
        ("ecs:ListTasks", &["install"]),
        ("ecs:DescribeTasks", &["install"]),
        ("ecs:CreateTaskSet", &["install"]),
        ("ecs:TagResource", &["install", "on_pipeline_job"]),
        ("ecs:RegisterTaskDefinition", &["on_pipeline_job"]),
        // Shift and wait give the old task set its tasks back where it has calls and lost them.
        ("ecs:UpdateTaskSet", &["clear", "on_service", "rollback", "shift", "wait"]),
        ("ecs:DeleteTaskSet", &["clear", "install"]),
        ("ecs:UpdateServicePrimaryTaskSet", &["clear", "install", "shift"]),
        ("iam:PassRole", &["install", "on_pipeline_job"]),
        ("elasticloadbalancing:DescribeTags", &["api", "prepare"]),
        ("elasticloadbalancing:DescribeTargetGroups", &["api", "prepare"]),
        ("elasticloadbalancing:DescribeTargetGroupAttributes", &["api", "prepare"]),
        ("elasticloadbalancing:DescribeTargetHealth", &["clear", "install", "rollback", "shift", "wait"]),
        (
            "elasticloadbalancing:DescribeListeners",
            &["api", "clear", "commit", "install", "prepare", "rollback", "shift", "sweep", "test_traffic", "wait"],
        ),
        (
            "elasticloadbalancing:DescribeRules",
            &["api", "clear", "commit", "install", "prepare", "rollback", "shift", "sweep", "test_traffic", "wait"],
        ),
        // A new task set needs a place on the listener before it has any traffic.
        ("elasticloadbalancing:ModifyListener", &["clear", "install", "rollback", "shift", "test_traffic"]),
        ("elasticloadbalancing:ModifyRule", &["clear", "install", "rollback", "shift", "test_traffic"]),
    ] {
        assert_eq!(who_may(action), functions, "{action}");
    }
    let known = powers().into_values().flatten();
    let services: BTreeSet<String> = known
        .filter(|action| ["ecs:", "elasticloadbalancing:", "iam:"].iter().any(|prefix| action.starts_with(prefix)))
        .collect();
    assert_eq!(services.len(), 20, "{services:?}");
}

#[test]
fn executions_are_started_asked_about_and_aborted_by_those_alone_who_see_to_open_deployments() {
    assert_eq!(who_may("states:StartExecution"), ["api", "on_execution", "on_pipeline_job", "sweep"]);
    assert_eq!(who_may("states:DescribeExecution"), ["api", "on_pipeline_job", "prepare", "sweep"]);
    assert_eq!(who_may("states:StopExecution"), ["sweep"]);
}

#[test]
fn jobs_of_pipelines_are_answered_by_one_function_which_may_read_no_object_of_its_own() {
    for action in ["codepipeline:PutJobSuccessResult", "codepipeline:PutJobFailureResult"] {
        assert_eq!(who_may(action), ["on_pipeline_job"], "{action}");
    }
    let allowed = powers().remove("on_pipeline_job").unwrap();
    assert!(allowed.iter().all(|action| !action.starts_with("s3:") && !action.starts_with("kms:")), "{allowed:?}");
}

#[test]
fn what_hooks_call_may_read_records_and_end_waits_and_do_nothing_else() {
    let allowed: Vec<String> = powers().remove("hook_status").unwrap().into_iter().collect();
    assert_eq!(
        allowed,
        [
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "states:SendTaskFailure",
            "states:SendTaskSuccess",
            "xray:GetSamplingRules",
            "xray:GetSamplingStatisticSummaries",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments"
        ]
    );
}

#[test]
fn only_hook_may_read_secrets_and_call_hooks() {
    for action in ["ssm:GetParameters", "kms:Decrypt", "lambda:InvokeFunction"] {
        assert_eq!(who_may(action), ["hook"], "{action}");
    }
}

#[test]
fn only_what_reads_a_request_may_ask_whether_a_parameter_is_there() {
    assert_eq!(who_may("ssm:ListTagsForResource"), ["api", "prepare"]);
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
fn a_power_that_several_have_is_written_once_and_named_by_each() {
    let template = template();
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    for (id, role) in resources(&template, "AWS::IAM::Role") {
        let shared = shared(&role);
        // IAM attaches ten to a role, unless it is asked for more.
        assert!((1..=10).contains(&shared.len()), "{id}: {shared:?}");
        for power in shared {
            *named.entry(power.to_owned()).or_default() += 1;
        }
    }
    let written = resources(&template, "AWS::IAM::ManagedPolicy");
    assert_eq!(named.len(), written.len());
    for (power, policy) in written {
        assert!(named.get(&power).is_some_and(|roles| *roles > 1), "{power} is one role's alone: it belongs there");
        for statement in policy["Properties"]["PolicyDocument"]["Statement"].as_array().unwrap() {
            let statement = statement["If"].get(1).unwrap_or(statement);
            assert!(statement["Effect"] == "Allow" && !actions(statement).is_empty(), "{power}: {statement}");
        }
    }
}

#[test]
fn the_longest_list_a_user_can_give_fits_into_each_power_that_has_one() {
    // Characters of a managed policy, blanks aside; of a parameter's value, and what the quotes and the ends of rules add to it.
    let (policy_limit, list) = (6_144, 4_096 * 9 / 8);
    let template = template();
    let is_list = |name: &str| template["Parameters"][name]["Type"] == "CommaDelimitedList";
    for (power, policy) in resources(&template, "AWS::IAM::ManagedPolicy") {
        let document = &policy["Properties"]["PolicyDocument"];
        let lists = references(document).into_iter().filter(|name| is_list(name)).count();
        let longest = document.to_string().len() + lists * list;
        assert!(longest <= policy_limit, "{power}: {longest} characters with {lists} lists");
    }
}

/// What a part of the template refers to by `Ref`, as often as it does.
fn references(part: &Value) -> Vec<String> {
    match part {
        Value::Object(members) => {
            let own = members.get("Ref").and_then(Value::as_str).map(str::to_owned);
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}
