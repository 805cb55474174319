//! Lambda: aliases that count their revisions, versions, and hook functions that follow a script.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollout::facts::VersionFacts;
use rollout::ids::Version;
use serde_json::Value;
use steps::ports::{Called, Pointing};

/// A function of the user's.
#[derive(Debug, Default)]
pub(crate) struct Function {
    pub(crate) versions: BTreeMap<Version, VersionFacts>,
    pub(crate) aliases: BTreeMap<String, (Pointing, u64)>,
    /// The provisioned concurrency of aliases and versions.
    pub(crate) provisioned: BTreeMap<String, Provisioned>,
}

/// Provisioned concurrency.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Provisioned {
    pub(crate) requested: u32,
    /// When it was asked for; what somebody else has is ready.
    pub(crate) since: Option<Timestamp>,
}

/// What a hook function does when it is called.
pub(crate) type Script = Box<dyn FnMut(&Value) -> Called + Send>;
