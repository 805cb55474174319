//! Reads a hook's secure parameters, calls its function and understands the answer.

use aws::lambda::Lambda;
use aws::machine::Waits;
use aws::parameters::Parameters;
use aws::system::System;
use aws::table::Table;
use lambda_runtime::Error;
use steps::hook;

use crate::environment::{grants, required};
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let config = aws::config().await;
    let (table, parameters) = (Table::new(&config, required("TABLE")?), Parameters::new(&config));
    let (lambda, waits) = (Lambda::patient(&config)?, Waits::new(&config));
    let (parameters, grants) = (&parameters, &grants()?);
    serve(async |input| hook::run(&table, (parameters, grants), &lambda, &waits, (&System, &System), input).await).await
}
