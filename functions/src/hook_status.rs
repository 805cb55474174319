//! What hooks call: one operation of the API.

use codedeploy::call::Reply;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;
use steps::hook_status;

use crate::door;
use crate::environment::account;

pub(crate) async fn main() -> Result<(), Error> {
    let account = &account().await?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Box<RawValue>>| {
        let asked = door::read(event.payload.get());
        let reply = match &asked.call {
            Ok(call) => hook_status::answer(account, call).await,
            Err(_) => Reply::from(Err(hook_status::nothing_else("anything else"))),
        };
        Ok::<Value, Error>(asked.answer(&reply, &event.context.request_id))
    }))
    .await
}
