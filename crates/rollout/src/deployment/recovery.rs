//! The execution that finishes the job of one that died.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::ExecutionArn;

/// The execution that finishes the job of one that died. It is written down before it is started: whoever calls an execution
/// so, or sends one the input of a recovery, has not made it one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// Counts the names that were tried, from 1.
    pub number: u32,
    /// How many recoveries died before it.
    #[serde(default)]
    pub died: u32,
    /// The execution.
    pub execution: ExecutionArn,
    /// When it was written down.
    pub since: Timestamp,
    /// Whether somebody was told that there had to be one. Records of older code were told of when they were written.
    #[serde(default, skip_serializing_if = "Told::is_told")]
    pub told: Told,
}

/// Whether what somebody must know was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// It was, or nobody need be told.
    #[default]
    Told,
    /// Not yet, or whoever told it died before that was written down.
    NotYet,
}

impl Told {
    fn is_told(&self) -> bool {
        *self == Self::Told
    }
}

/// Why there is to be a recovery, told by what was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// The execution of the deployment, or its last recovery, is dead.
    Dead,
    /// Somebody wants it, whatever was before.
    Whatever,
    /// The name of the last one was taken by somebody else, so that it never came to be.
    NameTaken,
}
