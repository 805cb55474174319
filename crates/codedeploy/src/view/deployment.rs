//! A deployment, as DescribeDeployment and ListDeployments tell it.

use serde::{Deserialize, Serialize};

use super::{LeftWarm, Outcome, PlanView, ShownTarget};
use crate::shapes::EcsTaskSet;
use crate::time::Time;

/// The answer to DescribeDeployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentView {
    /// Its id.
    pub deployment_id: String,
    /// CodeDeploy's word for where it is.
    pub status: String,
    /// Present once it is over.
    #[serde(default)]
    pub outcome: Option<Outcome>,
    /// The stack's own word for where it is, which says more than the status.
    #[serde(default)]
    pub phase: Option<String>,
    /// Why, in the words of whoever asked for it.
    #[serde(default)]
    pub description: Option<String>,
    /// Who asked for it.
    #[serde(default)]
    pub started_by: Option<StarterView>,
    /// The ARN of the execution that carries it out.
    #[serde(default)]
    pub execution: Option<String>,
    /// The deployment whose rollback it shows, and what ended that one.
    #[serde(default)]
    pub rollback_of: Option<RollbackOf>,
    /// The deployment that shows its rollback.
    #[serde(default)]
    pub rolled_back_by: Option<String>,
    /// CodeDeploy application it belongs to.
    #[serde(default)]
    pub application_name: Option<String>,
    /// CodeDeploy deployment group it belongs to.
    #[serde(default)]
    pub deployment_group_name: Option<String>,
    /// When it was accepted.
    #[serde(default)]
    pub create_time: Option<Time>,
    /// When it began.
    #[serde(default)]
    pub start_time: Option<Time>,
    /// When it was over.
    #[serde(default)]
    pub complete_time: Option<Time>,
    /// What it waits for, of one whose turn in its group has not come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queued: Option<QueuedView>,
    /// What it does, once that is settled.
    #[serde(default)]
    pub plan: Option<PlanView>,
    /// What was asked for, of one that was refused before it had a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<AskedView>,
    /// Where the traffic is.
    #[serde(default)]
    pub progress: Option<ProgressView>,
    /// How long the stack lets it take; an older one does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsView>,
    /// Its lifecycle events, in order.
    #[serde(default)]
    pub events: Vec<EventView>,
    /// The alarms it watches.
    #[serde(default)]
    pub alarms: Vec<AlarmView>,
    /// What ended it, where it does not end well.
    #[serde(default)]
    pub error: Option<ErrorView>,
    /// Where traffic was left that is not all on one side.
    #[serde(default)]
    pub leftover: Option<RoutingView>,
    /// Whether what is left there is somebody else's to end, and the next deployment refused until then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub left_to_others: bool,
    /// What was found of its target, where somebody else has changed that while the deployment runs. Only where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<String>,
    /// Where each place of a service sends its calls now, where they were left. Only where it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_now: Option<String>,
    /// The provisioned concurrency that its version still has of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_warm: Option<LeftWarm>,
    /// The task sets of a service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub task_sets: Vec<EcsTaskSet>,
    /// What happened, line by line, oldest first.
    #[serde(default)]
    pub journal: Vec<JournalEntry>,
}

/// What a deployment waits for before it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueuedView {
    /// The deployment that is before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
    /// The same, for people.
    pub text: String,
}

/// What a deployment was to move, and to what. From where is known once there is a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AskedView {
    /// What was to move.
    pub target: ShownTarget,
    /// To which version or task definition.
    pub to: String,
}

/// Who asked for a deployment, as far as the stack can know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by")]
pub enum StarterView {
    /// Somebody whom IAM knows by this ARN.
    Caller {
        /// The user, or the role's session.
        arn: String,
    },
    /// Somebody who may invoke the API's function.
    Invocation,
    /// Somebody who may start executions.
    Execution,
    /// An action of CodePipeline.
    Pipeline {
        /// The job that asked first.
        job: String,
    },
    /// A way in that this program does not know.
    #[serde(other)]
    Other,
}

/// What a rollback undoes, and what it was undone for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RollbackOf {
    /// The deployment that was undone.
    pub deployment_id: String,
    /// What ended it; records of older code do not say.
    #[serde(default)]
    pub error: Option<ErrorView>,
}

/// Where the traffic is.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProgressView {
    /// On what is new, in percent; unknown until there is a plan.
    #[serde(default)]
    pub weight: Option<u8>,
    /// The step it is at, from 1; 0 before the first.
    #[serde(default)]
    pub step: usize,
    /// How many steps there are.
    #[serde(default)]
    pub of: usize,
    /// When that step was taken.
    #[serde(default)]
    pub since: Option<Time>,
    /// When the next one is due.
    #[serde(default)]
    pub next_at: Option<Time>,
    /// Whether a person is waited for.
    #[serde(default)]
    pub awaiting_continue: bool,
    /// Whether the old task set is kept for a while.
    #[serde(default)]
    pub awaiting_termination: bool,
    /// Whether a person has ended the wait, or the time that a step holds, and what comes then waits for the next look.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resumed: bool,
    /// Whether the new version is made warm before its first call.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub warming: bool,
    /// Why the new task set is not there yet, in ECS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// What is not known yet of what may end it: it says why it goes no further, or goes on for now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<DoubtView>,
}

/// What something is not known of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DoubtAbout {
    /// The alarms. Nothing waits for that.
    Alarms,
    /// Whether somebody else has changed the target.
    Target,
    /// What the traffic moves to.
    Replacement,
}

/// Something that is not known yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DoubtView {
    /// Of what.
    pub about: DoubtAbout,
    /// What that means now, with the reason, for people.
    pub text: String,
}

/// How long the stack lets a deployment take, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitsView {
    /// From its beginning to its end, whatever it waits for.
    pub deployment_seconds: u64,
    /// Until a new task set is there. An alias has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub install_seconds: Option<u64>,
}

/// One lifecycle event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventView {
    /// CodeDeploy's name of it.
    pub name: String,
    /// Pending, InProgress, Succeeded, Failed or Skipped.
    pub status: String,
    /// When it began.
    #[serde(default)]
    pub start_time: Option<Time>,
    /// When it ended.
    #[serde(default)]
    pub end_time: Option<Time>,
    /// When the time of the hook that is waited for is over.
    #[serde(default)]
    pub deadline: Option<Time>,
    /// What it has to say.
    #[serde(default)]
    pub message: Option<String>,
    /// The end of the hook's log.
    #[serde(default)]
    pub log_tail: Option<String>,
}

/// One watched alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmView {
    /// Its name.
    pub name: String,
    /// CloudWatch's word, or UNKNOWN.
    #[serde(default)]
    pub state: Option<String>,
    /// Why it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorView {
    /// CodeDeploy's name for it, or ours.
    pub code: String,
    /// The sentence.
    #[serde(default)]
    pub message: Option<String>,
}

/// Where calls go: to versions, or to target groups by their ARNs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoutingView {
    /// What gets the calls that go nowhere else.
    pub version: String,
    /// What gets a share of them, where they are split.
    #[serde(default)]
    pub additional_version: Option<String>,
    /// Its share in percent. Nothing has one where all calls go to one place.
    #[serde(default)]
    pub additional_weight: Option<u8>,
}

/// One line of the deployment's journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JournalEntry {
    /// When.
    pub at: Time,
    /// What tells it from the other lines, such as `weight/010`. It stays the same, whatever the text is one day. An older stack gives
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What.
    pub text: String,
    /// What the deployment is from then on, in CodeDeploy's words, where the line says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What one of its lifecycle events is from then on, where the line is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<JournalEvent>,
}

/// A lifecycle event, as a line of the journal leaves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JournalEvent {
    /// CodeDeploy's name of it.
    pub name: String,
    /// InProgress, Succeeded or Failed.
    pub status: String,
}

impl DeploymentView {
    /// Where the traffic is, once that is known: the percentage on what is new.
    pub fn weight(&self) -> Option<u8> {
        self.progress.as_ref().and_then(|progress| progress.weight)
    }

    /// Whether it waits for a person.
    pub fn waits(&self) -> bool {
        let awaits = self.progress.as_ref().is_some_and(|progress| progress.awaiting_continue);
        awaits && !self.stopping() && self.outcome.is_none()
    }

    /// Whether a person has ended what went on, and what comes then waits for the next look.
    pub fn resumed(&self) -> bool {
        let resumed = self.progress.as_ref().is_some_and(|progress| progress.resumed);
        resumed && !self.stopping() && self.outcome.is_none()
    }

    /// Whether the traffic has moved, and the old task set is kept in case it has to come back.
    pub fn keeps_old(&self) -> bool {
        let awaits = self.progress.as_ref().is_some_and(|progress| progress.awaiting_termination);
        awaits && !self.stopping() && self.outcome.is_none()
    }

    /// Whether something has ended it and it is not over yet.
    pub fn stopping(&self) -> bool {
        self.error.is_some() && self.outcome.is_none()
    }

    /// The alarms that were looked at: nobody does for a deployment that is over.
    pub fn alarms_read(&self) -> &[AlarmView] {
        if self.outcome.is_none() { &self.alarms } else { &[] }
    }

    /// Whether an event is more than a name: it makes a task set, shifts traffic, or calls a hook.
    pub fn has_work(&self, event: &EventView) -> bool {
        let hooks = self.plan.as_ref().map_or(&[][..], |plan| &plan.hooks);
        matches!(event.name.as_str(), "Install" | "AllowTraffic") || hooks.iter().any(|hook| hook.event == event.name)
    }

    /// Where the traffic moves to, in words.
    pub fn goal(&self) -> String {
        match (&self.plan, &self.rollback_of) {
            (None, _) => "the new version".to_owned(),
            (Some(plan), Some(_)) => format!("{} {}", plan.target().kind(), plan.to),
            (Some(plan), None) => plan.goal(),
        }
    }

    /// The task set that the deployment made, while it is there.
    pub fn green(&self) -> Option<&EcsTaskSet> {
        self.task_set("Green").filter(|set| set.status.is_some())
    }

    /// The task set that lost and is being removed, once the traffic of a service is settled: what it is called, and how it is.
    pub fn leaving(&self) -> Option<(&'static str, &EcsTaskSet)> {
        match self.phase.as_deref() {
            Some("committing") => Some(("the old task set", self.task_set("Blue")?)),
            Some("settled") if self.leftover.is_none() => Some(("the green task set", self.task_set("Green")?)),
            _ => None,
        }
    }

    fn task_set(&self, label: &str) -> Option<&EcsTaskSet> {
        self.task_sets.iter().find(|set| set.task_set_label.as_deref() == Some(label))
    }
}
