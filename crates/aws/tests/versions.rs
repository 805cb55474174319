//! Versions, functions and provisioned concurrency, as Lambda says them.

use aws::lambda::Lambda;
use rollout::ids::{AliasName, FunctionName, Version};
use rollout::preflight::{VersionFacts, VersionState};
use serde_json::{Value, json};
use steps::ports::ReadFunctions;

use crate::wire::{Service, error, fine};

fn function() -> FunctionName {
    FunctionName::parse("storefront").unwrap()
}

async fn version(answer: Value) -> VersionFacts {
    let service = Service::answering(move |_| fine(answer.clone()));
    let version = Version::try_from(2).unwrap();
    let facts = Lambda::new(&service.config).version(&function(), version).await.unwrap();
    assert_eq!(service.sent()[0].path, "/2015-03-31/functions/storefront/configuration?Qualifier=2");
    facts
}

#[tokio::test]
async fn a_version_is_read_with_what_lambda_wants_to_be_the_same() {
    let dead = "arn:aws:sqs:eu-central-1:123456789012:dead";
    let read = version(json!({"State": "Active", "Role": "role", "DeadLetterConfig": {"TargetArn": dead}})).await;
    let expected = VersionFacts::Published {
        state: VersionState::Active,
        role: "role".to_owned(),
        dead_letter: Some(dead.to_owned()),
    };
    assert_eq!(read, expected);
}

#[tokio::test]
async fn only_a_version_that_answers_its_first_call_is_ready() {
    for (answer, ready) in [
        (json!({"Role": "role"}), true),
        (json!({"Role": "role", "State": "Active"}), true),
        (json!({"Role": "role", "State": "Inactive"}), false),
        (json!({"Role": "role", "State": "Pending", "StateReason": "creating"}), false),
        (json!({"Role": "role", "State": "Failed"}), false),
        (json!({"Role": "role", "State": "SomethingNew"}), false),
    ] {
        let VersionFacts::Published { state, .. } = version(answer.clone()).await else { panic!("{answer}") };
        assert_eq!(state == VersionState::Active, ready, "{answer}: {state:?}");
    }
}

#[tokio::test]
async fn what_lambda_does_not_know_does_not_exist() {
    let service = Service::answering(|_| error(404, "ResourceNotFoundException"));
    let lambda = Lambda::new(&service.config);
    assert_eq!(lambda.version(&function(), Version::try_from(9).unwrap()).await, Ok(VersionFacts::Missing));
    assert_eq!(lambda.exists("nobody").await, Ok(false));
}

#[tokio::test]
async fn a_function_that_may_not_be_looked_at_is_not_taken_for_missing() {
    let service = Service::answering(|_| error(403, "AccessDeniedException"));
    assert!(Lambda::new(&service.config).exists("somebodys").await.is_err());
}

#[tokio::test]
async fn an_alias_has_provisioned_concurrency_or_none() {
    let alias = AliasName::parse("live").unwrap();
    let some = Service::answering(|_| fine(json!({"RequestedProvisionedConcurrentExecutions": 5})));
    assert_eq!(Lambda::new(&some.config).provisioned(&function(), alias.as_str()).await, Ok(Some(5)));
    let none = Service::answering(|_| error(404, "ProvisionedConcurrencyConfigNotFoundException"));
    assert_eq!(Lambda::new(&none.config).provisioned(&function(), alias.as_str()).await, Ok(None));
}
