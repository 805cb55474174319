//! News of a service: ends the wait for its new task set, or the deployment whose new task set died.

use aws::machine::Waits;
use aws::services::Services;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::service::on_service;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, waits) = (Table::new(&config, required("TABLE")?), Waits::new(&config));
    let services = Services::new(&config);
    serve(async |input| on_service::run(&table, &services, &waits, &System, input).await).await
}
