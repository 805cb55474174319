//! The dead man's switch.

use aws::machine::Machine;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::on_execution;

use crate::environment::{machines, required};
use crate::serve::serve;
use crate::telemetry::Alerts;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (for_lambda, for_services) = machines()?;
    let (table, machine) = (Table::new(&config, required("TABLE")?), Machine::new(&config, for_lambda));
    let (machine, alerts) = (machine.with_services(for_services), Alerts::new(required("STACK")?));
    serve(async |input| on_execution::run(&table, &machine, &alerts, &System, input).await).await
}
