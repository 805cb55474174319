//! Calls of hook functions.

use aws::lambda::Lambda;
use aws_smithy_http_client::test_util::infallible_client_fn;
use rollout::hooks::CallId;
use rollout::ids::HookFunction;
use serde_json::{Value, json};
use steps::ports::{CallHook, Called, PortError};

use crate::wire::{Service, error, fine};

async fn call(service: &Service) -> Result<Called, PortError> {
    let hook = HookFunction::parse("checks").unwrap();
    let calling = Lambda::patient(&service.config).call(&hook, &json!({"DeploymentId": "d-1"})).await?;
    Ok(calling.called)
}

#[tokio::test]
async fn what_a_hook_returns_is_handed_on() {
    for returned in [json!({"status": "Succeeded"}), json!("fine"), json!(null)] {
        let answer = returned.clone();
        let service = Service::answering(move |_| fine(answer.clone()));
        assert_eq!(call(&service).await, Ok(Called::Returned(returned)));
        let sent = service.sent().remove(0);
        assert_eq!(
            (sent.path.as_str(), &sent.body),
            ("/2015-03-31/functions/checks/invocations", &json!({"DeploymentId": "d-1"}))
        );
    }
}

#[tokio::test]
async fn a_hook_that_throws_says_what_and_hands_over_the_end_of_its_log() {
    let thrown = json!({"errorType": "AssertionError", "errorMessage": "no price", "stackTrace": []});
    let client = infallible_client_fn(move |_| {
        http::Response::builder()
            .status(200)
            .header("x-amz-function-error", "Unhandled")
            .header("x-amz-log-result", "bm8gcHJpY2UK")
            .header("x-amzn-requestid", "c6af9ac6-7b61")
            .body(thrown.to_string())
            .unwrap()
    });
    let mut service = Service::answering(|_| fine(Value::Null));
    service.config = service.config.into_builder().http_client(client).build();
    let expected = Called::Threw {
        kind: "AssertionError".to_owned(),
        message: "no price".to_owned(),
        log_tail: "no price\n".to_owned(),
    };
    let hook = HookFunction::parse("checks").unwrap();
    let calling = Lambda::patient(&service.config).call(&hook, &Value::Null).await.unwrap();
    assert_eq!((calling.called, calling.id), (expected, CallId::parse("c6af9ac6-7b61")));
}

#[tokio::test]
async fn a_hook_that_cannot_be_called_is_told_from_one_that_can_be_called_later() {
    let gone = Service::answering(|_| error(404, "ResourceNotFoundException"));
    assert!(matches!(call(&gone).await, Err(PortError::Missing(_))));
    let throttled = Service::answering(|_| error(429, "TooManyRequestsException"));
    assert!(matches!(call(&throttled).await, Err(PortError::Busy(_))));
}
