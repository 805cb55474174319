//! What an AWS error means to a step.

use std::time::Duration;

use aws::lambda::Lambda;
use aws::table::Table;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::SharedHttpClient;
use aws_smithy_http_client::test_util::NeverClient;
use rollout::ids::{AliasName, DeploymentId, FunctionName};
use rollout::routing::Routing;
use steps::ports::{PortError, ReadAlias, Records, Revision, WriteAlias};

use crate::wire::{Service, error, fine};

fn function() -> FunctionName {
    FunctionName::parse("storefront").unwrap()
}

fn alias() -> AliasName {
    AliasName::parse("live").unwrap()
}

fn kind(error: &PortError) -> &'static str {
    match error {
        PortError::Busy(_) => "Busy",
        PortError::Missing(_) => "Missing",
        PortError::Denied(_) => "Denied",
        PortError::Conflict(_) => "Conflict",
    }
}

async fn write(service: &Service) -> PortError {
    let to = Routing::all_on(rollout::ids::Version::try_from(2).unwrap());
    let revision = Revision("r-1".to_owned());
    Lambda::new(&service.config).point(&function(), &alias(), &to, &revision).await.unwrap_err()
}

async fn read(service: &Service) -> PortError {
    Table::new(&service.config, "table").load(&DeploymentId::parse("d-1").unwrap()).await.unwrap_err()
}

#[tokio::test]
async fn errors_of_lambda_are_told_by_what_can_be_done_about_them() {
    for (status, code, expected) in [
        (429, "TooManyRequestsException", "Busy"),
        (500, "ServiceException", "Busy"),
        (503, "SomethingNew", "Busy"),
        (502, "ResourceNotReadyException", "Busy"),
        (409, "ResourceConflictException", "Busy"),
        (412, "PreconditionFailedException", "Conflict"),
        (404, "ResourceNotFoundException", "Missing"),
        (403, "AccessDeniedException", "Denied"),
        (403, "ExpiredTokenException", "Busy"),
        (403, "UnrecognizedClientException", "Denied"),
        (400, "InvalidParameterValueException", "Denied"),
    ] {
        let found = write(&Service::answering(move |_| error(status, code))).await;
        assert_eq!(kind(&found), expected, "{status} {code}: {found}");
        let said = format!("UpdateAlias: {code}: said the service");
        assert!(found.to_string().ends_with(&said), "{found}");
    }
}

#[tokio::test]
async fn errors_of_dynamodb_are_told_by_what_can_be_done_about_them() {
    for (status, code, expected) in [
        (400, "ProvisionedThroughputExceededException", "Busy"),
        (400, "ThrottlingException", "Busy"),
        (400, "RequestLimitExceeded", "Busy"),
        (400, "LimitExceededException", "Busy"),
        (500, "InternalServerError", "Busy"),
        (400, "ConditionalCheckFailedException", "Conflict"),
        (400, "TransactionConflictException", "Conflict"),
        (400, "ResourceNotFoundException", "Missing"),
        (400, "AccessDeniedException", "Denied"),
        (400, "ValidationException", "Denied"),
    ] {
        let found = read(&Service::answering(move |_| error(status, code))).await;
        assert_eq!(kind(&found), expected, "{status} {code}: {found}");
    }
}

#[tokio::test]
async fn a_call_without_an_answer_may_have_been_carried_out() {
    let mut config = Service::answering(|_| fine(serde_json::Value::Null)).config.into_builder();
    config.set_http_client(Some(SharedHttpClient::new(NeverClient::new())));
    let timeout = TimeoutConfig::builder().operation_timeout(Duration::from_millis(20)).build();
    let config = config.timeout_config(timeout).build();
    let found = Lambda::new(&config).alias(&function(), &alias()).await.unwrap_err();
    assert_eq!(kind(&found), "Busy", "{found}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_no_answer() {
    let service = Service::answering(|_| fine(serde_json::json!({"Items": "not a list"})));
    let found = read(&service).await;
    assert_eq!(kind(&found), "Busy", "{found}");
}
