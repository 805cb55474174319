//! Lists as clients send them.

use serde::{Deserialize, Deserializer};

/// A list in which null stands for an item without members, so that the rule about the members says what is wrong.
pub(super) fn nulls<'de, D, T>(deserializer: D) -> Result<Option<Vec<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    let list: Option<Vec<Option<T>>> = Option::deserialize(deserializer)?;
    Ok(list.map(|items| items.into_iter().map(Option::unwrap_or_default).collect()))
}
