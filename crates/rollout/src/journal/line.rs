//! What is written into a journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::code::ErrorCode;
use crate::deployment::Outcome;
use crate::ending::{Ending, Rollback, Traffic};
use crate::event::LifecycleEvent;
use crate::ids::{FunctionName, JobId, ListenerArn, TaskSetId, Version};
use crate::pipeline::silence::Sign;
use crate::plan::Total;
use crate::queue::WaitsFor;
use crate::routing::{Backend, Routing};
use crate::seconds::Seconds;
use crate::starter::CallerArn;
use crate::weight::Weight;

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
    Queued {
        waits_for: WaitsFor,
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
    Ended {
        outcome: Outcome,
        /// What ended it, where it did not succeed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<ErrorCode>,
    },
    GivenUp {
        cannot: String,
    },
    Recovering {
        attempt: u32,
    },
    Abandoned {
        job: JobId,
        sign: Sign,
        /// Whether it is stopped because of that.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        stops: bool,
    },
}
