//! What an AWS error means to a step.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_sdk_lambda::config::SharedHttpClient;
use aws_smithy_http_client::test_util::NeverClient;
use rollout::ids::{AliasName, ClusterName, DeploymentId, FunctionName, ServiceName, TargetGroupArn, TaskSetId};
use rollout::routing::Routing;
use steps::ports::{PortError, PromoteTaskSets, ReadAlias, ReadHealth, Records, Revision, WriteAlias};

use crate::wire::{Service, account, error, fine, xml_error};

fn function() -> FunctionName {
    FunctionName::parse("storefront").unwrap()
}

fn alias() -> AliasName {
    AliasName::parse("live").unwrap()
}

fn kind(error: &PortError) -> &'static str {
    match error {
        PortError::Passing(_) => "Passing",
        PortError::Newer(_) => "Newer",
        PortError::Missing(_) => "Missing",
        PortError::Denied(_) => "Denied",
        PortError::Barred(_) => "Barred",
        PortError::Conflict(_) => "Conflict",
    }
}

async fn write(service: &Service) -> PortError {
    let to = Routing::all_on(rollout::ids::Version::try_from(2).unwrap());
    let revision = Revision("r-1".to_owned());
    account(&service.config).point(&function(), &alias(), &to, &revision).await.unwrap_err()
}

async fn read(service: &Service) -> PortError {
    account(&service.config).load(&DeploymentId::parse("d-1").unwrap()).await.unwrap_err()
}

#[tokio::test]
async fn errors_of_lambda_are_told_by_what_can_be_done_about_them() {
    for (status, code, expected) in [
        (429, "TooManyRequestsException", "Passing"),
        (500, "ServiceException", "Passing"),
        (503, "SomethingNew", "Passing"),
        (502, "ResourceNotReadyException", "Passing"),
        (409, "ResourceConflictException", "Passing"),
        (412, "PreconditionFailedException", "Conflict"),
        (404, "ResourceNotFoundException", "Missing"),
        (403, "AccessDeniedException", "Denied"),
        (403, "ExpiredTokenException", "Passing"),
        (403, "UnrecognizedClientException", "Denied"),
        (400, "InvalidParameterValueException", "Denied"),
    ] {
        let found = write(&Service::answering(move |_| error(status, code))).await;
        assert_eq!(kind(&found), expected, "{status} {code}: {found}");
        let said = format!("UpdateAlias: {code}: said the service");
        assert!(found.to_string().contains(&said), "{found}");
    }
}

#[tokio::test]
async fn errors_of_dynamodb_are_told_by_what_can_be_done_about_them() {
    for (status, code, expected) in [
        (400, "ProvisionedThroughputExceededException", "Passing"),
        (400, "ThrottlingException", "Passing"),
        (400, "RequestLimitExceeded", "Passing"),
        (400, "LimitExceededException", "Passing"),
        (500, "InternalServerError", "Passing"),
        (400, "ConditionalCheckFailedException", "Conflict"),
        (400, "TransactionConflictException", "Conflict"),
        (400, "ResourceNotFoundException", "Barred"),
        (400, "AccessDeniedException", "Barred"),
        (400, "ValidationException", "Denied"),
    ] {
        let found = read(&Service::answering(move |_| error(status, code))).await;
        assert_eq!(kind(&found), expected, "{status} {code}: {found}");
    }
}

#[tokio::test]
async fn errors_of_ecs_are_told_by_what_can_be_done_about_them() {
    let cluster = ClusterName::parse("shop").unwrap();
    let (name, set) = (ServiceName::parse("web").unwrap(), TaskSetId::parse("ecs-svc/1").unwrap());
    for (status, code, expected) in [
        (400, "ThrottlingException", "Passing"),
        (500, "ServerException", "Passing"),
        (400, "ServerException", "Passing"),
        (503, "ServiceUnavailableException", "Passing"),
        (400, "UpdateInProgressException", "Passing"),
        (400, "ClusterNotFoundException", "Missing"),
        (400, "ServiceNotFoundException", "Missing"),
        (400, "ServiceNotActiveException", "Missing"),
        (400, "TaskSetNotFoundException", "Missing"),
        (400, "AccessDeniedException", "Denied"),
        (400, "LimitExceededException", "Denied"),
        (400, "ResourceInUseException", "Denied"),
        (400, "InvalidParameterException", "Denied"),
    ] {
        let service = Service::answering(move |_| error(status, code));
        let found = account(&service.config).promote(&cluster, &name, &set).await.unwrap_err();
        assert_eq!(kind(&found), expected, "{status} {code}: {found}");
        let said = format!("UpdateServicePrimaryTaskSet: {code}: said the service");
        assert!(found.to_string().contains(&said), "{found}");
    }
}

#[tokio::test]
async fn errors_of_load_balancers_are_told_by_what_can_be_done_about_them() {
    let group = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/blue/1";
    let group = TargetGroupArn::parse(group).unwrap();
    for (status, code, expected) in [
        (400, "Throttling", "Passing"),
        (400, "ThrottlingException", "Passing"),
        (503, "RequestLimitExceeded", "Passing"),
        (400, "TooManyRequests", "Passing"),
        (500, "HealthUnavailable", "Passing"),
        (503, "ServiceUnavailable", "Passing"),
        (400, "TargetGroupNotFound", "Missing"),
        (400, "ListenerNotFound", "Missing"),
        (400, "RuleNotFound", "Missing"),
        (403, "AccessDenied", "Denied"),
        (400, "ResourceInUse", "Denied"),
        (400, "OperationNotPermitted", "Denied"),
        (400, "TooManyTargetGroups", "Denied"),
    ] {
        let service = Service::answering(move |_| xml_error(status, code));
        let found = account(&service.config).health(&group).await.unwrap_err();
        assert_eq!(kind(&found), expected, "{status} {code}: {found}");
        let said = format!("DescribeTargetHealth: {code}: said the service");
        assert!(found.to_string().contains(&said), "{found}");
    }
}

#[tokio::test]
async fn a_call_without_an_answer_may_have_been_carried_out() {
    let mut config = Service::answering(|_| fine(serde_json::Value::Null)).config.into_builder();
    config.set_http_client(Some(SharedHttpClient::new(NeverClient::new())));
    let timeout = TimeoutConfig::builder().operation_timeout(Duration::from_millis(20)).build();
    let config = config.timeout_config(timeout).build();
    let found = account(&config).alias(&function(), &alias()).await.unwrap_err();
    assert_eq!(kind(&found), "Passing", "{found}");
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_no_answer() {
    let service = Service::answering(|_| fine(serde_json::json!({"Items": "not a list"})));
    let found = read(&service).await;
    assert_eq!(kind(&found), "Passing", "{found}");
}

#[tokio::test]
async fn who_may_not_move_the_traffic_is_told_of_the_tag_that_says_so() {
    let refused = write(&Service::answering(|_| error(403, "AccessDeniedException"))).await.to_string();
    assert!(
        refused.ends_with("still has its tag tideshift=enabled, or its place in the stack's parameters"),
        "{refused}"
    );
    let other = read(&Service::answering(|_| error(400, "AccessDeniedException"))).await.to_string();
    assert!(!other.contains("tag"), "the table has none: {other}");
}
