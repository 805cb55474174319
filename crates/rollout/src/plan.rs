//! Everything a rollout will do, settled before anything is touched.

mod first;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::appspec::{Hook, Hooks};
use crate::course::{Course, Shift};
use crate::event::LifecycleEvent;
use crate::hold::{Hold, OnTimeout, Wait, WaitKind};
use crate::request::{AlarmWatch, RollbackRules};
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::service::times::SPREAD;
use crate::target::Target;
use crate::weight::Weight;

/// The plan of one deployment: immutable and complete. What runs afterwards has no choice left except to stop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "first::Written")]
pub struct Plan {
    /// What it is written as: [`crate::format::PLAN`].
    pub format: u32,
    /// What it deploys to.
    pub target: Target,
    /// The hooks to run.
    pub hooks: Hooks,
    /// The alarms to watch.
    pub alarms: AlarmWatch,
    /// When traffic is put back.
    pub rollback: RollbackRules,
    /// The longest time between two looks at the alarms, beside their events.
    pub poll: Seconds,
    /// How it gets there.
    pub course: Course,
}

impl Plan {
    /// How it shifts calls. Every course does that today: with one that does not, this becomes an option, and whoever goes by it is found.
    pub fn shift(&self) -> &Shift {
        let Course::Shift(shift) = &self.course;
        shift
    }

    /// The same, to be changed.
    #[cfg(test)]
    pub(crate) fn shift_mut(&mut self) -> &mut Shift {
        let Course::Shift(shift) = &mut self.course;
        shift
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        match &self.course {
            Course::Shift(shift) => shift.steps.is_empty(),
        }
    }

    /// Where calls belong when the deployment is undone: all to what had them.
    pub fn home(&self) -> Routing {
        self.shift().home()
    }

    /// The plan as its rollback looks: back to what had the calls, all at once, with nothing to run or to watch.
    pub fn reversed(&self) -> Self {
        let mut target = self.target.clone();
        if let Target::EcsService(service) = &mut target {
            std::mem::swap(&mut service.blue_definition, &mut service.green.task_definition);
        }
        let Course::Shift(shift) = &self.course;
        let course = Course::Shift(shift.reversed(target.platform().default_config()));
        Self { target, course, hooks: Hooks::default(), alarms: AlarmWatch::default(), ..self.clone() }
    }

    /// The share of what is to have the traffic before the first step. A task set that is yet to be made has none: what was left behind
    /// in its place goes first.
    pub fn start_weight(&self) -> Weight {
        match &self.target {
            Target::LambdaAlias { .. } => self.shift().start.weight_of(&self.shift().to),
            Target::EcsService(_) => Weight::ZERO,
        }
    }

    /// Where calls go once step `index` is taken.
    pub fn routing_at(&self, index: usize) -> Routing {
        self.shift().routing_at(index)
    }

    /// The hook of a lifecycle event.
    pub fn hook(&self, event: LifecycleEvent) -> Option<&Hook> {
        self.hooks.get(event)
    }

    /// A wait around the traffic, where the deployment has it.
    pub fn wait(&self, kind: WaitKind) -> Option<Wait> {
        let waits = &self.target.service()?.waits;
        match kind {
            WaitKind::Ready => waits.ready,
            WaitKind::Termination => (!waits.termination.is_zero())
                .then_some(Wait { timeout: waits.termination, on_timeout: OnTimeout::Continue }),
        }
    }

    /// Whether holds are cut for a look in between: at the alarms, and at the health of a task set.
    pub fn is_polled(&self) -> bool {
        !self.alarms.is_empty() || self.target.service().is_some()
    }

    /// Every wait of the plan: its steps', and those around the traffic.
    pub fn holds(&self) -> impl Iterator<Item = Hold> + '_ {
        let around =
            [WaitKind::Ready, WaitKind::Termination].into_iter().filter_map(|kind| self.wait(kind).map(Hold::from));
        self.shift().steps.iter().map(|step| step.hold).chain(around)
    }

    /// How long a new task set that has all of the traffic is watched beyond the plan's own waits, before the old one goes: what
    /// is missing to [`SPREAD`].
    pub fn watched(&self) -> Seconds {
        let (Some(service), Some(last)) = (self.target.service(), self.shift().steps.last()) else {
            return Seconds::ZERO;
        };
        Seconds(SPREAD.0.saturating_sub(last.hold_seconds().0).saturating_sub(service.waits.termination.0))
    }

    /// How long all the waits take together.
    pub fn total(&self) -> Total {
        let total = self.holds().map(Hold::longest).chain([self.watched()]).sum();
        let is_open = |hold| matches!(hold, Hold::UntilContinued { .. });
        if self.holds().any(is_open) { Total::AtMost { at_most: total } } else { Total::AtLeast(total) }
    }
}

/// The sum of a plan's waits. Hooks and the making of a task set come on top of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Total {
    /// Each wait lasts its whole time, so a deployment that succeeds takes no less.
    AtLeast(Seconds),
    /// A person may end one early.
    #[serde(rename_all = "camelCase")]
    AtMost {
        /// If nobody does.
        at_most: Seconds,
    },
}

impl Total {
    /// The sum, if nobody ends a wait early.
    pub fn seconds(self) -> Seconds {
        match self {
            Self::AtLeast(total) | Self::AtMost { at_most: total } => total,
        }
    }
}

impl fmt::Display for Total {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(total) => write!(f, "{total} at least"),
            // Nothing bounds what comes on top of the waits, so it can only be said of them.
            Self::AtMost { at_most } => write!(f, "with waits of {at_most} at most"),
        }
    }
}

#[cfg(test)]
mod tests;
