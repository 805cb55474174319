//! Delivery of events: moto keeps rules and targets but sends nothing to Lambda.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pattern;
use crate::arn::FunctionRef;
use crate::client::Client;
use crate::guarded::Guarded;
use crate::memory::Forgets;
use crate::observed::Observed;
use crate::services::lambda::{Functions, deliver};

const TARGET: &str = "AWSEvents";

/// A rule that is switched on, with the functions it calls.
#[derive(Debug)]
struct Rule {
    bus: String,
    pattern: Value,
    targets: Vec<Value>,
}

/// The default bus, and its rules as far as read.
pub(crate) struct Bus {
    moto: Client,
    functions: Arc<Functions>,
    observed: Arc<Observed>,
    known: Guarded<Option<Arc<Vec<Rule>>>>,
}

impl Forgets for Bus {
    fn forget(&self) {
        self.known.lock().take();
    }
}

impl Bus {
    /// A bus of whose rules nothing is known yet.
    pub(crate) fn new(moto: Client, functions: Arc<Functions>, observed: Arc<Observed>) -> Self {
        Self { moto, functions, observed, known: Guarded::default() }
    }

    async fn rules(&self, bus: &str) -> Arc<Vec<Rule>> {
        if let Some(known) = self.known.lock().as_ref().filter(|rules| rules.iter().all(|rule| rule.bus == bus)) {
            return Arc::clone(known);
        }
        let read = Arc::new(read(&self.moto, bus).await);
        *self.known.lock() = Some(Arc::clone(&read));
        read
    }

    /// Puts an event on the default bus.
    pub(crate) async fn publish(&self, event: Value) {
        self.observed.event(event.clone());
        for rule in self.rules("default").await.iter() {
            if !pattern::matches(&rule.pattern, &event) {
                continue;
            }
            for target in &rule.targets {
                let function = target["Arn"].as_str().filter(|arn| arn.starts_with("arn:aws:lambda:"));
                let Some(function) = function else { continue };
                let payload = target["Input"].as_str().map_or_else(|| event.to_string(), ToOwned::to_owned);
                let functions = Arc::clone(&self.functions);
                tokio::spawn(deliver(functions, FunctionRef::parse(function, None), payload.into()));
            }
        }
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
