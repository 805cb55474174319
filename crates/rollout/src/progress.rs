//! How far a rollout is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hold::Hold;
use crate::hold::WaitKind;
use crate::ids::TaskSetId;
use crate::plan::Plan;
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::strategy::Step;
use crate::warm::Given;
use crate::weight::Weight;

/// How far a rollout is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// The step in force, by index into the plan's steps, and since when; `None` before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Position>,
    /// How often it has looked whether its turn has come ([`crate::queue::LOOKS`]).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub looks_in_queue: u32,
    /// Whether what was left behind before was sent home, in which place the new task set is made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leftover_ended: bool,
    /// When the new task set was made, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Timestamp>,
    /// The waits around the traffic that have begun.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub waits: BTreeMap<WaitKind, Waiting>,
    /// When the new version was given provisioned concurrency: written down before it is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warming: Option<Timestamp>,
    /// What became of that.
    #[serde(default, skip_serializing_if = "Given::is_default")]
    pub given: Given,
    /// Why the new task set is not there yet, in ECS's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<String>,
    /// Since when a rollback waits for the old task set to be able to take the traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaits_home: Option<Timestamp>,
    /// Since when tasks are on their way of a service that wanted none before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cold: Option<Timestamp>,
    /// Whether a person had it repaired.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repaired: bool,
    /// How often the end of it was taken back, since the task set that had won was not well.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub reopened: u32,
    /// Whether it had succeeded, and a write that came later sent calls elsewhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub disturbed: bool,
    /// Task sets whose tasks ECS was asked to take away, or to delete, without an answer yet, with when it was asked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub removing: BTreeMap<TaskSetId, Timestamp>,
    /// Where a rollback, or clearing up, sent calls without an answer yet. These writes take no lease.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sending: BTreeSet<Side>,
    /// What was told last of a write that came after its end, where nobody but a person can do anything about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// Whether what a later deployment had left behind was there when a late write was undone: the next one takes that over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub beside_leftover: bool,
    /// Whether the task set that lost was kept for calls that somebody sends it: the next deployment takes that over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub kept: bool,
    /// What writes of older deployments may still do that were never answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub older: Option<Older>,
    /// Task sets of older deployments that ECS made after this one had won: they go.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub strays: BTreeSet<TaskSetId>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// A wait that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// When.
    pub since: Timestamp,
    /// Whether a person ended it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continued: bool,
}

/// A step in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Position {
    /// Index into the plan's steps.
    pub step: usize,
    /// When its weight was set.
    pub since: Timestamp,
    /// Whether a person let it continue.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continued: bool,
}

/// Where the traffic of a deployment is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Side {
    /// Where it was before.
    Home,
    /// On the new task set.
    Green,
}

/// What they may do. A deployment reads that under the lock, before it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Older {
    /// How they divide calls.
    pub routings: Vec<Routing>,
    /// Until when a task set that they may send calls to keeps its tasks. Later ones are the sweep's to find.
    pub until: Timestamp,
}

impl Progress {
    /// The share of the new version now.
    pub fn weight(&self, plan: &Plan) -> Weight {
        match &self.at {
            Some(position) => plan.shift().steps.get(position.step).map_or(Weight::FULL, |step| step.weight),
            None => plan.start_weight(),
        }
    }

    /// When the next step is due, where that depends on the clock alone.
    pub fn next_at(&self, plan: &Plan) -> Option<Timestamp> {
        let wait = |kind| Some((self.waits.get(&kind)?.since, plan.wait(kind)?.timeout));
        let step = || {
            let position = self.at.as_ref()?;
            Some((position.since, plan.shift().steps.get(position.step)?.hold_seconds()))
        };
        let (since, hold) = wait(WaitKind::Termination).or_else(step).or_else(|| wait(WaitKind::Ready))?;
        since.checked_add(jiff::SignedDuration::from_secs(i64::try_from(hold.0).ok()?)).ok()
    }

    /// Whether the deployment waits for a person, before its traffic has moved.
    pub fn awaits_continue(&self, plan: &Plan) -> bool {
        let paused = self.at.as_ref().is_some_and(|position| {
            let hold = plan.shift().steps.get(position.step).map(|step| step.hold);
            !position.continued && matches!(hold, Some(Hold::UntilContinued { .. }))
        });
        paused || (self.at.is_none() && self.waits_for(WaitKind::Ready))
    }

    /// Whether a wait has begun and nobody has ended it.
    pub fn waits_for(&self, kind: WaitKind) -> bool {
        self.waits.get(&kind).is_some_and(|waiting| !waiting.continued)
    }

    /// Whether a person has ended the wait that is going on.
    pub fn is_resumed(&self) -> bool {
        match (self.waits.get(&WaitKind::Termination), &self.at, self.waits.get(&WaitKind::Ready)) {
            (Some(waiting), _, _) | (None, None, Some(waiting)) => waiting.continued,
            (None, Some(position), _) => position.continued,
            (None, None, None) => false,
        }
    }

    /// A person ends the time that a step holds its weight for. `false` if it is over, or if none is going on.
    pub fn skip_hold(&mut self, plan: &Plan, now: Timestamp) -> bool {
        let Some(position) = &mut self.at else { return false };
        let held = Seconds::between(position.since, now);
        let hold = plan.shift().steps.get(position.step).map(|step| step.hold);
        let holds = matches!(hold, Some(Hold::For(hold)) if held < hold) && !position.continued;
        position.continued |= holds;
        holds
    }

    /// A person lets the deployment continue: the wait that is going on is over. `false` if none is.
    pub fn resume(&mut self, plan: &Plan, kind: WaitKind) -> bool {
        if kind == WaitKind::Ready && self.at.is_some() {
            let Some(position) = &mut self.at else { return false };
            position.continued = plan.shift().steps.get(position.step).is_some_and(Step::is_pause);
            return position.continued;
        }
        match self.waits.get_mut(&kind) {
            Some(waiting) => {
                waiting.continued = true;
                true
            }
            None => false,
        }
    }
}
