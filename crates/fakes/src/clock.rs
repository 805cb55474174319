//! A clock that moves when told, and names that are new each time.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use jiff::{SignedDuration, Timestamp};
use rollout::ids::{DeploymentId, HookExecutionId};
use rollout::seconds::Seconds;
use steps::ports::{Clock, Ids};

/// The clock, and what waits for it.
#[derive(Debug)]
pub struct ManualClock(Mutex<Ticking>);

#[derive(Debug)]
struct Ticking {
    now: Timestamp,
    named: u64,
    /// Apart from the names, so that deployments count from 1 whatever else there is.
    numbered: u64,
    slept: u64,
    sleepers: BTreeMap<u64, (Timestamp, Waker)>,
}

/// When every clock starts: the second of January 2026, noon.
pub const START: Timestamp = Timestamp::constant(1_767_355_200, 0);

impl Default for ManualClock {
    fn default() -> Self {
        Self(Mutex::new(Ticking { now: START, named: 0, numbered: 0, slept: 0, sleepers: BTreeMap::new() }))
    }
}

impl ManualClock {
    /// Lets time pass.
    pub fn advance(&self, by: Seconds) {
        let to = self.now() + SignedDuration::from(by);
        self.set(to);
    }

    /// Sets the clock, also back.
    pub fn set(&self, now: Timestamp) {
        let mut ticking = self.ticking();
        ticking.now = now;
        for (_, (_, waker)) in ticking.sleepers.extract_if(.., |_, sleeper| sleeper.0 <= now) {
            waker.wake();
        }
    }

    /// Seconds since [`START`].
    pub fn elapsed(&self) -> i64 {
        self.now().duration_since(START).as_secs()
    }

    /// When the next one that waits for the time is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        self.ticking().sleepers.values().map(|sleeper| sleeper.0).min()
    }

    /// Waits until the clock has been moved to `until`.
    pub(crate) fn sleep_until(&self, until: Timestamp) -> Sleep<'_> {
        let mut ticking = self.ticking();
        ticking.slept += 1;
        Sleep { clock: self, number: ticking.slept, until }
    }

    fn ticking(&self) -> MutexGuard<'_, Ticking> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_name(&self) -> u64 {
        let mut ticking = self.ticking();
        ticking.named += 1;
        ticking.named
    }
}

/// Waits for the clock, as long as it lives.
pub(crate) struct Sleep<'a> {
    clock: &'a ManualClock,
    number: u64,
    until: Timestamp,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut ticking = self.clock.ticking();
        if ticking.now >= self.until {
            return Poll::Ready(());
        }
        ticking.sleepers.insert(self.number, (self.until, context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for Sleep<'_> {
    fn drop(&mut self) {
        self.clock.ticking().sleepers.remove(&self.number);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        self.ticking().now
    }
}

impl Ids for ManualClock {
    fn deployment(&self) -> DeploymentId {
        let number = self.next_name();
        DeploymentId::parse(&format!("d-{number}")).expect("a short name of plain letters")
    }

    fn hook_execution(&self) -> HookExecutionId {
        let number = self.next_name();
        HookExecutionId::parse(&format!("hook-run-{number}")).expect("a short name of plain letters")
    }

    fn uuid(&self) -> String {
        let mut ticking = self.ticking();
        ticking.numbered += 1;
        steps::ports::uuid(u128::from(ticking.numbered))
    }
}
