//! Removes the task set that has no traffic any more.

use lambda_runtime::Error;
use steps::service::clear;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| clear::run(&account, input).await).await
}
