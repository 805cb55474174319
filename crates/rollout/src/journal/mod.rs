//! The journal of a deployment: who changed what.
//!
//! Everything that a record says has its line, once, whatever died in between. A line has a [`Key`] that says what it tells; one that
//! is there already is not written again, so that every attempt appends what it has to tell.
//!
//! - What the world has answered (a weight, a task set) is told *before* the record says so.
//! - What a record decides (it begins, stops, commits) is told after that, and derives from the record: whoever comes by later tells
//!   what is [`due()`] and missing.
//!
//! What a line is called for programs is in [`Entry`], what it says to people in its `Display`, and what it means for the deployment
//! in [`Entry::means`].

mod due;
mod key;
mod meaning;
mod words;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::deployment::Deployment;
use crate::ending::{Ending, Rollback, Traffic};
use crate::ids::{FunctionName, ListenerArn, TaskSetId, Version};
use crate::lifecycle::LifecycleEvent;
use crate::plan::Total;
use crate::routing::{Backend, Routing};
use crate::seconds::Seconds;
use crate::starter::CallerArn;
use crate::weight::Weight;

pub use due::{committed, continued, due, interrupted, nothing_to_do, planned, refused, set, settled};
pub use key::Key;
pub use meaning::Meaning;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// Which of its kind, from 0, where a deployment can have several: a call of a hook, a time that it was stopped. Lines of older
    /// code do not say.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub nth: u32,
    /// What.
    #[serde(flatten)]
    pub entry: Entry,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Line {
    /// What happened to this deployment. Its record says which of its kind it is.
    pub fn of(deployment: &Deployment, entry: Entry, at: Timestamp) -> Self {
        Self { at, nth: key::nth(&entry, deployment), entry }
    }
}

/// Lines in the order they happened. Those of one moment stay as they come.
pub fn in_order(mut lines: Vec<Line>) -> Vec<Line> {
    lines.sort_by_key(|line| line.at);
    lines
}

/// One journal of what older code wrote, without keys, and of what newer code did. What both tell was told by the older one.
pub fn merged(older: Vec<Line>, newer: Vec<Line>) -> Vec<Line> {
    let told: BTreeSet<Key> = older.iter().map(Line::key).collect();
    let newer = newer.into_iter().filter(|line| !told.contains(&line.key()));
    in_order(older.into_iter().chain(newer).collect())
}

/// The lines that a journal lacks.
pub fn missing(due: Vec<Line>, journal: &[Line]) -> Vec<Line> {
    let told: BTreeSet<Key> = journal.iter().map(Line::key).collect();
    due.into_iter().filter(|line| !told.contains(&line.key())).collect()
}

/// What is written into the journal. Never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "each variant's Display is its documentation")]
pub enum Entry {
    Planned {
        from: Backend,
        to: Backend,
        steps: usize,
        total: Total,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        caller: Option<CallerArn>,
    },
    NothingToDo {
        version: Backend,
    },
    Refused {
        why: Ending,
    },
    WeightSet {
        version: Backend,
        weight: Weight,
    },
    Warming {
        version: Version,
        concurrency: u32,
    },
    Warmed {
        version: Version,
    },
    Cooled {
        version: Version,
    },
    NotCooled {
        version: Version,
        why: String,
        /// Lines of older code do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        function: Option<FunctionName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        concurrency: Option<u32>,
    },
    NotYetWarm {
        version: Version,
    },
    WarmthChanged {
        version: Version,
        given: u32,
        found: u32,
    },
    CooledLate {
        version: Version,
    },
    LeftoverSentHome {
        to: Backend,
    },
    TaskSetCreated {
        task_set: TaskSetId,
    },
    TaskSetLate {
        why: String,
    },
    TaskSetReady {
        task_set: TaskSetId,
    },
    TestTrafficMoved,
    PrimarySwitched {
        task_set: TaskSetId,
    },
    TaskSetRemoved {
        task_set: TaskSetId,
    },
    NotCleared {
        why: String,
    },
    TaskSetKept {
        task_set: TaskSetId,
        /// The listener of test traffic, where that alone still sends calls there. Lines of older code do not say.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        test: Option<ListenerArn>,
    },
    TaskSetBroughtBack {
        task_set: TaskSetId,
    },
    TaskSetRefilled {
        task_set: TaskSetId,
    },
    TaskSetNeededAgain {
        task_set: TaskSetId,
    },
    LateWriteUndone {
        places: usize,
    },
    HookAsksAgain {
        event: LifecycleEvent,
        after: Seconds,
    },
    HookUnanswered {
        event: LifecycleEvent,
    },
    HookAnsweredTwice {
        event: LifecycleEvent,
        /// What it answered after it had called back with Succeeded.
        then: String,
    },
    Interrupted {
        why: Ending,
        rollback: Rollback,
        /// Nothing was moved that would have to go back. Lines of older code do not say.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unmoved: bool,
    },
    Continued,
    Committed,
    TrafficSettled {
        traffic: Traffic,
    },
    Overruled {
        found: Routing,
    },
    TestOverruled {
        found: Routing,
    },
    GivenUp {
        cannot: String,
    },
    Recovering {
        attempt: u32,
    },
}

#[cfg(test)]
mod tests;
