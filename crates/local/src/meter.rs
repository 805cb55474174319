//! What a deployment costs: DynamoDB units and invocations, counted per deployment. Off until switched on.
//!
//! moto does not count capacity as DynamoDB does, so it is worked out here, rounding up where in doubt: a write is the
//! larger of the item before and after in units of 1 KB (twice that in a transaction), and one unit for each index entry
//! that appears or vanishes; a read is its items in units of 4 KB, half of that when eventually consistent. A call
//! belongs to the deployment its caller was invoked for, else to the one in its key (`DEPLOYMENT#d-…`).

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;
use serde_json::{Value, json};

use crate::call::Call;
use crate::client::Client;
use crate::guarded::Guarded;
use crate::http::Answer;

/// What one deployment has used.
#[derive(Debug, Default, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// DynamoDB write units.
    pub write_units: f64,
    /// DynamoDB read units.
    pub read_units: f64,
    /// Invocations by function.
    pub invocations: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
struct Book {
    usage: BTreeMap<String, Usage>,
    /// The deployment a process works for now, by its access key.
    working: HashMap<String, String>,
    /// Key names of a table, and of each of its indexes.
    tables: HashMap<String, (Vec<String>, Vec<Vec<String>>)>,
}

/// Counts, while it is on.
#[derive(Debug, Default)]
pub struct Meter {
    on: AtomicBool,
    book: Guarded<Book>,
}

impl Meter {
    /// Switches it on, from zero.
    pub fn start(&self) {
        self.book.lock().usage.clear();
        self.on.store(true, Ordering::Relaxed);
    }

    /// Switches it off; what was counted stays.
    pub fn stop(&self) {
        self.on.store(false, Ordering::Relaxed);
    }

    /// What a deployment has used so far.
    pub fn usage(&self, deployment: &str) -> Usage {
        self.book.lock().usage.get(deployment).cloned().unwrap_or_default()
    }

    /// Notes which deployment a process works for.
    pub(crate) fn working(&self, function: &str, access_key: &str, payload: &[u8]) {
        if !self.on.load(Ordering::Relaxed) {
            return;
        }
        let mut book = self.book.lock();
        match deployment_in(&String::from_utf8_lossy(payload)) {
            Some(deployment) => {
                let usage = book.usage.entry(deployment.clone()).or_default();
                *usage.invocations.entry(function.to_owned()).or_default() += 1;
                book.working.insert(access_key.to_owned(), deployment);
            }
            None => {
                book.working.remove(access_key);
            }
        }
    }

    /// Looks at what a DynamoDB call will touch; `None` when it is not counted.
    pub(crate) async fn before(&self, moto: &Client, call: &Call) -> Option<Vec<Touched>> {
        if call.service != "dynamodb" || !self.on.load(Ordering::Relaxed) {
            return None;
        }
        let mut touched = Vec::new();
        for (kind, part) in writes(call) {
            let Some(table) = part["TableName"].as_str() else { continue };
            let (keys, indexes) = self.keys(moto, table).await;
            let from = if kind == "Put" { &part["Item"] } else { &part["Key"] };
            let key = keys.iter().map(|name| (name.clone(), from[name].clone())).collect::<serde_json::Map<_, _>>();
            let before = item(moto, table, &key).await;
            touched.push(Touched { table: table.to_owned(), key, indexes, before });
        }
        Some(touched)
    }

    /// Counts a call that has been answered.
    pub(crate) async fn after(&self, moto: &Client, call: &Call, touched: Vec<Touched>, answer: &Answer) {
        let twice = if call.operation.starts_with("Transact") { 2.0 } else { 1.0 };
        let (mut written, mut read) = (0.0, 0.0);
        for one in &touched {
            let after = item(moto, &one.table, &one.key).await;
            written += twice * units(size(&one.before).max(size(&after)), 1024).max(1.0);
            written += one.indexes.iter().map(|keys| index_writes(keys, &one.before, &after)).sum::<f64>();
        }
        if touched.is_empty() {
            let body = answer.value();
            let items = body["Items"].as_array().into_iter().flatten().chain([&body["Item"]]);
            let whole = units(items.map(size).sum(), 4096).max(1.0);
            read = if call.input["ConsistentRead"] == true { whole } else { whole / 2.0 };
        }
        let mut book = self.book.lock();
        let working = call.caller.as_ref().and_then(|caller| book.working.get(&caller.access_key)).cloned();
        let named = || deployment_in(&String::from_utf8_lossy(&call.request.body));
        let Some(deployment) = working.or_else(named) else { return };
        let usage = book.usage.entry(deployment).or_default();
        usage.write_units += written;
        usage.read_units += read;
    }

    async fn keys(&self, moto: &Client, table: &str) -> (Vec<String>, Vec<Vec<String>>) {
        if let Some(known) = self.book.lock().tables.get(table) {
            return known.clone();
        }
        let input = json!({ "TableName": table });
        let found = moto.aws_json("DynamoDB_20120810", "DescribeTable", &input).await.unwrap_or_default();
        let names = |schema: &Value| {
            let names = schema.as_array().into_iter().flatten().filter_map(|key| key["AttributeName"].as_str());
            names.map(ToOwned::to_owned).collect::<Vec<_>>()
        };
        let indexes = found["Table"]["GlobalSecondaryIndexes"].as_array().into_iter().flatten();
        let read = (names(&found["Table"]["KeySchema"]), indexes.map(|index| names(&index["KeySchema"])).collect());
        self.book.lock().tables.insert(table.to_owned(), read);
        self.book.lock().tables.get(table).cloned().unwrap_or_default()
    }
}

/// An item a call may write.
#[derive(Debug)]
pub(crate) struct Touched {
    table: String,
    key: serde_json::Map<String, Value>,
    indexes: Vec<Vec<String>>,
    before: Value,
}

fn writes(call: &Call) -> Vec<(String, Value)> {
    match call.operation.as_str() {
        "PutItem" | "UpdateItem" | "DeleteItem" => {
            vec![(call.operation.trim_end_matches("Item").to_owned(), call.input.clone())]
        }
        "TransactWriteItems" => {
            let items = call.input["TransactItems"].as_array().into_iter().flatten();
            let parts = items.filter_map(Value::as_object).flatten();
            parts.map(|(kind, part)| (kind.clone(), part.clone())).collect()
        }
        _ => Vec::new(),
    }
}

async fn item(moto: &Client, table: &str, key: &serde_json::Map<String, Value>) -> Value {
    let input = json!({ "TableName": table, "Key": key, "ConsistentRead": true });
    let answer = moto.aws_json("DynamoDB_20120810", "GetItem", &input).await;
    answer.map(|mut answer| answer["Item"].take()).unwrap_or_default()
}

/// The first `d-` and nine capitals or digits in a text.
fn deployment_in(text: &str) -> Option<String> {
    let starts = text.match_indices("d-").map(|(at, _)| at);
    let id = |at: usize| {
        text.get(at..at + 11).filter(|id| id[2..].bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9')))
    };
    starts.into_iter().find_map(id).map(ToOwned::to_owned)
}

#[expect(clippy::cast_precision_loss, reason = "items are small")]
fn units(bytes: usize, unit: usize) -> f64 {
    bytes.div_ceil(unit) as f64
}

/// An item's size as DynamoDB counts it, near enough.
fn size(item: &Value) -> usize {
    let Some(attributes) = item.as_object() else { return 0 };
    attributes.iter().map(|(name, value)| name.len() + attribute(value)).sum()
}

fn attribute(value: &Value) -> usize {
    let Some((kind, inner)) = value.as_object().and_then(|value| value.iter().next()) else { return 0 };
    match (kind.as_str(), inner) {
        ("N", Value::String(number)) => number.len() / 2 + 2,
        (_, Value::String(text)) => text.len(),
        ("M", Value::Object(members)) => {
            3 + members.iter().map(|(name, value)| 1 + name.len() + attribute(value)).sum::<usize>()
        }
        ("L", Value::Array(items)) => 3 + items.iter().map(|item| 1 + attribute(item)).sum::<usize>(),
        (_, Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::len).sum(),
        _ => 1,
    }
}

/// Writes to an index that holds keys only.
fn index_writes(keys: &[String], before: &Value, after: &Value) -> f64 {
    let entry = |item: &Value| keys.iter().map(|key| item.get(key).cloned()).collect::<Option<Vec<_>>>();
    match (entry(before), entry(after)) {
        (None, None) => 0.0,
        (Some(before), Some(after)) if before == after => 0.0,
        (Some(_), Some(_)) => 2.0,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{deployment_in, index_writes, size, units};

    #[test]
    fn a_deployments_id_is_found_wherever_it_stands() {
        assert_eq!(deployment_in(r#"{"pk":{"S":"DEPLOYMENT#d-ABC123XYZ"}}"#).as_deref(), Some("d-ABC123XYZ"));
        assert_eq!(deployment_in("add-ons d-abc"), None);
        assert_eq!(deployment_in("od-é d-ABCDEFGH"), None);
    }

    #[test]
    fn sizes_round_up_to_units() {
        assert_eq!(
            size(&json!({ "pk": { "S": "abc" }, "m": { "M": { "x": { "BOOL": true } } } })),
            5 + 1 + 3 + 1 + 1 + 1
        );
        assert_eq!(units(1025, 1024), 2.0);
        assert_eq!(size(&Value::Null), 0);
    }

    #[test]
    fn an_index_entry_that_moves_is_written_twice() {
        let keys = ["status".to_owned()];
        let item = |status: &str| json!({ "status": { "S": status } });
        assert_eq!(index_writes(&keys, &Value::Null, &item("a")), 1.0);
        assert_eq!(index_writes(&keys, &item("a"), &item("b")), 2.0);
        assert_eq!(index_writes(&keys, &item("a"), &item("a")), 0.0);
        assert_eq!(index_writes(&keys, &item("a"), &json!({})), 1.0);
    }
}
