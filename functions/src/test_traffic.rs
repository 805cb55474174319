//! Sends the test traffic to the new task set.

use aws::alarms::Alarms;
use aws::lambda::Lambda;
use aws::listeners::Listeners;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::service::test_traffic;
use steps::targets::Targets;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, lambda, alarms) = (Table::new(&config, required("TABLE")?), Lambda::new(&config), Alarms::new(&config));
    let listeners = Listeners::new(&config);
    let targets = Targets { aliases: &lambda, listeners: &listeners };
    serve(async |input| test_traffic::run(&table, targets, &alarms, &System, input).await).await
}
