//! The key of a line: what it tells, in a few words. A journal has one line of each.

use std::fmt;

use super::line::{Entry, Line};
use crate::deployment::{Deployment, Phase};
use crate::event::LifecycleEvent;

/// What a line tells, such as `weight/010` or `interrupted/1`. Two attempts that tell the same have the same key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// The text. It stays below 200 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Line {
    /// What it tells.
    pub fn key(&self) -> Key {
        Key(match told(&self.entry) {
            Told::Once(what) if self.nth == 0 => what,
            Told::Once(what) => format!("{what}/{}", self.nth),
            Told::EachTime(what) => format!("{what}/{:020}", self.at.as_nanosecond()),
        })
    }
}

/// How often a kind of line is told.
enum Told {
    /// Once, or once for each [`Line::nth`].
    Once(String),
    /// Each time that it happens: the record keeps nothing of it.
    EachTime(&'static str),
}

fn told(entry: &Entry) -> Told {
    let once = |what: &str| Told::Once(what.to_owned());
    let of = |what: &str, which: &dyn fmt::Display| Told::Once(format!("{what}/{which}"));
    match entry {
        Entry::Planned { .. } => once("planned"),
        Entry::Queued { .. } => once("queued"),
        Entry::NothingToDo { .. } => once("nothing-to-do"),
        Entry::Refused { .. } => once("refused"),
        // The weights of a plan only climb.
        Entry::WeightSet { weight, .. } => Told::Once(format!("weight/{:03}", weight.percent())),
        Entry::Warming { .. } => once("warming"),
        Entry::Warmed { .. } => once("warmed"),
        Entry::Cooled { .. } => once("cooled"),
        Entry::NotCooled { why, .. } => of("not-cooled", &digest(why)),
        Entry::NotYetWarm { .. } => once("not-yet-warm"),
        Entry::WarmthChanged { found, .. } => of("warmth-changed", found),
        Entry::CooledLate { .. } => Told::EachTime("cooled-late"),
        Entry::LeftoverSentHome { .. } => once("leftover-sent-home"),
        Entry::TaskSetCreated { task_set } => of("task-set-created", task_set),
        Entry::TaskSetLate { why } => of("task-set-late", &digest(why)),
        Entry::TaskSetReady { task_set } => of("task-set-ready", task_set),
        Entry::TestTrafficMoved => once("test-traffic-moved"),
        Entry::PrimarySwitched { task_set } => of("primary", task_set),
        Entry::TaskSetRemoved { task_set } => of("task-set-removed", task_set),
        Entry::NotCleared { why } => of("not-cleared", &digest(why)),
        Entry::TaskSetKept { task_set, .. } => of("task-set-kept", task_set),
        Entry::TaskSetBroughtBack { task_set } => of("task-set-brought-back", task_set),
        Entry::TaskSetRefilled { .. } => Told::EachTime("task-set-refilled"),
        Entry::TaskSetNeededAgain { .. } => Told::EachTime("task-set-needed-again"),
        Entry::LateWriteUndone { .. } => Told::EachTime("late-write-undone"),
        Entry::HookAsksAgain { event, .. } => of("hook-again", event),
        Entry::HookUnanswered { event } => of("hook-unanswered", event),
        Entry::HookAnsweredTwice { event, .. } => of("hook-answered-twice", event),
        Entry::Interrupted { .. } => once("interrupted"),
        Entry::Continued => once("continued"),
        Entry::Committed => once("committed"),
        Entry::TrafficSettled { .. } => once("settled"),
        Entry::Overruled { found } => of("overruled", &digest(&found.to_string())),
        Entry::TestOverruled { found } => of("test-overruled", &digest(&found.to_string())),
        Entry::Ended { .. } => once("ended"),
        Entry::GivenUp { cannot } => of("given-up", &digest(cannot)),
        Entry::Recovering { attempt } => of("recovering", attempt),
        Entry::Abandoned { .. } => once("abandoned"),
    }
}

/// Which of its kind a line is that is told now, by what the record has counted.
pub(super) fn nth(entry: &Entry, deployment: &Deployment) -> u32 {
    let decided = &deployment.decided;
    let calls = |event: LifecycleEvent| deployment.events.get(event).map_or(0, |record| record.calls);
    match entry {
        Entry::Interrupted { .. } => deployment.progress.reopened,
        Entry::TrafficSettled { .. } => decided.settlings.saturating_sub(1),
        Entry::Continued => last_of(decided.continued.len()),
        Entry::Queued { .. } => last_of(decided.queued.len()),
        Entry::HookAsksAgain { event, .. } => calls(*event),
        // Told before the record says so, by who gives up; and after it, by who finds it so.
        Entry::GivenUp { .. } => match &deployment.phase {
            Phase::Unresolved { .. } => decided.troubles.saturating_sub(1),
            _ => decided.troubles,
        },
        // At each end once: an end may be taken back.
        Entry::Ended { .. }
        | Entry::PrimarySwitched { .. }
        | Entry::NotCleared { .. }
        | Entry::TaskSetKept { .. }
        | Entry::TaskSetBroughtBack { .. }
        | Entry::Overruled { .. }
        | Entry::TestOverruled { .. } => deployment.turn(),
        Entry::Planned { .. }
        | Entry::NothingToDo { .. }
        | Entry::Refused { .. }
        | Entry::WeightSet { .. }
        | Entry::Warming { .. }
        | Entry::Warmed { .. }
        | Entry::Cooled { .. }
        | Entry::NotCooled { .. }
        | Entry::NotYetWarm { .. }
        | Entry::WarmthChanged { .. }
        | Entry::CooledLate { .. }
        | Entry::LeftoverSentHome { .. }
        | Entry::TaskSetCreated { .. }
        | Entry::TaskSetLate { .. }
        | Entry::TaskSetReady { .. }
        | Entry::TestTrafficMoved
        | Entry::TaskSetRemoved { .. }
        | Entry::TaskSetRefilled { .. }
        | Entry::TaskSetNeededAgain { .. }
        | Entry::LateWriteUndone { .. }
        | Entry::HookUnanswered { .. }
        | Entry::HookAnsweredTwice { .. }
        | Entry::Committed
        | Entry::Recovering { .. }
        | Entry::Abandoned { .. } => 0,
    }
}

/// The number of the last of so many, from 0.
fn last_of(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX).saturating_sub(1)
}

/// A short text for a long one: FNV-1a, which is the same in every version of this code.
fn digest(text: &str) -> String {
    let hash = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, hash))
}
