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
mod line;
mod meaning;
mod words;

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::deployment::Deployment;

pub use due::{committed, continued, due, ended, interrupted, nothing_to_do, planned, queued, refused, set, settled};
pub use key::Key;
pub use line::{Entry, Line};
pub use meaning::Meaning;

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

#[cfg(test)]
mod tests;
