//! Closes the books.

use aws::lambda::Lambda;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::finish;

use crate::environment::required;
use crate::serve::serve;
use crate::telemetry::Alerts;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, alerts) = (Table::new(&config, required("TABLE")?), Alerts::new(required("STACK")?));
    let lambda = Lambda::new(&config);
    serve(async |input| finish::run(&table, &lambda, &alerts, &System, input).await).await
}
