//! The catalogue: entries by key, and listings of them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use steps::ports::{Kept, Key, PortError, ReadCatalogue, Referred, Shelf, WriteCatalogue};

use super::catalogue_keys::{Bounds, key, place};
use super::item::{Item, string, text, value};
use crate::account::Account;
use crate::failure::table_error;

impl ReadCatalogue for Account {
    async fn find<T: DeserializeOwned>(&self, at: &Key) -> Result<Option<Kept<T>>, PortError> {
        let read = self
            .dynamodb()
            .get_item()
            .table_name(&self.stack.table)
            .set_key(Some(key(at)))
            .consistent_read(true)
            .send()
            .await;
        read.map_err(|error| table_error("GetItem", error))?.item.map(value).transpose()
    }

    async fn names(&self, shelf: &Shelf, after: Option<&str>, limit: usize) -> Result<Vec<String>, PortError> {
        match Bounds::of(shelf, after) {
            Bounds::Index { status } => self.names_in_index(status, after, limit).await,
            Bounds::Item { pk, prefix, from, to } => {
                if from > to {
                    return Ok(Vec::new());
                }
                self.names_under(pk, prefix, from, to, limit).await
            }
        }
    }

    async fn all<T: DeserializeOwned>(&self, shelf: &Shelf) -> Result<Vec<Kept<T>>, PortError> {
        let Bounds::Item { pk, prefix, .. } = Bounds::of(shelf, None) else {
            return Err(PortError::Denied("only what belongs to an application is read all at once".to_owned()));
        };
        let mut items = self
            .dynamodb()
            .query()
            .table_name(&self.stack.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":sk", text(prefix))
            .into_paginator()
            .items()
            .send();
        let mut entries = Vec::new();
        while let Some(item) = items.next().await {
            entries.push(value(item.map_err(|error| table_error("Query", error))?)?);
        }
        Ok(entries)
    }

    async fn referrers(&self, to: &Referred) -> Result<Vec<String>, PortError> {
        let mut items = self
            .dynamodb()
            .query()
            .table_name(&self.stack.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(super::catalogue_keys::referred(to)))
            .into_paginator()
            .items()
            .send();
        let mut names = Vec::new();
        while let Some(item) = items.next().await {
            names.extend(string(&item.map_err(|error| table_error("Query", error))?, "sk"));
        }
        Ok(names)
    }
}

impl WriteCatalogue for Account {
    async fn add<T: Serialize>(&self, at: &Key, entry: &Kept<T>) -> Result<(), PortError> {
        let put = self
            .dynamodb()
            .put_item()
            .table_name(&self.stack.table)
            .set_item(Some(place(at, entry)?))
            .condition_expression("attribute_not_exists(pk)")
            .send()
            .await;
        put.map(drop).map_err(|error| table_error("PutItem", error))
    }

    async fn replace<T: Serialize>(&self, at: &Key, entry: &mut Kept<T>) -> Result<(), PortError> {
        let before = entry.version;
        entry.version = before + 1;
        let put = self
            .dynamodb()
            .put_item()
            .table_name(&self.stack.table)
            .set_item(Some(place(at, entry)?))
            .condition_expression("version = :before")
            .expression_attribute_values(":before", super::item::number(before))
            .send()
            .await;
        put.map(drop).map_err(|error| table_error("PutItem", error))
    }

    async fn remove(&self, at: &Key) -> Result<(), PortError> {
        self.delete(key(at)).await
    }

    async fn refer(&self, to: &Referred, from: &str) -> Result<(), PortError> {
        self.put(super::catalogue_keys::reference(to, from)).await
    }

    async fn unrefer(&self, to: &Referred, from: &str) -> Result<(), PortError> {
        self.delete(super::catalogue_keys::reference(to, from)).await
    }
}

impl Account {
    pub(super) async fn delete(&self, key: Item) -> Result<(), PortError> {
        let deleted = self.dynamodb().delete_item().table_name(&self.stack.table).set_key(Some(key)).send().await;
        deleted.map(drop).map_err(|error| table_error("DeleteItem", error))
    }

    /// The index that lists deployments by status and time lists these by their kind and name.
    async fn names_in_index(&self, status: &str, after: Option<&str>, limit: usize) -> Result<Vec<String>, PortError> {
        let query = self
            .dynamodb()
            .query()
            .table_name(&self.stack.table)
            .index_name(super::listing::BY_STATUS)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .expression_attribute_names("#status", "status")
            .expression_attribute_values(":status", text(status));
        let query = match after {
            None => query.key_condition_expression("#status = :status"),
            Some(after) => query
                .key_condition_expression("#status = :status AND created > :after")
                .expression_attribute_values(":after", text(after)),
        };
        let mut items = query.into_paginator().items().send();
        let mut names = Vec::new();
        while names.len() < limit
            && let Some(item) = items.next().await
        {
            names.extend(string(&item.map_err(|error| table_error("Query", error))?, "created"));
        }
        Ok(names)
    }

    async fn names_under(
        &self,
        pk: String,
        prefix: &str,
        from: String,
        to: String,
        limit: usize,
    ) -> Result<Vec<String>, PortError> {
        let mut items = self
            .dynamodb()
            .query()
            .table_name(&self.stack.table)
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .projection_expression("sk")
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":from", text(from))
            .expression_attribute_values(":to", text(to))
            .into_paginator()
            .items()
            .send();
        let mut names = Vec::new();
        while names.len() < limit
            && let Some(item) = items.next().await
        {
            let sk = string(&item.map_err(|error| table_error("Query", error))?, "sk");
            names.extend(sk.and_then(|sk| Some(sk.strip_prefix(prefix)?.to_owned())));
        }
        Ok(names)
    }
}
