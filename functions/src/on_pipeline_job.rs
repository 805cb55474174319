//! A job of CodePipeline.

use lambda_runtime::Error;
use rollout::seconds::Seconds;
use steps::facts::Settings;
use steps::on_pipeline_job;

use crate::environment::{account, home};
use crate::serve::serve;

pub(crate) async fn main() -> Result<(), Error> {
    let account = account().await?;
    // Where the stack is says it all: what else a plan needs is the business of the function that makes it.
    let settings = Settings { home: home()?, ..Settings::new(Seconds::ZERO, "") };
    serve(async |input| on_pipeline_job::run(&account, &settings, input).await).await
}
