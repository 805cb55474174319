//! Items: keys, and values as serde sees them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rollout::format;
use rollout::ids::DeploymentId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use steps::ports::PortError;

pub(super) type Item = HashMap<String, AttributeValue>;

pub(super) fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(super) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub(super) fn deployment_key(id: &DeploymentId) -> String {
    format!("DEPLOYMENT#{id}")
}

/// An item with its key.
pub(super) fn keyed(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

/// When DynamoDB may drop the item.
pub(super) fn expiring(mut item: Item, at: Timestamp) -> Item {
    item.insert("expires".to_owned(), number(at.as_second()));
    item
}

/// An item that holds a value's members beside its key.
pub(super) fn with<T: Serialize>(mut item: Item, value: &T) -> Result<Item, PortError> {
    let members: Item = serde_dynamo::to_item(value).map_err(|error| unreadable("written", error))?;
    item.extend(members);
    Ok(item)
}

/// The value an item holds. One that newer code wrote must wait for newer code to read it.
pub(super) fn value<T: DeserializeOwned>(item: Item) -> Result<T, PortError> {
    if let Some(AttributeValue::N(format)) = item.get("format")
        && format.parse().is_ok_and(|format: u32| format > format::NEWEST)
    {
        let message = format!(
            "an item of format {format} is read by code that knows {}: an upgrade is in flight",
            format::NEWEST
        );
        return Err(PortError::Newer(message));
    }
    serde_dynamo::from_item(item).map_err(|error| unreadable("read", error))
}

pub(super) fn string(item: &Item, name: &str) -> Option<String> {
    item.get(name)?.as_s().ok().cloned()
}

pub(super) fn unsigned(item: &Item, name: &str) -> Option<u64> {
    item.get(name)?.as_n().ok()?.parse().ok()
}

fn unreadable(what: &str, error: serde_dynamo::Error) -> PortError {
    PortError::Denied(format!("an item could not be {what}: {error}"))
}
