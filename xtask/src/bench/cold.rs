//! Cold starts: every function in fresh processes, each doing its real work in a real deployment.

use std::collections::BTreeMap;

use codedeploy::view::Outcome;
use serde::Serialize;
use serde_json::{Value, json};

use super::rollback::until;
use super::statistics::{median, rounded};
use crate::screen::Screen;
use crate::stage::{ALIAS, FUNCTION, Stage};

const ROUNDS: usize = 5;
/// All of them.
const FUNCTIONS: [&str; 10] =
    ["prepare", "guard", "hook", "shift", "commit", "rollback", "finish", "on-alarm", "on-execution", "api"];

/// One function's, each number the median of several processes.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ColdStart {
    pub(super) function: &'static str,
    pub(super) init_ms: f64,
    pub(super) first_invoke_ms: f64,
    pub(super) rss_kb: f64,
}

/// Deploys with cold functions, again and again.
pub(super) async fn measure(stage: &Stage, screen: &Screen) -> Result<Vec<ColdStart>, String> {
    // Python and the sample's files come into memory once, before anything is timed.
    round(stage).await?;
    stage.stack.observed().forget();
    for number in 1..=ROUNDS {
        screen.step(&format!("cold starts, round {number} of {ROUNDS}"));
        round(stage).await?;
    }
    let mut seen = BTreeMap::<String, [Vec<f64>; 3]>::new();
    for start in stage.stack.observed().cold_starts() {
        let [init, first, rss] = seen.entry(start.function).or_default();
        init.push(start.init_ms);
        first.push(start.first_invoke_ms);
        #[expect(clippy::cast_precision_loss, reason = "memory in KB")]
        rss.push(start.rss_kb as f64);
    }
    let told = FUNCTIONS.iter().map(|function| {
        let name = format!("{}-{function}", stage.stack.name());
        let [init, first, rss] = seen.get(&name).ok_or_else(|| format!("{name} was never started"))?;
        Ok(ColdStart {
            function,
            init_ms: rounded(median(init), 10.0),
            first_invoke_ms: rounded(median(first), 10.0),
            rss_kb: median(rss),
        })
    });
    told.collect()
}

/// Two deployments that need every function: one that succeeds, one that a hook refuses after the traffic has moved.
async fn round(stage: &Stage) -> Result<(), String> {
    for (refusing, wanted) in [(false, Outcome::Succeeded), (true, Outcome::RolledBack)] {
        stage.point("1").await?;
        stage.stack.chill();
        let deployment = stage.create(&request(refusing)).await?;
        // Quiet until it is over: a look would compete for the processors.
        stage.history("lambda", &deployment).await?;
        let view = until(stage, &deployment, "its end", |view| view.outcome.is_some()).await?;
        if view.outcome != Some(wanted) {
            return Err(format!("{deployment} should have ended as {wanted}: {view:?}"));
        }
    }
    on_alarm(stage).await
}

/// An alarm that no deployment watches.
async fn on_alarm(stage: &Stage) -> Result<(), String> {
    let function = format!("{}-on-alarm", stage.stack.name());
    let event = json!({ "detail": { "alarmName": "nobody-watches", "state": { "value": "ALARM" } } });
    stage.client.invoke(&function, None, &event).await.map(drop).map_err(crate::validate::chain)
}

fn request(refusing: bool) -> Value {
    let after = if refusing { "CodeDeployHook_refusing" } else { "CodeDeployHook_after" };
    let spec = json!({
        "version": 0.0,
        "Resources": [{ "bench": { "Type": "AWS::Lambda::Function", "Properties": {
            "Name": FUNCTION, "Alias": ALIAS, "TargetVersion": "2",
        } } }],
        "Hooks": [{ "AfterAllowTraffic": after }],
        "Strategy": "AllAtOnce",
    });
    json!({ "revision": { "revisionType": "AppSpecContent", "appSpecContent": { "content": spec.to_string() } } })
}
