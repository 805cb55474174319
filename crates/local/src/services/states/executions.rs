//! `Step Functions Execution Status Change` events, which moto does not send: executions are followed until they end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::arn::{ACCOUNT, REGION};
use crate::client::Client;
use crate::clock;
use crate::guarded::Guarded;
use crate::services::events::Bus;

const TARGET: &str = "AWSStepFunctions";
const LOOK_EVERY: Duration = Duration::from_millis(150);
/// A look may take a tenth of the time: among hundreds of executions it is a burden of its own.
const SHARE: u32 = 9;
const LONGEST_LOOK: Duration = Duration::from_millis(500);

/// The executions that run, with their state machines.
#[derive(Debug, Default)]
pub(crate) struct Executions {
    running: Guarded<BTreeMap<String, String>>,
    looked_for: Notify,
}

impl Executions {
    /// Begins to follow one; false where it is followed already.
    pub(crate) fn started(&self, execution: &str) -> bool {
        let machine = machine_of(execution);
        let fresh = self.running.lock().insert(execution.to_owned(), machine).is_none();
        self.looked_for.notify_one();
        fresh
    }

    /// Something has happened to one: look at once.
    pub(crate) fn look(&self) {
        self.looked_for.notify_one();
    }

    /// The state machines of executions that run now, each once.
    pub(crate) fn machines(&self) -> Vec<String> {
        self.running.lock().values().cloned().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Those of a machine that are not among the running any more.
    async fn missing(&self, machine: &str, moto: &Client) -> Vec<String> {
        // One question for all executions of a machine: there may be many.
        let mut ended = self.running.lock().clone();
        ended.retain(|_, of| *of == machine);
        let input = json!({ "stateMachineArn": machine, "statusFilter": "RUNNING", "maxResults": 1000 });
        let Ok(list) = moto.aws_json(TARGET, "ListExecutions", &input).await else { return Vec::new() };
        for still in list["executions"].as_array().into_iter().flatten() {
            ended.remove(still["executionArn"].as_str().unwrap_or_default());
        }
        ended.into_keys().collect()
    }

    /// Executions that run now.
    pub(crate) fn running(&self) -> Vec<String> {
        self.running.lock().keys().cloned().collect()
    }
}

/// The state machine's ARN, from an execution's.
fn machine_of(execution: &str) -> String {
    let parts = execution.split(':').collect::<Vec<_>>();
    let name = parts.get(6).copied().unwrap_or_default();
    format!("arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}")
}

/// Looks at the running executions until nobody knows them any more; what has ended is told on the bus.
pub(crate) async fn follow(executions: Weak<Executions>, moto: Client, bus: Arc<Bus>) {
    let mut took = Duration::ZERO;
    loop {
        tokio::time::sleep(took * SHARE).await;
        let Some(executions) = executions.upgrade() else { return };
        if executions.running.lock().is_empty() {
            executions.looked_for.notified().await;
        } else {
            let _ = tokio::time::timeout(LOOK_EVERY, executions.looked_for.notified()).await;
        }
        let began = Instant::now();
        for machine in executions.machines() {
            for execution in executions.missing(&machine, &moto).await {
                let input = json!({ "executionArn": execution });
                let Ok(seen) = moto.aws_json(TARGET, "DescribeExecution", &input).await else { continue };
                if seen["status"] != "RUNNING" {
                    executions.running.lock().remove(&execution);
                    bus.publish(status_change(&execution, &seen)).await;
                }
            }
        }
        took = began.elapsed().min(LONGEST_LOOK);
    }
}

/// The event of a status, in Step Functions' shape.
pub(crate) fn status_change(execution: &str, seen: &Value) -> Value {
    let milliseconds = |member: &str| {
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds since 1970 fit")]
        seen[member].as_f64().map(|seconds| (seconds * 1e3) as i64)
    };
    json!({
        "version": "0",
        "id": clock::uuid(),
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": ACCOUNT,
        "time": clock::whole_seconds(clock::now()),
        "region": REGION,
        "resources": [execution],
        "detail": {
            "executionArn": execution,
            "stateMachineArn": machine_of(execution),
            "name": execution.rsplit(':').next(),
            "status": seen["status"],
            "startDate": milliseconds("startDate"),
            "stopDate": milliseconds("stopDate"),
            "input": seen["input"],
            "output": seen["output"],
            "error": seen["error"],
            "cause": seen["cause"],
            "inputDetails": { "included": true },
            "outputDetails": seen["outputDetails"],
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::status_change;

    #[test]
    fn a_status_change_has_step_functions_shape() {
        let execution = "arn:aws:states:us-east-1:123456789012:execution:tideshift-lambda:d-ABC123XYZ";
        let seen = json!({ "status": "ABORTED", "startDate": 1.5, "stopDate": 2.0, "input": "{}" });
        let event = status_change(execution, &seen);
        assert_eq!(event["detail"]["name"], "d-ABC123XYZ");
        assert_eq!(
            event["detail"]["stateMachineArn"],
            "arn:aws:states:us-east-1:123456789012:stateMachine:tideshift-lambda"
        );
        assert_eq!((&event["detail"]["startDate"], &event["detail"]["output"]), (&json!(1500), &json!(null)));
    }
}
