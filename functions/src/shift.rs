//! Takes the step that is due. With rollback, the only function that moves production traffic to the new side. `install` writes
//! the production listener too: it sends home what an earlier deployment left split, and adds the new place with weight 0.

use lambda_runtime::Error;
use steps::shift;

use crate::environment::account;
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    serve(async |input| shift::run(&account, input).await).await
}
