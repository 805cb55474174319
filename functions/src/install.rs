//! Makes the new task set of a service, and says when it may have traffic.

use lambda_runtime::Error;
use steps::service::install;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| install::run(&account, input).await).await
}
