//! The gate every port call passes: it counts, lets others go first, and fails what it was told to fail.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use rollout::seconds::Seconds;

/// What happens to a port call instead of going through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Refused for the moment: throttled.
    Throttled,
    /// Refused for good: not allowed.
    Denied,
    /// Carried out, and the answer is lost.
    Lost,
    /// The function dies before the call.
    CrashBefore,
    /// The function dies after the call was carried out.
    CrashAfter,
    /// The state machine loses sight of the function, which goes on with this call after a while.
    Orphan(Seconds),
    /// The function dies, and the call it had sent arrives this much later.
    Late(Seconds),
}

impl Fault {
    /// One of each kind.
    pub const ALL: [Self; 8] = [
        Self::Throttled,
        Self::Denied,
        Self::Lost,
        Self::CrashBefore,
        Self::CrashAfter,
        Self::Orphan(Seconds(0)),
        // As long as the state machine waits before it tries again.
        Self::Orphan(Seconds(1)),
        Self::Late(Seconds(17)),
    ];
}

/// The methods of the table: what refuses one of them is [`steps::ports::PortError::Barred`].
pub(crate) const TABLE: [&str; 36] = [
    "add",
    "all",
    "append",
    "came",
    "create",
    "details",
    "expect_late",
    "expected_late",
    "find",
    "find_run",
    "forget_late",
    "join",
    "keep_details",
    "keep_plan",
    "keep_run",
    "keep_token",
    "lines",
    "load",
    "lock",
    "names",
    "newest",
    "newest_of",
    "queue",
    "quit",
    "read_lock",
    "refer",
    "referrers",
    "remove",
    "replace",
    "request",
    "save",
    "unlock",
    "unrefer",
    "unwatch",
    "watch",
    "watchers",
];

/// The gate.
#[derive(Debug, Default)]
pub struct Faults(Mutex<Gate>);

#[derive(Debug, Default)]
struct Gate {
    calls: Vec<&'static str>,
    nth: BTreeMap<usize, Fault>,
    always: BTreeMap<&'static str, Fault>,
    watched: BTreeSet<usize>,
    arrived: Option<usize>,
    held: BTreeMap<usize, Option<Waker>>,
    loss: Option<&'static str>,
}

impl Faults {
    /// The `number`-th port call, counted from 1, meets `fault`.
    pub fn nth(&self, number: usize, fault: Fault) {
        self.gate().nth.insert(number, fault);
    }

    /// Every call of a port's method, by the method's name, meets `fault` from now on.
    pub fn always(&self, method: &'static str, fault: Fault) {
        self.gate().always.insert(method, fault);
    }

    /// What [`Faults::always`] said is over.
    pub fn heal(&self) {
        self.gate().always.clear();
    }

    /// The methods that were called, in order.
    pub fn calls(&self) -> Vec<&'static str> {
        self.gate().calls.clone()
    }

    /// The `number`-th call is to wait until [`Faults::release`].
    pub(crate) fn watch(&self, number: usize) {
        self.gate().watched.insert(number);
    }

    /// The `number`-th call is not to wait.
    pub(crate) fn forget(&self, number: usize) {
        self.gate().watched.remove(&number);
    }

    /// A call that waits now, told once.
    pub(crate) fn take_arrived(&self) -> Option<usize> {
        self.gate().arrived.take()
    }

    /// The `number`-th call may go on.
    pub(crate) fn release(&self, number: usize) {
        if let Some(Some(waker)) = self.gate().held.remove(&number) {
            waker.wake();
        }
    }

    /// How the function that was polled last is lost to whoever called it, told once.
    pub(crate) fn take_loss(&self) -> Option<&'static str> {
        self.gate().loss.take()
    }

    /// A call arrives: gets its number, waits for whoever goes first, and learns what happens to it.
    pub(crate) async fn pass(&self, method: &'static str) -> Option<Fault> {
        step_aside().await;
        let number = {
            let mut gate = self.gate();
            gate.calls.push(method);
            let number = gate.calls.len();
            if gate.watched.remove(&number) {
                gate.arrived = Some(number);
                gate.held.insert(number, None);
            }
            number
        };
        self.released(number).await;
        let mut gate = self.gate();
        let fault = gate.always.get(method).copied().or_else(|| gate.nth.remove(&number));
        let loss = match fault {
            Some(Fault::CrashBefore | Fault::CrashAfter) => Some("Runtime.ExitError"),
            Some(Fault::Orphan(_)) => Some("Lambda.SdkClientException"),
            Some(Fault::Late(_)) => Some("Sandbox.Timedout"),
            Some(Fault::Throttled | Fault::Denied | Fault::Lost) | None => None,
        };
        // Of two calls at once, one that is well does not bring back to life what died with the other.
        gate.loss = gate.loss.or(loss);
        fault
    }

    fn released(&self, number: usize) -> impl Future<Output = ()> {
        std::future::poll_fn(move |context| match self.gate().held.get_mut(&number) {
            Some(waker) => {
                *waker = Some(context.waker().clone());
                Poll::Pending
            }
            None => Poll::Ready(()),
        })
    }

    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets everybody else who is ready go first, once.
fn step_aside() -> impl Future<Output = ()> {
    let mut aside = false;
    std::future::poll_fn(move |context| {
        if std::mem::replace(&mut aside, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
}
