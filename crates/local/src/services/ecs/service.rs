//! The operations on task sets, and what services show of theirs.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use super::book::{Ecs, Found, asks_for_tags, desired};
use super::request::{Refusal, check, check_service, recipe, scale};
use super::task_set::TaskSet;
use crate::call::Call;
use crate::client::Client;
use crate::http::Answer;
use crate::service::{Answering, Service};
use crate::services::elb::Balancers;

/// ECS's API, as far as task sets have a part in it.
pub(crate) struct TaskSets {
    pub(crate) moto: Client,
    pub(crate) ecs: Arc<Ecs>,
    pub(crate) balancers: Arc<Balancers>,
}

/// The operations that moto does not answer alone.
const OPERATIONS: [&str; 12] = [
    "CreateTaskSet",
    "UpdateTaskSet",
    "DeleteTaskSet",
    "UpdateServicePrimaryTaskSet",
    "DescribeTaskSets",
    "CreateService",
    "UpdateService",
    "DeleteService",
    "DescribeServices",
    "ListTasks",
    "DescribeTasks",
    "ListTagsForResource",
];

impl Service for TaskSets {
    fn claims(&self, call: &Call) -> bool {
        call.service == "ecs" && OPERATIONS.contains(&call.operation.as_str())
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(self.answered(call))
    }
}

impl TaskSets {
    async fn answered(&self, call: Call) -> Answer {
        let input = call.input.clone();
        match call.operation.as_str() {
            "CreateTaskSet" => self.create_task_set(&input).await.unwrap_or_else(|refused| *refused),
            "UpdateTaskSet" | "DeleteTaskSet" | "UpdateServicePrimaryTaskSet" | "DescribeTaskSets" => {
                self.task_sets(&call.operation, &input).await.unwrap_or_else(|refused| *refused)
            }
            "CreateService" => self.create_service(call, &input).await,
            "UpdateService" | "DeleteService" | "DescribeServices" => self.services(call, &input).await,
            "ListTasks" if input["desiredStatus"] == "STOPPED" => match self.service(&input_of_service(&input)).await {
                Ok(found) => Answer::json(200, &json!({ "taskArns": self.ecs.stopped(&found.arn) })),
                Err(refused) => *refused,
            },
            "DescribeTasks" => match self.ecs.describe_tasks(&input) {
                Some(answer) => Answer::json(200, &answer),
                None => self.moto.pass(call.request).await,
            },
            "ListTagsForResource" => match self.ecs.tags(input["resourceArn"].as_str().unwrap_or_default()) {
                Some(tags) => Answer::json(200, &json!({ "tags": tags })),
                None => self.moto.pass(call.request).await,
            },
            _ => self.moto.pass(call.request).await,
        }
    }

    /// What moto says of services, with what it does not know of them.
    async fn services(&self, call: Call, input: &Value) -> Answer {
        let answer = self.moto.pass(call.request).await;
        if !answer.status.is_success() {
            return answer;
        }
        let mut said = answer.value();
        let removed = call.operation == "DeleteService";
        for member in ["service", "services"] {
            let all = match &mut said[member] {
                Value::Array(all) => all.iter_mut().collect(),
                one @ Value::Object(_) => vec![one],
                _ => Vec::new(),
            };
            all.into_iter().for_each(|service| self.ecs.show(service, removed));
        }
        if call.operation == "DescribeServices" {
            self.show_tags(&mut said["services"], asks_for_tags(input)).await;
        }
        said.as_object_mut().into_iter().for_each(|members| members.retain(|_, value| !value.is_null()));
        Answer::json(200, &said)
    }

    /// Tags are shown to who asks for them. moto keeps in one place for all calls whether this one asks, so that two at the same
    /// time take them from each other.
    async fn show_tags(&self, services: &mut Value, asked: bool) {
        for service in services.as_array_mut().into_iter().flatten() {
            let resource = json!({ "resourceArn": service["serviceArn"] });
            let Some(members) = service.as_object_mut() else { continue };
            members.remove("tags");
            if asked && let Ok(mut found) = self.moto.ecs("ListTagsForResource", &resource).await {
                members.insert("tags".to_owned(), found["tags"].take());
            }
        }
    }

    /// moto would put a new service in the place of one that is there, and takes what only task sets have.
    async fn create_service(&self, call: Call, input: &Value) -> Answer {
        if let Err(refusal) = check_service(input) {
            return refusal.into();
        }
        let asked = json!({ "cluster": input["cluster"], "services": [input["serviceName"]] });
        let found = self.moto.ecs("DescribeServices", &asked).await.unwrap_or_default();
        if found["services"][0]["status"] == "ACTIVE" {
            return Refusal::parameter("Creation of service was not idempotent.").into();
        }
        self.moto.pass(call.request).await
    }

    async fn service(&self, input: &Value) -> Result<Found, Box<Answer>> {
        let asked = json!({ "cluster": input["cluster"], "services": [input["service"]] });
        let found = self.moto.ecs("DescribeServices", &asked).await;
        let found = found.map_err(|error| Box::new(Answer::of(&error)))?;
        let service = &found["services"][0];
        let refused = |code, message: &str| Err(Box::new(Refusal::new(code, message).into()));
        if service.is_null() {
            return refused("ServiceNotFoundException", "Service not found.");
        }
        if service["status"] != "ACTIVE" {
            return refused("ServiceNotActiveException", "Service was not ACTIVE.");
        }
        if service["deploymentController"]["type"] != "EXTERNAL" {
            let why = "Amazon ECS only supports task set management on services configured to use external deployment \
                       controllers.";
            return refused("InvalidParameterException", why);
        }
        let text = |member: &str| service[member].as_str().unwrap_or_default().to_owned();
        Ok(Found { arn: text("serviceArn"), cluster_arn: text("clusterArn"), desired: desired(service) })
    }

    async fn create_task_set(&self, input: &Value) -> Result<Answer, Box<Answer>> {
        let refused = |refusal: Refusal| Box::new(refusal.into());
        check(input).map_err(refused)?;
        let service = self.service(input).await?;
        let failed = |error| Box::new(Answer::of(&error));
        let asked = json!({ "taskDefinition": input["taskDefinition"] });
        let definition = self.moto.ecs("DescribeTaskDefinition", &asked).await.map_err(failed)?;
        let definition = &definition["taskDefinition"];
        let groups = self.balancers.groups(&self.moto).await.map_err(failed)?;
        let recipe = recipe(input, definition, &groups).map_err(refused)?;
        let arn = definition["taskDefinitionArn"].as_str().unwrap_or_default();
        let scale = scale(&input["scale"]).map_err(refused)?;
        let set = TaskSet::new(&service.arn, &service.cluster_arn, arn, input.clone(), recipe, scale);
        let made = self.ecs.add(service, set).map_err(refused)?;
        Ok(Answer::json(200, &json!({ "taskSet": made })))
    }

    async fn task_sets(&self, operation: &str, input: &Value) -> Result<Answer, Box<Answer>> {
        let found = self.service(input).await?;
        if operation == "DescribeTaskSets" {
            return Ok(Answer::json(200, &self.ecs.describe(&found, input)));
        }
        let named = if operation == "UpdateServicePrimaryTaskSet" { "primaryTaskSet" } else { "taskSet" };
        let named = input[named].as_str().unwrap_or_default();
        let changed = self.ecs.change(&found.arn, named, |sets, at| match operation {
            "UpdateTaskSet" => {
                sets[at].scale = scale(&input["scale"])?;
                Ok(())
            }
            "DeleteTaskSet" => delete(&mut sets[at], input["force"] == true),
            _ => {
                sets.iter_mut().for_each(|set| set.primary = false);
                sets[at].primary = true;
                Ok(())
            }
        });
        let described = changed.map_err(|refusal| Box::new(Answer::from(refusal)))?;
        Ok(Answer::json(200, &json!({ "taskSet": described })))
    }
}

/// ListTasks names a service as other calls do not.
fn input_of_service(input: &Value) -> Value {
    json!({ "cluster": input["cluster"], "service": input["serviceName"] })
}

fn delete(set: &mut TaskSet, force: bool) -> Result<(), Refusal> {
    if set.primary {
        return Err(Refusal::parameter("The primary task set of a service cannot be deleted."));
    }
    if set.scale > 0.0 && !force {
        let why = "The task set has not been scaled down to zero. Scale it down, or use force.";
        return Err(Refusal::parameter(why));
    }
    set.deleted = Some(Instant::now());
    Ok(())
}
