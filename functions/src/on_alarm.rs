//! An alarm's event: stops every deployment that watches it.

use lambda_runtime::Error;
use steps::on_alarm;

use crate::environment::{account, home};
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let (account, home) = (account().await?, home()?);
    serve(async |input| on_alarm::run(&account, &home, input).await).await
}
