//! The world as the catalogue: entries on top of versions, and who refers to what.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use steps::ports::{Kept, Key, PortError, ReadCatalogue, Referred, Shelf, WriteCatalogue};

use crate::world::World;

fn written<T: Serialize>(entry: &Kept<T>) -> Result<Value, PortError> {
    serde_json::to_value(entry).map_err(|error| PortError::Denied(error.to_string()))
}

fn read<T: DeserializeOwned>(value: &Value) -> Result<Kept<T>, PortError> {
    Kept::deserialize(value).map_err(|error| PortError::Denied(error.to_string()))
}

impl ReadCatalogue for World {
    async fn find<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<Kept<T>>, PortError> {
        self.call("find", |state, _| {
            let found = state.table.catalogue.kept.get(&key.shelf).and_then(|shelf| shelf.get(&key.name));
            found.map(read).transpose()
        })
        .await
    }

    async fn names(&self, shelf: &Shelf, after: Option<&str>, limit: usize) -> Result<Vec<String>, PortError> {
        self.call("names", |state, _| {
            let names = state.table.catalogue.kept.get(shelf).into_iter().flat_map(BTreeMap::keys);
            let listed = names.filter(|name| after.is_none_or(|after| name.as_str() > after));
            Ok(listed.take(limit).cloned().collect())
        })
        .await
    }

    async fn all<T: DeserializeOwned>(&self, shelf: &Shelf) -> Result<Vec<Kept<T>>, PortError> {
        self.call("all", |state, _| {
            state.table.catalogue.kept.get(shelf).into_iter().flat_map(BTreeMap::values).map(read).collect()
        })
        .await
    }

    async fn referrers(&self, to: &Referred) -> Result<Vec<String>, PortError> {
        self.call("referrers", |state, _| {
            Ok(state.table.catalogue.referred.get(to).into_iter().flatten().cloned().collect())
        })
        .await
    }
}

impl WriteCatalogue for World {
    async fn add<T: Serialize>(&self, key: &Key, entry: &Kept<T>) -> Result<(), PortError> {
        let value = written(entry)?;
        self.call("add", |state, _| {
            let shelf = state.table.catalogue.kept.entry(key.shelf.clone()).or_default();
            if shelf.contains_key(&key.name) {
                return Err(PortError::Conflict(format!("{} is taken", key.name)));
            }
            shelf.insert(key.name.clone(), value);
            Ok(())
        })
        .await
    }

    async fn replace<T: Serialize>(&self, key: &Key, entry: &mut Kept<T>) -> Result<(), PortError> {
        let before = entry.version;
        entry.version = before + 1;
        let value = written(entry)?;
        self.call("replace", |state, _| {
            let shelf = state.table.catalogue.kept.entry(key.shelf.clone()).or_default();
            match shelf.get_mut(&key.name) {
                Some(kept) if kept.get("version").and_then(Value::as_u64) == Some(before) => {
                    *kept = value;
                    Ok(())
                }
                _ => Err(PortError::Conflict(format!("{} is not at version {before}", key.name))),
            }
        })
        .await
    }

    async fn remove(&self, key: &Key) -> Result<(), PortError> {
        self.call("remove", |state, _| {
            if let Some(shelf) = state.table.catalogue.kept.get_mut(&key.shelf) {
                shelf.remove(&key.name);
            }
            Ok(())
        })
        .await
    }

    async fn refer(&self, to: &Referred, from: &str) -> Result<(), PortError> {
        self.call("refer", |state, _| {
            state.table.catalogue.referred.entry(to.clone()).or_default().insert(from.to_owned());
            Ok(())
        })
        .await
    }

    async fn unrefer(&self, to: &Referred, from: &str) -> Result<(), PortError> {
        self.call("unrefer", |state, _| {
            if let Some(referrers) = state.table.catalogue.referred.get_mut(to) {
                referrers.remove(from);
            }
            Ok(())
        })
        .await
    }
}
