//! Removes the task set that has no traffic any more.

use aws::listeners::Listeners;
use aws::services::Services;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::service::clear;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, services) = (Table::new(&config, required("TABLE")?), Services::new(&config));
    let listeners = Listeners::new(&config);
    serve(async |input| clear::run(&table, &services, &listeners, &System, input).await).await
}
