//! A job of a Lambda invoke action of CodePipeline: the first call starts a deployment, each later one tells how it is, and the last one how it
//! ended (docs/codedeploy-contract.md 10.1).
//!
//! Nobody waits for what this returns: CodePipeline is told by calls. What may work later is answered with a token, so that it asks again;
//! where not even that can be said, Lambda makes the call once more. A deployment's id follows from its first job's, and its token has it: asked
//! twice, it finds what it has started.

pub(crate) mod abandoned;
mod artifacts;
mod case;
mod definition;
pub mod event;
mod order;
mod output;
mod trouble;

use rollout::ids::DeploymentId;
use rollout::pipeline::Fault;
use rollout::pipeline::token::{Token, Unread};

use crate::error::StepError;
use crate::facts::Settings;
use crate::powers;
use case::Case;
use event::Input;

pub use output::Output;

/// Runs the step.
pub async fn run(
    ports: &impl powers::OnPipelineJob,
    settings: &Settings,
    Input { job }: Input,
) -> Result<Output, StepError> {
    let token = match job.data.continuation_token.as_deref().map(Token::read) {
        None => Token::first(DeploymentId::of_job(&job.id)),
        Some(Ok(token)) => token,
        Some(Err(Unread::Newer)) => {
            let message = "the token of the job was written by newer code: the stack is being updated";
            return Err(StepError::UpgradeInFlight(message.to_owned()));
        }
        Some(Err(Unread::Foreign)) => {
            let fault = Fault::written(
                "the job goes on with a token that this function did not give it: start the action anew",
            );
            ports.fail_job(&job.id, &fault, None).await?;
            return Ok(Output::Failed);
        }
    };
    Case { ports, settings, job: &job, token }.answered().await
}
