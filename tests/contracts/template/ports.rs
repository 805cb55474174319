//! What a function's code may ask for, and what its role allows, are the same list.

use std::collections::BTreeSet;

use steps::powers::OF_FUNCTIONS;

use super::adapters::Adapters;
use super::powers;

/// What each port calls, by `crates/aws`.
fn calls(port: &str) -> &'static [&'static str] {
    match port {
        "Clock" | "Ids" | "NameExecutions" | "RaiseAlerts" => &[],
        "AnswerJobs" => &["codepipeline:PutJobFailureResult", "codepipeline:PutJobSuccessResult"],
        "CallHook" => &["lambda:InvokeFunction"],
        "CoolVersions" => &["lambda:DeleteProvisionedConcurrencyConfig"],
        // A task set is made with our tag, and its tasks run under the roles of their task definition.
        "CreateTaskSets" => &["ecs:CreateTaskSet", "ecs:TagResource", "iam:PassRole"],
        "DeleteTaskSets" => &["ecs:DeleteTaskSet"],
        "EmptyTaskSets" | "RestoreTaskSets" => &["ecs:UpdateTaskSet"],
        "EndWaits" => &["states:SendTaskSuccess"],
        "ExpectLateWrites" | "KeepQuestions" => &["dynamodb:PutItem"],
        "FailWaits" => &["states:SendTaskFailure"],
        "FindParameters" => &["ssm:ListTagsForResource"],
        "ForgetLateWrites" => &["dynamodb:DeleteItem"],
        "HookRuns" => &["dynamodb:GetItem", "dynamodb:PutItem"],
        "Journal" | "Records" => &["dynamodb:PutItem", "dynamodb:Query"],
        "Listing" | "ReadLateWrites" | "ReadQueues" => &["dynamodb:Query"],
        "Locks" => &["dynamodb:UpdateItem"],
        "PromoteTaskSets" => &["ecs:UpdateServicePrimaryTaskSet"],
        "Queues" | "WriteCatalogue" => &["dynamodb:PutItem", "dynamodb:DeleteItem"],
        "Sequences" => &["dynamodb:GetItem", "dynamodb:UpdateItem"],
        "ReadAlarms" => &["cloudwatch:DescribeAlarms"],
        "ReadAlias" => &["lambda:GetAlias"],
        "ReadCatalogue" => &["dynamodb:GetItem", "dynamodb:Query"],
        "ReadConcurrency" => &["lambda:GetProvisionedConcurrencyConfig"],
        "ReadExecutions" => &["states:DescribeExecution"],
        "ReadFunctions" => &["lambda:GetFunctionConfiguration"],
        "ReadHealth" => &["elasticloadbalancing:DescribeTargetHealth"],
        "ReadListeners" => &["elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeRules"],
        "ReadArtifacts" => &["s3:GetObject"],
        "ReadLocks" | "ReadQuestions" | "ReadRequests" => &["dynamodb:GetItem"],
        "ReadObjects" => &["s3:GetObject", "s3:GetObjectVersion"],
        "ReadParameters" => &["ssm:GetParameters", "kms:Decrypt"],
        "ReadServiceFacts" => &["ecs:DescribeServices", "ecs:DescribeTaskDefinition", "ecs:DescribeTaskSets"],
        "ReadServices" => &["ecs:DescribeServices"],
        "ReadStoppedTasks" => &["ecs:ListTasks", "ecs:DescribeTasks"],
        "ReadTargetGroups" => &[
            "elasticloadbalancing:DescribeTags",
            "elasticloadbalancing:DescribeTargetGroupAttributes",
            "elasticloadbalancing:DescribeTargetGroups",
        ],
        // With our tag, too; and its tasks run under the roles that it names.
        "RegisterTaskDefinitions" => &["ecs:RegisterTaskDefinition", "ecs:TagResource", "iam:PassRole"],
        "StartExecutions" => &["states:StartExecution"],
        "StopExecutions" => &["states:StopExecution"],
        "WarmVersions" => &["lambda:PutProvisionedConcurrencyConfig"],
        "Watches" => &["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"],
        "WriteAlias" => &["lambda:UpdateAlias"],
        // A rule with a sign-in is written back whole, and is checked against its user pool (docs/aws-realities.md 2.8).
        "WriteListeners" => &[
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:ModifyRule",
            "cognito-idp:DescribeUserPoolClient",
        ],
        other => panic!("say here what {other} calls"),
    }
}

/// What AWS wants beside the operation that is called.
const BESIDE: [&str; 5] =
    ["cognito-idp:DescribeUserPoolClient", "ecs:TagResource", "iam:PassRole", "kms:Decrypt", "s3:GetObjectVersion"];

/// The functions that only the service's machine calls: their code knows how an alias is read and written, since it is the
/// same for both platforms, and is never asked to.
const OF_SERVICES: [&str; 3] = ["install", "test_traffic", "wait"];

/// The port whose calls are made with the credentials that a job brings: no role of the stack has the right to them.
const LENT: &str = "ReadArtifacts";

/// What Lambda itself does under a function's role.
fn is_of_lambda(action: &str) -> bool {
    ["logs:", "xray:", "sqs:SendMessage"].iter().any(|own| action.starts_with(own))
}

#[test]
fn each_function_may_do_what_its_ports_call_and_nothing_else() {
    let allowed = powers();
    let known: BTreeSet<&str> = OF_FUNCTIONS.iter().map(|(function, _)| *function).collect();
    assert_eq!(known, allowed.keys().map(String::as_str).collect());
    let mut wrong = Vec::new();
    for (function, ports) in OF_FUNCTIONS {
        let is_asked = |port: &&&str| !(OF_SERVICES.contains(function) && ["ReadAlias", "WriteAlias"].contains(*port));
        let own = |port: &&&str| is_asked(port) && **port != LENT;
        let called: BTreeSet<&str> = ports.iter().filter(own).flat_map(|port| calls(port)).copied().collect();
        let role = allowed[*function].iter().map(String::as_str).filter(|action| !is_of_lambda(action)).collect();
        let missing = called.difference(&role).map(|action| format!("{function} calls {action}, and may not"));
        let idle = role.difference(&called).map(|action| format!("{function} may {action}, and never calls it"));
        wrong.extend(missing.chain(idle));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_port_calls_what_its_adapter_calls() {
    let adapters = Adapters::read();
    let ports: BTreeSet<&str> = OF_FUNCTIONS.iter().flat_map(|(_, ports)| *ports).copied().collect();
    for port in ports {
        let said: BTreeSet<String> = calls(port)
            .iter()
            .filter(|action| !BESIDE.contains(action))
            .filter_map(|action| Some(action.split_once(':')?.1.to_owned()))
            .collect();
        assert_eq!(adapters.calls(port), said, "{port}");
    }
}
