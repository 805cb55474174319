//! Plans as they are written, in every format.

use serde::Deserialize;

use super::Plan;
use crate::appspec::Hooks;
use crate::course::{Chosen, Course, Origin, Overruled, Shift};
use crate::format::PLAN;
use crate::request::{AlarmWatch, RollbackRules};
use crate::routing::{Backend, Routing};
use crate::seconds::Seconds;
use crate::strategy::Step;
use crate::target::Target;
use crate::warm::Warm;

/// A plan of any format. Since format 2 it has a course; in format 1 the members of the one course there was stand beside the others.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Written {
    format: u32,
    target: Target,
    #[serde(default)]
    hooks: Hooks,
    #[serde(default)]
    alarms: AlarmWatch,
    #[serde(default)]
    rollback: RollbackRules,
    poll: Seconds,
    course: Option<Course>,
    from: Option<Backend>,
    to: Option<Backend>,
    start: Option<Routing>,
    strategy: Option<String>,
    origin: Option<Origin>,
    #[serde(default)]
    overruled: Vec<Overruled>,
    warm: Option<Warm>,
    rewarms: Option<u32>,
    steps: Option<Vec<Step>>,
}

/// A plan without a member that its format has.
#[derive(Debug, thiserror::Error)]
#[error("a plan of format {format} has no {member}")]
pub(super) struct Incomplete {
    format: u32,
    member: &'static str,
}

impl TryFrom<Written> for Plan {
    type Error = Incomplete;

    fn try_from(written: Written) -> Result<Self, Incomplete> {
        let Written { format, target, hooks, alarms, rollback, poll, .. } = written;
        let missing = |member| Incomplete { format, member };
        let course = match written.course {
            Some(course) => course,
            None if format > 1 => return Err(missing("course")),
            None => Course::Shift(Shift {
                from: written.from.ok_or_else(|| missing("from"))?,
                to: written.to.ok_or_else(|| missing("to"))?,
                start: written.start.ok_or_else(|| missing("start"))?,
                strategy: Chosen {
                    name: written.strategy.ok_or_else(|| missing("strategy"))?,
                    origin: written.origin,
                    overruled: written.overruled,
                },
                warm: written.warm,
                rewarms: written.rewarms,
                steps: written.steps.ok_or_else(|| missing("steps"))?,
            }),
        };
        Ok(Self { format: PLAN, target, hooks, alarms, rollback, poll, course })
    }
}
