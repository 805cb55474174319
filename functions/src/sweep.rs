//! The sweep.

use lambda_runtime::Error;
use steps::sweep;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| sweep::run(&account, input).await).await
}
