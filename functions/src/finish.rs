//! Closes the books.

use lambda_runtime::Error;
use steps::finish;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| finish::run(&account, input).await).await
}
