//! What clients ask for, a module each, over whatever it is asked through: typed in, typed out, and nothing here knows JSON. The
//! doors decode and encode ([`crate::api`], [`crate::hook_status`]).

mod create;
mod describe;
mod describe_target;
pub(crate) mod hook_status;
mod instances;
pub mod limits;
mod list;
mod plan;
mod repair;
mod resume;
mod stop;
mod targets;
mod task_sets;
mod view;
mod wire;

use codedeploy::error::{ApiError, Code};
use rollout::ids::DeploymentId;

use crate::answering::failed;
use crate::error::StepError;
use crate::facts::Settings;
use crate::ports::{Loaded, Records};

/// The ports behind the API. Each use case asks for those it needs.
pub struct Ports<'a, S, F, O, E, A, P, W, M, C> {
    /// Records, listings, journals, locks, hook runs.
    pub store: &'a S,
    /// Reads functions and aliases.
    pub functions: &'a F,
    /// Reads AppSpecs in S3.
    pub objects: &'a O,
    /// Reads services and listeners.
    pub services: &'a E,
    /// Looks at alarms.
    pub alarms: &'a A,
    /// Says which parameters there are.
    pub parameters: &'a P,
    /// Ends waits.
    pub waits: &'a W,
    /// Starts executions, and asks about them.
    pub machines: &'a M,
    /// The time, and new ids.
    pub clock: &'a C,
    /// The stack's parameters.
    pub settings: &'a Settings,
}

impl<S: Records, F, O, E, A, P, W, M, C> Ports<'_, S, F, O, E, A, P, W, M, C> {
    /// The deployment a call names.
    async fn named(&self, id: Option<String>) -> Result<Loaded, ApiError> {
        let id = id.ok_or_else(|| ApiError::new(Code::DeploymentIdRequiredException, "deploymentId is missing"))?;
        let id = DeploymentId::parse(&id)
            .map_err(|error| ApiError::new(Code::InvalidDeploymentIdException, error.to_string()))?;
        self.store.load(&id).await.map_err(failed)?.ok_or_else(|| {
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
