//! Locks on targets.

use rollout::ids::DeploymentId;
use rollout::routing::Routing;
use steps::ports::{Lock, Locks, PortError, ReadLocks};

use super::item::{keyed, string, text};
use crate::account::Account;
use crate::failure::table_error;

fn pk(key: &str) -> String {
    format!("TARGET#{key}")
}

impl ReadLocks for Account {
    async fn read_lock(&self, key: &str) -> Result<Lock, PortError> {
        let read = self
            .dynamodb()
            .get_item()
            .table_name(&self.stack.table)
            .set_key(Some(keyed(pk(key), "LOCK")))
            .consistent_read(true)
            .send()
            .await
            .map_err(|error| table_error("GetItem", error))?;
        let Some(item) = read.item() else { return Ok(Lock::default()) };
        Ok(Lock {
            owner: string(item, "owner").and_then(|owner| DeploymentId::parse(&owner).ok()),
            leftover: string(item, "leftover").and_then(|leftover| serde_json::from_str(&leftover).ok()),
        })
    }
}

impl Locks for Account {
    async fn lock(&self, key: &str, owner: &DeploymentId, from: Option<&DeploymentId>) -> Result<(), PortError> {
        self.dynamodb()
            .update_item()
            .table_name(&self.stack.table)
            .set_key(Some(keyed(pk(key), "LOCK")))
            .update_expression("SET #owner = :owner")
            .condition_expression("attribute_not_exists(#owner) OR #owner = :owner OR #owner = :from")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", text(owner.as_str()))
            .expression_attribute_values(":from", text(from.unwrap_or(owner).as_str()))
            .send()
            .await
            .map(drop)
            .map_err(|error| table_error("UpdateItem", error))
    }

    async fn unlock(&self, key: &str, owner: &DeploymentId, leftover: Option<&Routing>) -> Result<(), PortError> {
        let update = self
            .dynamodb()
            .update_item()
            .table_name(&self.stack.table)
            .set_key(Some(keyed(pk(key), "LOCK")))
            .condition_expression("#owner = :owner")
            .expression_attribute_names("#owner", "owner")
            .expression_attribute_values(":owner", text(owner.as_str()));
        let update = match leftover.map(serde_json::to_string) {
            Some(Ok(leftover)) => update
                .update_expression("REMOVE #owner SET leftover = :leftover")
                .expression_attribute_values(":leftover", text(leftover)),
            Some(Err(_)) | None => update.update_expression("REMOVE #owner, leftover"),
        };
        match update.send().await.map_err(|error| table_error("UpdateItem", error)) {
            // Freed before, by an attempt whose answer was lost, or somebody else's by now.
            Ok(_) | Err(PortError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
