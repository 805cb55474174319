//! The dead man's switch.

use aws::machine::Machines;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::on_execution;

use crate::environment::{machines, required};
use crate::serve::serve;
use crate::telemetry::Alerts;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, machines) = (Table::new(&config, required("TABLE")?), Machines::new(&config, machines()?));
    let alerts = Alerts::new(required("STACK")?);
    serve(async |input| on_execution::run(&table, &machines, &alerts, &System, input).await).await
}
