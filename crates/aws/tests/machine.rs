//! Waits and executions.

use rollout::platform::Platform;
use serde_json::{Value, json};
use steps::ports::{EndWaits, FailWaits, PortError, StartExecutions, TaskToken};

use crate::wire::{Service, account, error, fine};

fn token() -> TaskToken {
    TaskToken("token".to_owned())
}

#[tokio::test]
async fn a_wait_that_is_over_is_no_error() {
    for code in ["TaskDoesNotExist", "TaskTimedOut", "InvalidToken"] {
        let service = Service::answering(move |_| error(400, code));
        let waits = account(&service.config);
        assert_eq!(waits.succeed(&token(), &json!({})).await, Ok(()), "{code}");
        assert_eq!(waits.fail(&token(), "Drift", "why").await, Ok(()), "{code}");
    }
}

#[tokio::test]
async fn a_wait_that_could_not_be_ended_is_one() {
    for (status, code) in [(400, "AccessDeniedException"), (500, "InternalFailure"), (400, "ThrottlingException")] {
        let service = Service::answering(move |_| error(status, code));
        let waits = account(&service.config);
        assert!(waits.succeed(&token(), &json!({})).await.is_err(), "{code}");
        assert!(waits.fail(&token(), "Drift", "why").await.is_err(), "{code}");
    }
}

#[tokio::test]
async fn a_long_cause_is_cut_to_what_step_functions_takes() {
    let service = Service::answering(|_| fine(json!({})));
    account(&service.config).fail(&token(), "HookFailed", &"é".repeat(60_000)).await.unwrap();
    let sent = service.sent().remove(0);
    assert_eq!((sent.operation.as_str(), &sent.body["error"]), ("SendTaskFailure", &json!("HookFailed")));
    let cause = sent.body["cause"].as_str().unwrap();
    assert!(cause.len() <= 32_768 && cause.len() > 10_000, "{}", cause.len());
}

const EXECUTION: &str = "arn:aws:states:eu-central-1:123456789012:execution:tideshift-lambda:d-1-recovery-1";

#[tokio::test]
async fn an_execution_gets_its_name_and_its_input_as_text() {
    let service = Service::answering(|_| fine(json!({"executionArn": EXECUTION, "startDate": 1.5})));
    let input = json!({"recover": {"deploymentId": "d-1", "attempt": 1}});
    let started = account(&service.config).start_execution(Platform::Lambda, "d-1-recovery-1", &input).await;
    assert_eq!(started.as_ref().map(|started| started.as_str()), Ok(EXECUTION));
    let sent = service.sent().remove(0).body;
    assert_eq!((&sent["stateMachineArn"], &sent["name"]), (&json!("arn:lambda"), &json!("d-1-recovery-1")));
    assert_eq!(serde_json::from_str::<Value>(sent["input"].as_str().unwrap()).unwrap(), input);
}

#[tokio::test]
async fn a_name_that_is_taken_is_a_conflict() {
    let service = Service::answering(|_| error(400, "ExecutionAlreadyExists"));
    let started = account(&service.config).start_execution(Platform::Lambda, "d-1", &json!({})).await;
    assert!(matches!(started, Err(PortError::Conflict(_))), "{started:?}");
}

#[tokio::test]
async fn each_platform_has_a_state_machine_of_its_own() {
    let service = Service::answering(|_| fine(json!({"executionArn": EXECUTION, "startDate": 1.5})));
    let machines = account(&service.config);
    machines.start_execution(Platform::Lambda, "d-1", &json!({})).await.unwrap();
    machines.start_execution(Platform::Ecs, "d-2", &json!({})).await.unwrap();
    let none = machines.start_execution(Platform::Server, "d-3", &json!({})).await;
    assert_eq!(none, Err(PortError::Denied("there is no state machine for EC2/on-premises".to_owned())));
    let started: Vec<Value> = service.sent().into_iter().map(|sent| sent.body["stateMachineArn"].clone()).collect();
    assert_eq!(started, ["arn:lambda", "arn:ecs"]);
}
