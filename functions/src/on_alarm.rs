//! An alarm's event: stops every deployment that watches it.

use aws::machine::Machine;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::on_alarm;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, machine) = (Table::new(&config, required("TABLE")?), Machine::new(&config, ""));
    serve(async |input| on_alarm::run(&table, &machine, &System, input).await).await
}
