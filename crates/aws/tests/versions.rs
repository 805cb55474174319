//! Versions, functions and provisioned concurrency, as Lambda says them.

use rollout::facts::{VersionFacts, VersionState};
use rollout::ids::{AliasName, FunctionName, Version};
use rollout::warm::{Asked, Heat, Refusal, Warm, Warmth};
use serde_json::{Value, json};
use steps::ports::{CoolVersions, PortError, ReadConcurrency, ReadFunctions, WarmVersions};

use crate::wire::{Service, account, error, fine, said};

fn function() -> FunctionName {
    FunctionName::parse("storefront").unwrap()
}

async fn version(answer: Value) -> VersionFacts {
    let service = Service::answering(move |_| fine(answer.clone()));
    let version = Version::try_from(2).unwrap();
    let facts = account(&service.config).version(&function(), version).await.unwrap();
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
    let lambda = account(&service.config);
    assert_eq!(lambda.version(&function(), Version::try_from(9).unwrap()).await, Ok(VersionFacts::Missing));
    assert_eq!(lambda.exists("nobody").await, Ok(false));
}

#[tokio::test]
async fn a_function_that_may_not_be_looked_at_is_not_taken_for_missing() {
    let service = Service::answering(|_| error(403, "AccessDeniedException"));
    assert!(account(&service.config).exists("somebodys").await.is_err());
}

#[tokio::test]
async fn an_alias_has_provisioned_concurrency_or_none() {
    let alias = AliasName::parse("live").unwrap();
    let some = Service::answering(|_| fine(json!({"RequestedProvisionedConcurrentExecutions": 5})));
    assert_eq!(account(&some.config).provisioned(&function(), alias.as_str()).await, Ok(Some(5)));
    let none = Service::answering(|_| error(404, "ProvisionedConcurrencyConfigNotFoundException"));
    assert_eq!(account(&none.config).provisioned(&function(), alias.as_str()).await, Ok(None));
}

fn two() -> Version {
    Version::try_from(2).unwrap()
}

#[tokio::test]
async fn the_warmth_of_a_version_has_its_size_and_how_far_it_is() {
    for (status, state) in [
        (json!("IN_PROGRESS"), Heat::InProgress),
        (json!("READY"), Heat::Ready),
        (json!("FAILED"), Heat::Failed("it throws".to_owned())),
    ] {
        let answer = json!({
            "RequestedProvisionedConcurrentExecutions": 5, "Status": status, "StatusReason": "it throws",
        });
        let service = Service::answering(move |_| fine(answer.clone()));
        let read = account(&service.config).warmth(&function(), two()).await;
        assert_eq!(read, Ok(Some(Warmth { requested: 5, state })));
    }
}

async fn asked(service: &Service) -> Result<Asked, PortError> {
    account(&service.config).warm(&function(), two(), Warm { concurrency: 5 }).await
}

#[tokio::test]
async fn a_refusal_of_provisioned_concurrency_is_no_failure_and_want_of_room_is_told_apart() {
    let no_room = "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum \
                   value of [100].";
    for (status, code, message, room) in [
        (400, "InvalidParameterValueException", no_room, true),
        (400, "LimitExceededException", "too many", true),
        (400, "InvalidParameterValueException", "said the service", false),
        (404, "ResourceNotFoundException", "said the service", false),
        (403, "AccessDeniedException", "said the service", false),
    ] {
        let service = Service::answering(move |_| said(status, code, message));
        let said = match (room, asked(&service).await) {
            (true, Ok(Asked::Refused(Refusal::NoRoom(said)))) => said,
            (false, Ok(Asked::Refused(Refusal::Other(said)))) => said,
            (_, answer) => panic!("{code}: {answer:?}"),
        };
        assert!(said.starts_with(&format!("{code}: {message}")), "{said}");
    }
}

#[tokio::test]
async fn provisioned_concurrency_is_asked_for_and_taken_back_once_an_attempt() {
    for (status, code) in
        [(429, "TooManyRequestsException"), (500, "ServiceException"), (409, "ResourceConflictException")]
    {
        let service = Service::answering(move |_| error(status, code));
        assert!(matches!(asked(&service).await, Err(PortError::Passing(_))), "{code}");
        let taken = account(&service.config).cool(&function(), two()).await;
        assert!(matches!(taken, Err(PortError::Passing(_))), "{code}");
        assert_eq!(service.sent().len(), 2, "{code}");
    }
}
