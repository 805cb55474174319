//! The point of no return.

use aws::lambda::Lambda;
use aws::listeners::Listeners;
use aws::machine::Waits;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::commit;
use steps::targets::Targets;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, waits) = (Table::new(&config, required("TABLE")?), Waits::new(&config));
    let (lambda, listeners) = (Lambda::new(&config), Listeners::new(&config));
    let targets = Targets { aliases: &lambda, listeners: &listeners };
    serve(async |input| commit::run(&table, targets, &waits, &System, input).await).await
}
