//! The functions by name, as `functions` serves them: the payload is read, a step runs, its error keeps its name.

use rollout::starter::Starter;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use steps::api::Api;
use steps::error::StepError;
use steps::facts::Settings;
use steps::service::{clear, install, on_service, test_traffic, wait};
use steps::use_cases::UseCases;
use steps::{
    commit, finish, guard, hook, hook_status, on_alarm, on_execution, on_pipeline_job, prepare, rollback, shift, sweep,
};

use super::execution::Failure;
use crate::world::World;

/// Runs one function.
pub(crate) async fn serve(
    world: &World,
    settings: &Settings,
    function: &str,
    payload: Value,
) -> Result<Value, Failure> {
    let result = match function {
        "prepare" => step(payload, async |input| prepare::run(world, settings, input).await).await,
        "guard" => step(payload, async |input| guard::run(world, input).await).await,
        "hook" => step(payload, async |input| hook::run(world, &settings.grants, input).await).await,
        "shift" => step(payload, async |input| shift::run(world, input).await).await,
        "commit" => step(payload, async |input| commit::run(world, input).await).await,
        "rollback" => step(payload, async |input| rollback::run(world, input).await).await,
        "finish" => step(payload, async |input| finish::run(world, input).await).await,
        "install" => step(payload, async |input| install::run(world, input).await).await,
        "test_traffic" => step(payload, async |input| test_traffic::run(world, input).await).await,
        "wait" => step(payload, async |input| wait::run(world, input).await).await,
        "clear" => step(payload, async |input| clear::run(world, input).await).await,
        "on_service" => step(payload, async |input| on_service::run(world, input).await).await,
        "on_alarm" => step(payload, async |input| on_alarm::run(world, &settings.home, input).await).await,
        "on_execution" => step(payload, async |input| on_execution::run(world, input).await).await,
        "on_pipeline_job" => step(payload, async |input| on_pipeline_job::run(world, settings, input).await).await,
        "sweep" => step(payload, async |input| sweep::run(world, input).await).await,
        "hook_status" => step(payload, async |call| Ok(hook_status::answer(world, &call).await)).await,
        "api" => api(world, settings, payload).await,
        other => return Err(Failure::new("Lambda.ResourceNotFoundException", other)),
    };
    result.map_err(|error| {
        let document = json!({"errorType": error.name(), "errorMessage": error.to_string()});
        Failure::new(error.name(), document.to_string())
    })
}

async fn api(world: &World, settings: &Settings, payload: Value) -> Result<Value, StepError> {
    let api = Api(UseCases { ports: world, settings });
    step(payload, async |call| Ok(api.answer(&call, &Starter::Invocation).await)).await
}

async fn step<I: DeserializeOwned, O: Serialize>(
    payload: Value,
    step: impl AsyncFnOnce(I) -> Result<O, StepError>,
) -> Result<Value, StepError> {
    let input = I::deserialize(payload)
        .map_err(|error| StepError::InvalidInput(format!("the payload is not what this function takes: {error}")))?;
    let output = step(input).await?;
    serde_json::to_value(output).map_err(|error| StepError::InvalidInput(error.to_string()))
}
