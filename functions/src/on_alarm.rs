//! An alarm's event: stops every deployment that watches it.

use aws::alarms::Alarms;
use aws::machine::Waits;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::on_alarm;

use crate::environment::{home, required};
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, alarms) = (Table::new(&config, required("TABLE")?), Alarms::new(&config));
    let (waits, home) = (Waits::new(&config), home()?);
    serve(async |input| on_alarm::run(&table, &alarms, &waits, &System, &home, input).await).await
}
