//! Calls of hook functions.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_lambda::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::test_util::infallible_client_fn;
use rollout::hooks::CallId;
use rollout::ids::HookFunction;
use serde_json::{Value, json};
use steps::ports::{CallHook, Called, PortError};

use crate::wire::{Service, account, error, fine};

async fn call(service: &Service) -> Result<Called, PortError> {
    let hook = HookFunction::parse("checks").unwrap();
    let calling = account(&service.config).call_hook(&hook, &json!({"DeploymentId": "d-1"})).await?;
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
    let calling = account(&service.config).call_hook(&hook, &Value::Null).await.unwrap();
    assert_eq!((calling.called, calling.id), (expected, CallId::parse("c6af9ac6-7b61")));
}

#[tokio::test]
async fn a_hook_that_cannot_be_called_is_told_from_one_that_can_be_called_later() {
    let gone = Service::answering(|_| error(404, "ResourceNotFoundException"));
    assert!(matches!(call(&gone).await, Err(PortError::Missing(_))));
    let throttled = Service::answering(|_| error(429, "TooManyRequestsException"));
    assert!(matches!(call(&throttled).await, Err(PortError::Passing(_))));
}

#[tokio::test]
async fn a_connection_that_waits_for_a_hook_says_that_it_is_there() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "key", None, None, "test")))
        .endpoint_url(format!("http://{address}"))
        .build();
    let lambda = account(&config);
    let hook = HookFunction::parse("checks").unwrap();
    let calling = tokio::spawn(async move { lambda.call_hook(&hook, &Value::Null).await });
    let (mut accepted, caller) = listener.accept().await.unwrap();
    // The request is here, so that nothing but the keep-alive has a timer on the caller's side.
    let mut read = [0; 64];
    tokio::io::AsyncReadExt::read(&mut accepted, &mut read).await.unwrap();
    assert!(gets_timer(caller.port(), "02").await, "the connection keeps silent");
    drop(accepted);
    assert_eq!(calling.await.unwrap().map(|calling| calling.called), Ok(Called::NoAnswer), "it is not called again");
}

/// Whether a socket of this machine gets a timer of this kind; `02` is a keep-alive (Linux, `proc_net_tcp`).
async fn gets_timer(port: u16, kind: &str) -> bool {
    let local = format!("0100007F:{port:04X}");
    for _ in 0..200 {
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let row = table.lines().map(str::split_whitespace).map(Iterator::collect::<Vec<_>>);
        let timer = row
            .filter(|row| row.get(1) == Some(&local.as_str()))
            .find_map(|row| row.get(5).map(|at| at[..2].to_owned()));
        if timer.as_deref() == Some(kind) {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test]
async fn a_hook_that_could_not_be_reached_is_called_again_later() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut service = Service::answering(|_| fine(Value::Null));
    service.config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new("id", "key", None, None, "test")))
        .endpoint_url(format!("http://{address}"))
        .build();
    assert!(matches!(call(&service).await, Err(PortError::Passing(_))));
}
