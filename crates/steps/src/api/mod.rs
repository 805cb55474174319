//! The API: one dispatcher behind every door. It decodes what an operation takes, has the use case do it ([`crate::use_cases`]), and
//! encodes what that answers.

mod control;
mod page;

use codedeploy::call::{self, Call, Reply};
use codedeploy::error::{ApiError, Code};
use codedeploy::operation::Operation;
use codedeploy::shapes::CreateDeploymentInput;
use codedeploy::text::clipped;
use codedeploy::unknown;
use rollout::starter::Starter;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use control::ControlPlane;

use crate::effective;
use crate::hook_status;
use crate::powers::Api as Powers;
use crate::use_cases::UseCases;
use crate::use_cases::create::Name;

/// How much of an operation's name that nobody knows is repeated, in characters.
const LONGEST_TARGET: usize = 100;

/// The API over its ports.
pub struct Api<'a, P>(pub UseCases<'a, P>);

impl<P: Powers> Api<'_, P> {
    /// Answers one call of somebody.
    pub async fn answer(&self, call: &Call, caller: &Starter) -> Reply {
        let result = self.dispatch(call, caller).await;
        if let Err(error) = &result {
            tracing::info!(target = %call.target, code = %error.code, message = %error.message, "refused");
        }
        result.into()
    }

    async fn dispatch(&self, call: &Call, caller: &Starter) -> Result<Value, ApiError> {
        let operation = Operation::from_target(&call.target).ok_or_else(|| unknown_operation(&call.target))?;
        let (cases, body) = (&self.0, &call.body);
        match operation {
            Operation::CreateDeployment => self.create(body, caller).await,
            Operation::GetDeployment => answered(body, async |input| cases.get(input).await).await,
            Operation::ListDeployments => answered(body, async |input| cases.list(input).await).await,
            Operation::BatchGetDeployments => answered(body, async |input| cases.batch_get(input).await).await,
            Operation::ListDeploymentTargets => answered(body, async |input| cases.list_targets(input).await).await,
            Operation::GetDeploymentTarget => answered(body, async |input| cases.get_target(input).await).await,
            Operation::BatchGetDeploymentTargets => {
                answered(body, async |input| cases.batch_get_targets(input).await).await
            }
            Operation::SkipWaitTimeForInstanceTermination => {
                answered(body, async |input| cases.skip_wait(input).await).await
            }
            Operation::StopDeployment => answered(body, async |input| cases.stop(input).await).await,
            Operation::ContinueDeployment => answered(body, async |input| cases.resume(input).await).await,
            Operation::PutLifecycleEventHookExecutionStatus => hook_status::answer_put(cases.ports, body).await,
            Operation::ListDeploymentInstances => answered(body, async |input| cases.list_instances(input).await).await,
            Operation::GetDeploymentInstance => answered(body, async |input| cases.get_instance(input).await).await,
            Operation::BatchGetDeploymentInstances => {
                answered(body, async |input| cases.batch_get_instances(input).await).await
            }
            Operation::PlanDeployment => self.plan(body).await,
            Operation::DescribeDeployment => answered(body, async |input| cases.describe(input).await).await,
            Operation::DescribeDeployments => answered(body, async |input| cases.describe_all(input).await).await,
            Operation::DescribeTarget => {
                answered(body, async |input| Box::pin(cases.describe_target(input)).await).await
            }
            Operation::PlanUndo => answered(body, async |input| Box::pin(cases.plan_undo(input)).await).await,
            Operation::GetGroupPolicy => answered(body, async |input| cases.group_policy(input).await).await,
            Operation::PutGroupPolicy => answered(body, async |input| cases.put_group_policy(input).await).await,
            Operation::RepairDeployment => answered(body, async |input| cases.repair(input).await).await,
            // Boxed, so that one call's memory is not that of the largest of fifty.
            other => {
                let control = ControlPlane { ports: cases.ports, settings: cases.settings };
                Box::pin(control.answer(other, body)).await
            }
        }
    }

    /// A member that nobody knows is ignored, as AWS does it; it may be why the rest is refused.
    async fn create(&self, body: &Value, caller: &Starter) -> Result<Value, ApiError> {
        let unknown = unknown::members::<CreateDeploymentInput>(body);
        for unknown in &unknown {
            tracing::warn!(%unknown, "a member of CreateDeployment is ignored");
        }
        let created = async { self.0.create(&effective::asked(body)?, caller, Name::Anew).await };
        encoded(created.await.map_err(|error| unknown::told(error, &unknown)))
    }

    /// A deployment with members that nobody knows is accepted: here is where one learns of a member that does nothing.
    async fn plan(&self, body: &Value) -> Result<Value, ApiError> {
        let unknown = unknown::members::<CreateDeploymentInput>(body);
        let planned = async {
            let mut answer = self.0.plan(&effective::asked(body)?).await?;
            answer.notes.splice(0..0, unknown.iter().map(|unknown| format!("ignored: {unknown}")));
            Ok(answer)
        };
        encoded(planned.await.map_err(|error| unknown::told(error, &unknown)))
    }
}

fn unknown_operation(target: &str) -> ApiError {
    let message = format!("there is no operation {}", clipped(target, LONGEST_TARGET));
    ApiError::new(Code::UnknownOperationException, message)
}

/// Decodes the input, has the use case answer it, and encodes that.
async fn answered<I: DeserializeOwned, T: Serialize>(
    body: &Value,
    use_case: impl AsyncFnOnce(I) -> Result<T, ApiError>,
) -> Result<Value, ApiError> {
    encoded(use_case(call::input(body)?).await)
}

fn encoded<T: Serialize>(answer: Result<T, ApiError>) -> Result<Value, ApiError> {
    answer.map(|answer| json!(answer))
}
