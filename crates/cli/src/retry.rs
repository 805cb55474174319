//! A stack that has too much to do is asked again, as the SDKs ask CodeDeploy again.

use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::api::{Api, ApiError, Operation};

/// The longest waits before the tries after the first one: about a minute for all of them.
const PAUSES: [Duration; 7] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(16),
    Duration::from_secs(16),
];

/// Asks again what was throttled. Any order may be given again then, also one that must not be carried out twice.
pub(crate) struct Retrying<'a, A>(pub(crate) &'a A);

impl<A: Api> Api for Retrying<'_, A> {
    async fn call(&self, operation: Operation, body: &Value) -> Result<Value, ApiError> {
        for pause in PAUSES {
            match self.0.call(operation, body).await {
                // At a moment of its own: those who were refused together would be refused together again.
                Err(ApiError::Throttled(_)) => sleep(pause.mul_f64(0.5 + fastrand::f64() / 2.0)).await,
                answered => return answered,
            }
        }
        self.0.call(operation, body).await
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Script;

    fn throttled() -> Result<Value, ApiError> {
        Err(ApiError::Throttled("Rate exceeded".to_owned()))
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_throttled_is_asked_again_also_an_order_that_may_be_carried_out_only_once() {
        let script = Script::new([throttled(), throttled(), Ok(json!({ "deploymentId": "d-1" }))]);
        let answer = Retrying(&script).call(Operation::CreateDeployment, &json!({})).await;
        assert_eq!(answer, Ok(json!({ "deploymentId": "d-1" })));
        assert_eq!(script.asked().len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_was_lost_is_not_asked_for_again() {
        let lost = ApiError::NoAnswer("connection reset".to_owned());
        let script = Script::new([Err(lost.clone()), Ok(json!({}))]);
        assert_eq!(Retrying(&script).call(Operation::CreateDeployment, &json!({})).await, Err(lost));
    }

    #[tokio::test(start_paused = true)]
    async fn patience_ends() {
        let script = Script::new([throttled()]);
        assert_eq!(Retrying(&script).call(Operation::StopDeployment, &json!({})).await, throttled());
        assert_eq!(script.asked().len(), PAUSES.len() + 1);
    }
}
