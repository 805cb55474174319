//! The API, behind every door.

use aws::alarms::Alarms;
use aws::lambda::Lambda;
use aws::listeners::Listeners;
use aws::machine::{Machines, Waits};
use aws::objects::Objects;
use aws::parameters::Parameters;
use aws::services::Services;
use aws::system::System;
use aws::table::Table;
use codedeploy::call::Reply;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use serde_json::value::RawValue;
use steps::api::Api;
use steps::use_cases::Ports;

use crate::door;
use crate::environment::{machines, required, settings};

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, lambda, alarms) = (Table::new(&config, required("TABLE")?), Lambda::new(&config), Alarms::new(&config));
    let (objects, services) = (Objects::new(&config), (Services::new(&config), Listeners::new(&config)));
    let parameters = Parameters::new(&config);
    let (waits, machines, settings) = (Waits::new(&config), Machines::new(&config, machines()?), settings()?);
    let api = Api(Ports {
        store: &table,
        functions: &lambda,
        objects: &objects,
        services: &services,
        alarms: &alarms,
        parameters: &parameters,
        waits: &waits,
        machines: &machines,
        clock: &System,
        settings: &settings,
    });
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
