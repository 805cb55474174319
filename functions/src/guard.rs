//! Leaves the token that ends a wait.

use aws::alarms::Alarms;
use aws::machine::Waits;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::guard;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, alarms) = (Table::new(&config, required("TABLE")?), Alarms::new(&config));
    let waits = Waits::new(&config);
    serve(async |input| guard::run(&table, &alarms, &waits, &System, input).await).await
}
