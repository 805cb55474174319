//! Aliases, as Lambda says and takes them.

use rollout::ids::{AliasName, FunctionName, Version};
use rollout::routing::Routing;
use rollout::weight::Weight;
use serde_json::{Value, json};
use steps::ports::{Pointing, ReadAlias, Revision, WriteAlias};

use crate::wire::{Service, account, error, fine};

fn function() -> FunctionName {
    FunctionName::parse("storefront").unwrap()
}

fn alias() -> AliasName {
    AliasName::parse("live").unwrap()
}

fn v(number: u64) -> Version {
    Version::try_from(number).unwrap()
}

async fn read(answer: Value) -> Result<String, String> {
    let service = Service::answering(move |_| fine(answer.clone()));
    let read = account(&service.config).alias(&function(), &alias()).await;
    assert_eq!(service.sent()[0].path, "/2015-03-31/functions/storefront/aliases/live");
    let read = read.map_err(|error| error.to_string())?.unwrap();
    Ok(match read.pointing {
        Pointing::At(routing) => format!("{routing}, at {}", read.revision.0),
        Pointing::Latest => "$LATEST".to_owned(),
    })
}

#[tokio::test]
async fn an_alias_is_read_with_its_split_and_its_revision() {
    for (answer, expected) in [
        (json!({"FunctionVersion": "1", "RevisionId": "r"}), "version 1, at r"),
        (json!({"FunctionVersion": "1", "RevisionId": "r", "RoutingConfig": {}}), "version 1, at r"),
        (
            json!({"FunctionVersion": "1", "RevisionId": "r", "RoutingConfig": {"AdditionalVersionWeights": {}}}),
            "version 1, at r",
        ),
        (
            json!({"FunctionVersion": "1", "RevisionId": "r", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.1}}}),
            "version 1 with 10 % on version 2, at r",
        ),
        (
            json!({"FunctionVersion": "12", "RevisionId": "r", "RoutingConfig": {"AdditionalVersionWeights": {"9": 0.3333}}}),
            "version 12 with 33.33 % on version 9, at r",
        ),
        (
            json!({"FunctionVersion": "1", "RevisionId": "r", "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.0}}}),
            "version 1, at r",
        ),
        (json!({"FunctionVersion": "$LATEST", "RevisionId": "r"}), "$LATEST"),
    ] {
        assert_eq!(read(answer.clone()).await, Ok(expected.to_owned()), "{answer}");
    }
}

#[tokio::test]
async fn an_alias_that_makes_no_sense_is_not_guessed_at() {
    let odd = json!({"FunctionVersion": "one", "RevisionId": "r"});
    assert!(read(odd).await.unwrap_err().contains("odd version"));
}

#[tokio::test]
async fn an_alias_that_does_not_exist_is_no_error() {
    let service = Service::answering(|_| error(404, "ResourceNotFoundException"));
    assert_eq!(account(&service.config).alias(&function(), &alias()).await, Ok(None));
}

async fn written(to: Routing) -> Value {
    let service = Service::answering(|_| fine(json!({"FunctionVersion": "1"})));
    account(&service.config).point(&function(), &alias(), &to, &Revision("r-7".to_owned())).await.unwrap();
    let sent = service.sent().remove(0);
    assert_eq!(sent.path, "/2015-03-31/functions/storefront/aliases/live");
    sent.body
}

#[tokio::test]
async fn a_write_names_the_revision_it_is_made_on_and_the_share_as_a_fraction() {
    for percent in 1..100_u8 {
        let split = Routing::shifted(v(1), v(2), Weight::try_from(percent).unwrap());
        let expected = json!({
            "FunctionVersion": "1",
            "RevisionId": "r-7",
            "RoutingConfig": {"AdditionalVersionWeights": {"2": f64::from(percent) / 100.0}},
        });
        assert_eq!(written(split).await, expected);
    }
}

#[tokio::test]
async fn the_end_of_a_split_is_sent_as_an_empty_map_which_nothing_else_ends() {
    let expected = json!({
        "FunctionVersion": "2",
        "RevisionId": "r-7",
        "RoutingConfig": {"AdditionalVersionWeights": {}},
    });
    assert_eq!(written(Routing::all_on(v(2))).await, expected);
}
