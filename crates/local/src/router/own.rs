//! The stack's own doors, for tests and demos: below `/_tideshift/`.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::faults::Faults;
use crate::health::Health;
use crate::http::{Answer, Request};
use crate::job_times::JobTimes;
use crate::observed::Observed;
use crate::services::codepipeline::Book;
use crate::services::ecs::Ecs;
use crate::services::lambda::{Host, Order};
use crate::services::states::Executions;

/// What is behind them.
pub(crate) struct Own {
    pub(crate) stack: String,
    pub(crate) endpoint: String,
    pub(crate) executions: Arc<Executions>,
    pub(crate) observed: Arc<Observed>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) ecs: Arc<Ecs>,
    pub(crate) host: Arc<Host>,
    pub(crate) pipelines: Arc<Book>,
}

/// How long jobs of a pipeline may take from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Jobs {
    pipeline: String,
    times: JobTimes,
}

impl Own {
    fn health(&self) -> Health {
        let (stack, endpoint) = (self.stack.clone(), self.endpoint.clone());
        Health { ok: true, stack, endpoint, running: self.executions.running() }
    }

    /// Answers.
    pub(super) async fn answer(&self, request: &Request) -> Answer {
        let path = request.path.trim_start_matches("/_tideshift/").trim_end_matches('/');
        match (request.method.as_str(), path) {
            ("GET", "health") => Answer::json(200, &json!(self.health())),
            ("GET", "observed") => Answer::json(200, &self.observed.document()),
            ("POST", "faults") => match serde_json::from_slice(&request.body) {
                Ok(rule) => Answer::json(201, &json!({ "id": self.faults.add(rule) })),
                Err(error) => Answer::error(400, "InvalidRule", &error.to_string()),
            },
            ("DELETE", "faults") => {
                self.faults.clear();
                Answer::empty(204)
            }
            ("POST", "deaths") => match serde_json::from_slice::<Value>(&request.body) {
                Ok(named) if self.ecs.die(named["taskSet"].as_str().unwrap_or_default()) => Answer::empty(204),
                Ok(_) => Answer::error(404, "NotFound", "there is no such task set"),
                Err(error) => Answer::error(400, "InvalidDeath", &error.to_string()),
            },
            ("POST", "states") => match serde_json::from_slice::<Order>(&request.body) {
                Ok(order) => self.put_into_state(order).await,
                Err(error) => Answer::error(400, "InvalidState", &error.to_string()),
            },
            ("POST", "jobs") => match serde_json::from_slice::<Jobs>(&request.body) {
                Ok(Jobs { pipeline, times }) => {
                    self.pipelines.set_times(&pipeline, times);
                    Answer::empty(204)
                }
                Err(error) => Answer::error(400, "InvalidTimes", &error.to_string()),
            },
            (method, path) => match path.strip_prefix("faults/").and_then(|id| id.parse().ok()) {
                Some(id) if method == "GET" => Answer::json(200, &json!({ "id": id, "hits": self.faults.hits(id) })),
                Some(id) if method == "DELETE" => {
                    self.faults.remove(id);
                    Answer::empty(204)
                }
                _ => Answer::error(404, "NotFound", "there are health, observed, faults, deaths, jobs, states and elb"),
            },
        }
    }

    async fn put_into_state(&self, order: Order) -> Answer {
        match self.host.configuration(&order.function, &order.version).await {
            Ok(_) => {
                self.host.states.set(order);
                Answer::empty(204)
            }
            Err(error) => Answer::of(&error),
        }
    }
}
