//! What AWS refuses of a CreateService and a CreateTaskSet, and what a task definition says of its tasks.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::task::Recipe;
use crate::http::Answer;
use crate::services::elb::Group;

/// A refusal in ECS's words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub(super) fn parameter(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterException", message)
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Self::error(400, refusal.code, &refusal.message)
    }
}

/// What a service leaves to its task sets where its deployment controller is `EXTERNAL`. That a task definition "must be blank" and
/// a network configuration "must be null" are AWS's words, seen in public reports; that the others are refused is in its
/// documentation.
const OF_TASK_SETS: [(&str, &str); 7] = [
    ("taskDefinition", "TaskDefinition must be blank."),
    ("networkConfiguration", "NetworkConfiguration must be null."),
    ("launchType", "LaunchType must be blank."),
    ("platformVersion", "PlatformVersion must be blank."),
    ("capacityProviderStrategy", "CapacityProviderStrategy must be empty."),
    ("loadBalancers", "LoadBalancers must be empty."),
    ("serviceRegistries", "ServiceRegistries must be empty."),
];

/// What speaks against a CreateService by itself.
pub(super) fn check_service(input: &Value) -> Result<(), Refusal> {
    let external = input["deploymentController"]["type"] == "EXTERNAL";
    let given = |member: &str| match &input[member] {
        Value::Null => false,
        Value::Array(list) => !list.is_empty(),
        _ => true,
    };
    match OF_TASK_SETS.iter().find(|(member, _)| external && given(member)) {
        Some((_, message)) => Err(Refusal::parameter(*message)),
        None => Ok(()),
    }
}

/// What speaks against a CreateTaskSet by itself.
pub(super) fn check(input: &Value) -> Result<(), Refusal> {
    for member in ["service", "cluster", "taskDefinition"] {
        if input[member].as_str().is_none_or(str::is_empty) {
            return Err(Refusal::parameter(format!("{member} cannot be null or empty.")));
        }
    }
    if !input["launchType"].is_null() && !is_empty(&input["capacityProviderStrategy"]) {
        return Err(Refusal::parameter(
            "Specifying both a launch type and capacity provider strategy is not supported.",
        ));
    }
    let token = input["clientToken"].as_str().unwrap_or_default();
    if token.len() > 36 || !token.bytes().all(|byte| (33..=126).contains(&byte)) {
        return Err(Refusal::parameter("clientToken must be up to 36 ASCII characters in the range 33-126."));
    }
    if input["loadBalancers"].as_array().is_some_and(|all| all.len() > 1) {
        return Err(Refusal::parameter("Multiple target groups are not supported for external deployments."));
    }
    scale(&input["scale"]).map(drop)
}

/// A scale in per cent; 100 where none is given.
pub(super) fn scale(scale: &Value) -> Result<f64, Refusal> {
    if scale.is_null() {
        return Ok(100.0);
    }
    let unit = scale["unit"].as_str().unwrap_or("PERCENT");
    let value = scale["value"].as_f64().unwrap_or_default();
    if unit != "PERCENT" || !(0.0..=100.0).contains(&value) {
        return Err(Refusal::parameter("The scale must be a percentage between 0 and 100."));
    }
    Ok(value)
}

/// What a request's tasks are, or what speaks against it together with its task definition and target groups.
pub(super) fn recipe(input: &Value, definition: &Value, groups: &HashMap<String, Group>) -> Result<Recipe, Refusal> {
    if definition["status"] == "INACTIVE" {
        return Err(Refusal::parameter("TaskDefinition is inactive"));
    }
    let fit_for = definition["compatibilities"].as_array().cloned().unwrap_or_default();
    if let Some(kind) = input["launchType"].as_str()
        && !fit_for.iter().any(|fit| fit == kind)
    {
        return Err(Refusal::parameter(format!("Task definition does not support launch_type {kind}.")));
    }
    let awsvpc = definition["networkMode"] == "awsvpc";
    if awsvpc && !input["networkConfiguration"].is_object() {
        let why = "Network Configuration must be provided when networkMode 'awsvpc' is specified.";
        return Err(Refusal::parameter(why));
    }
    let containers = definition["containerDefinitions"].as_array().map(Vec::as_slice).unwrap_or_default();
    let balancer = &input["loadBalancers"][0];
    let mut probe = None;
    if balancer.is_object() {
        let arn = balancer["targetGroupArn"].as_str().unwrap_or_default();
        let group = groups.get(arn).ok_or_else(|| {
            Refusal::parameter(format!("Unable to find target group with ARN {arn}: target group not found."))
        })?;
        if awsvpc && group.target_type != "ip" {
            return Err(Refusal::parameter(format!(
                "The provided target group {arn} has target type {}, which is incompatible with the awsvpc network mode \
                 specified in the task definition.",
                group.target_type
            )));
        }
        let (name, port) = (balancer["containerName"].as_str().unwrap_or_default(), &balancer["containerPort"]);
        let container = containers.iter().find(|container| container["name"] == name);
        let container = container.ok_or_else(|| {
            Refusal::parameter(format!("The container {name} does not exist in the task definition."))
        })?;
        let mut mappings = container["portMappings"].as_array().into_iter().flatten();
        if !mappings.any(|mapping| mapping["containerPort"] == *port) {
            let why = format!("The container {name} did not have a container port {port} defined.");
            return Err(Refusal::parameter(why));
        }
        probe = Some(group.probe.clone());
    }
    let behind = containers.iter().find(|container| container["name"] == balancer["containerName"]);
    let container = behind.or(containers.first()).unwrap_or(&Value::Null);
    let arn = definition["taskDefinitionArn"].as_str().unwrap_or_default();
    let name = arn.rsplit('/').next().unwrap_or(arn).to_owned();
    Ok(Recipe { definition: name, env: environment(container), probe })
}

fn environment(container: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let variables = container["environment"].as_array().into_iter().flatten();
    variables.filter_map(|one| Some((text(&one["name"])?, text(&one["value"])?))).collect()
}

fn is_empty(list: &Value) -> bool {
    list.as_array().is_none_or(Vec::is_empty)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::{Value, json};

    use super::{Refusal, check, check_service, recipe, scale};
    use crate::services::elb::{Group, Probe};

    fn asked() -> Value {
        json!({
            "cluster": "shop", "service": "web", "taskDefinition": "web:2", "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["s"] } },
            "loadBalancers": [{ "targetGroupArn": "green", "containerName": "web", "containerPort": 8080 }],
        })
    }

    fn definition() -> Value {
        json!({
            "taskDefinitionArn": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:2",
            "networkMode": "awsvpc", "compatibilities": ["EC2", "FARGATE"], "status": "ACTIVE",
            "containerDefinitions": [
                { "name": "sidecar", "environment": [{ "name": "ERROR_RATE", "value": "1" }] },
                { "name": "web", "portMappings": [{ "containerPort": 8080 }],
                  "environment": [{ "name": "ERROR_RATE", "value": "0.3" }] },
            ],
        })
    }

    fn groups() -> HashMap<String, Group> {
        let probe = Probe { path: "/health".to_owned(), codes: "200".to_owned() };
        HashMap::from([("green".to_owned(), Group { in_use: false, target_type: "ip".to_owned(), probe })])
    }

    fn message<T: std::fmt::Debug>(refused: Result<T, Refusal>) -> String {
        refused.unwrap_err().message
    }

    #[test]
    fn tasks_run_with_the_environment_of_the_container_behind_the_load_balancer() {
        let recipe = recipe(&asked(), &definition(), &groups()).unwrap();
        assert_eq!((recipe.definition.as_str(), recipe.env["ERROR_RATE"].as_str()), ("web:2", "0.3"));
        assert_eq!(recipe.probe.map(|probe| probe.path).as_deref(), Some("/health"));
    }

    #[test]
    fn a_target_group_must_exist_and_need_not_be_on_a_listener_yet() {
        assert!(recipe(&asked(), &definition(), &groups()).is_ok());
        let said = message(recipe(&asked(), &definition(), &HashMap::new()));
        assert_eq!(said, "Unable to find target group with ARN green: target group not found.");
    }

    #[test]
    fn a_container_or_port_that_the_task_definition_does_not_have_is_refused() {
        let mut other_port = asked();
        other_port["loadBalancers"][0]["containerPort"] = 9090.into();
        assert!(message(recipe(&other_port, &definition(), &groups())).contains("container port 9090"));
        let mut other_name = asked();
        other_name["loadBalancers"][0]["containerName"] = "api".into();
        assert!(message(recipe(&other_name, &definition(), &groups())).contains("The container api"));
    }

    #[test]
    fn a_launch_type_and_a_capacity_provider_strategy_exclude_each_other() {
        assert_eq!(check(&asked()), Ok(()));
        let mut both = asked();
        both["capacityProviderStrategy"] = json!([{ "capacityProvider": "FARGATE_SPOT" }]);
        assert!(message(check(&both)).contains("both a launch type and capacity provider strategy"));
    }

    #[test]
    fn a_service_that_others_deploy_leaves_to_its_task_sets_what_is_theirs() {
        let whole = |controller: &str, member: &str, value: Value| {
            let mut whole = json!({ "serviceName": "web", "desiredCount": 2, "loadBalancers": [] });
            whole["deploymentController"] = json!({ "type": controller });
            whole[member] = value;
            whole
        };
        assert_eq!(check_service(&whole("EXTERNAL", "cluster", "shop".into())), Ok(()));
        assert_eq!(check_service(&whole("ECS", "taskDefinition", "web:1".into())), Ok(()));
        let said = message(check_service(&whole("EXTERNAL", "taskDefinition", "web:1".into())));
        assert_eq!(said, "TaskDefinition must be blank.");
        let network = json!({ "awsvpcConfiguration": { "subnets": ["s"] } });
        let said = message(check_service(&whole("EXTERNAL", "networkConfiguration", network)));
        assert_eq!(said, "NetworkConfiguration must be null.");
        let balancers = json!([{ "targetGroupArn": "blue" }]);
        assert!(check_service(&whole("EXTERNAL", "loadBalancers", balancers)).is_err());
    }

    #[test]
    fn a_launch_type_that_the_task_definition_does_not_support_is_refused() {
        let external = json!({"launchType": "EXTERNAL", "networkConfiguration": {}});
        let said = message(recipe(&external, &definition(), &groups()).map(drop));
        assert!(said.contains("Task definition does not support launch_type EXTERNAL"), "{said}");
    }

    #[test]
    fn a_scale_is_a_percentage() {
        assert_eq!(scale(&json!({ "value": 12.5, "unit": "PERCENT" })), Ok(12.5));
        assert_eq!(scale(&Value::Null), Ok(100.0));
        assert!(scale(&json!({ "value": 101.0, "unit": "PERCENT" })).is_err());
    }
}
