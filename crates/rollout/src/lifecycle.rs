//! The lifecycle events of a deployment, as clients see them (docs/codedeploy-contract.md 3.1, 5.2).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hooks::Unanswered;

use crate::event::LifecycleEvent;

/// The status of a lifecycle event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventStatus {
    /// Not begun.
    Pending,
    /// Running.
    InProgress,
    /// Done. Also an event that had nothing to do.
    Succeeded,
    /// Ended the deployment, or ran when something else did.
    Failed,
    /// Never begun because the deployment ended before.
    Skipped,
}

impl EventStatus {
    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Skipped => "Skipped",
        }
    }

    fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::InProgress)
    }
}

/// What a failed event has to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Diagnostics {
    /// The sentence.
    pub message: String,
    /// The end of the hook's log, secrets taken out; empty where there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub log_tail: String,
}

/// One lifecycle event of one deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRecord {
    /// Which event.
    pub event: LifecycleEvent,
    /// How far it is.
    pub status: EventStatus,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// What it has to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diagnostics: Option<Diagnostics>,
    /// How often the hook was called.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub calls: u32,
    /// What the hook returned instead of an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered: Option<Unanswered>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The lifecycle events of one deployment, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lifecycle(Vec<EventRecord>);

impl Lifecycle {
    /// Nothing has begun.
    pub fn new(events: &[LifecycleEvent]) -> Self {
        let pending = |event: &LifecycleEvent| EventRecord {
            event: *event,
            status: EventStatus::Pending,
            started: None,
            ended: None,
            diagnostics: None,
            calls: 0,
            unanswered: None,
        };
        Self(events.iter().map(pending).collect())
    }

    /// The events, in order.
    pub fn events(&self) -> &[EventRecord] {
        &self.0
    }

    /// One event.
    pub fn get(&self, event: LifecycleEvent) -> Option<&EventRecord> {
        self.0.iter().find(|record| record.event == event)
    }

    /// `event` runs (again): the ones before it are over, it counts one more call.
    pub fn begin(&mut self, event: LifecycleEvent, now: Timestamp) {
        let Some(at) = self.0.iter().position(|record| record.event == event) else { return };
        for record in &mut self.0[..at] {
            record.close(EventStatus::Succeeded, now);
        }
        let record = &mut self.0[at];
        if !matches!(record.status, EventStatus::Succeeded | EventStatus::Failed) {
            record.status = EventStatus::InProgress;
            record.started.get_or_insert(now);
            record.calls += 1;
        }
    }

    /// `event` ended. `false` if it had ended before: the first answer counts.
    pub fn end(
        &mut self,
        event: LifecycleEvent,
        status: EventStatus,
        said: Option<Diagnostics>,
        now: Timestamp,
    ) -> bool {
        let Some(record) = self.0.iter_mut().find(|record| record.event == event && record.status.is_open()) else {
            return false;
        };
        record.close(status, now);
        record.diagnostics = said;
        true
    }

    /// The hook of `event` returned no answer, and may still call back. Nothing where its answer is there already.
    pub fn await_answer(&mut self, event: LifecycleEvent, unanswered: Unanswered) {
        for record in &mut self.0 {
            if record.event == event && record.status == EventStatus::InProgress {
                record.unanswered = Some(unanswered.clone());
            }
        }
    }

    /// There was nothing to do: no hook ran, and no traffic moved.
    pub fn skip(&mut self) {
        for record in self.0.iter_mut().filter(|record| record.status == EventStatus::Pending) {
            record.status = EventStatus::Skipped;
        }
    }

    /// The deployment succeeded: whatever is open is done.
    pub fn complete(&mut self, now: Timestamp) {
        for record in &mut self.0 {
            record.close(EventStatus::Succeeded, now);
        }
    }

    /// The deployment ended other than well: the running event failed, the rest is skipped (docs/codedeploy-contract.md 5.2).
    pub fn abandon(&mut self, why: &str, now: Timestamp) {
        for record in &mut self.0 {
            match record.status {
                EventStatus::InProgress => {
                    record.close(EventStatus::Failed, now);
                    record
                        .diagnostics
                        .get_or_insert_with(|| Diagnostics { message: why.to_owned(), log_tail: String::new() });
                }
                EventStatus::Pending => record.status = EventStatus::Skipped,
                EventStatus::Succeeded | EventStatus::Failed | EventStatus::Skipped => {}
            }
        }
    }
}

impl EventRecord {
    fn close(&mut self, status: EventStatus, now: Timestamp) {
        if self.status.is_open() {
            self.status = status;
            self.started.get_or_insert(now);
            self.ended = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn statuses(lifecycle: &Lifecycle) -> Vec<&'static str> {
        lifecycle.events().iter().map(|record| record.status.as_str()).collect()
    }

    #[test]
    fn an_event_without_a_hook_is_over_as_soon_as_the_next_one_begins() {
        let mut lifecycle = Lifecycle::new(LifecycleEvent::LAMBDA);
        lifecycle.begin(LifecycleEvent::AllowTraffic, at(1));
        assert_eq!(statuses(&lifecycle), ["Succeeded", "InProgress", "Pending"]);
    }

    #[test]
    fn when_a_deployment_ends_early_the_running_event_failed_and_the_rest_is_skipped() {
        let mut lifecycle = Lifecycle::new(LifecycleEvent::LAMBDA);
        lifecycle.begin(LifecycleEvent::AllowTraffic, at(1));
        lifecycle.abandon("an alarm", at(2));
        assert_eq!(statuses(&lifecycle), ["Succeeded", "Failed", "Skipped"]);
        let failed = lifecycle.get(LifecycleEvent::AllowTraffic).unwrap();
        assert_eq!(failed.diagnostics.as_ref().unwrap().message, "an alarm");
    }

    #[test]
    fn the_first_answer_of_a_hook_counts() {
        let mut lifecycle = Lifecycle::new(LifecycleEvent::LAMBDA);
        lifecycle.begin(LifecycleEvent::BeforeAllowTraffic, at(1));
        assert!(lifecycle.end(LifecycleEvent::BeforeAllowTraffic, EventStatus::Succeeded, None, at(2)));
        assert!(!lifecycle.end(LifecycleEvent::BeforeAllowTraffic, EventStatus::Failed, None, at(3)));
        assert_eq!(statuses(&lifecycle), ["Succeeded", "Pending", "Pending"]);
    }

    #[test]
    fn a_hook_that_is_called_again_keeps_its_start() {
        let mut lifecycle = Lifecycle::new(LifecycleEvent::LAMBDA);
        lifecycle.begin(LifecycleEvent::BeforeAllowTraffic, at(1));
        lifecycle.begin(LifecycleEvent::BeforeAllowTraffic, at(9));
        let record = lifecycle.get(LifecycleEvent::BeforeAllowTraffic).unwrap();
        assert_eq!((record.started, record.calls), (Some(at(1)), 2));
    }
}
