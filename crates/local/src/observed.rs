//! What the stack has seen: the evidence tests, demos and benches judge by.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::clock;
use crate::guarded::Guarded;

/// A function process's beginning.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ColdStart {
    /// The function.
    pub function: String,
    /// From the process's start to its first question for work.
    pub init_ms: f64,
    /// How long its first invocation took.
    pub first_invoke_ms: f64,
    /// The most memory it held until the first invocation ended; 0 where the system does not tell.
    pub rss_kb: u64,
}

/// An accepted write to an alias.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AliasWrite {
    /// When it had been applied, in seconds since 1970.
    pub at: f64,
    /// The function.
    pub function: String,
    /// The alias.
    pub alias: String,
    /// The version the alias now names.
    pub version: String,
    /// The additional version's weight, 0 to 1.
    pub weights: BTreeMap<String, f64>,
    /// Which function of ours wrote; `None` for anyone else.
    pub caller: Option<String>,
}

/// A write to an alias that was refused, since it named a revision that the alias was no longer at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StaleWrite {
    /// The function.
    pub function: String,
    /// The alias.
    pub alias: String,
    /// Which function of ours wrote; `None` for anyone else.
    pub caller: Option<String>,
}

/// An accepted write of a listener's default action or of a rule.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListenerWrite {
    /// When it had been applied, in seconds since 1970.
    pub at: f64,
    /// The ARN of the listener or rule.
    pub resource: String,
    /// The target groups it now forwards to, by their ARNs, with their weights.
    pub weights: BTreeMap<String, u32>,
    /// Which function of ours wrote; `None` for anyone else.
    pub caller: Option<String>,
}

/// An event that reached the event bus.
#[derive(Debug, Clone, Serialize)]
pub struct SeenEvent {
    /// When, in seconds since 1970.
    pub at: f64,
    /// The event as its targets get it.
    pub event: Value,
}

#[derive(Debug, Default, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Book {
    cold_starts: Vec<ColdStart>,
    alias_writes: Vec<AliasWrite>,
    stale_writes: Vec<StaleWrite>,
    listener_writes: Vec<ListenerWrite>,
    invocations: BTreeMap<String, u64>,
    events: Vec<SeenEvent>,
    denied: Vec<String>,
}

/// Everything seen since the start, or since [`Observed::forget`].
#[derive(Debug, Default)]
pub struct Observed(Guarded<Book>);

impl Observed {
    /// The cold starts, in their order.
    pub fn cold_starts(&self) -> Vec<ColdStart> {
        self.0.lock().cold_starts.clone()
    }

    /// The accepted alias writes, in their order.
    pub fn alias_writes(&self) -> Vec<AliasWrite> {
        self.0.lock().alias_writes.clone()
    }

    /// The alias writes that came too late for the revision they named, in their order.
    pub fn stale_writes(&self) -> Vec<StaleWrite> {
        self.0.lock().stale_writes.clone()
    }

    /// The accepted writes of listeners and rules, in their order.
    pub fn listener_writes(&self) -> Vec<ListenerWrite> {
        self.0.lock().listener_writes.clone()
    }

    /// How often each function was invoked.
    pub fn invocations(&self) -> BTreeMap<String, u64> {
        self.0.lock().invocations.clone()
    }

    /// The events on the bus, in their order.
    pub fn events(&self) -> Vec<SeenEvent> {
        self.0.lock().events.clone()
    }

    /// What IAM refused, as `function action resource`.
    pub fn denied(&self) -> Vec<String> {
        self.0.lock().denied.clone()
    }

    /// Forgets everything.
    pub fn forget(&self) {
        *self.0.lock() = Book::default();
    }

    /// Everything, as one document.
    pub fn document(&self) -> Value {
        serde_json::to_value(&*self.0.lock()).unwrap_or_default()
    }

    pub(crate) fn cold_start(&self, seen: ColdStart) {
        self.0.lock().cold_starts.push(seen);
    }

    pub(crate) fn stale_write(&self, seen: StaleWrite) {
        self.0.lock().stale_writes.push(seen);
    }

    pub(crate) fn alias_write(&self, seen: AliasWrite) {
        self.0.lock().alias_writes.push(seen);
    }

    pub(crate) fn listener_write(&self, seen: ListenerWrite) {
        self.0.lock().listener_writes.push(seen);
    }

    pub(crate) fn invocation(&self, function: &str) {
        *self.0.lock().invocations.entry(function.to_owned()).or_default() += 1;
    }

    pub(crate) fn event(&self, event: Value) {
        self.0.lock().events.push(SeenEvent { at: clock::now_seconds(), event });
    }

    pub(crate) fn denial(&self, what: String) {
        self.0.lock().denied.push(what);
    }
}
