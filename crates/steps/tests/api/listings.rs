//! Listings: pages, order, statuses.

use expect_test::expect;
use fakes::Simulation;
use rollout::seconds::Seconds;
use serde_json::{Value, json};

use super::{DESCRIBE_ALL, DESCRIBE_TARGET, LIST, check, pretty};
use crate::story::{created, request, world};

/// Refused deployments, a second apart.
fn many(count: u64) -> Simulation {
    let simulation = Simulation::new(world());
    for _ in 0..count {
        simulation.create(request("AllAtOnce").to(9).json());
        simulation.run();
        simulation.world().clock.advance(Seconds(1));
    }
    simulation
}

#[track_caller]
fn pages(simulation: &Simulation, target: &str, id: impl Fn(&Value) -> Value) -> (Vec<usize>, Vec<Value>) {
    let (mut sizes, mut ids, mut token) = (Vec::new(), Vec::new(), Value::Null);
    loop {
        let reply = simulation.api(target, json!({"nextToken": token}));
        assert_eq!(reply.status, 200, "{}", reply.body);
        let rows = reply.body["deployments"].as_array().unwrap();
        sizes.push(rows.len());
        ids.extend(rows.iter().map(&id));
        token = reply.body["nextToken"].clone();
        if token.is_null() {
            return (sizes, ids);
        }
    }
}

#[test]
fn listings_come_in_pages_newest_first_and_leave_nothing_out() {
    let simulation = many(120);
    let newest_first: Vec<Value> = (1..=120).rev().map(|number| json!(format!("d-{number}"))).collect();
    let (sizes, ids) = pages(&simulation, LIST, Value::clone);
    assert_eq!((sizes, &ids), (vec![100, 20], &newest_first));
    let (sizes, ids) = pages(&simulation, DESCRIBE_ALL, |row| row["deploymentId"].clone());
    assert_eq!((sizes, ids), (vec![50, 50, 20], newest_first));
}

#[test]
fn deployments_of_one_moment_are_each_listed_once_whatever_page_they_are_on() {
    let simulation = Simulation::new(world());
    for _ in 0..230 {
        simulation.create(request("AllAtOnce").to(9).json());
    }
    simulation.run();
    let mut highest_first: Vec<String> = (1..=230).map(|number| format!("d-{number}")).collect();
    highest_first.sort_by(|left, right| right.cmp(left));
    let (sizes, ids) = pages(&simulation, LIST, Value::clone);
    assert_eq!((sizes, json!(ids)), (vec![100, 100, 30], json!(highest_first)));
    let (sizes, ids) = pages(&simulation, DESCRIBE_ALL, |row| row["deploymentId"].clone());
    assert_eq!((sizes, json!(ids)), (vec![50, 50, 50, 50, 30], json!(highest_first)));
}

#[test]
fn a_deployment_that_has_no_plan_is_listed_with_the_target_it_was_asked_for() {
    let simulation = Simulation::new(world());
    let first = simulation.create(request("Canary10Percent5Minutes").json());
    simulation.run_until(10);
    let second = simulation.create(request("AllAtOnce").to(3).json());
    simulation.run_until(20);
    let rows = simulation.api(DESCRIBE_ALL, json!({})).body["deployments"].clone();
    let row = |id| rows.as_array().unwrap().iter().find(|row| row["deploymentId"] == json!(id)).unwrap().clone();
    assert_eq!(row(first)["to"], "2");
    let second = row(second);
    assert_eq!(second["errorCode"], "TARGET_LOCKED");
    assert_eq!((&second["target"]["name"], &second["to"]), (&json!("storefront:live"), &json!("3")));
}

#[test]
fn a_listing_is_narrowed_to_a_target_in_pages_of_any_size() {
    let simulation = Simulation::new(world());
    simulation.world().publish("mail", 1);
    let mut mine = Vec::new();
    for number in 0..30 {
        let mut body = request("AllAtOnce").to(9);
        if number % 3 != 0 {
            body = body.of("mail");
        }
        let id = simulation.create(body.json());
        if number % 3 == 0 {
            mine.push(json!(id));
        }
        simulation.run();
        simulation.world().clock.advance(Seconds(1));
    }
    mine.reverse();
    let (mut found, mut token) = (Vec::new(), Value::Null);
    loop {
        let body = json!({"target": "storefront:live", "limit": 4, "nextToken": token});
        let page = simulation.api(DESCRIBE_ALL, body).body;
        let rows = page["deployments"].as_array().unwrap();
        assert!(rows.len() <= 4);
        found.extend(rows.iter().map(|row| row["deploymentId"].clone()));
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(found, mine);
}

#[test]
fn rollbacks_are_marked_in_a_listing_both_ways() {
    let (simulation, id) = created(world(), &request("Linear25PercentEvery1Minute"));
    simulation.at(70, fakes::event::stop(&id, None));
    simulation.run();
    let rows = simulation.api(DESCRIBE_ALL, json!({})).body["deployments"].clone();
    let row =
        |wanted: &dyn Fn(&Value) -> bool| rows.as_array().unwrap().iter().find(|row| wanted(row)).unwrap().clone();
    let undone = row(&|row| row["deploymentId"] == json!(id));
    let rollback = row(&|row| row["rollbackOf"] == json!(id));
    assert_eq!(undone["rolledBackBy"], rollback["deploymentId"]);
    assert_eq!((&rollback["from"], &rollback["to"]), (&json!("2"), &json!("1")));
}

#[test]
fn an_alias_shows_what_is_live_there_what_was_good_last_and_its_history() {
    let (simulation, first) = created(world(), &request("AllAtOnce"));
    simulation.run();
    let second = simulation.create(request("Linear25PercentEvery1Minute").to(3).json());
    simulation.run_until(70);
    let target = |name: &str| simulation.api(DESCRIBE_TARGET, json!({"target": name}));
    let shown = target("storefront:live").body;
    assert_eq!(shown["live"], json!({"version": "2", "additionalVersion": "3", "additionalWeight": 50}));
    assert_eq!((&shown["active"], &shown["lastGood"]["deploymentId"]), (&json!(second), &json!(first)));
    assert_eq!(shown["lastGood"]["revision"], "2");
    assert_eq!(shown["history"].as_array().map(Vec::len), Some(2));
    assert_eq!(target("arn:aws:lambda:eu-central-1:123456789012:function:storefront:live").body["live"], shown["live"]);
    for (name, why) in [
        (
            "storefront:nightly",
            "storefront:nightly: there is no such alias, and nothing was deployed there; a service is written with a slash, like storefront/nightly",
        ),
        (
            "shop/wb",
            "shop/wb: there is no such cluster, and nothing was deployed there; an alias is written with a colon, like shop:wb",
        ),
    ] {
        let refused = target(name);
        assert_eq!((refused.status, refused.body["message"].as_str()), (400, Some(why)));
    }
    assert_eq!(target("storefront").status, 400);
    assert_eq!(target("shop/web/x").status, 400);
}

#[test]
fn a_listing_that_ends_with_a_full_page_ends() {
    let simulation = many(100);
    let (sizes, ids) = pages(&simulation, LIST, Value::clone);
    assert_eq!((sizes, ids.len()), (vec![100], 100));
    let (sizes, ids) = pages(&simulation, DESCRIBE_ALL, |row| row["deploymentId"].clone());
    assert_eq!((sizes, ids.len()), (vec![50, 50], 100));
}

#[test]
fn listings_are_narrowed_by_status() {
    let (simulation, id) = created(world(), &request("AllAtOnce"));
    simulation.run();
    simulation.create(request("AllAtOnce").to(9).json());
    simulation.run();
    let listed = simulation.api(LIST, json!({"includeOnlyStatuses": ["Succeeded"]})).body;
    assert_eq!(listed, json!({"deployments": [id]}));
    let all = simulation.api(LIST, json!({"includeOnlyStatuses": []})).body;
    assert_eq!(all["deployments"].as_array().unwrap().len(), 2);
}

#[test]
fn listings_are_narrowed_by_how_deployments_ended() {
    let (simulation, stopped) = created(world(), &request("Linear25PercentEvery1Minute"));
    simulation.at(70, fakes::event::stop(&stopped, None));
    simulation.run();
    let succeeded = simulation.create(request("AllAtOnce").json());
    simulation.run();
    let ended = |outcomes: Value| {
        let rows = simulation.api(DESCRIBE_ALL, json!({"outcomes": outcomes})).body["deployments"].clone();
        rows.as_array().unwrap().iter().map(|row| row["deploymentId"].clone()).collect::<Vec<Value>>()
    };
    assert_eq!(ended(json!(["RolledBack"])), [json!(stopped)]);
    assert!(ended(json!(["RolledBack", "Succeeded"])).contains(&json!(succeeded)));
    assert_eq!(ended(json!(["Unresolved"])), [] as [Value; 0]);
}

#[test]
fn a_listing_refuses_what_it_did_not_hand_out() {
    check(
        LIST,
        [json!({"nextToken": "2"}), json!({"includeOnlyStatuses": ["Done"]}), json!({"nextToken": 7})],
        expect![[r#"
            400 InvalidNextTokenException: the nextToken is not one that this listing handed out: send the last answer's, or none
            400 InvalidDeploymentStatusException: there is no DeploymentStatus 'Done': write one of Created, Queued, InProgress, Baking, Succeeded, Failed, Stopped, Ready
            400 SerializationException: nextToken: expected a text, found the number 7"#]],
    );
}

#[test]
fn a_row_of_a_listing_says_what_became_of_it() {
    let (simulation, _) = created(world(), &request("AllAtOnce"));
    simulation.run();
    expect![[r#"
        {
          "deployments": [
            {
              "target": {
                "name": "storefront:live",
                "computePlatform": "Lambda",
                "function": "storefront",
                "alias": "live"
              },
              "from": "1",
              "to": "2",
              "deploymentId": "d-1",
              "status": "Succeeded",
              "outcome": "Succeeded",
              "createTime": 1767355200.0,
              "errorCode": null,
              "description": null,
              "rollbackOf": null,
              "rolledBackBy": null
            }
          ]
        }"#]]
    .assert_eq(&pretty(&simulation.api(DESCRIBE_ALL, json!({})).body));
}
