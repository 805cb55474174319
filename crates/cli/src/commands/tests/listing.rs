//! `list`: its pages, and what it is narrowed to.

use expect_test::expect;
use serde_json::{Value, json};

use super::ran;
use crate::testing::{Script, at};

#[tokio::test]
async fn list_turns_pages_until_it_has_enough() {
    let page = |ids: [&str; 2], next: Option<&str>| {
        let found: Vec<Value> =
            ids.iter().map(|id| json!({"deploymentId": id, "status": "Created", "createTime": at(0)})).collect();
        Ok(json!({"deployments": found, "nextToken": next}))
    };
    let script = Script::new([page(["d-4", "d-3"], Some("more")), page(["d-2", "d-1"], Some("again"))]);
    expect![[r#"
        0 Done
        asked: [DescribeDeployments, DescribeDeployments]
        out:
        ID   STATE    TARGET  CHANGE  CREATED                     NOTE
        d-4  Created  -       -       2026-07-14 12:00:00 +02:00
        d-3  Created  -       -       2026-07-14 12:00:00 +02:00
        d-2  Created  -       -       2026-07-14 12:00:00 +02:00
        err:
    "#]]
    .assert_eq(&ran(&script, "list --limit 3").await);
    assert_eq!((script.body(0), script.body(1)), (json!({"limit": 3}), json!({"limit": 1, "nextToken": "more"})));
}

#[tokio::test]
async fn list_asks_for_what_it_is_narrowed_to_and_says_where_to_go_on() {
    let row = json!({"deploymentId": "d-4", "status": "Created", "createTime": at(0)});
    let script = Script::new([Ok(json!({"deployments": [row], "nextToken": "more"}))]);
    let line = "list --target storefront:live --group web --application shop --status failed --status in-progress --since 2h --limit 1";
    expect![[r#"
        0 Done
        asked: [DescribeDeployments]
        out:
        ID   STATE    TARGET  CHANGE  CREATED                     NOTE
        d-4  Created  -       -       2026-07-14 12:00:00 +02:00
        err:
        There are more. For the next page, add: --page more
    "#]]
    .assert_eq(&ran(&script, line).await);
    let expected = json!({
        "target": "storefront:live", "applicationName": "shop", "deploymentGroupName": "web", "limit": 1,
        "includeOnlyStatuses": ["Failed", "InProgress"], "createTimeRange": {"start": at(-7_200) as f64}
    });
    assert_eq!(script.body(0), expected);
    ran(&script, "list --limit 1 --page more").await;
    assert_eq!(script.body(1), json!({"nextToken": "more", "limit": 1}));
}

#[tokio::test]
async fn a_list_of_nothing_says_how_the_other_kind_of_target_is_written() {
    let nothing = || Script::new([Ok(json!({"deployments": []}))]);
    expect![[r#"
        0 Done
        asked: [DescribeDeployments]
        out:
        No such deployments.
        err:
        shop:web is an alias of a function; a service of ECS is written shop/web
    "#]]
    .assert_eq(&ran(&nothing(), "list --target shop:web").await);
    let told = ran(&nothing(), "list --target storefront/live").await;
    assert!(
        told.contains("storefront/live is a service of ECS; an alias of a function is written storefront:live"),
        "{told}"
    );
    for line in
        ["list", "list --target arn:aws:ecs:eu-west-1:1:service/shop/web", "list --target shop:web --output json"]
    {
        let told = ran(&nothing(), line).await;
        assert!(!told.contains("is written"), "{line}: {told}");
    }
}
