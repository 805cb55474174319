//! The dead man's switch.

use aws::machine::Machine;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::on_execution;

use crate::environment::required;
use crate::serve::serve;
use crate::telemetry::Alerts;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, machine) = (Table::new(&config, required("TABLE")?), Machine::new(&config, required("STATE_MACHINE")?));
    let alerts = Alerts::new(required("STACK")?);
    serve(async |input| on_execution::run(&table, &machine, &alerts, &System, input).await).await
}
