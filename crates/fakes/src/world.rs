//! Everything outside of a function, in memory: set up by a test, changed by steps, looked at by a test again.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rollout::alarms::AlarmState;
use rollout::deployment::Deployment;
use rollout::facts::{VersionFacts, VersionState};
use rollout::ids::{AlarmName, DeploymentId, ParameterName, Version};
use rollout::journal::{Line, in_order};
use rollout::plan::Plan;
use rollout::routing::Routing;
use rollout::warm::Refusal;
use serde_json::Value;
use steps::ports::{Alert, Called, Clock, Loaded, Lock, Pointing, PortError, Secret};

use crate::clock::{ManualClock, START};
use crate::faults::{Fault, Faults, TABLE};
use crate::state::State;
use crate::state::functions::Provisioned;

pub use crate::state::Write;

/// The world.
#[derive(Default)]
pub struct World {
    /// The time.
    pub clock: ManualClock,
    /// The gate every port call passes.
    pub faults: Faults,
    state: Mutex<State>,
}

impl World {
    /// A world with the function `storefront`, its versions 1 to 3, and its alias `live` on version 1; and with the alarms
    /// `errors` and `latency`, both content.
    pub fn new() -> Self {
        let world = Self::default();
        for version in 1..=3 {
            world.publish("storefront", version);
        }
        world.point("storefront", "live", Routing::all_on(v(1)));
        world.alarm("errors", AlarmState::Ok);
        world.alarm("latency", AlarmState::Ok);
        world
    }

    /// Publishes a version.
    pub fn publish(&self, function: &str, version: u64) {
        let published =
            VersionFacts::Published { state: VersionState::Active, role: "role".to_owned(), dead_letter: None };
        self.version(function, version, published);
    }

    /// Says what a version is.
    pub fn version(&self, function: &str, version: u64, facts: VersionFacts) {
        self.state().functions.entry(function.to_owned()).or_default().versions.insert(v(version), facts);
    }

    /// Somebody points an alias somewhere, without asking us.
    pub fn point(&self, function: &str, alias: &str, to: Routing) {
        self.somebody_points(function, alias, Some(Pointing::At(to)));
    }

    /// Somebody points an alias at `$LATEST`.
    pub fn point_at_latest(&self, function: &str, alias: &str) {
        self.somebody_points(function, alias, Some(Pointing::Latest));
    }

    /// Somebody deletes an alias.
    pub fn delete_alias(&self, function: &str, alias: &str) {
        self.somebody_points(function, alias, None);
    }

    fn somebody_points(&self, function: &str, alias: &str, to: Option<Pointing>) {
        let mut state = self.state();
        let revision = state.next_revision();
        let at = self.clock.now();
        state.writes.push(Write { at, alias: format!("{function}:{alias}"), to: to.clone(), ours: false });
        let aliases = &mut state.functions.entry(function.to_owned()).or_default().aliases;
        match to {
            Some(to) => aliases.insert(alias.to_owned(), (to, revision)),
            None => aliases.remove(alias),
        };
    }

    /// Somebody gives an alias or a version provisioned concurrency.
    pub fn provision(&self, function: &str, qualifier: &str, requested: u32) {
        let mut state = self.state();
        let provisioned = &mut state.functions.entry(function.to_owned()).or_default().provisioned;
        provisioned.insert(qualifier.to_owned(), Provisioned { requested, since: None });
    }

    /// Lambda has no room to keep executions of any version ready.
    pub fn has_no_room(&self) {
        self.state().no_room = true;
    }

    /// Lambda gives no provisioned concurrency.
    pub fn refuses_warmth(&self, refusal: Refusal) {
        self.state().refuses_warmth = Some(refusal);
    }

    /// The provisioned concurrency of an alias or a version.
    pub fn provisioned_of(&self, function: &str, qualifier: &str) -> Option<u32> {
        let state = self.state();
        state.functions.get(function)?.provisioned.get(qualifier).map(|provisioned| provisioned.requested)
    }

    /// Sets the state of an alarm, which exists from now on.
    pub fn alarm(&self, name: &str, state: AlarmState) {
        self.state().alarms.insert(alarm_name(name), state);
    }

    /// Deletes an alarm.
    pub fn delete_alarm(&self, name: &str) {
        self.state().alarms.remove(&alarm_name(name));
    }

    /// CloudWatch has no time for the next looks, so many of them.
    pub fn throttle_alarms(&self, looks: usize) {
        self.state().throttled_looks = looks;
    }

    /// CloudWatch answers no more.
    pub fn blind(&self) {
        self.state().alarms_are_unreadable = true;
    }

    /// Puts a secure parameter into SSM.
    pub fn parameter(&self, name: &str, value: &str) {
        let name = ParameterName::parse(name).expect("a test names parameters well");
        self.state().parameters.insert(name, Secret(value.to_owned()));
    }

    /// The lock of an alias is `owner`'s, however it came by it.
    pub fn lock_for(&self, function: &str, alias: &str, owner: &DeploymentId) {
        let lock = Lock { owner: Some(owner.clone()), leftover: None };
        self.state().table.locks.insert(format!("lambda:{function}:{alias}"), lock);
    }

    /// A deployment that was told to leave a split behind did so.
    pub fn leave_behind(&self, function: &str, alias: &str, split: Routing) {
        self.point(function, alias, split.clone());
        let lock = Lock { owner: None, leftover: Some(split) };
        self.state().table.locks.insert(format!("lambda:{function}:{alias}"), lock);
    }

    /// Creates a hook function.
    pub fn hook(&self, name: &str, script: impl FnMut(&Value) -> Called + Send + 'static) {
        self.state().functions.entry(name.to_owned()).or_default();
        self.state().hooks.insert(name.to_owned(), Box::new(script));
    }

    /// Where an alias points; `None` if it does not exist.
    pub fn pointing(&self, function: &str, alias: &str) -> Option<Pointing> {
        self.state().functions.get(function)?.aliases.get(alias).map(|alias| alias.0.clone())
    }

    /// Every write of an alias that was accepted, ours and others'.
    pub fn writes(&self) -> Vec<Write> {
        self.state().writes.clone()
    }

    /// A deployment's record and what is kept beside it.
    pub fn loaded(&self, id: &DeploymentId) -> Option<Loaded> {
        self.state().table.loaded(id)
    }

    /// A deployment's record.
    pub fn deployment(&self, id: &DeploymentId) -> Option<Deployment> {
        Some(self.loaded(id)?.deployment)
    }

    /// A deployment's plan.
    pub fn plan(&self, id: &DeploymentId) -> Option<Plan> {
        self.loaded(id)?.plan
    }

    /// A deployment's journal.
    pub fn journal(&self, id: &DeploymentId) -> Vec<Line> {
        in_order(self.state().table.journals.get(id).cloned().unwrap_or_default())
    }

    /// Somebody deletes a deployment's record, or all there is of it but its journal.
    pub fn delete_record(&self, id: &DeploymentId, and_all_else: bool) {
        let mut state = self.state();
        state.table.records.remove(id);
        if and_all_else {
            state.table.plans.remove(id);
            state.table.tokens.remove(id);
            state.table.requests.remove(id);
        }
    }

    /// Somebody deletes a deployment's plan.
    pub fn delete_plan(&self, id: &DeploymentId) {
        self.state().table.plans.remove(id);
    }

    /// Somebody deletes the tokens of what waits for a deployment.
    pub fn delete_tokens(&self, id: &DeploymentId) {
        self.state().table.tokens.remove(id);
    }

    /// The lock of an alias.
    pub fn lock_of(&self, function: &str, alias: &str) -> Lock {
        self.state().table.locks.get(&format!("lambda:{function}:{alias}")).cloned().unwrap_or_default()
    }

    /// Who is stopped by which alarm.
    pub fn watches(&self) -> BTreeSet<(AlarmName, DeploymentId)> {
        self.state().table.watches.clone()
    }

    /// Which hook functions were called, with which payloads.
    pub fn hook_calls(&self) -> Vec<(String, Value)> {
        self.state().hook_calls.clone()
    }

    /// What waits were ended with, also where nobody waited: an output, or an error and its cause.
    pub fn ends(&self) -> Vec<Result<Value, (String, String)>> {
        self.state().waits.sent.clone()
    }

    /// The alerts that were raised.
    pub fn alerts(&self) -> Vec<Alert> {
        self.state().alerts.clone()
    }

    /// What the state machine put on the event bus.
    pub fn told(&self) -> Vec<Value> {
        self.state().told.clone()
    }

    /// What happened, a line each with the seconds since the start.
    pub fn story(&self) -> String {
        let state = self.state();
        let line = |(at, text): &(Timestamp, String)| format!("{:>5}s  {text}\n", at.duration_since(START).as_secs());
        state.log.iter().map(line).collect()
    }

    /// All that is written down anywhere, for a search: the table, the histories of executions, what waits were ended
    /// with. Payloads of hooks are not part of it: they are handed over, not written down.
    pub fn written_down(&self) -> String {
        let state = self.state();
        format!("{:?}\n{:?}\n{:?}\n{:?}\n{:?}", state.table, state.history, state.waits, state.told, state.log)
    }

    /// Writes a line into the story.
    pub(crate) fn note(&self, text: impl fmt::Display) {
        let now = self.clock.now();
        self.state().log.push((now, text.to_string()));
    }

    /// Carries out a port call, unless the gate has another fate for it.
    pub(crate) async fn call<T>(
        &self,
        method: &'static str,
        act: impl FnOnce(&mut State, Timestamp) -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let fault = self.faults.pass(method).await;
        if fault == Some(Fault::CrashBefore) {
            std::future::pending::<()>().await;
        }
        if let Some(Fault::Late(after) | Fault::Orphan(after)) = fault {
            self.clock.sleep_until(self.clock.now() + SignedDuration::from(after)).await;
        }
        let refused = match fault {
            Some(Fault::Throttled) => Some(PortError::Passing(format!("{method} was throttled"))),
            Some(Fault::Denied) if TABLE.contains(&method) => {
                Some(PortError::Barred(format!("{method} is not allowed")))
            }
            Some(Fault::Denied) => Some(PortError::Denied(format!("{method} is not allowed"))),
            _ => None,
        };
        let answer = match refused {
            Some(error) => Err(error),
            None => act(&mut self.state(), self.clock.now()),
        };
        match fault {
            Some(Fault::Lost) => Err(PortError::Passing(format!("the answer of {method} was lost"))),
            Some(Fault::CrashAfter | Fault::Late(_)) => std::future::pending().await,
            _ => answer,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A version.
pub fn v(number: u64) -> Version {
    Version::try_from(number).expect("a test counts versions from 1")
}

pub(crate) fn alarm_name(name: &str) -> AlarmName {
    AlarmName::parse(name).expect("a test names alarms well")
}
