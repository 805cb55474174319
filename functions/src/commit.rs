//! The point of no return.

use lambda_runtime::Error;
use steps::commit;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| commit::run(&account, input).await).await
}
