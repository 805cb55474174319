//! What the world is made of, one file for each service: what is there, and how it does by itself as time passes.

pub(crate) mod balancers;
pub(crate) mod catalogue;
pub(crate) mod executions;
pub mod fleet;
pub(crate) mod functions;
pub(crate) mod objects;
pub(crate) mod pipelines;
pub(crate) mod table;

use std::collections::BTreeMap;

use jiff::Timestamp;
use rollout::alarms::AlarmState;
use rollout::ids::{AlarmName, ExecutionArn, ParameterName};
use rollout::platform::Platform;
use rollout::warm::Refusal;
use serde_json::Value;
use steps::ports::{Alert, Pointing, Secret};

use balancers::Balancers;
use executions::Waits;
use fleet::Fleet;
use functions::{Function, Script};
use objects::Objects;
use pipelines::Pipelines;
use table::Table;

/// What the world is made of.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) table: Table,
    pub(crate) functions: BTreeMap<String, Function>,
    pub(crate) hooks: BTreeMap<String, Script>,
    pub(crate) hook_calls: Vec<(String, Value)>,
    pub(crate) writes: Vec<Write>,
    /// Whether Lambda cannot keep executions ready.
    pub(crate) no_room: bool,
    /// Why Lambda gives no provisioned concurrency, where it does not.
    pub(crate) refuses_warmth: Option<Refusal>,
    pub(crate) revisions: u64,
    pub(crate) alarms: BTreeMap<AlarmName, AlarmState>,
    pub(crate) alarms_are_unreadable: bool,
    pub(crate) throttled_looks: usize,
    pub(crate) parameters: BTreeMap<ParameterName, Secret>,
    pub(crate) objects: Objects,
    pub(crate) pipelines: Pipelines,
    pub(crate) fleet: Fleet,
    pub(crate) balancers: Balancers,
    pub(crate) waits: Waits,
    pub(crate) executions: BTreeMap<ExecutionArn, (Value, bool)>,
    pub(crate) requested: Vec<(Platform, String, Value)>,
    pub(crate) aborts: Vec<ExecutionArn>,
    pub(crate) alerts: Vec<Alert>,
    pub(crate) told: Vec<Value>,
    pub(crate) history: Vec<Value>,
    pub(crate) log: Vec<(Timestamp, String)>,
}

impl State {
    pub(crate) fn next_revision(&mut self) -> u64 {
        self.revisions += 1;
        self.revisions
    }
}

/// One accepted write of an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// When.
    pub at: Timestamp,
    /// `function:alias`.
    pub alias: String,
    /// Where it points since; `None`: it was deleted.
    pub to: Option<Pointing>,
    /// Whether it was one of our steps.
    pub ours: bool,
}
