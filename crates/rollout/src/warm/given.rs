//! What the record keeps of the provisioned concurrency that the new version was given.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::ids::{FunctionName, Version};

/// What the record keeps of the provisioned concurrency that the new version was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Given {
    /// What Lambda answered; older code did not keep it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Answer>,
    /// Since when it is taken back: written down before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooling: Option<Timestamp>,
    /// What came of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Cooled>,
}

impl Given {
    /// Whether nothing was ever written down.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// What Lambda answered when it was asked for provisioned concurrency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// Nothing: it may give it much later.
    Nothing,
    /// It is at work on it.
    Taken,
    /// It gives none.
    Refused,
}

/// What came of taking it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cooled {
    /// It was taken back: the version has none, that was looked at.
    TakenBack,
    /// The version had none to take back.
    Absent,
    /// Somebody has changed it to so many since, and keeps them.
    Changed(u32),
    /// It is still there, for this reason.
    Left(String),
}

/// What a deployment gave, or may have given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gift {
    /// The function.
    pub function: FunctionName,
    /// Its version.
    pub version: Version,
    /// How many executions were asked for.
    pub concurrency: u32,
}

impl Gift {
    /// What a person types to take it back.
    pub fn command(&self) -> String {
        take_back(&self.function, self.version)
    }
}

/// What a person types to take the provisioned concurrency of a version back.
pub(crate) fn take_back(function: &FunctionName, version: Version) -> String {
    format!("aws lambda delete-provisioned-concurrency-config --function-name {function} --qualifier {version}")
}
