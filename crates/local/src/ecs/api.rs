//! The operations on task sets, and what services show of theirs.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Value, json};

use super::remembered::Remembered;
use super::request::{Refusal, check, check_service, recipe, scale};
use super::task_set::TaskSet;
use super::{Ecs, Service};
use crate::alias::answer_error;
use crate::arn::{ACCOUNT, REGION};
use crate::call::Call;
use crate::clock;
use crate::gateway::Gateway;
use crate::http::Answer;

/// More than these at once are refused.
const TASK_SETS: usize = 5;

/// A service as moto has it.
struct Found {
    arn: String,
    cluster_arn: String,
    desired: u32,
}

impl Gateway {
    /// Answers what is said to ECS.
    pub(crate) async fn ecs(self: &Arc<Self>, call: Call) -> Answer {
        let input = call.input.clone();
        match call.operation.as_str() {
            "CreateTaskSet" => self.create_task_set(&input).await.unwrap_or_else(|refused| *refused),
            "UpdateTaskSet" | "DeleteTaskSet" | "UpdateServicePrimaryTaskSet" | "DescribeTaskSets" => {
                self.task_sets(&call.operation, &input).await.unwrap_or_else(|refused| *refused)
            }
            "CreateService" => self.create_service(call, &input).await,
            "UpdateService" | "DeleteService" | "DescribeServices" => {
                let answer = self.forward(call.request).await;
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
                    self.show_tags(&mut said["services"], asks_for_tags(&input)).await;
                }
                said.as_object_mut().into_iter().for_each(|members| members.retain(|_, value| !value.is_null()));
                Answer::json(200, &said)
            }
            "ListTasks" if input["desiredStatus"] == "STOPPED" => match self.service(&input_of_service(&input)).await {
                Ok(found) => Answer::json(200, &json!({ "taskArns": self.ecs.stopped(&found.arn) })),
                Err(refused) => *refused,
            },
            "DescribeTasks" => match self.ecs.describe_tasks(&input) {
                Some(answer) => Answer::json(200, &answer),
                None => self.forward(call.request).await,
            },
            "ListTagsForResource" => match self.ecs.tags(input["resourceArn"].as_str().unwrap_or_default()) {
                Some(tags) => Answer::json(200, &json!({ "tags": tags })),
                None => self.forward(call.request).await,
            },
            _ => self.forward(call.request).await,
        }
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
    async fn create_service(self: &Arc<Self>, call: Call, input: &Value) -> Answer {
        if let Err(refusal) = check_service(input) {
            return refusal.into();
        }
        let asked = json!({ "cluster": input["cluster"], "services": [input["serviceName"]] });
        let found = self.moto.ecs("DescribeServices", &asked).await.unwrap_or_default();
        if found["services"][0]["status"] == "ACTIVE" {
            return Refusal::parameter("Creation of service was not idempotent.").into();
        }
        self.forward(call.request).await
    }

    async fn service(&self, input: &Value) -> Result<Found, Box<Answer>> {
        let asked = json!({ "cluster": input["cluster"], "services": [input["service"]] });
        let found = self.moto.ecs("DescribeServices", &asked).await;
        let found = found.map_err(|error| Box::new(answer_error(&error)))?;
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

    async fn create_task_set(self: &Arc<Self>, input: &Value) -> Result<Answer, Box<Answer>> {
        let refused = |refusal: Refusal| Box::new(refusal.into());
        check(input).map_err(refused)?;
        let service = self.service(input).await?;
        let failed = |error| Box::new(answer_error(&error));
        let asked = json!({ "taskDefinition": input["taskDefinition"] });
        let definition = self.moto.ecs("DescribeTaskDefinition", &asked).await.map_err(failed)?;
        let definition = &definition["taskDefinition"];
        let groups = self.balancers.groups(&self.moto).await.map_err(failed)?;
        let recipe = recipe(input, definition, &groups).map_err(refused)?;
        let now = clock::now_seconds();
        let id = format!("ecs-svc/{}", fastrand::u64(1_000_000_000_000_000_000..10_000_000_000_000_000_000));
        let path = service.arn.split_once(":service/").map_or("", |(_, path)| path);
        let set = TaskSet {
            arn: format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task-set/{path}/{id}"),
            id,
            service_arn: service.arn.clone(),
            cluster_arn: service.cluster_arn.clone(),
            definition: definition["taskDefinitionArn"].as_str().unwrap_or_default().to_owned(),
            asked: input.clone(),
            recipe: Arc::new(recipe),
            primary: false,
            scale: scale(&input["scale"]).map_err(refused)?,
            created: now,
            updated: now,
            deleted: None,
            steady: false,
            steady_at: now,
            tasks: Vec::new(),
            leaving: Vec::new(),
            impaired: false,
            ends: 0,
            drained: 0,
        };
        let made = self.ecs.add(service, set).map_err(refused)?;
        Ok(Answer::json(200, &json!({ "taskSet": made })))
    }

    async fn task_sets(self: &Arc<Self>, operation: &str, input: &Value) -> Result<Answer, Box<Answer>> {
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

impl Ecs {
    /// Adds a task set; where its client token has made one already, that is it.
    fn add(&self, found: Found, set: TaskSet) -> Result<Value, Refusal> {
        let mut services = self.services.lock();
        let service = services.entry(found.arn).or_insert_with(|| Service {
            cluster_arn: found.cluster_arn,
            desired: found.desired,
            task_sets: Vec::new(),
            remembered: Remembered::default(),
        });
        service.desired = found.desired;
        let token = &set.asked["clientToken"];
        let same = |known: &&TaskSet| token.is_string() && known.asked["clientToken"] == *token;
        if let Some(known) = service.task_sets.iter().find(same) {
            if known.asked != set.asked {
                return Err(Refusal::parameter("The client token was used with other parameters."));
            }
            return Ok(known.describe(service.desired));
        }
        let alive = service.task_sets.iter().filter(|set| set.deleted.is_none()).count();
        if alive >= TASK_SETS {
            return Err(Refusal::parameter(format!(
                "{alive} deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum \
                 limit."
            )));
        }
        let mut set = set;
        set.adjust(service.desired, &self.launcher);
        let described = set.describe(service.desired);
        service.task_sets.push(set);
        Ok(described)
    }

    /// The tasks of a service that have stopped of late.
    fn stopped(&self, service: &str) -> Vec<String> {
        self.services.lock().get(service).map(|service| service.remembered.stopped()).unwrap_or_default()
    }

    /// Those tasks among the named ones that have stopped of late; `None` where nobody knows one of them.
    fn describe_tasks(&self, input: &Value) -> Option<Value> {
        let named: Vec<&str> = input["tasks"].as_array()?.iter().filter_map(Value::as_str).collect();
        let services = self.services.lock();
        let found: Vec<&Value> = named
            .iter()
            .filter_map(|task| services.values().find_map(|service| service.remembered.described(task)))
            .collect();
        (!found.is_empty()).then(|| json!({ "tasks": found, "failures": [] }))
    }

    fn describe(&self, found: &Found, input: &Value) -> Value {
        let services = self.services.lock();
        let sets = services.get(&found.arn).map(|service| service.task_sets.as_slice()).unwrap_or_default();
        let named = input["taskSets"].as_array().into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>();
        let with_tags = asks_for_tags(input);
        let shown = sets.iter().filter(|set| named.is_empty() || named.iter().any(|named| set.is(named)));
        let shown = shown.map(|set| {
            let mut described = set.describe(found.desired);
            if with_tags {
                described["tags"] = set.tags();
            }
            described
        });
        let missing = named.iter().filter(|named| !sets.iter().any(|set| set.is(named)));
        let failures = missing.map(|named| json!({ "arn": named, "reason": "MISSING" }));
        json!({ "taskSets": shown.collect::<Vec<_>>(), "failures": failures.collect::<Vec<_>>() })
    }

    /// Changes a service's task sets, of which one is named; gives that one as it is now.
    fn change(
        &self,
        service: &str,
        named: &str,
        change: impl FnOnce(&mut [TaskSet], usize) -> Result<(), Refusal>,
    ) -> Result<Value, Refusal> {
        let missing = || Refusal::new("TaskSetNotFoundException", "The specified task set does not exist.");
        let mut services = self.services.lock();
        let service = services.get_mut(service).ok_or_else(missing)?;
        let at = service.task_sets.iter().position(|set| set.is(named)).ok_or_else(missing)?;
        if service.task_sets[at].deleted.is_none() {
            change(&mut service.task_sets, at)?;
            let (desired, set) = (service.desired, &mut service.task_sets[at]);
            set.updated = clock::now_seconds();
            set.adjust(desired, &self.launcher);
            // Not steady until it has been looked at again.
            set.steady = set.steady && set.is_whole(desired);
        }
        Ok(service.task_sets[at].describe(service.desired))
    }

    /// Puts into a service's description what moto does not know of it.
    fn show(&self, described: &mut Value, removed: bool) {
        if described["deploymentController"]["type"] != "EXTERNAL" {
            return;
        }
        let arn = described["serviceArn"].as_str().unwrap_or_default().to_owned();
        let mut services = self.services.lock();
        if removed {
            services.remove(&arn);
        }
        let Some(service) = services.get_mut(&arn) else {
            described["runningCount"] = 0.into();
            described["pendingCount"] = 0.into();
            return;
        };
        service.desired = desired(described);
        let desired = service.desired;
        let counts = service.task_sets.iter().map(|set| set.counts(desired)).collect::<Vec<_>>();
        described["runningCount"] = counts.iter().map(|(running, _)| running).sum::<u32>().into();
        described["pendingCount"] = counts.iter().map(|(_, pending)| pending).sum::<u32>().into();
        described["clusterArn"] = service.cluster_arn.clone().into();
        let sets = service.task_sets.iter().map(|set| set.describe(desired)).collect::<Vec<_>>();
        if let Some(primary) = sets.iter().find(|set| set["status"] == "PRIMARY") {
            for member in ["taskDefinition", "loadBalancers", "networkConfiguration", "launchType", "platformVersion"] {
                described[member] = primary[member].clone();
            }
        }
        described["taskSets"] = sets.into();
        described["events"] = service.remembered.events().into();
        described.as_object_mut().into_iter().for_each(|members| members.retain(|_, value| !value.is_null()));
    }
}

/// ListTasks names a service as other calls do not.
fn input_of_service(input: &Value) -> Value {
    json!({ "cluster": input["cluster"], "service": input["serviceName"] })
}

fn asks_for_tags(input: &Value) -> bool {
    input["include"].as_array().is_some_and(|include| include.contains(&json!("TAGS")))
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

fn desired(service: &Value) -> u32 {
    service["desiredCount"].as_u64().and_then(|count| u32::try_from(count).ok()).unwrap_or_default()
}
