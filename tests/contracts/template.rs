//! The template: least privilege, and the numbers code counts on.

use std::collections::{BTreeMap, BTreeSet};

use codedeploy::quota::Quotas;
use serde_json::Value;

use crate::files::{ecs_machine, lambda_machine, resources, template, text};

/// The statements of a role, those too that only some stacks have.
fn statements(role: &Value) -> Vec<Value> {
    let policies = role["Policies"].as_array().into_iter().flatten();
    let all = policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap());
    all.map(|statement| statement["If"].get(1).unwrap_or(statement).clone()).collect()
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
            let role = &template["Resources"][role.trim_end_matches(".Arn")]["Properties"];
            assert!(
                role["ManagedPolicyArns"].is_null() || role["ManagedPolicyArns"].is_object(),
                "{id} uses a managed policy"
            );
            let mut allowed = BTreeSet::new();
            for statement in statements(role) {
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
        ("ecs:TagResource", &["install"]),
        // Shift and wait give the old task set its tasks back where it has calls and lost them.
        ("ecs:UpdateTaskSet", &["clear", "on_service", "rollback", "shift", "wait"]),
        ("ecs:DeleteTaskSet", &["clear", "install"]),
        ("ecs:UpdateServicePrimaryTaskSet", &["clear", "install", "shift"]),
        ("iam:PassRole", &["install"]),
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
    assert_eq!(services.len(), 19, "{services:?}");
}

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
    for (id, role) in resources(&template, "AWS::IAM::Role") {
        for statement in statements(&role["Properties"]) {
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
    let roles = resources(&template, "AWS::IAM::Role");
    let statements = roles.iter().flat_map(|(_, role)| statements(&role["Properties"]));
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
    let policies =
        template["Resources"]["InstallRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"].as_array();
    let passes: Vec<_> =
        policies.unwrap().iter().filter(|statement| statement.to_string().contains("iam:PassRole")).collect();
    let [passes] = passes[..] else { panic!("one statement") };
    assert_eq!(passes["If"][0], "PassesRoles");
    assert_eq!(passes["If"][1]["Resource"]["Ref"], "EcsTaskRoles");
    assert_eq!(passes["If"][2]["Ref"], "AWS::NoValue");
}

#[test]
fn what_touches_executions_touches_those_of_both_machines() {
    let template = template();
    for (id, role) in resources(&template, "AWS::IAM::Role") {
        for statement in statements(&role["Properties"]) {
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
    for function in ["ApiFunction", "OnExecutionFunction", "PrepareFunction", "SweepFunction"] {
        let variables = &template["Resources"][function]["Properties"]["Environment"]["Variables"];
        for (variable, platform) in [("STATE_MACHINE", "-lambda"), ("ECS_STATE_MACHINE", "-ecs")] {
            assert!(variables[variable]["Sub"].as_str().unwrap().ends_with(platform), "{function}: {variable}");
        }
    }
}

#[test]
fn executions_are_started_asked_about_and_aborted_by_those_alone_who_see_to_open_deployments() {
    assert_eq!(who_may("states:StartExecution"), ["api", "on_execution", "sweep"]);
    assert_eq!(who_may("states:DescribeExecution"), ["api", "prepare", "sweep"]);
    assert_eq!(who_may("states:StopExecution"), ["sweep"]);
}

#[test]
fn the_sweep_comes_often_enough_and_waits_for_whoever_is_about_to_start_an_execution() {
    let template = template();
    let sweep = &template["Resources"]["SweepFunction"]["Properties"];
    let minutes = steps::sweep::EVERY.as_mins();
    assert_eq!(sweep["Events"]["Schedule"]["Properties"]["Schedule"], format!("rate({minutes} minutes)"));
    for function in ["ApiFunction", "OnExecutionFunction", "SweepFunction"] {
        let timeout = template["Resources"][function]["Properties"]["Timeout"].as_u64().unwrap();
        assert!(timeout <= rollout::orphan::GRACE.0, "{function}: {timeout} s");
    }
    let worst = 2 * steps::sweep::EVERY.as_secs().unsigned_abs() + rollout::orphan::GRACE.0;
    assert!(worst <= 5 * 60, "{worst} s, also when one sweep fails");
}

#[test]
fn functions_are_touched_only_where_a_parameter_or_a_tag_allows_it() {
    let template = template();
    let touching = ["lambda:GetAlias", "lambda:UpdateAlias", "ProvisionedConcurrencyConfig"];
    let mut found = 0;
    for (id, role) in resources(&template, "AWS::IAM::Role") {
        for statement in statements(&role["Properties"]) {
            if !touching.iter().any(|action| statement["Action"].to_string().contains(action)) {
                continue;
            }
            assert_eq!(statement["Resource"]["If"][0], "FunctionsNamed", "{id}");
            assert_eq!(statement["Resource"]["If"][1]["Ref"], "ShiftableFunctions", "{id}");
            let narrowed: Vec<String> = narrowed_by(&statement).into_iter().collect();
            assert_eq!(narrowed, ["FunctionsNamed: aws:ResourceTag/tideshift"], "{id}");
            found += 1;
        }
    }
    assert_eq!(found, 7);
    assert_eq!(template["Parameters"]["ShiftableFunctions"]["Default"], "tagged");
}

#[test]
fn no_hook_is_handed_anything_unless_the_stack_is_told_what_and_to_whom() {
    let template = template();
    for parameter in ["ParameterPath", "HookParameters", "SharedParameters"] {
        assert_eq!(template["Parameters"][parameter]["Default"], "");
    }
    let hook = &template["Resources"]["HookRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
    let reading: Vec<_> = hook.as_array().unwrap().iter().filter(|statement| !statement["If"].is_null()).collect();
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
        let variables = &template["Resources"][function]["Properties"]["Environment"]["Variables"];
        assert_eq!(variables["HOOK_PARAMETERS"]["Ref"], "HookParameters", "{function}");
    }
    for function in ["PrepareFunction", "ApiFunction"] {
        let variables = &template["Resources"][function]["Properties"]["Environment"]["Variables"];
        assert_eq!(variables["PARAMETER_PATH"]["Ref"], "ParameterPath", "{function}");
        assert_eq!(variables["SHARED_PARAMETERS"]["Join"][1]["Ref"], "SharedParameters", "{function}");
    }
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
            "states:SendTaskSuccess"
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
fn only_what_reads_a_request_may_read_objects_and_only_those_the_stack_names() {
    let template = template();
    let reading = ["s3:GetObject", "s3:GetObjectVersion"];
    for action in reading {
        assert_eq!(who_may(action), ["api", "prepare"], "{action}");
    }
    for role in ["PrepareRole", "ApiRole"] {
        let statements = &template["Resources"][role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
        let conditional = statements.as_array().unwrap().iter().filter_map(|statement| statement["If"].as_array());
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
    let functions: BTreeSet<String> =
        resources(&template, "AWS::Serverless::Function").into_iter().map(|(id, _)| id).collect();
    let mut needed = BTreeSet::new();
    for function in &functions {
        let role = &template["Resources"][function]["Properties"]["Role"];
        named(role, &mut needed);
    }
    // A right that a function must have when it is made stands in its role: a policy of its own would come too late.
    for (id, resource) in template["Resources"].as_object().unwrap() {
        if resource["Type"] == "AWS::IAM::Policy" || resource["Type"] == "AWS::IAM::ManagedPolicy" {
            panic!("{id} gives a right after the fact");
        }
        if !needed.contains(id) {
            continue;
        }
        let mut reached = BTreeSet::new();
        named(resource, &mut reached);
        let late: Vec<_> = reached.intersection(&functions).collect();
        assert!(late.is_empty(), "{id} depends on {late:?}");
    }
}

#[test]
fn the_stack_says_the_version_it_is_deployed_from() {
    let manifest: toml::Table = text("Cargo.toml").parse().unwrap();
    let version = manifest["workspace"]["package"]["version"].as_str().unwrap();
    assert_eq!(template()["Outputs"]["Version"]["Value"], version);
}

#[test]
fn a_lease_outlives_the_function_that_holds_it() {
    let template = template();
    for function in ["ShiftFunction", "InstallFunction", "TestTrafficFunction"] {
        let own = &template["Resources"][function]["Properties"]["Timeout"];
        let timeout = own.as_u64().or(template["Globals"]["Function"]["Timeout"].as_u64()).unwrap();
        assert!(timeout < rollout::deployment::Lease::LENGTH.0, "{function}: {timeout} s");
    }
}

#[test]
fn a_hook_that_takes_too_long_is_given_up_by_our_own_timer_before_lambda_ends_the_function_that_waits() {
    let timeout = template()["Resources"]["HookFunction"]["Properties"]["Timeout"].as_u64().unwrap();
    assert!(
        aws::lambda::HOOK.as_secs() + 20 <= timeout,
        "twenty seconds are for what is read before and written after"
    );
}

/// That the guard of a machine lives longer than the longest plan, and the machine longer than its guard.
fn outlives(machine: &Value, longest: u64) {
    let whole = machine["TimeoutSeconds"].as_u64().unwrap();
    let guard = machine["States"]["Deploy"]["Branches"][0]["States"]["Guard"]["TimeoutSeconds"].as_u64().unwrap();
    // Retries and looks that come late take their time, too; and after the guard there is a rollback.
    assert!(guard >= longest + 12 * 3_600, "{guard} s, and the longest plan takes {longest} s");
    assert!(whole >= guard + 12 * 3_600, "{whole} s");
}

#[test]
fn the_machine_outlives_the_longest_plan_with_two_hooks_of_a_day() {
    outlives(&lambda_machine(), rollout::strategy::MAX_TOTAL.0 + 2 * rollout::appspec::MAX_HOOK_TIMEOUT.0);
}

#[test]
fn the_machine_of_services_outlives_the_longest_plan_with_both_waits_and_five_hooks_of_a_day() {
    let quotas = codedeploy::quota::Quotas::default();
    let waits = 60 * (quotas.ready_minutes + quotas.termination_minutes).unsigned_abs();
    let hooks = 5 * rollout::appspec::MAX_HOOK_TIMEOUT.0;
    outlives(&ecs_machine(), rollout::strategy::MAX_TOTAL.0 + waits + hooks + rollout::service::install::LIMIT.0);
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
        let variables = &template["Resources"][function]["Properties"]["Environment"]["Variables"];
        assert!(variables["STATE_MACHINE"]["Sub"].as_str().unwrap().ends_with("-lambda"), "{function}");
    }
}
