//! SetAlarmState, alarms on logs, and DescribeAlarms with those; after any other write the alarms are read again.

use std::sync::Arc;

use serde_json::Value;

use super::alarms::{Alarms, By};
use crate::call::Call;
use crate::client::Client;
use crate::http::Answer;
use crate::memory::Forgets as _;
use crate::service::{Answering, Service};

/// Alarms, as they are asked for and written.
pub(crate) struct CloudWatch {
    pub(crate) moto: Client,
    pub(crate) alarms: Arc<Alarms>,
}

impl Service for CloudWatch {
    fn claims(&self, call: &Call) -> bool {
        call.service == "cloudwatch" && (call.operation == "DescribeAlarms" || !call.reads())
    }

    fn answer(&self, call: Call) -> Answering<'_> {
        Box::pin(async move {
            match call.operation.as_str() {
                "SetAlarmState" => self.set_state(call).await,
                "PutLogAlarm" => self.alarms.on_logs.put(&call.input),
                "DescribeAlarms" => self.describe(call).await,
                _ => self.write(call).await,
            }
        })
    }
}

impl CloudWatch {
    async fn set_state(&self, call: Call) -> Answer {
        let name = call.text("AlarmName").unwrap_or_default().to_owned();
        let answer = self.alarms.set_state(&name, &call.input, By::Hand).await;
        // An old client speaks the query protocol and wants XML.
        if call.input.get("Action").is_some() { self.moto.pass(call.request).await } else { answer }
    }

    async fn describe(&self, call: Call) -> Answer {
        let answer = self.moto.pass(call.request).await;
        match answer.value() {
            found @ Value::Object(_) if answer.status.is_success() => {
                Answer::json(200, &self.alarms.on_logs.described(&call.input, found))
            }
            _ => answer,
        }
    }

    async fn write(&self, call: Call) -> Answer {
        if call.operation == "DeleteAlarms" {
            self.alarms.on_logs.delete(&call.input);
        }
        let answer = self.moto.pass(call.request).await;
        self.alarms.forget();
        answer
    }
}
