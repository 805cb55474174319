//! Delivery of events: moto keeps rules and targets but sends nothing to Lambda.
//!
//! A failed delivery is tried again twice, as Lambda does with asynchronous events; the minutes between are seconds here. One
//! that is throttled is no attempt: it waits its turn, for hours if need be.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::arn::{ACCOUNT, FunctionRef, REGION};
use crate::client::Client;
use crate::clock;
use crate::gateway::Gateway;
use crate::guarded::Guarded;
use crate::pattern;

const TARGET: &str = "AWSEvents";
/// Between two looks for a free place.
const QUEUED: Duration = Duration::from_secs(1);

/// A rule that is switched on, with the functions it calls.
#[derive(Debug)]
struct Rule {
    bus: String,
    pattern: Value,
    targets: Vec<Value>,
}

/// The rules, as far as read.
#[derive(Debug, Default)]
pub(crate) struct Events(Guarded<Option<Arc<Vec<Rule>>>>);

impl Events {
    /// Forgets the rules: something may have changed them.
    pub(crate) fn forget(&self) {
        self.0.lock().take();
    }

    async fn rules(&self, moto: &Client, bus: &str) -> Arc<Vec<Rule>> {
        if let Some(known) = self.0.lock().as_ref().filter(|rules| rules.iter().all(|rule| rule.bus == bus)) {
            return Arc::clone(known);
        }
        let read = Arc::new(read(moto, bus).await);
        *self.0.lock() = Some(Arc::clone(&read));
        read
    }
}

async fn read(moto: &Client, bus: &str) -> Vec<Rule> {
    let list = moto.aws_json(TARGET, "ListRules", &json!({ "EventBusName": bus })).await.unwrap_or_default();
    let mut rules = Vec::new();
    for rule in list["Rules"].as_array().into_iter().flatten().filter(|rule| rule["State"] != "DISABLED") {
        let pattern = rule["EventPattern"].as_str().and_then(|pattern| serde_json::from_str(pattern).ok());
        let Some(pattern) = pattern else { continue };
        let input = json!({ "Rule": rule["Name"], "EventBusName": bus });
        let mut found = moto.aws_json(TARGET, "ListTargetsByRule", &input).await.unwrap_or_default();
        let targets = found["Targets"].as_array_mut().map(std::mem::take).unwrap_or_default();
        rules.push(Rule { bus: bus.to_owned(), pattern, targets });
    }
    rules
}

/// Puts an event on the default bus.
pub(crate) async fn publish(gateway: &Arc<Gateway>, event: Value) {
    gateway.observed.event(event.clone());
    for rule in gateway.events.rules(&gateway.moto, "default").await.iter() {
        if !pattern::matches(&rule.pattern, &event) {
            continue;
        }
        for target in &rule.targets {
            let function = target["Arn"].as_str().filter(|arn| arn.starts_with("arn:aws:lambda:"));
            let Some(function) = function else { continue };
            let payload = target["Input"].as_str().map_or_else(|| event.to_string(), ToOwned::to_owned);
            tokio::spawn(deliver(Arc::clone(gateway), FunctionRef::parse(function, None), payload.into()));
        }
    }
}

/// An asynchronous invocation, with its retries.
pub(crate) async fn deliver(gateway: Arc<Gateway>, function: FunctionRef, payload: Bytes) {
    for pause in [1, 2, 0] {
        let outcome = loop {
            match gateway.invoke(&function, payload.clone(), false).await {
                Err(refusal) if refusal.status == StatusCode::TOO_MANY_REQUESTS => tokio::time::sleep(QUEUED).await,
                outcome => break outcome,
            }
        };
        if outcome.is_ok_and(|(outcome, _)| !outcome.failed) || pause == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }
}

/// The events of a `PutEvents` request, in the shape targets get.
pub(crate) fn entries(input: &Value) -> Vec<Value> {
    let entries = input["Entries"].as_array().into_iter().flatten();
    let on_default = entries.filter(|entry| {
        let bus = entry["EventBusName"].as_str().unwrap_or("default");
        bus == "default" || bus.ends_with("event-bus/default")
    });
    let shaped = on_default.filter_map(|entry| {
        let detail = serde_json::from_str::<Value>(entry["Detail"].as_str()?).ok()?;
        Some(json!({
            "version": "0",
            "id": clock::uuid(),
            "detail-type": entry["DetailType"],
            "source": entry["Source"],
            "account": ACCOUNT,
            "time": clock::whole_seconds(clock::now()),
            "region": REGION,
            "resources": entry["Resources"].as_array().cloned().unwrap_or_default(),
            "detail": detail,
        }))
    });
    shaped.collect()
}
