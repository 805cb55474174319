//! Settles the plan, locks the target and begins, or refuses.

use aws::alarms::Alarms;
use aws::lambda::Lambda;
use aws::objects::Objects;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::prepare;

use crate::environment::{required, settings};
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, lambda, alarms) = (Table::new(&config, required("TABLE")?), Lambda::new(&config), Alarms::new(&config));
    let (objects, settings) = (Objects::new(&config), settings()?);
    serve(async |input| prepare::run(&table, &lambda, &objects, &alarms, &System, &settings, input).await).await
}
