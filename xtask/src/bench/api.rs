//! The API's own speed: one call after the other through the `api` function, in one warm process.

use std::time::Instant;

use codedeploy::operation::Operation;
use codedeploy::shapes::{DeploymentIdInput, GetDeploymentOutput};
use serde::Serialize;
use serde_json::{Value, json};

use super::statistics::{percentile, rounded};
use crate::screen::Screen;
use crate::stage::{ALIAS, FUNCTION, Stage};

/// Not counted: connections are opened and code is read in by the first ones.
const WARMING: usize = 20;
const READS: usize = 500;
const CREATIONS: usize = 150;

/// What was measured.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Api {
    pub(super) get_deployment: Speed,
    pub(super) create_deployment: Speed,
}

/// How fast one operation is.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Speed {
    pub(super) per_second: f64,
    pub(super) p99_ms: f64,
}

impl Speed {
    /// From the milliseconds of each call.
    fn of(times: &[f64]) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "some hundreds")]
        let calls = times.len() as f64;
        let seconds = times.iter().sum::<f64>() / 1_000.0;
        Self { per_second: rounded(calls / seconds, 10.0), p99_ms: rounded(percentile(times, 99), 10.0) }
    }
}

/// Measures, one call at a time: a second one at once would be another process.
pub(super) async fn measure(stage: &Stage, screen: &Screen) -> Result<Api, String> {
    stage.point("1").await?;
    let first = create(stage).await?.0;
    let asked = DeploymentIdInput { deployment_id: Some(first) };
    for _ in 0..WARMING {
        get(stage, &asked).await?;
        create(stage).await?;
    }
    stage.stack.observed().forget();

    screen.step(&format!("GetDeployment, {READS} calls"));
    let mut reads = Vec::with_capacity(READS);
    for _ in 0..READS {
        let began = Instant::now();
        get(stage, &asked).await?;
        reads.push(began.elapsed().as_secs_f64() * 1_000.0);
    }
    screen.step(&format!("CreateDeployment, {CREATIONS} calls"));
    let mut creations = Vec::with_capacity(CREATIONS);
    for _ in 0..CREATIONS {
        creations.push(create(stage).await?.1);
    }

    let function = format!("{}-api", stage.stack.name());
    if stage.stack.observed().cold_starts().iter().any(|start| start.function == function) {
        return Err(format!("{function} was started anew while it was measured"));
    }
    Ok(Api { get_deployment: Speed::of(&reads), create_deployment: Speed::of(&creations) })
}

async fn get(stage: &Stage, asked: &DeploymentIdInput) -> Result<GetDeploymentOutput, String> {
    stage.api(Operation::GetDeployment, asked).await
}

/// A deployment to the version that serves already: its id, and the milliseconds the call took. Its execution is over before
/// the next one begins, and that is not counted.
async fn create(stage: &Stage) -> Result<(String, f64), String> {
    let request = request();
    let began = Instant::now();
    let id = stage.create(&request).await?;
    let took = began.elapsed().as_secs_f64() * 1_000.0;
    stage.history("lambda", &id).await?;
    Ok((id, took))
}

fn request() -> Value {
    let spec = json!({
        "version": 0.0,
        "Resources": [{ "bench": { "Type": "AWS::Lambda::Function", "Properties": {
            "Name": FUNCTION, "Alias": ALIAS, "TargetVersion": "1",
        } } }],
    });
    json!({ "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": spec.to_string() } } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_is_calls_by_the_time_spent_in_them() {
        let Speed { per_second, p99_ms } = Speed::of(&[4.0, 6.0, 20.0, 10.0]);
        assert_eq!((per_second, p99_ms), (100.0, 20.0));
    }
}
