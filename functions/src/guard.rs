//! Leaves the token that ends a wait.

use lambda_runtime::Error;
use steps::guard;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| guard::run(&account, input).await).await
}
