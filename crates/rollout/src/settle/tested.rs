//! Test traffic: how a deployment leaves it, and what of it goes back.
//!
//! Nothing moves it but [`LifecycleEvent::AllowTestTraffic`], all at once: before, each place is at home; after, all of them send
//! their calls to the new task set. Anything else is somebody's change, as it is with production traffic.

use super::live::{Live, Tested};
use crate::deployment::Deployment;
use crate::event::LifecycleEvent;
use crate::lifecycle::EventStatus;
use crate::plan::Plan;
use crate::routing::Routing;

/// How far a deployment is with sending test traffic to its new task set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sent {
    /// It has not begun.
    NotYet,
    /// It was begun, and nobody knows how much of it was done.
    Perhaps,
    /// All of it was sent.
    All,
}

impl Sent {
    /// As the record has it.
    pub(crate) fn by(deployment: &Deployment) -> Self {
        let record = deployment.events.get(LifecycleEvent::AllowTestTraffic);
        match record.map(|record| (record.status, record.started)) {
            Some((EventStatus::Succeeded, _)) => Self::All,
            Some((_, Some(_))) => Self::Perhaps,
            Some((_, None)) | None => Self::NotYet,
        }
    }
}

impl Plan {
    /// Whether all of test traffic is as this deployment left it.
    pub(super) fn recognizes_test(&self, deployment: &Deployment, test: &[Tested]) -> bool {
        let places = self.target.service().map_or(0, |service| service.test_routes.len());
        test.len() >= places && test.iter().all(|place| self.left_test_so(deployment, place))
    }

    /// Whether a place of test traffic goes back: it is away from home, and not by a change of somebody else's that is left alone.
    pub fn returns(&self, deployment: &Deployment, place: &Tested) -> bool {
        let is_ours = match deployment.leaves_changes() {
            true => self.left_test_so(deployment, place),
            false => self.knows(&place.now),
        };
        is_ours && !place.is_home()
    }

    /// A change of test traffic by somebody else that a rollback is about to take back, since the deployment itself must stop.
    pub fn overruled_test<'a>(&self, deployment: &Deployment, live: &'a Live) -> Option<&'a Routing> {
        let (Live::Gone { test } | Live::Routes { test, .. }) = live;
        let is_overruled = |place: &&Tested| self.returns(deployment, place) && !self.left_test_so(deployment, place);
        test.iter().find(is_overruled).map(|place| &place.now)
    }

    /// Whether a place of test traffic is at home again by a write of this deployment that was never answered, which ended what
    /// was left behind before, and arrived after test traffic was sent to the new task set.
    pub(super) fn sent_home_late(&self, deployment: &Deployment, place: &Tested) -> bool {
        let ends_leftover = self.target.service().is_some_and(|service| service.leftover.is_some());
        let is_shared = deployment.lease.as_ref().is_some_and(|lease| lease.shared);
        let is_sent = place.now == Routing::all_on(self.shift().to.clone());
        Sent::by(deployment) == Sent::All && ends_leftover && is_shared && place.is_home() && !is_sent
    }

    /// Whether this deployment left a place of test traffic so, or a write of its own may have.
    fn left_test_so(&self, deployment: &Deployment, place: &Tested) -> bool {
        let is_sent = place.now == Routing::all_on(self.shift().to.clone());
        if self.is_leftover(deployment, &place.now) {
            return true;
        }
        match Sent::by(deployment) {
            // A write of an older deployment may come early: it goes to the same task set, and back with the others.
            Sent::NotYet => place.is_home() || is_sent && deployment.progress.older.is_some(),
            Sent::Perhaps => place.is_home() || is_sent,
            Sent::All => is_sent || self.sent_home_late(deployment, place),
        }
    }
}
