//! Deployments to a service: from the alarm event's arrival to every listener being back, and what ten steps cost.

use std::collections::VecDeque;

use codedeploy::view::Outcome;
use local::sample::service::{BETTER, ServiceSample, create_service_sample};
use serde::Serialize;
use serde_json::{Value, json};

use super::rollback::{alarm, begin, by_rollback, settle, strike, until, watched};
use super::statistics::{percentile, rounded};
use crate::demo::steady;
use crate::screen::Screen;
use crate::stage::{Stage, transitions};
use crate::validate::chain;

/// Fewer than of an alias: each one makes a task set and removes it again.
const MEASURED: usize = 30;
/// How many services take turns: a rolled-back deployment needs half a minute until its task set is gone, and only that.
const SERVICES: usize = 3;
/// Not counted: the processes of the rollback path are started by the first ones.
const WARMING: usize = 3;

/// What was measured.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Ecs {
    #[serde(skip)]
    pub(super) n: usize,
    pub(super) rollback_p50_ms: f64,
    pub(super) rollback_p99_ms: f64,
    pub(super) linear10_transitions: u64,
}

/// Measures one rollback at a time, while the services of those before come to rest.
pub(super) async fn measure(stage: &Stage, screen: &Screen) -> Result<Ecs, String> {
    let mut samples = Vec::new();
    for number in 1..=SERVICES {
        let sample = create_service_sample(&stage.client, &format!("bench-{number}")).await.map_err(chain)?;
        steady(stage, &sample).await?;
        samples.push(sample);
    }
    alarm(stage).await?;
    let (mut times, mut ending) = (Vec::new(), VecDeque::<String>::new());
    for round in 0..WARMING + MEASURED {
        if ending.len() == SERVICES
            && let Some(before) = ending.pop_front()
        {
            settle(stage, "ecs", &before).await?;
        }
        let (deployment, took) = once(stage, &samples[round % SERVICES]).await?;
        ending.push_back(deployment);
        if round >= WARMING {
            times.push(took);
        }
        let (done, ms) = (round + 1, took);
        let told = format!("rollback of a service {done} of {}: {ms:.0} ms", WARMING + MEASURED);
        if done % 10 == 0 { screen.step(&told) } else { screen.show(&told) }
    }
    for before in ending {
        settle(stage, "ecs", &before).await?;
    }
    let (p50, p99) = (percentile(&times, 50), percentile(&times, 99));
    let linear10_transitions = linear(stage, &samples[0], screen).await?;
    let (rollback_p50_ms, rollback_p99_ms) = (rounded(p50, 10.0), rounded(p99, 10.0));
    Ok(Ecs { n: times.len(), rollback_p50_ms, rollback_p99_ms, linear10_transitions })
}

/// One deployment, and its milliseconds until the last of the listener's places is back.
async fn once(stage: &Stage, sample: &ServiceSample) -> Result<(String, f64), String> {
    let mut request = request(sample, &json!([{ "Weight": 50, "Hold": "1h" }]));
    request["overrideAlarmConfiguration"] = watched();
    let deployment = begin(stage, &request).await?;
    let routes = [&sample.production_listener, &sample.api_rule];
    let took = strike(stage, &deployment, |since| {
        let writes = stage.stack.observed().listener_writes();
        let back = |route: &&String| {
            let ours = |caller: Option<&str>| by_rollback(caller);
            writes
                .iter()
                .find(|write| write.at >= since && write.resource == **route && ours(write.caller.as_deref()))
                .map(|write| write.at)
        };
        routes.iter().map(back).collect::<Option<Vec<f64>>>()?.into_iter().max_by(f64::total_cmp)
    })
    .await?;
    Ok((deployment, took))
}

/// The state transitions of a deployment in ten steps: no alarms, no hooks.
async fn linear(stage: &Stage, sample: &ServiceSample, screen: &Screen) -> Result<u64, String> {
    screen.step("a linear deployment of a service in ten steps");
    let deployment = stage.create(&request(sample, &json!("Linear10PercentEvery1Second"))).await?;
    // Nobody looks on before it is over: a look would compete for the processors.
    let history = stage.history("ecs", &deployment).await?;
    let view = until(stage, &deployment, "its end", |view| view.outcome.is_some()).await?;
    if view.outcome != Some(Outcome::Succeeded) {
        return Err(format!("{deployment} should have succeeded: {view:?}"));
    }
    Ok(transitions(&history))
}

fn request(sample: &ServiceSample, strategy: &Value) -> Value {
    let mut spec = sample.appspec(BETTER);
    spec["Service"] = sample.place();
    spec["Strategy"] = strategy.clone();
    json!({
        "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": spec.to_string() } },
    })
}
