//! What one deployment in ten steps costs: no alarms, so no polls between the steps, and no hooks.

use std::collections::BTreeMap;

use codedeploy::view::Outcome;
use serde::Serialize;

use super::price::{self, Used};
use super::rollback::until;
use super::statistics::rounded;
use crate::screen::Screen;
use crate::stage::{ALIAS, FUNCTION, Stage, transitions};

/// What it used.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Linear10 {
    pub(super) transitions: u64,
    pub(super) invocations: u64,
    pub(super) write_units: f64,
    pub(super) read_units: f64,
    pub(super) usd: f64,
}

/// Plays it, and counts.
pub(super) async fn measure(stage: &Stage, screen: &Screen) -> Result<Linear10, String> {
    screen.step("a linear deployment in ten steps");
    stage.point("1").await?;
    let before = billed(stage);
    stage.stack.meter().start();
    let flags =
        ["--function", FUNCTION, "--alias", ALIAS, "--to-version", "2", "--config", "Linear10PercentEvery1Second"];
    let (deployment, plan) = stage.deploy(&flags).await?;
    let steps = plan.steps.len();
    if steps != 10 {
        return Err(format!("a linear deployment by 10 percent should have ten steps, it has {steps}"));
    }
    // Nobody looks on: a look would be counted.
    let history = stage.history("lambda", &deployment).await?;
    stage.stack.meter().stop();
    let usage = stage.stack.meter().usage(&deployment);
    let view = until(stage, &deployment, "its end", |view| view.outcome.is_some()).await?;
    if view.outcome != Some(Outcome::Succeeded) {
        return Err(format!("{deployment} should have succeeded: {view:?}"));
    }
    let after = billed(stage);
    stage.point("1").await?;
    let prefix = format!("{}-", stage.stack.name());
    let ours = |name: &str| name.starts_with(&prefix);
    let invocations = usage.invocations.iter().filter(|(name, _)| ours(name)).map(|(_, count)| count).sum::<u64>();
    let transitions = transitions(&history);
    #[expect(clippy::cast_precision_loss, reason = "some dozens")]
    let used = Used {
        transitions: transitions as f64,
        requests: invocations as f64,
        gb_seconds: after.iter().map(|(name, sum)| sum - before.get(name).unwrap_or(&0.0)).sum(),
        write_units: usage.write_units,
        read_units: usage.read_units,
    };
    Ok(Linear10 {
        transitions,
        invocations,
        write_units: usage.write_units,
        read_units: usage.read_units,
        usd: rounded(used.usd(), 1e7),
    })
}

/// What the stack's functions were billed so far, by their logs.
fn billed(stage: &Stage) -> BTreeMap<String, f64> {
    let prefix = format!("{}-", stage.stack.name());
    let logs = std::fs::read_dir(stage.stack.state_dir().join("logs"));
    let logs = logs.into_iter().flatten().flatten().filter_map(|log| {
        let name = log.file_name().to_string_lossy().into_owned();
        let text = std::fs::read(log.path()).ok().filter(|_| name.starts_with(&prefix))?;
        Some((name, price::billed(&String::from_utf8_lossy(&text))))
    });
    logs.collect()
}
