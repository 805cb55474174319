//! What PutEvents brings.

use serde_json::{Value, json};

use crate::arn::{ACCOUNT, REGION};
use crate::clock;

/// The events of a `PutEvents` request, in the shape targets get.
pub(super) fn entries(input: &Value) -> Vec<Value> {
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
