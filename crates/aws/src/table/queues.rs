//! Who waits for a deployment group. The sort key is the order of their turns.

use jiff::Timestamp;
use rollout::ids::DeploymentId;
use rollout::queue::Place;
use steps::ports::{PortError, Queues, ReadQueues};

use super::item::{Item, keyed, string, text};
use crate::account::Account;
use crate::failure::table_error;

fn pk(group: &str) -> String {
    format!("QUEUE#{group}")
}

/// Moments have the same number of digits until the year 2286.
fn sk(place: &Place) -> String {
    format!("{:019}#{}", place.since.as_nanosecond(), place.id)
}

fn place(item: &Item) -> Option<Place> {
    let sk = string(item, "sk")?;
    let (since, id) = sk.split_once('#')?;
    let since = Timestamp::from_nanosecond(since.parse().ok()?).ok()?;
    Some(Place { since, id: DeploymentId::parse(id).ok()? })
}

impl ReadQueues for Account {
    async fn queue(&self, group: &str) -> Result<Vec<Place>, PortError> {
        let mut pages = self
            .dynamodb()
            .query()
            .table_name(&self.stack.table)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(pk(group)))
            .into_paginator()
            .items()
            .send();
        let mut places = Vec::new();
        while let Some(item) = pages.next().await {
            places.extend(place(&item.map_err(|error| table_error("Query", error))?));
        }
        Ok(places)
    }
}

impl Queues for Account {
    async fn join(&self, group: &str, place: &Place) -> Result<(), PortError> {
        self.put(keyed(pk(group), sk(place))).await
    }

    async fn quit(&self, group: &str, place: &Place) -> Result<(), PortError> {
        self.delete(keyed(pk(group), sk(place))).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sort_keys_are_in_the_order_of_the_turns_and_read_back() {
        let place = |nanos, id| Place {
            since: Timestamp::from_nanosecond(nanos).unwrap(),
            id: DeploymentId::parse(id).unwrap(),
        };
        let (first, second) = (place(999_999_999, "d-Z"), place(1_764_000_000_123_456_789, "d-A"));
        assert!(first < second && sk(&first) < sk(&second));
        let item = keyed(pk("group"), sk(&second));
        assert_eq!(super::place(&item), Some(second));
    }
}
