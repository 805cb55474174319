//! The dead man's switch.

use lambda_runtime::Error;
use steps::on_execution;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| on_execution::run(&account, input).await).await
}
