//! Takes the step that is due. With rollback, the only function that moves production traffic to the new side. `install` writes
//! the production listener too: it sends home what an earlier deployment left split, and adds the new place with weight 0.

use aws::alarms::Alarms;
use aws::lambda::Lambda;
use aws::listeners::Listeners;
use aws::services::Services;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::shift;
use steps::targets::Targets;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, lambda, alarms) = (Table::new(&config, required("TABLE")?), Lambda::new(&config), Alarms::new(&config));
    let (services, listeners) = (Services::new(&config), Listeners::new(&config));
    let targets = Targets { aliases: &lambda, listeners: &listeners };
    serve(async |input| shift::run(&table, targets, &services, &alarms, &System, input).await).await
}
