//! The API, called by direct invoke.

use aws::alarms::Alarms;
use aws::lambda::Lambda;
use aws::machine::Machine;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::api::Api;

use crate::environment::{required, settings};
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, lambda, alarms) = (Table::new(&config, required("TABLE")?), Lambda::new(&config), Alarms::new(&config));
    let (machine, settings) = (Machine::new(&config, required("STATE_MACHINE")?), settings()?);
    let api = Api {
        store: &table,
        functions: &lambda,
        alarms: &alarms,
        machine: &machine,
        clock: &System,
        settings: &settings,
    };
    serve(async |call| Ok(api.answer(&call).await)).await
}
