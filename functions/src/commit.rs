//! The point of no return.

use aws::lambda::Lambda;
use aws::machine::Machine;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::commit;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, lambda) = (Table::new(&config, required("TABLE")?), Lambda::new(&config));
    let machine = Machine::new(&config, "");
    serve(async |input| commit::run(&table, &lambda, &machine, &System, input).await).await
}
