//! What a deployment will do, as PlanDeployment and DescribeDeployment tell it.

use serde::{Deserialize, Serialize};

use super::{Pair, ShownTarget, Target};

/// The answer to PlanDeployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanAnswer {
    /// What would be done; absent if so much is wrong that there is no plan.
    #[serde(default)]
    pub plan: Option<PlanView>,
    /// Why it cannot go. Empty: it can.
    #[serde(default)]
    pub refusals: Vec<Refusal>,
    /// What is worth knowing beforehand.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// One reason against a deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Refusal {
    /// Its name, like AlarmActive.
    pub code: String,
    /// The sentence.
    pub message: String,
}

/// Everything a deployment will do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// What moves.
    pub target: ShownTarget,
    /// The version or task definition that has the traffic.
    pub from: String,
    /// The one that is to have it.
    pub to: String,
    /// The task sets of a service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<Pair>,
    /// What the strategy is called.
    #[serde(default)]
    pub strategy: Option<String>,
    /// Who named it.
    #[serde(default)]
    pub strategy_from: Option<String>,
    /// Strategies that were named and are not used.
    #[serde(default)]
    pub overruled: Vec<OverruledView>,
    /// What the new side has already.
    #[serde(default)]
    pub start_weight: u8,
    /// How many executions of the new version are kept ready while the deployment lasts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_concurrency: Option<u32>,
    /// Empty: nothing to do.
    #[serde(default)]
    pub steps: Vec<StepView>,
    /// The hooks, in order.
    #[serde(default)]
    pub hooks: Vec<HookView>,
    /// The names of the alarms that stop it.
    #[serde(default)]
    pub alarms: Vec<String>,
    /// After what the traffic is put back.
    #[serde(default)]
    pub rollback_on: Vec<String>,
    /// The longest time between two looks at the alarms, in seconds.
    #[serde(default)]
    pub poll_seconds: Option<u64>,
    /// How long a new task set that has all of the traffic is watched beyond the plan's own waits, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watched_seconds: Option<u64>,
    /// How long a service waits for a person before traffic moves, if it does, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ready_seconds: Option<u64>,
    /// How long a service keeps its old task set, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub termination_seconds: Option<u64>,
    /// How long all the waits take together, in seconds.
    #[serde(default)]
    pub total_seconds: u64,
}

impl PlanView {
    /// What moves.
    pub fn target(&self) -> &Target {
        &self.target.parts
    }

    /// How long what had the traffic is kept once it has moved, in seconds.
    pub fn kept_seconds(&self) -> u64 {
        self.termination_seconds.unwrap_or(0)
    }

    /// Where the traffic moves to, in words.
    pub fn goal(&self) -> String {
        match self.target() {
            Target::Alias { .. } => format!("version {}", self.to),
            // Both may run the same task definition, so it does not tell which is which.
            Target::Service { .. } => format!("the green task set ({})", self.to),
        }
    }

    /// Whether it can wait for a person, and nobody knows for how long.
    pub fn may_pause(&self) -> bool {
        self.ready_seconds.is_some() || self.steps.iter().any(|step| step.await_continue)
    }
}

/// A strategy that was named and is not used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OverruledView {
    /// Who named it.
    pub origin: String,
    /// What it is called.
    pub strategy: String,
}

/// One step of the traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    /// The share of the new side, in percent.
    pub weight: u8,
    /// How long it is held, in seconds; for a step that waits to be continued, how long at most.
    #[serde(default)]
    pub hold_seconds: Option<u64>,
    /// Whether it waits for a person.
    #[serde(default)]
    pub await_continue: bool,
    /// `Stop` or `Continue`.
    #[serde(default)]
    pub on_timeout: Option<String>,
}

/// One hook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HookView {
    /// The lifecycle event it runs at.
    pub event: String,
    /// The function's name or ARN.
    pub function: String,
    /// How long it may take, in seconds.
    #[serde(default)]
    pub timeout_seconds: u64,
    /// Names, never values.
    #[serde(default)]
    pub parameters: Vec<String>,
    /// Whether its words and its log are kept although it is handed parameters.
    #[serde(default)]
    pub keep_output: bool,
}
