//! The record of a deployment, and what each change makes of it.

mod decided;
mod owned;
mod owner;
mod phase;
mod status;
mod words;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::alarms::Blind;
use crate::code::ErrorCode;
use crate::ending::{Ending, Rollback, Traffic};
use crate::format;
use crate::hold::WaitKind;
use crate::ids::{DeploymentId, ExecutionArn};
use crate::lifecycle::Lifecycle;
use crate::plan::Plan;
use crate::platform::{Fence, Platform};
use crate::progress::{Progress, Waiting};
use crate::request::Labels;
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::starter::Starter;
use crate::verdict::{Doubts, Judge, Verdict};
use crate::weight::Weight;

pub use decided::Decided;
pub use owner::{Before, Recovery, Told};
pub use phase::{Change, OutOfOrder, Phase};
pub use status::{Outcome, Status};

/// Who made a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Creator {
    /// Somebody asked for it.
    #[default]
    User,
    /// It shows the rollback of this deployment (docs/codedeploy-contract.md 6.3).
    Rollback(DeploymentId),
}

/// Permission to write to the target, held by one shift for a short time.
///
/// While it lives, a rollback that would leave the target as it is waits: a write that was on its way when the deployment
/// was interrupted may still arrive (promise P2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Lease {
    /// The step that is being taken, by index into the plan's steps; `None` for work that moves no production traffic: a task
    /// set, test traffic, the primary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// When the write has either arrived or never will.
    pub until: Timestamp,
    /// Whether an attempt that took it before may be at work under it still: then nobody gives it back, and it runs out. That of a
    /// service stays shared even then: a load balancer may carry out what was sent under it much later.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
}

impl Lease {
    /// Longer than the shift function may run: its timeout in the template is 15 s, and calls it made may be a little late.
    pub const LENGTH: Seconds = Seconds(20);

    /// How long the lease still lives.
    pub fn left(&self, now: Timestamp) -> Seconds {
        Seconds(u64::try_from(self.until.duration_since(now).as_millis().div_euclid(1_000) + 1).unwrap_or(0))
    }
}

/// The record of a deployment: what changes while it runs. The plan is kept beside it and never changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// What it is written as: [`format::RECORD`].
    pub format: u32,
    /// Counts the writes of this record; a write on top of an older one is refused.
    pub version: u64,
    /// Its id: the name of its execution.
    pub id: DeploymentId,
    /// The execution that it belongs to, and that no other of the same name may take it from. Records of older code have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution: Option<ExecutionArn>,
    /// The recovery that finishes the job of that execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery: Option<Recovery>,
    /// Who made it.
    #[serde(default)]
    pub creator: Creator,
    /// What ended the deployment whose rollback it shows. Records of older code have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undoes: Option<Ending>,
    /// Who asked for it; of older ones nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_by: Option<Starter>,
    /// What it deploys to.
    #[serde(default)]
    pub platform: Platform,
    /// What it is called.
    #[serde(default)]
    pub labels: Labels,
    /// Where it is in its life.
    pub phase: Phase,
    /// When it was accepted.
    pub created: Timestamp,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it left the rollout: since then it only ends, one way or the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Timestamp>,
    /// What its end was to do with the traffic, by its rules or by whoever stopped it. Records of older code do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub put_back: Option<Rollback>,
    /// When it became final.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<Timestamp>,
    /// What the lines of its journal need beside that.
    #[serde(default, skip_serializing_if = "Decided::is_default")]
    pub decided: Decided,
    /// Its lifecycle events.
    pub events: Lifecycle,
    /// How far the traffic is.
    #[serde(default)]
    pub progress: Progress,
    /// Whether its alarms cannot be read, look after look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blind: Option<Blind>,
    /// What is not known yet of what may end it, with the reasons.
    #[serde(default, skip_serializing_if = "Doubts::is_empty")]
    pub doubts: Doubts,
    /// Who may write to the target now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
}

impl Deployment {
    /// A wait around the traffic begins, where the plan has it. The one after the traffic begins once the target is done; the
    /// deployment is not before the old task set is gone (docs/codedeploy-contract.md 5.4).
    pub fn begin_wait(&mut self, plan: &Plan, kind: WaitKind, now: Timestamp) {
        if plan.wait(kind).is_some() {
            self.progress.waits.entry(kind).or_insert(Waiting { since: now, continued: false });
        }
        if kind == WaitKind::Termination {
            self.events.complete(now);
        }
    }

    /// What a look said, with how many looks at the alarms in a row were not answered by then. Says whether that is news: what is not
    /// need not be written.
    pub fn hear(&mut self, judge: Judge, verdict: &Verdict, blind: Option<Blind>, now: Timestamp) -> bool {
        let before = (self.blind, self.doubts.clone(), self.progress.cold);
        self.blind = blind;
        self.doubts.hear(judge, verdict);
        // Since when tasks are on their way: from the first time on, however often they come and go.
        if let (Judge::Replacement, Verdict::Unsure(_)) = (judge, verdict) {
            self.progress.cold.get_or_insert(now);
        }
        before != (self.blind, self.doubts.clone(), self.progress.cold)
    }

    /// A deployment that was just accepted.
    pub fn new(id: DeploymentId, platform: Platform, labels: Labels, now: Timestamp) -> Self {
        Self {
            format: format::RECORD,
            version: 0,
            id,
            execution: None,
            recovery: None,
            creator: Creator::User,
            undoes: None,
            started_by: None,
            platform,
            labels,
            phase: Phase::Created,
            created: now,
            started: None,
            ending: None,
            put_back: None,
            completed: None,
            decided: Decided::default(),
            events: Lifecycle::new(platform.row().events),
            progress: Progress::default(),
            blind: None,
            doubts: Doubts::default(),
            lease: None,
        }
    }

    /// The same, asked for by somebody.
    #[must_use]
    pub fn started_by(mut self, starter: Starter) -> Self {
        self.started_by = Some(starter);
        self
    }

    /// Applies a change: the phase moves, times and lifecycle events follow.
    pub fn apply(&mut self, change: Change, now: Timestamp) -> Result<(), OutOfOrder> {
        let repaired = change == Change::Repair;
        let reopened = matches!(change, Change::Reopen(..));
        let disturbed = matches!(change, Change::Disturb(_) | Change::Intrude(_));
        let stray = if let Change::Intrude(set) = &change { Some(set.clone()) } else { None };
        let nothing_to_do = change == Change::NothingToDo;
        let decided = self.decided.after(&self.phase, self.ending, &change, now);
        self.phase = self.phase.after(change)?;
        self.decided = decided;
        if disturbed {
            self.progress.told = None;
        }
        match &self.phase {
            Phase::Running => {
                self.started.get_or_insert(now);
            }
            Phase::Stopping { why, rollback } => {
                self.put_back = Some(*rollback);
                self.events.abandon(&why.message, now);
                self.progress.awaits_home = None;
                self.progress.kept = false;
                self.progress.repaired |= repaired;
                self.progress.reopened += u32::from(reopened);
                self.ending = Some(now);
            }
            Phase::Committing => {
                self.progress.disturbed |= disturbed;
                self.progress.kept = false;
                self.progress.strays.extend(stray);
                self.ending = Some(now);
            }
            // A lease that nobody gave back stays: it says which write may still come (`service::aftermath`).
            Phase::Succeeded => {
                if nothing_to_do {
                    self.events.skip();
                }
                self.events.complete(now);
                self.started.get_or_insert(now);
                self.completed = Some(now);
            }
            Phase::Ended { why, .. } => {
                self.events.abandon(&why.message, now);
                self.completed = Some(now);
            }
            Phase::Unresolved { .. } => self.completed = Some(now),
            Phase::Queued => self.progress.looks_in_queue = self.progress.looks_in_queue.saturating_add(1),
            Phase::Created | Phase::Settled { .. } => {}
        }
        if !self.phase.is_final() {
            self.completed = None;
        }
        Ok(())
    }

    /// The deployment that shows this one's rollback, as CodeDeploy does it: its own record, linked both ways (docs/codedeploy-contract.md 6.3).
    ///
    /// There is one once the traffic of a deployment that had begun is settled, unless rollback was switched off, by its rules or
    /// by whoever stopped it, or the target became somebody else's: also where no traffic had moved. Like CodeDeploy's, it runs no hooks and its events show
    /// `Succeeded`.
    pub fn rollback(&self, plan: Option<&Plan>) -> Option<Self> {
        let (why, traffic, began) = match &self.phase {
            Phase::Settled { why, traffic } | Phase::Ended { why, traffic } => (why, traffic, self.started),
            Phase::Created
            | Phase::Queued
            | Phase::Running
            | Phase::Committing
            | Phase::Stopping { .. }
            | Phase::Succeeded
            | Phase::Unresolved { .. } => return None,
        };
        let put_back = match traffic {
            Traffic::Restored(_) => true,
            Traffic::Untouched => {
                let ruled = || plan.map(|plan| plan.rollback.after(why.code));
                self.put_back.or_else(ruled).is_none_or(|rollback| rollback == Rollback::Restore)
            }
            Traffic::Left(_) | Traffic::Foreign(_) => false,
        };
        let ended = self.events.events().iter().filter_map(|record| record.ended).max();
        let began = began.filter(|_| put_back)?;
        let since = ended.unwrap_or(began);
        let mut twin = Self::new(self.id.of_rollback(), self.platform, self.labels.clone(), since);
        twin.creator = Creator::Rollback(self.id.clone());
        twin.undoes = Some(why.clone());
        twin.started = Some(since);
        twin.phase = Phase::Succeeded;
        twin.completed = Some(self.completed.unwrap_or(since));
        twin.events.complete(since);
        Some(twin)
    }

    /// Whether it had to wait for its turn before it began.
    pub fn has_queued(&self) -> bool {
        !self.decided.queued.is_empty()
    }

    /// The deployment whose rollback this one shows.
    pub fn rolls_back(&self) -> Option<&DeploymentId> {
        match &self.creator {
            Creator::User => None,
            Creator::Rollback(of) => Some(of),
        }
    }

    /// Which end it is at: 0 in the rollout, 1 since it left it, one more for each time that its end was taken back.
    pub fn turn(&self) -> u32 {
        match &self.phase {
            Phase::Created | Phase::Queued | Phase::Running => 0,
            Phase::Committing
            | Phase::Stopping { .. }
            | Phase::Settled { .. }
            | Phase::Succeeded
            | Phase::Ended { .. }
            | Phase::Unresolved { .. } => self.decided.turned.saturating_add(1),
        }
    }

    /// Whether a change by somebody else is left alone: the deployment ends only because of it, or has written nothing.
    pub(crate) fn leaves_changes(&self) -> bool {
        self.ends_by_drift() || !self.has_written()
    }

    /// Whether it ends, or has ended, because somebody else changed its target.
    pub(crate) fn ends_by_drift(&self) -> bool {
        self.phase.why().is_some_and(|why| why.code == ErrorCode::Drift)
    }

    /// Takes the lease for this step, or for work that moves no production traffic.
    ///
    /// Nothing but the lease fences what is written to a service: one that was never given back is shared from then on, however
    /// long ago it ran out, since what was written under it may still arrive.
    pub fn take_lease(&mut self, step: Option<usize>, now: Timestamp) {
        let before = self.lease.as_ref().filter(|lease| match self.platform.row().fence {
            Fence::Lease => true,
            Fence::Revision => lease.left(now).0 > 0,
        });
        // What may still arrive is of that step, or of one before it.
        let (step, shared) = (step.max(before.and_then(|lease| lease.step)), before.is_some());
        self.lease = Some(Lease { step, until: now + SignedDuration::from(Lease::LENGTH), shared });
    }

    /// The work is done, and nothing of it is on its way any more: the lease is given back.
    pub fn give_back_lease(&mut self) {
        self.lease = self.lease.take().filter(|lease| lease.shared);
    }

    /// What the next deployment of the target starts from instead of refusing it, where this one's traffic ends so; `None`: it succeeds.
    ///
    /// Beside [`Plan::leaves_behind`] that is a task set which is there still: one that a later deployment had left, or the one that
    /// lost, where somebody sends it calls.
    pub fn leaves_behind(&self, plan: &Plan, traffic: Option<&Traffic>) -> Option<Routing> {
        let is_beside = self.progress.beside_leftover || self.progress.kept;
        let beside = |routing: Routing| is_beside.then_some(routing);
        match traffic {
            Some(traffic) => plan.leaves_behind(traffic).or_else(|| beside(plan.home())),
            None => beside(plan.shift().end()),
        }
    }

    /// Whether anything of the target was written, or may have been: a weight, or other work that a lease was taken for.
    pub fn has_written(&self) -> bool {
        self.progress.at.is_some() || self.progress.created.is_some() || self.lease.is_some()
    }

    /// Whether it is over and has never begun: it has written nothing.
    pub fn never_began(&self) -> bool {
        self.phase.is_final() && self.started.is_none()
    }

    /// Whether any weight was set, or may have been.
    pub fn touched(&self) -> bool {
        self.progress.at.is_some() || self.lease.as_ref().is_some_and(|lease| lease.step.is_some())
    }

    /// The share of the new version the target has as far as the record knows; `None` where the target does not exist any more.
    pub fn weight(&self, plan: &Plan) -> Option<Weight> {
        Some(match &self.phase {
            Phase::Ended { traffic, .. } | Phase::Settled { traffic, .. } => match traffic {
                Traffic::Untouched => plan.start_weight(),
                Traffic::Restored(backend) if *backend == plan.shift().to => Weight::FULL,
                Traffic::Restored(_) => Weight::ZERO,
                Traffic::Left(routing) | Traffic::Foreign(Some(routing)) => routing.weight_of(&plan.shift().to),
                Traffic::Foreign(None) => return None,
            },
            Phase::Succeeded => Weight::FULL,
            Phase::Created
            | Phase::Queued
            | Phase::Running
            | Phase::Committing
            | Phase::Stopping { .. }
            | Phase::Unresolved { .. } => self.progress.weight(plan),
        })
    }
}

#[cfg(test)]
mod tests;
