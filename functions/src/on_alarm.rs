//! An alarm's event: stops every deployment that watches it.

use aws::machine::Waits;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::on_alarm;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, waits) = (Table::new(&config, required("TABLE")?), Waits::new(&config));
    serve(async |input| on_alarm::run(&table, &waits, &System, input).await).await
}
