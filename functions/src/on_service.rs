//! News of a service: ends the wait for its new task set, or the deployment whose new task set died.

use lambda_runtime::Error;
use steps::service::on_service;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| on_service::run(&account, input).await).await
}
