//! From the alarm event's arrival to the traffic being back: one deployment after the other, each in the middle of a hold.

use std::time::Duration;

use codedeploy::view::{DeploymentView, Outcome};
use serde::Serialize;
use serde_json::{Value, json};

use super::statistics::{percentile, rounded};
use crate::clock;
use crate::screen::Screen;
use crate::stage::{ALIAS, FUNCTION, Stage};
use crate::validate::chain;

const MEASURED: usize = 110;
/// Not counted: the processes of the rollback path are started by the first ones.
const WARMING: usize = 5;
const ALARM: &str = "bench-rollback";
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Lets the rollout's own functions come to rest before the alarm, and the alarm's before the next rollout.
const REST: Duration = Duration::from_millis(150);
const PATIENCE_SECONDS: f64 = 60.0;

/// What was measured.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rollback {
    pub(super) n: usize,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

/// Measures, one at a time: two at once would measure this machine's processors.
pub(super) async fn measure(stage: &Stage, screen: &Screen) -> Result<Rollback, String> {
    alarm(stage).await?;
    let mut times = Vec::new();
    for round in 0..WARMING + MEASURED {
        let took = once(stage).await?;
        if round >= WARMING {
            times.push(took);
        }
        let (done, ms) = (round + 1, took);
        let told = format!("rollback {done} of {}: {ms:.0} ms", WARMING + MEASURED);
        if done % 20 == 0 { screen.step(&told) } else { screen.show(&told) }
    }
    let (p50, p99) = (percentile(&times, 50), percentile(&times, 99));
    Ok(Rollback { n: times.len(), p50_ms: rounded(p50, 10.0), p99_ms: rounded(p99, 10.0) })
}

/// Creates the alarm, on a metric that nobody sends, so that only the bench changes its state.
pub(super) async fn alarm(stage: &Stage) -> Result<(), String> {
    let alarm = json!({
        "AlarmName": ALARM,
        "Namespace": "Bench",
        "MetricName": "Rollback",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
    });
    stage.client.put_metric_alarm(&alarm).await.map_err(chain)
}

/// Milliseconds of one.
async fn once(stage: &Stage) -> Result<f64, String> {
    let deployment = begin(stage, &request()).await?;
    let took = strike(stage, &deployment, |since| {
        let writes = stage.stack.observed().alias_writes();
        writes.into_iter().find(|write| write.at >= since && by_rollback(write.caller.as_deref())).map(|write| write.at)
    })
    .await?;
    settle(stage, "lambda", &deployment).await?;
    Ok(took)
}

/// Starts a deployment and waits until half of its traffic has moved.
pub(super) async fn begin(stage: &Stage, request: &Value) -> Result<String, String> {
    stage.stack.observed().forget();
    stage.client.set_alarm_state(ALARM, "OK", "before the next deployment").await.map_err(chain)?;
    let deployment = stage.create(request).await?;
    until(stage, &deployment, "half its traffic", |view| view.weight() == Some(50)).await?;
    tokio::time::sleep(REST).await;
    Ok(deployment)
}

/// Sets the alarm off, and waits for the write that puts the traffic back; the milliseconds from the alarm's event to it.
pub(super) async fn strike(stage: &Stage, deployment: &str, back: impl Fn(f64) -> Option<f64>) -> Result<f64, String> {
    let armed = clock::now();
    stage.client.set_alarm_state(ALARM, "ALARM", "the bench says so").await.map_err(chain)?;
    // Only looks at what the stack has noted: a question to the api would compete for the processors.
    while clock::now() - armed < PATIENCE_SECONDS {
        if let Some(back) = back(armed) {
            let events = stage.stack.observed().events();
            let event = events.into_iter().find(|seen| {
                let detail = &seen.event["detail"];
                seen.at >= armed && detail["alarmName"] == ALARM && detail["state"]["value"] == "ALARM"
            });
            return event
                .map(|event| (back - event.at) * 1_000.0)
                .ok_or_else(|| "the alarm's event was not seen".to_owned());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Err(format!("{deployment} was not rolled back"))
}

/// Whether a write was made by the rollback function.
pub(super) fn by_rollback(caller: Option<&str>) -> bool {
    caller.is_some_and(|caller| caller.ends_with("-rollback"))
}

/// Waits until a deployment is over: the next one needs the machine for itself.
pub(super) async fn settle(stage: &Stage, machine: &str, deployment: &str) -> Result<(), String> {
    stage.history(machine, deployment).await?;
    let view = until(stage, deployment, "its end", |view| view.outcome.is_some()).await?;
    if view.outcome != Some(Outcome::RolledBack) {
        return Err(format!("{deployment} should have been rolled back: {view:?}"));
    }
    tokio::time::sleep(REST).await;
    Ok(())
}

/// What every deployment of this bench watches.
pub(super) fn watched() -> Value {
    json!({ "enabled": true, "alarms": [{ "name": ALARM }] })
}

fn request() -> Value {
    let spec = json!({
        "version": 0.0,
        "Resources": [{ "bench": { "Type": "AWS::Lambda::Function", "Properties": {
            "Name": FUNCTION, "Alias": ALIAS, "TargetVersion": "2",
        } } }],
        "Strategy": [{ "Weight": 50, "Hold": "1h" }],
    });
    json!({
        "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": spec.to_string() } },
        "overrideAlarmConfiguration": watched(),
    })
}

/// Waits until something is so.
pub(super) async fn until(
    stage: &Stage,
    deployment: &str,
    wanted: &str,
    is: impl Fn(&DeploymentView) -> bool,
) -> Result<DeploymentView, String> {
    let deadline = clock::now() + PATIENCE_SECONDS;
    loop {
        let view = stage.describe(deployment).await?;
        if is(&view) {
            return Ok(view);
        }
        if clock::now() > deadline || view.outcome.is_some() {
            return Err(format!("{deployment} never got to {wanted}: {view:?}"));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
