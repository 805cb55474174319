//! Takes the step that is due. With rollback, the only function that may write aliases.

use aws::alarms::Alarms;
use aws::lambda::Lambda;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::shift;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, lambda, alarms) = (Table::new(&config, required("TABLE")?), Lambda::new(&config), Alarms::new(&config));
    serve(async |input| shift::run(&table, &lambda, &alarms, &System, input).await).await
}
