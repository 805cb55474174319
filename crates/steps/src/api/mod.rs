//! The API: one dispatcher behind every door.

mod control;
mod create;
mod describe;
mod describe_target;
mod hook_status;
mod instances;
mod list;
mod page;
mod plan;
mod repair;
mod resume;
mod stop;
mod targets;
mod task_sets;
mod view;
mod wire;

use codedeploy::call::{Call, Reply};
use codedeploy::error::{ApiError, Code};
use codedeploy::operation::Operation;
use codedeploy::text::clipped;
use rollout::ids::DeploymentId;
use rollout::starter::Starter;
use serde_json::Value;

use control::ControlPlane;

use crate::effective::failed;
use crate::error::StepError;
use crate::facts::Settings;
use crate::ports::{
    Catalogue, Clock, EndWaits, FindParameters, HookRuns, Ids, Journal, LateWrites, Listing, Loaded, Locks, ReadAlarms,
    ReadAlias, ReadExecutions, ReadFunctions, ReadListeners, ReadObjects, ReadServices, Records, StartExecutions,
};

/// How much of an operation's name that nobody knows is repeated, in characters.
const LONGEST_TARGET: usize = 100;

/// The ports behind the API.
pub struct Api<'a, S, F, O, E, A, P, W, M, C> {
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

impl<S, F, O, E, A, P, W, M, C> Api<'_, S, F, O, E, A, P, W, M, C>
where
    S: Records + Journal + Listing + Locks + LateWrites + HookRuns + Catalogue,
    F: ReadAlias + ReadFunctions,
    O: ReadObjects,
    E: ReadServices + ReadListeners,
    A: ReadAlarms,
    P: FindParameters,
    W: EndWaits,
    M: ReadExecutions + StartExecutions,
    C: Clock + Ids,
{
    /// Answers one call of somebody.
    pub async fn answer(&self, call: &Call, caller: &Starter) -> Reply {
        let result = self.dispatch(call, caller).await;
        if let Err(error) = &result {
            tracing::info!(target = %call.target, code = %error.code, message = %error.message, "refused");
        }
        result.into()
    }

    async fn dispatch(&self, call: &Call, caller: &Starter) -> Result<Value, ApiError> {
        let operation = Operation::from_target(&call.target).ok_or_else(|| {
            ApiError::new(
                Code::UnknownOperationException,
                format!("there is no operation {}", clipped(&call.target, LONGEST_TARGET)),
            )
        })?;
        match operation {
            Operation::CreateDeployment => self.create(&call.body, caller).await,
            Operation::GetDeployment => self.get(&call.body).await,
            Operation::ListDeployments => self.list(&call.body).await,
            Operation::BatchGetDeployments => self.batch_get(&call.body).await,
            Operation::ListDeploymentTargets => self.list_targets(&call.body).await,
            Operation::GetDeploymentTarget => self.get_target(&call.body).await,
            Operation::BatchGetDeploymentTargets => self.batch_get_targets(&call.body).await,
            Operation::SkipWaitTimeForInstanceTermination => self.skip_wait(&call.body).await,
            Operation::StopDeployment => self.stop(&call.body).await,
            Operation::ContinueDeployment => self.resume(&call.body).await,
            Operation::PutLifecycleEventHookExecutionStatus => self.put_hook_status(&call.body).await,
            Operation::ListDeploymentInstances => self.list_instances(&call.body).await,
            Operation::GetDeploymentInstance => self.get_instance(&call.body).await,
            Operation::BatchGetDeploymentInstances => self.batch_get_instances(&call.body).await,
            Operation::PlanDeployment => self.plan(&call.body).await,
            Operation::DescribeDeployment => self.describe(&call.body).await,
            Operation::DescribeDeployments => self.describe_all(&call.body).await,
            Operation::DescribeTarget => Box::pin(self.describe_target(&call.body)).await,
            Operation::RepairDeployment => self.repair(&call.body).await,
            // Boxed, so that one call's memory is not that of the largest of fifty.
            other => {
                let control = ControlPlane { store: self.store, clock: self.clock, settings: self.settings };
                Box::pin(control.answer(other, &call.body)).await
            }
        }
    }
}

impl<S, F, O, E, A, P, W, M, C> Api<'_, S, F, O, E, A, P, W, M, C>
where
    S: Records,
{
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
