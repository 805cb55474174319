//! What calls of ECS and Elastic Load Balancing need, after the service authorization reference.
//!
//! CreateTaskSet has no resource there: it is on `*`, narrowed by `ecs:cluster`, `ecs:service` and `ecs:task-definition`.
//! It also passes the roles of its task definition to their tasks. What only describes load balancers is on `*`, too, and
//! so is DescribeTaskDefinition.

use serde_json::Value;

use super::need::{Context, Need};
use crate::arn::{ACCOUNT, REGION};
use crate::call::Call;
use crate::services::elb;

const TASKS: &str = "ecs-tasks.amazonaws.com";

/// The names a call of ECS gives, as ARNs.
struct Named {
    cluster: String,
    cluster_name: String,
    service_name: Option<String>,
}

impl Named {
    fn read(input: &Value) -> Self {
        let name = |member: &str| input[member].as_str().map(|named| last(named).to_owned());
        let cluster_name = name("cluster").unwrap_or_else(|| "default".to_owned());
        let service_name = name("service").or_else(|| name("serviceName"));
        Self { cluster: arn("ecs", &format!("cluster/{cluster_name}")), cluster_name, service_name }
    }

    fn service(&self, name: &str) -> String {
        arn("ecs", &format!("service/{}/{}", self.cluster_name, last(name)))
    }

    fn task_set(&self, named: &str) -> String {
        let service = self.service_name.as_deref().unwrap_or("*");
        let id = if named == "*" { named.to_owned() } else { format!("ecs-svc/{}", last(named)) };
        arn("ecs", &format!("task-set/{}/{service}/{id}", self.cluster_name))
    }

    fn context(&self) -> Context {
        let mut context = Context::known([("ecs:cluster", self.cluster.as_str())]);
        if let Some(service) = &self.service_name {
            context.insert("ecs:service", &self.service(service));
        }
        context
    }
}

fn arn(service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}")
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// What a call of ECS needs, its roles and its resources' tags aside.
pub(super) fn ecs(call: &Call) -> Vec<Need> {
    let named = Named::read(&call.input);
    let action = format!("ecs:{}", call.operation);
    let list = |member: &str| {
        let all = call.input[member].as_array().into_iter().flatten();
        all.filter_map(Value::as_str).collect::<Vec<_>>()
    };
    let text = |member: &str| call.text(member).unwrap_or("*");
    let resources = match call.operation.as_str() {
        "DescribeServices" => list("services").into_iter().map(|service| named.service(service)).collect(),
        "CreateService" | "UpdateService" | "DeleteService" | "UpdateServicePrimaryTaskSet" => {
            vec![named.service(named.service_name.as_deref().unwrap_or("*"))]
        }
        "UpdateTaskSet" | "DeleteTaskSet" => vec![named.task_set(text("taskSet"))],
        "DescribeTaskSets" => {
            let sets = list("taskSets").into_iter().map(|set| named.task_set(set)).collect::<Vec<_>>();
            if sets.is_empty() { vec![named.task_set("*")] } else { sets }
        }
        "DescribeClusters" => {
            list("clusters").into_iter().map(|one| arn("ecs", &format!("cluster/{}", last(one)))).collect()
        }
        "DescribeTasks" => list("tasks").into_iter().map(str::to_owned).collect(),
        "ListTagsForResource" | "TagResource" | "UntagResource" => vec![text("resourceArn").to_owned()],
        _ => vec!["*".to_owned()],
    };
    let mut needs = resources
        .into_iter()
        .map(|resource| Need::new(action.clone(), resource).within(named.context()))
        .collect::<Vec<_>>();
    let tags = call.input["tags"].as_array().map(Vec::as_slice).unwrap_or_default();
    if call.operation == "CreateTaskSet" && !tags.is_empty() {
        let mut context = named.context();
        context.insert("ecs:CreateAction", "CreateTaskSet");
        needs.push(Need::new("ecs:TagResource", named.task_set("*")).within(context));
    }
    if call.operation == "RegisterTaskDefinition" && !tags.is_empty() {
        let context = Context::known([("ecs:CreateAction", "RegisterTaskDefinition")]);
        needs.push(
            Need::new("ecs:TagResource", arn("ecs", &format!("task-definition/{}:*", text("family")))).within(context),
        );
    }
    for need in &mut needs {
        for tag in tags {
            let (key, value) = (tag["key"].as_str().unwrap_or_default(), tag["value"].as_str().unwrap_or_default());
            need.context.insert(&format!("aws:RequestTag/{key}"), value);
        }
    }
    needs
}

/// What a call of Elastic Load Balancing needs.
pub(super) fn load_balancing(call: &Call) -> Vec<Need> {
    let action = format!("{}:{}", elb::SERVICE, call.operation);
    let describes = call.operation.starts_with("Describe");
    let named = ["RuleArn", "ListenerArn", "TargetGroupArn", "LoadBalancerArn"].into_iter();
    let named = named.filter(|_| !describes).find_map(|member| call.text(member));
    vec![Need::new(action, named.unwrap_or("*")).within(Context::known([]))]
}

/// The passing of a task definition's roles.
pub(super) fn passes(definition: &Value) -> Vec<Need> {
    let roles = ["taskRoleArn", "executionRoleArn"].into_iter().filter_map(|member| definition[member].as_str());
    let mut needs = roles
        .map(|role| Need::new("iam:PassRole", role).within(Context::known([("iam:PassedToService", TASKS)])))
        .collect::<Vec<_>>();
    needs.dedup();
    needs
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use serde_json::{Value, json};

    use super::{Need, ecs, load_balancing, passes};
    use crate::call::Call;
    use crate::http::Request;

    fn asked(operation: &str, input: &Value) -> Call {
        let mut headers = HeaderMap::new();
        let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
        headers.insert("x-amz-target", target.parse().unwrap());
        let (method, path, query) = (Method::POST, "/".to_owned(), String::new());
        Call::read(Request { method, path, query, headers, body: input.to_string().into() })
    }

    fn by_form(body: &'static str) -> Call {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
        let (method, path, query) = (Method::POST, "/".to_owned(), String::new());
        Call::read(Request { method, path, query, headers, body: body.into() })
    }

    fn pairs(needs: &[Need]) -> Vec<(&str, &str)> {
        needs.iter().map(|need| (need.action.as_str(), need.resource.as_str())).collect()
    }

    #[test]
    fn services_and_task_sets_are_meant_by_their_arns_however_they_are_named() {
        let set = "arn:aws:ecs:us-east-1:123456789012:task-set/shop/web/ecs-svc/7";
        let cluster = "arn:aws:ecs:us-east-1:123456789012:cluster/shop";
        for named in [set, "ecs-svc/7", "7"] {
            let call = asked("DeleteTaskSet", &json!({ "cluster": cluster, "service": "web", "taskSet": named }));
            assert_eq!(pairs(&ecs(&call)), [("ecs:DeleteTaskSet", set)]);
        }
        let service = "arn:aws:ecs:us-east-1:123456789012:service/shop/web";
        let call = asked("DescribeServices", &json!({ "cluster": "shop", "services": ["web", service] }));
        assert_eq!(pairs(&ecs(&call)), [("ecs:DescribeServices", service); 2]);
        let call = asked("UpdateServicePrimaryTaskSet", &json!({ "cluster": "shop", "service": service }));
        assert_eq!(pairs(&ecs(&call)), [("ecs:UpdateServicePrimaryTaskSet", service)]);
    }

    #[test]
    fn creating_a_task_set_is_narrowed_by_conditions_only() {
        let input = json!({ "cluster": "shop", "service": "web", "tags": [{ "key": "a", "value": "b" }] });
        let needs = ecs(&asked("CreateTaskSet", &input));
        let sets = "arn:aws:ecs:us-east-1:123456789012:task-set/shop/web/*";
        assert_eq!(pairs(&needs), [("ecs:CreateTaskSet", "*"), ("ecs:TagResource", sets)]);
        let service = "arn:aws:ecs:us-east-1:123456789012:service/shop/web";
        assert_eq!(needs[0].context.get("ecs:service"), Some(service));
        assert_eq!(needs[0].context.get("aws:RequestTag/a"), Some("b"));
    }

    #[test]
    fn listeners_and_rules_are_written_by_their_arns_and_read_as_a_whole() {
        let write = by_form("Action=ModifyListener&Version=2015-12-01&ListenerArn=listener");
        assert_eq!(pairs(&load_balancing(&write)), [("elasticloadbalancing:ModifyListener", "listener")]);
        let write = by_form("Action=ModifyRule&Version=2015-12-01&RuleArn=rule");
        assert_eq!(pairs(&load_balancing(&write)), [("elasticloadbalancing:ModifyRule", "rule")]);
        let read = by_form("Action=DescribeTargetHealth&TargetGroupArn=group");
        assert_eq!(pairs(&load_balancing(&read)), [("elasticloadbalancing:DescribeTargetHealth", "*")]);
    }

    #[test]
    fn the_roles_of_a_task_definition_are_passed_to_its_tasks() {
        let needs = passes(&json!({ "taskRoleArn": "task", "executionRoleArn": "execution" }));
        assert_eq!(pairs(&needs), [("iam:PassRole", "task"), ("iam:PassRole", "execution")]);
        assert_eq!(needs[0].context.get("iam:PassedToService"), Some("ecs-tasks.amazonaws.com"));
        assert!(passes(&json!({})).is_empty());
        assert_eq!(passes(&json!({ "taskRoleArn": "one", "executionRoleArn": "one" })).len(), 1);
    }
}
