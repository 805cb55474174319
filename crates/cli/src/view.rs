//! What the stack answers, as far as this program shows it. Members it does not know are left alone.

use std::fmt;

use jiff::Timestamp;
use proxy::text::{in_lines, one_line};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::api::ApiError;
use crate::target::Target;

/// The answer to PlanDeployment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct PlanAnswer {
    /// What would be done; absent if so much is wrong that there is no plan.
    #[serde(default)]
    pub(crate) plan: Option<PlanView>,
    /// Why it cannot go. Empty: it can.
    #[serde(default)]
    pub(crate) refusals: Vec<Refusal>,
    /// What is worth knowing beforehand.
    #[serde(default)]
    pub(crate) notes: Vec<String>,
}

/// One reason against a deployment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Refusal {
    /// Its name, like AlarmActive.
    pub(crate) code: String,
    /// The sentence.
    pub(crate) message: String,
}

/// Everything a deployment will do.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanView {
    #[serde(flatten)]
    pub(crate) target: Target,
    pub(crate) from: String,
    pub(crate) to: String,
    #[serde(default)]
    pub(crate) strategy: Option<String>,
    /// What the new side has already.
    #[serde(default)]
    pub(crate) start_weight: f64,
    /// Empty: nothing to do.
    #[serde(default)]
    pub(crate) steps: Vec<StepView>,
    #[serde(default)]
    pub(crate) hooks: Vec<HookView>,
    #[serde(default)]
    pub(crate) alarms: Vec<String>,
    #[serde(default)]
    pub(crate) rollback_on: Vec<String>,
    #[serde(default)]
    pub(crate) poll_seconds: Option<u64>,
    #[serde(default)]
    pub(crate) total_seconds: u64,
}

impl PlanView {
    /// Where the traffic moves to, in words.
    pub(crate) fn goal(&self) -> String {
        match &self.target {
            Target::Alias { .. } => format!("version {}", self.to),
            // Both may run the same task definition, so it does not tell which is which.
            Target::Service { .. } => format!("the green task set ({})", self.to),
        }
    }

    /// Whether it can wait for a person, and nobody knows for how long.
    pub(crate) fn may_pause(&self) -> bool {
        self.target.ready_seconds().is_some() || self.steps.iter().any(|step| step.await_continue)
    }
}

/// One step of the traffic.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StepView {
    pub(crate) weight: f64,
    /// How long it is held; for a step that waits to be continued, how long at most.
    #[serde(default)]
    pub(crate) hold_seconds: Option<u64>,
    #[serde(default)]
    pub(crate) await_continue: bool,
    /// `Stop` or `Continue`.
    #[serde(default)]
    pub(crate) on_timeout: Option<String>,
}

/// One hook.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HookView {
    pub(crate) event: String,
    pub(crate) function: String,
    #[serde(default)]
    pub(crate) timeout_seconds: u64,
    /// Names, never values.
    #[serde(default)]
    pub(crate) parameters: Vec<String>,
    /// Whether its words and its log are kept although it is handed parameters.
    #[serde(default)]
    pub(crate) keep_output: bool,
}

/// The answer to DescribeDeployment.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeploymentView {
    pub(crate) deployment_id: String,
    /// CodeDeploy's word.
    pub(crate) status: String,
    /// The stack's own word, which says more.
    #[serde(default)]
    pub(crate) phase: Option<String>,
    /// Present once it is over.
    #[serde(default)]
    pub(crate) outcome: Option<Outcome>,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) started_by: Option<Starter>,
    /// The ARN of what carries it out.
    #[serde(default)]
    pub(crate) execution: Option<String>,
    #[serde(default)]
    pub(crate) application_name: Option<String>,
    #[serde(default)]
    pub(crate) deployment_group_name: Option<String>,
    #[serde(default)]
    pub(crate) create_time: Option<Moment>,
    #[serde(default)]
    pub(crate) start_time: Option<Moment>,
    #[serde(default)]
    pub(crate) complete_time: Option<Moment>,
    #[serde(default)]
    pub(crate) plan: Option<PlanView>,
    #[serde(default)]
    pub(crate) progress: Option<Progress>,
    #[serde(default)]
    pub(crate) events: Vec<EventView>,
    #[serde(default)]
    pub(crate) alarms: Vec<AlarmView>,
    #[serde(default)]
    pub(crate) error: Option<ErrorView>,
    #[serde(default)]
    pub(crate) leftover: Option<Leftover>,
    /// Those of a service.
    #[serde(default)]
    pub(crate) task_sets: Vec<TaskSetView>,
    #[serde(default)]
    pub(crate) journal: Vec<JournalEntry>,
}

/// Who asked for a deployment, as far as the stack can know.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "by")]
pub(crate) enum Starter {
    /// Somebody whom IAM knows by this ARN.
    Caller { arn: String },
    /// Somebody who may invoke the API's function.
    Invocation,
    /// Somebody who may start executions.
    Execution,
    /// A way in that this program does not know.
    #[serde(other)]
    Other,
}

/// Where the traffic is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress {
    /// On what is new, in percent; unknown until there is a plan.
    #[serde(default)]
    pub(crate) weight: Option<f64>,
    #[serde(default)]
    pub(crate) since: Option<Moment>,
    #[serde(default)]
    pub(crate) next_at: Option<Moment>,
    #[serde(default)]
    pub(crate) awaiting_continue: bool,
    /// Whether the old task set is kept for a while.
    #[serde(default)]
    pub(crate) awaiting_termination: bool,
}

impl DeploymentView {
    /// Where the traffic is, once that is known: the percentage on what is new.
    pub(crate) fn weight(&self) -> Option<f64> {
        self.progress.as_ref().and_then(|progress| progress.weight)
    }

    /// Whether it waits for a person.
    pub(crate) fn waits(&self) -> bool {
        let awaits = self.progress.as_ref().is_some_and(|progress| progress.awaiting_continue);
        awaits && !self.stopping() && self.outcome.is_none()
    }

    /// Whether the traffic has moved, and the old task set is kept in case it has to come back.
    pub(crate) fn keeps_old(&self) -> bool {
        let awaits = self.progress.as_ref().is_some_and(|progress| progress.awaiting_termination);
        awaits && !self.stopping() && self.outcome.is_none()
    }

    /// Whether something has ended it and it is not over yet.
    pub(crate) fn stopping(&self) -> bool {
        self.error.is_some() && self.outcome.is_none()
    }

    /// The alarms that were looked at: nobody does for a deployment that is over.
    pub(crate) fn alarms_read(&self) -> &[AlarmView] {
        if self.outcome.is_none() { &self.alarms } else { &[] }
    }

    /// Whether an event is more than a name: it makes a task set, shifts traffic, or calls a hook.
    pub(crate) fn has_work(&self, event: &EventView) -> bool {
        let hooks = self.plan.as_ref().map_or(&[][..], |plan| &plan.hooks);
        matches!(event.name.as_str(), "Install" | "AllowTraffic") || hooks.iter().any(|hook| hook.event == event.name)
    }

    /// Where the traffic moves to, in words.
    pub(crate) fn goal(&self) -> String {
        self.plan.as_ref().map_or("the new version".to_owned(), PlanView::goal)
    }

    /// The task set that the deployment made, while it is there.
    pub(crate) fn green(&self) -> Option<&TaskSetView> {
        self.task_set("Green").filter(|set| set.status.is_some())
    }

    /// The task set that lost and is being removed, once the traffic of a service is settled: what it is called, and how it is.
    pub(crate) fn leaving(&self) -> Option<(&'static str, &TaskSetView)> {
        match self.phase.as_deref() {
            Some("committing") => Some(("the old task set", self.task_set("Blue")?)),
            Some("settled") if self.leftover.is_none() => Some(("the green task set", self.task_set("Green")?)),
            _ => None,
        }
    }

    fn task_set(&self, label: &str) -> Option<&TaskSetView> {
        self.task_sets.iter().find(|set| set.label.as_deref() == Some(label))
    }
}

/// One lifecycle event.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventView {
    pub(crate) name: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) start_time: Option<Moment>,
    #[serde(default)]
    pub(crate) end_time: Option<Moment>,
    #[serde(default)]
    pub(crate) message: Option<String>,
    #[serde(default)]
    pub(crate) log_tail: Option<String>,
}

/// One watched alarm.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct AlarmView {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) state: Option<String>,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct ErrorView {
    pub(crate) code: String,
    #[serde(default)]
    pub(crate) message: Option<String>,
}

/// A split that was left behind: between versions, or between target groups by their ARNs.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Leftover {
    pub(crate) version: String,
    #[serde(default)]
    pub(crate) additional_version: Option<String>,
    #[serde(default)]
    pub(crate) additional_weight: f64,
}

/// One of the two task sets of a deployment to a service.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskSetView {
    /// The wire's own spelling, which is CodeDeploy's.
    #[serde(rename = "identifer", default)]
    pub(crate) id: Option<String>,
    /// `Blue` or `Green`.
    #[serde(rename = "taskSetLabel", default)]
    pub(crate) label: Option<String>,
    /// ECS's word; absent once it is gone.
    #[serde(default)]
    pub(crate) status: Option<String>,
    #[serde(default)]
    pub(crate) desired_count: u64,
    #[serde(default)]
    pub(crate) running_count: u64,
    #[serde(default)]
    pub(crate) traffic_weight: Option<f64>,
    #[serde(default)]
    pub(crate) target_group: Option<TargetGroupView>,
}

/// A target group.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct TargetGroupView {
    pub(crate) name: String,
}

/// One line of the deployment's journal.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct JournalEntry {
    pub(crate) at: Moment,
    pub(crate) text: String,
}

/// The answer to ListDeployments.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListedDeployment {
    pub(crate) deployment_id: String,
    pub(crate) status: String,
    #[serde(default)]
    pub(crate) outcome: Option<Outcome>,
    #[serde(flatten)]
    pub(crate) target: Option<Target>,
    #[serde(default)]
    pub(crate) from: Option<String>,
    #[serde(default)]
    pub(crate) to: Option<String>,
    #[serde(default)]
    pub(crate) create_time: Option<Moment>,
    #[serde(default)]
    pub(crate) error_code: Option<String>,
}

/// How a deployment ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum Outcome {
    /// The traffic is on what is new.
    Succeeded,
    /// The traffic is back where it was.
    RolledBack,
    /// A user stopped it.
    Stopped,
    /// Nothing moved, or the split was left because rollback is off.
    Failed,
    /// It could not be brought to its end: a person is needed.
    Unresolved,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Succeeded => "Succeeded",
            Self::RolledBack => "RolledBack",
            Self::Stopped => "Stopped",
            Self::Failed => "Failed",
            Self::Unresolved => "Unresolved",
        })
    }
}

/// A point in time: epoch seconds with a fraction on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = f64::deserialize(deserializer)?;
        #[expect(clippy::cast_possible_truncation, reason = "a cast from float saturates, and jiff checks the range")]
        let micros = (seconds * 1e6).round() as i64;
        Timestamp::from_microsecond(micros).map(Self).map_err(D::Error::custom)
    }
}

/// The member that is shown line by line, each behind a margin; every other text has one line.
const IN_LINES: &str = "logTail";

/// The answer with every text in it such that it cannot forge a line of ours: much of it is written by strangers.
fn tamed(answer: &Value, member: &str) -> Value {
    match answer {
        Value::String(text) if member == IN_LINES => in_lines(text).into(),
        Value::String(text) => one_line(text).into(),
        Value::Array(items) => items.iter().map(|item| tamed(item, member)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), tamed(value, name))).collect(),
        plain => plain.clone(),
    }
}

/// Reads an answer, to be shown.
pub(crate) fn read<T: DeserializeOwned>(answer: &Value) -> Result<T, ApiError> {
    T::deserialize(tamed(answer, "")).map_err(|error| {
        ApiError::Unreadable(format!(
            "the stack gave an answer this program does not read ({error}): are the program and the stack of the same version?"
        ))
    })
}
