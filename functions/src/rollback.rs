//! Brings the traffic of a deployment that is stopping to where it ends.

use aws::lambda::Lambda;
use aws::listeners::Listeners;
use aws::services::Services;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::rollback;
use steps::targets::Targets;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let table = Table::new(&config, required("TABLE")?);
    let (lambda, listeners, services) = (Lambda::new(&config), Listeners::new(&config), Services::new(&config));
    let targets = Targets { aliases: &lambda, listeners: &listeners };
    serve(async |input| rollback::run(&table, targets, &services, &System, input).await).await
}
