//! Which deployment of a group is the newest, by the sequence numbers that they came with.

use rollout::admission::Newest;
use rollout::ids::DeploymentId;
use steps::ports::{PortError, Sequences};

use super::item::{keyed, number, string, text, unsigned};
use crate::account::Account;
use crate::failure::table_error;

fn pk(group: &str) -> String {
    format!("SEQUENCE#{group}")
}

impl Sequences for Account {
    async fn newest_of(&self, group: &str) -> Result<Option<Newest>, PortError> {
        let Some(item) = self.get(keyed(pk(group), "SEQUENCE")).await? else { return Ok(None) };
        let id = string(&item, "deployment").and_then(|id| DeploymentId::parse(&id).ok());
        Ok(unsigned(&item, "highest").zip(id).map(|(number, id)| Newest { number, id }))
    }

    async fn came(&self, group: &str, newest: &Newest) -> Result<(), PortError> {
        self.dynamodb()
            .update_item()
            .table_name(&self.stack.table)
            .set_key(Some(keyed(pk(group), "SEQUENCE")))
            .update_expression("SET highest = :number, deployment = :id")
            .condition_expression("attribute_not_exists(highest) OR highest <= :number")
            .expression_attribute_values(":number", number(newest.number))
            .expression_attribute_values(":id", text(newest.id.as_str()))
            .send()
            .await
            .map(drop)
            .map_err(|error| table_error("UpdateItem", error))
    }
}
