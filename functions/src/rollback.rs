//! Brings the traffic of a deployment that is stopping to where it ends.

use aws::lambda::Lambda;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::rollback;

use crate::environment::required;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, lambda) = (Table::new(&config, required("TABLE")?), Lambda::new(&config));
    serve(async |input| rollback::run(&table, &lambda, &System, input).await).await
}
