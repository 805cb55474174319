//! Brings the traffic of a deployment that is stopping to where it ends.

use lambda_runtime::Error;
use steps::rollback;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| rollback::run(&account, input).await).await
}
