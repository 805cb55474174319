//! The API, behind every door.

use codedeploy::call::Reply;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;
use steps::api::Api;
use steps::use_cases::UseCases;

use crate::door;
use crate::environment::{account, settings};

pub(crate) async fn main() -> Result<(), Error> {
    let (account, settings) = (account().await?, settings()?);
    let api = Api(UseCases { ports: &account, settings: &settings });
    let api = &api;
    // The event as text: one that the runtime could not read would be a failure, and not an answer.
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let asked = door::read(event.payload.get());
        let reply = match &asked.call {
            Ok(call) => api.answer(call, &asked.caller).await,
            Err(error) => Reply::from(Err(error.clone())),
        };
        Ok::<Value, Error>(asked.answer(&reply, &event.context.request_id))
    }))
    .await
}
