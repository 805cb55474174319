//! Dead-letter queues of functions, which moto forgets: AWS demands the same one of both versions of an alias.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::guarded::Guarded;

/// The queues' ARNs by function and version.
#[derive(Debug, Default)]
pub(crate) struct DeadLetters(Guarded<HashMap<(String, String), String>>);

impl DeadLetters {
    /// Notes what `CreateFunction` or `UpdateFunctionConfiguration` says; one that says nothing changes nothing.
    pub(crate) fn note(&self, function: &str, input: &Value) {
        if let Some(queue) = input["DeadLetterConfig"]["TargetArn"].as_str() {
            self.0.lock().insert((function.to_owned(), "$LATEST".to_owned()), queue.to_owned());
        }
    }

    /// A published version keeps what `$LATEST` has now.
    pub(crate) fn publish(&self, function: &str, answer: &Value) {
        let Some(version) = answer["Version"].as_str() else { return };
        let mut queues = self.0.lock();
        if let Some(latest) = queues.get(&(function.to_owned(), "$LATEST".to_owned())).cloned() {
            queues.entry((function.to_owned(), version.to_owned())).or_insert(latest);
        }
    }

    /// Puts the queue into a configuration of moto's.
    pub(crate) fn show(&self, configuration: &mut Value) {
        let text = |member: &str| configuration[member].as_str().unwrap_or_default().to_owned();
        let key = (text("FunctionName"), text("Version"));
        if let Some(queue) = self.0.lock().get(&key).filter(|queue| !queue.is_empty()) {
            configuration["DeadLetterConfig"] = json!({ "TargetArn": queue });
        }
    }
}
