//! Sends the test traffic to the new task set.

use lambda_runtime::Error;
use steps::service::test_traffic;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| test_traffic::run(&account, input).await).await
}
