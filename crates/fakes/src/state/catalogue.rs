//! The catalogue: entries, and who refers to what.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use steps::ports::{Referred, Shelf};

#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// By shelf and name; the value is what a store would keep of it.
    pub(crate) kept: BTreeMap<Shelf, BTreeMap<String, Value>>,
    pub(crate) referred: BTreeMap<Referred, BTreeSet<String>>,
}
