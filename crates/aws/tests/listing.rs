//! Listings: which deployments there are, in the order of time.

use jiff::Timestamp;
use rollout::deployment::{Deployment, Status};
use rollout::platform::Platform;
use rollout::request::Labels;
use serde_json::{Value, json};
use steps::ports::{Filter, Listing, Records};

use crate::table::{GROUP_ID, NOW, deployment, id, remembering};
use crate::wire::{Service, account, fine};

#[tokio::test]
async fn a_record_is_found_by_status_and_group_and_in_the_order_of_time() {
    let (service, items) = remembering();
    account(&service.config).save(&mut deployment()).await.unwrap();
    let item = items.lock().unwrap()[0].clone();
    assert_eq!(item["status"], json!({"S": "InProgress"}));
    assert_eq!(item["group"], json!({"S": GROUP_ID}), "the group may be renamed");
    assert_eq!(item["created"], json!({"S": "2026-01-02T12:00:00.123456789Z"}));
    let mut early = Deployment::new(id(), Platform::Lambda, Labels::default(), Timestamp::constant(1_767_355_200, 0));
    account(&service.config).save(&mut early).await.unwrap();
    let item = items.lock().unwrap()[1].clone();
    assert_eq!(item["created"], json!({"S": "2026-01-02T12:00:00.000000000Z"}));
    assert_eq!(item.get("group"), None, "an index takes no null");
    early.labels = Labels { group_id: None, ..deployment().labels };
    account(&service.config).save(&mut early).await.unwrap();
    let item = items.lock().unwrap()[2].clone();
    assert_eq!(item["group"], json!({"S": "shop/production"}), "nobody knew such a group");
}

#[tokio::test]
async fn a_listing_reads_each_status_and_sorts_by_time() {
    let service = Service::answering(|sent| {
        let row = |id: &str, created: &str| json!({"pk": {"S": format!("DEPLOYMENT#{id}")}, "created": {"S": created}});
        fine(match sent.body["ExpressionAttributeValues"][":key"]["S"].as_str() {
            Some("Failed") => {
                json!({"Items": [row("d-3", "2026-01-03T00:00:00Z"), row("d-1", "2026-01-01T00:00:00Z")]})
            }
            Some("Succeeded") => json!({"Items": [row("d-2", "2026-01-02T00:00:00Z")]}),
            _ => json!({"Items": []}),
        })
    });
    let table = account(&service.config);
    let statuses = vec![Status::Failed, Status::Succeeded];
    let filter = Filter { statuses, before: Some(NOW), ..Filter::default() };
    let found = table.newest(&filter, 2).await.unwrap();
    let ids: Vec<String> = found.iter().map(|row| row.1.to_string()).collect();
    assert_eq!(ids, ["d-3", "d-2"]);
    let sent = service.sent().remove(0).body;
    assert_eq!(sent["KeyConditionExpression"], "#key = :key AND created <= :to");
    assert_eq!(sent["ExpressionAttributeValues"][":to"], json!({"S": "2026-01-02T12:00:00.123456788Z"}));
    assert_eq!(
        (&sent["IndexName"], &sent["ScanIndexForward"], &sent["Limit"]),
        (&json!("by-status"), &json!(false), &json!(3))
    );
}

/// An index with these deployments, all of one moment but the last, in pages of two and in an order of its own.
fn index_of(ids: &'static [&'static str]) -> Service {
    Service::answering(move |sent| {
        let from = match sent.body["ExclusiveStartKey"]["pk"]["S"].as_str() {
            Some(last) => ids.iter().position(|id| last == format!("DEPLOYMENT#{id}")).unwrap() + 1,
            None => 0,
        };
        let created = |id: &str| if Some(&id) == ids.last() { "2026-01-01T00:00:00Z" } else { "2026-01-02T00:00:00Z" };
        let row = |id: &&str| json!({"pk": {"S": format!("DEPLOYMENT#{id}")}, "created": {"S": created(id)}, "status": {"S": "Failed"}});
        let page: Vec<Value> = ids.iter().skip(from).take(2).map(row).collect();
        match page.last() {
            Some(last) if from + 2 < ids.len() => fine(json!({"Items": page, "LastEvaluatedKey": {"pk": last["pk"]}})),
            _ => fine(json!({"Items": page})),
        }
    })
}

#[tokio::test]
async fn rows_of_one_moment_come_in_the_order_of_their_ids_and_on_one_page_only() {
    for group in [None, Some(GROUP_ID.to_owned())] {
        let service = index_of(&["d-2", "d-5", "d-4", "d-1", "d-3", "d-0"]);
        let table = account(&service.config);
        let mut filter = Filter { group, statuses: vec![Status::Failed], ..Filter::default() };
        let mut pages = Vec::new();
        loop {
            let page = table.newest(&filter, 2).await.unwrap();
            pages.push(page.iter().map(|row| row.1.to_string()).collect::<Vec<_>>());
            match page.last() {
                Some(last) => filter.below = Some(last.clone()),
                None => break,
            }
        }
        assert_eq!(pages, [vec!["d-5", "d-4"], vec!["d-3", "d-2"], vec!["d-1", "d-0"], vec![]]);
    }
}

#[tokio::test]
async fn a_page_asks_for_the_times_that_are_left_and_for_nothing_if_none_are() {
    let at = |second| Timestamp::constant(second, 0);
    let below = |second| Some((at(second), id()));
    let cases = [
        (Filter { after: Some(at(1)), ..Filter::default() }, "#key = :key AND created >= :from"),
        (Filter { below: below(5), ..Filter::default() }, "#key = :key AND created <= :to"),
        (
            Filter { after: Some(at(1)), before: Some(at(9)), below: below(5), ..Filter::default() },
            "#key = :key AND created BETWEEN :from AND :to",
        ),
    ];
    for (filter, condition) in cases {
        let service = Service::answering(|_| fine(json!({"Items": []})));
        let filter = Filter { statuses: vec![Status::Failed], ..filter };
        account(&service.config).newest(&filter, 2).await.unwrap();
        let sent = service.sent().remove(0).body;
        assert_eq!(sent["KeyConditionExpression"], condition);
        let values = &sent["ExpressionAttributeValues"];
        if filter.after.is_some() {
            assert_eq!(values[":from"], json!({"S": "1970-01-01T00:00:01.000000001Z"}));
        }
        if filter.below.is_some() {
            assert_eq!(values[":to"], json!({"S": "1970-01-01T00:00:05.000000000Z"}));
        }
    }
    let service = Service::answering(|_| fine(json!({"Items": []})));
    let none = Filter { statuses: vec![Status::Failed], after: Some(at(5)), below: below(5), ..Filter::default() };
    assert_eq!(account(&service.config).newest(&none, 2).await, Ok(Vec::new()));
    assert!(service.sent().is_empty(), "DynamoDB refuses a range that ends before it starts");
}
