//! The sweep.

use aws::lambda::Lambda;
use aws::listeners::Listeners;
use aws::machine::{Machines, Waits};
use aws::services::Services;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::sweep;

use crate::environment::{machines, required};
use crate::serve::serve;
use crate::telemetry::Alerts;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, waits) = (Table::new(&config, required("TABLE")?), Waits::new(&config));
    let (machines, alerts) = (Machines::new(&config, machines()?), Alerts::new(required("STACK")?));
    let (services, listeners) = (Services::new(&config), Listeners::new(&config));
    let lambda = Lambda::new(&config);
    let targets = (&services, &listeners, &lambda);
    serve(async |input| sweep::run(&table, targets, &machines, &waits, &alerts, &System, input).await).await
}
