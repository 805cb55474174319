//! Settles the plan, locks the target and begins, or refuses.

use lambda_runtime::Error;
use steps::prepare;

use crate::environment::{account, settings};
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let (account, settings) = (account().await?, settings()?);
    serve(async |input| prepare::run(&account, &settings, input).await).await
}
