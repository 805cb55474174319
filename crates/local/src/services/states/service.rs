//! StartExecution and StopExecution: from there on an execution is followed.

use std::sync::Arc;

use serde_json::json;

use super::executions::{Executions, status_change};
use super::starting::starting;
use crate::call::Call;
use crate::client::Client;
use crate::http::Answer;
use crate::service::{Answering, Service};
use crate::services::events::Bus;

/// What begins and ends executions.
pub(crate) struct States {
    pub(crate) moto: Client,
    pub(crate) executions: Arc<Executions>,
    pub(crate) bus: Arc<Bus>,
}

impl Service for States {
    fn claims(&self, call: &Call) -> bool {
        call.service == "states" && matches!(call.operation.as_str(), "StartExecution" | "StopExecution")
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move {
            if call.operation == "StartExecution" {
                return self.start(call).await;
            }
            let answer = self.moto.pass(call.request).await;
            self.executions.look();
            answer
        })
    }
}

impl States {
    async fn start(&self, call: Call) -> Answer {
        let input = call.text("input").unwrap_or("{}").to_owned();
        let request = match starting(call) {
            Ok(request) => request,
            Err(refusal) => return *refusal,
        };
        let answer = self.moto.pass(request).await;
        let body = answer.value();
        if let Some(execution) = body["executionArn"].as_str().filter(|_| answer.status.is_success())
            && self.executions.started(execution)
        {
            let seen = json!({ "status": "RUNNING", "startDate": body["startDate"], "input": input });
            self.bus.publish(status_change(execution, &seen)).await;
        }
        answer
    }
}
