//! Waits for a person around the traffic of a service.

use lambda_runtime::Error;
use steps::service::wait;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| wait::run(&account, input).await).await
}
