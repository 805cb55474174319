//! What clients ask for, a module each, over whatever it is asked through: typed in, typed out, and nothing here knows JSON. The
//! doors decode and encode ([`crate::api`], [`crate::hook_status`]).

pub(crate) mod create;
mod describe;
mod describe_target;
pub(crate) mod hook_status;
mod instances;
pub mod limits;
mod list;
mod plan;
mod policy;
mod repair;
mod resume;
pub(crate) mod stop;
mod targets;
mod task_sets;
mod undo;
pub(crate) mod view;
mod wire;

use codedeploy::error::{ApiError, Code};
use rollout::ids::DeploymentId;

use crate::answering::failed;
use crate::error::StepError;
use crate::facts::Settings;
use crate::ports::{Loaded, Records};

/// What clients ask for, over what it is done with. Each use case asks for the powers it needs.
pub struct UseCases<'a, P> {
    /// The ports.
    pub ports: &'a P,
    /// The stack's parameters.
    pub settings: &'a Settings,
}

impl<P: Records> UseCases<'_, P> {
    /// The deployment a call names.
    async fn named(&self, id: Option<String>) -> Result<Loaded, ApiError> {
        let id = id.ok_or_else(|| ApiError::new(Code::DeploymentIdRequiredException, "deploymentId is missing"))?;
        let id = DeploymentId::parse(&id)
            .map_err(|error| ApiError::new(Code::InvalidDeploymentIdException, error.to_string()))?;
        self.ports.load(&id).await.map_err(failed)?.ok_or_else(|| {
            ApiError::new(Code::DeploymentDoesNotExistException, format!("The deployment {id} could not be found"))
        })
    }
}

/// Refuses a batch that is too long.
pub(crate) fn batch(names: usize, settings: &Settings) -> Result<(), ApiError> {
    let most = settings.quotas.batch;
    if names <= most {
        return Ok(());
    }
    Err(ApiError::new(
        Code::BatchLimitExceededException,
        format!("{names} are asked for at once: ask for at most {most}"),
    ))
}

fn step_failed(error: StepError) -> ApiError {
    let code = match error {
        StepError::Transient(_) => Code::ThrottlingException,
        _ => Code::InternalFailure,
    };
    ApiError::new(code, error.to_string())
}

fn completed(loaded: &Loaded) -> ApiError {
    ApiError::new(Code::DeploymentAlreadyCompletedException, loaded.deployment.too_late())
}
