//! Where they may do it: what is narrowed by a parameter, a tag, or the stack's own name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{actions, roles, variable, who_may, written};
use crate::files::{template, text};

/// What a statement is narrowed by: a key of its condition, by which of the stack's parameters.
fn narrowed_by(statement: &Value) -> Vec<String> {
    let keys = |block: &Value| -> Vec<String> {
        let operators = block.as_object().into_iter().flat_map(|operators| operators.values());
        operators.filter_map(Value::as_object).flat_map(|keys| keys.keys().cloned()).collect()
    };
    match statement["Condition"]["If"].as_array() {
        Some(ways) => {
            let which = ways[0].as_str().unwrap();
            let ways = ways[1..].iter().filter(|way| way["Ref"].is_null());
            ways.flat_map(keys).map(|key| format!("{which}: {key}")).collect()
        }
        None => keys(&statement["Condition"]),
    }
}

#[test]
fn services_and_listeners_are_changed_only_where_a_parameter_or_a_tag_allows_it() {
    let template = template();
    for (id, statements) in roles(&template) {
        for statement in statements {
            for action in actions(&statement) {
                let narrowed = narrowed_by(&statement);
                let narrowed: Vec<&str> = narrowed.iter().map(String::as_str).collect();
                let wanted = match action.as_str() {
                    // Nothing narrows these: see the service authorization reference.
                    "ecs:DescribeTaskDefinition" => &[][..],
                    "ecs:DescribeServices" | "ecs:DescribeTaskSets"
                        if ["PrepareRole", "ApiRole"].contains(&id.as_str()) =>
                    {
                        &["ClustersNamed: ecs:cluster"]
                    }
                    // Tasks have no tag of ours.
                    "ecs:ListTasks" | "ecs:DescribeTasks" => &["ClustersNamed: ecs:cluster"],
                    "ecs:CreateTaskSet" => &["ClustersNamed: ecs:cluster", "ClustersNamed: aws:RequestTag/tideshift"],
                    "ecs:RegisterTaskDefinition" => &["aws:RequestTag/tideshift"],
                    "ecs:TagResource" => &["aws:RequestTag/tideshift", "ecs:CreateAction"],
                    "iam:PassRole" => &["iam:PassedToService"],
                    "elasticloadbalancing:ModifyListener" | "elasticloadbalancing:ModifyRule" => {
                        assert_eq!(statement["Resource"]["If"][0], "ListenersNamed");
                        &["ListenersNamed: aws:ResourceTag/tideshift"]
                    }
                    action if action.starts_with("ecs:") => {
                        &["ClustersNamed: ecs:cluster", "ClustersNamed: aws:ResourceTag/tideshift"]
                    }
                    action if action.starts_with("elasticloadbalancing:") => {
                        assert!(action.starts_with("elasticloadbalancing:Describe"), "{action}");
                        &[]
                    }
                    _ => continue,
                };
                let (narrowed, wanted): (BTreeSet<_>, BTreeSet<_>) =
                    (narrowed.into_iter().collect(), wanted.iter().copied().collect());
                assert_eq!(narrowed, wanted, "{id}: {action}");
            }
        }
    }
    for (parameter, default) in [("EcsClusters", "tagged"), ("EcsListeners", "tagged"), ("EcsTaskRoles", "none")] {
        assert_eq!(template["Parameters"][parameter]["Default"], default);
    }
}

#[test]
fn a_refusal_names_the_tag_for_every_call_whose_right_hangs_on_one() {
    let by_tag = |statement: &Value| narrowed_by(statement).iter().any(|key| key.ends_with("Tag/tideshift"));
    let template = template();
    let statements = roles(&template).into_iter().flat_map(|(_, statements)| statements);
    let calls: BTreeSet<String> = statements.filter(by_tag).flat_map(|statement| actions(&statement)).collect();
    let calls = calls.iter().filter_map(|action| action.rsplit(':').next());
    let source = text("crates/aws/src/failure.rs");
    let (_, list) = source.split_once("const BY_TAG_OR_NAME").unwrap();
    let (list, _) = list.split_once(";\n\n").unwrap();
    // It comes with CreateTaskSet and is no call of its own.
    let wanted: BTreeSet<&str> = calls.filter(|call| *call != "TagResource").collect();
    let named: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    assert_eq!(named, wanted);
}

#[test]
fn a_stack_passes_no_role_unless_it_is_told_which() {
    let template = template();
    for role in ["InstallRole", "OnPipelineJobRole"] {
        let written = written(&template, role).into_iter();
        let passes: Vec<_> = written.filter(|statement| statement.to_string().contains("iam:PassRole")).collect();
        let [passes] = &passes[..] else { panic!("one statement of {role}") };
        assert_eq!(passes["If"][0], "PassesRoles");
        assert_eq!(passes["If"][1]["Resource"]["Ref"], "EcsTaskRoles");
        assert_eq!(passes["If"][2]["Ref"], "AWS::NoValue");
    }
}

#[test]
fn what_touches_executions_touches_those_of_both_machines() {
    let template = template();
    for (id, statements) in roles(&template) {
        for statement in statements {
            if !statement["Action"].to_string().contains("\"states:") || id == "OnServiceRole" {
                continue;
            }
            let on: Vec<&str> =
                statement["Resource"].as_array().unwrap().iter().map(|arn| arn["Sub"].as_str().unwrap()).collect();
            // What is asked of or done to an execution is allowed on executions, and not on machines.
            let executions = statement["Action"].to_string().contains("states:DescribeExecution");
            let [kind, rest] = if executions { [":execution:", ":*"] } else { [":stateMachine:", ""] };
            let ends = [format!("-lambda{rest}"), format!("-ecs{rest}")];
            assert!(on.iter().all(|arn| arn.contains(kind)), "{id}: {on:?}");
            assert!(on.len() == 2 && on[0].ends_with(&ends[0]) && on[1].ends_with(&ends[1]), "{id}: {on:?}");
        }
    }
    let pattern =
        &template["Resources"]["OnExecutionFunction"]["Properties"]["Events"]["Execution"]["Properties"]["Pattern"];
    assert_eq!(pattern["detail"]["stateMachineArn"].as_array().unwrap().len(), 2);
    for function in ["ApiFunction", "OnExecutionFunction", "OnPipelineJobFunction", "PrepareFunction", "SweepFunction"]
    {
        for (name, platform) in [("STATE_MACHINE", "-lambda"), ("ECS_STATE_MACHINE", "-ecs")] {
            let arn = variable(&template, function, name)["Sub"].as_str().unwrap();
            assert!(arn.ends_with(platform), "{function}: {name}");
        }
    }
}

#[test]
fn functions_are_touched_only_where_a_parameter_or_a_tag_allows_it() {
    let template = template();
    let touching = ["lambda:GetAlias", "lambda:UpdateAlias", "ProvisionedConcurrencyConfig"];
    let mut found = BTreeSet::new();
    for (id, statements) in roles(&template) {
        for statement in statements {
            if !touching.iter().any(|action| statement["Action"].to_string().contains(action)) {
                continue;
            }
            assert_eq!(statement["Resource"]["If"][0], "FunctionsNamed", "{id}");
            assert_eq!(statement["Resource"]["If"][1]["Ref"], "ShiftableFunctions", "{id}");
            let narrowed: Vec<String> = narrowed_by(&statement).into_iter().collect();
            assert_eq!(narrowed, ["FunctionsNamed: aws:ResourceTag/tideshift"], "{id}");
            found.extend(actions(&statement));
        }
    }
    assert_eq!(found.len(), 6, "{found:?}");
    assert_eq!(template["Parameters"]["ShiftableFunctions"]["Default"], "tagged");
}

#[test]
fn no_hook_is_handed_anything_unless_the_stack_is_told_what_and_to_whom() {
    let template = template();
    for parameter in ["ParameterPath", "HookParameters", "SharedParameters"] {
        assert_eq!(template["Parameters"][parameter]["Default"], "");
    }
    let reads = |statement: &Value| ["\"ssm:", "\"kms:"].iter().any(|action| statement.to_string().contains(action));
    let reading: Vec<_> = written(&template, "HookRole").into_iter().filter(reads).collect();
    let told: Vec<_> = reading.iter().map(|statement| (&statement["If"][0], &statement["If"][1]["Action"])).collect();
    let wanted = [
        ("ReadsOwnParameters", "ssm:GetParameters"),
        ("ReadsSharedParameters", "ssm:GetParameters"),
        ("ReadsParameters", "kms:Decrypt"),
    ];
    assert_eq!(
        told,
        wanted
            .map(|(condition, action)| (condition.into(), action.into()))
            .iter()
            .map(|(condition, action)| (condition, action))
            .collect::<Vec<(&Value, &Value)>>()
    );
    for statement in reading {
        assert_eq!(statement["If"][2]["Ref"], "AWS::NoValue");
    }
    for function in ["PrepareFunction", "ApiFunction", "HookFunction"] {
        assert_eq!(variable(&template, function, "HOOK_PARAMETERS")["Ref"], "HookParameters", "{function}");
    }
    for function in ["PrepareFunction", "ApiFunction"] {
        assert_eq!(variable(&template, function, "PARAMETER_PATH")["Ref"], "ParameterPath", "{function}");
        assert_eq!(
            variable(&template, function, "SHARED_PARAMETERS")["Join"][1]["Ref"],
            "SharedParameters",
            "{function}"
        );
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
        let written = written(&template, role);
        let conditional = written.iter().filter_map(|statement| statement["If"].as_array());
        let conditional = conditional.filter(|branches| branches[0] != "Traced");
        let [objects, parameters] = &conditional.collect::<Vec<_>>()[..] else {
            panic!("two of {role} depend on a parameter")
        };
        for (branches, condition) in [(objects, "ReadsRevisions"), (parameters, "ReadsOwnParameters")] {
            assert_eq!((&branches[0], &branches[2]["Ref"]), (&condition.into(), &"AWS::NoValue".into()));
        }
        assert_eq!(
            (&objects[1]["Action"], &objects[1]["Resource"]["Ref"]),
            (&reading.into(), &"RevisionObjects".into())
        );
        let path = "arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter${ParameterPath}";
        assert_eq!(
            (&parameters[1]["Action"], &parameters[1]["Resource"]["Sub"]),
            (&"ssm:ListTagsForResource".into(), &path.into())
        );
    }
    assert_eq!(template["Parameters"]["RevisionObjects"]["Default"], "", "none, unless somebody says which");
}
