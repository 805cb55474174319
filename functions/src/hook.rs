//! Reads a hook's secure parameters, calls its function and understands the answer.

use lambda_runtime::Error;
use steps::hook;

use crate::environment::{account, grants};
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let (account, grants) = (account().await?, grants()?);
    serve(async |input| hook::run(&account, &grants, input).await).await
}
