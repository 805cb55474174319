//! Bringing the traffic to where a deployment that ended leaves it, and telling our own writes from somebody else's.

use jiff::Timestamp;

use crate::deployment::{Deployment, Phase};
use crate::ending::{Rollback, Traffic};
use crate::plan::Plan;
use crate::routing::{Backend, Routing};
use crate::seconds::Seconds;

/// Where a target sends its calls now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Live {
    /// It does not exist any more, or sends its calls nowhere we can go.
    Gone,
    /// Here: an alias has one route, a listener one for each place it forwards at.
    Routes {
        /// The routes of production traffic.
        production: Vec<Routing>,
        /// The routes of test traffic, which follow in one go.
        test: Vec<Routing>,
    },
}

impl Live {
    /// An alias.
    pub fn alias(routing: Option<&Routing>) -> Self {
        match routing {
            Some(routing) => Self::Routes { production: vec![routing.clone()], test: Vec::new() },
            None => Self::Gone,
        }
    }

    /// Whether all production and test traffic goes there.
    pub fn is_all(&self, to: &Routing) -> bool {
        match self {
            Self::Gone => false,
            Self::Routes { production, test } => production.iter().chain(test).all(|routing| routing == to),
        }
    }
}

/// What keeps a write that is late from arriving after the rollback's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    /// A write names the revision it builds on, and is refused on any other.
    Revision,
    /// Nothing but the lease: until it is over, a write may still arrive.
    Lease,
}

/// What a rollback does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settle {
    /// Send every call there.
    Write(Routing),
    /// A write may still be on its way: look again after this long.
    Wait(Seconds),
    /// Nothing is left to do.
    Done(Traffic),
}

/// Decides how the traffic of a deployment that is stopping is settled, by what the target says now.
///
/// Where a write is fenced by a revision, it must name the one that `live` was read at: a write of a shift that was on its way
/// then fails, because it names an older one. Whatever fences, the traffic is put back at once, and only then is waited.
pub fn settle(plan: &Plan, deployment: &Deployment, live: &Live, now: Timestamp) -> Settle {
    if deployment.started.is_none() {
        // It never held the lock: whatever the target looks like is somebody else's doing.
        return Settle::Done(Traffic::Untouched);
    }
    let (production, test) = match live {
        Live::Gone => return Settle::Done(Traffic::Foreign(None)),
        Live::Routes { production, test } => (production, test),
    };
    let (ours, theirs): (Vec<&Routing>, Vec<&Routing>) = production.iter().partition(|routing| plan.knows(routing));
    if let (Some(foreign), true) = (theirs.first(), ours.is_empty()) {
        return Settle::Done(Traffic::Foreign(Some((*foreign).clone())));
    }
    // Test traffic that somebody else changed is theirs: production does not wait for it.
    let mut test = test.iter().filter(|routing| plan.knows(routing));
    let home = plan.home();
    let away = ours.into_iter().find(|routing| **routing != home);
    let is_home = away.is_none() && test.all(|routing| *routing == home);
    let in_flight = deployment.lease.as_ref().map(|lease| lease.left(now)).filter(|left| left.0 > 0);
    let leave = matches!(&deployment.phase, Phase::Stopping { rollback: Rollback::Leave, .. });
    match (in_flight, away, theirs.first()) {
        // Test traffic is put back in any case: with production at home there is nothing to leave.
        (_, away, _) if !is_home && (!leave || away.is_none()) => Settle::Write(home),
        (Some(left), ..) => Settle::Wait(left),
        // What is ours is where it ends; the rest is not ours to move.
        (None, _, Some(foreign)) => Settle::Done(Traffic::Foreign(Some((*foreign).clone()))),
        (None, Some(away), None) if leave => Settle::Done(Traffic::Left(away.clone())),
        // Also where only a split was ended that was there before: an earlier attempt did that, and its answer was lost.
        (None, _, None) if deployment.touched() || plan.start != home => {
            Settle::Done(Traffic::Restored(plan.from.clone()))
        }
        (None, _, None) => Settle::Done(Traffic::Untouched),
    }
}

/// What follows a rollback's write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// A write of ours may still arrive after it: look again after this long.
    Wait(Seconds),
    /// Every call goes there, for good.
    Restored(Backend),
}

/// Decides what follows the write that [`settle`] asked for, once it was accepted.
pub fn written(plan: &Plan, deployment: &Deployment, now: Timestamp) -> Written {
    let left = deployment.lease.as_ref().map_or(Seconds::ZERO, |lease| lease.left(now));
    match plan.target.fence() {
        Fence::Lease if left.0 > 0 => Written::Wait(left),
        Fence::Lease | Fence::Revision => Written::Restored(plan.from.clone()),
    }
}

impl Plan {
    /// Whether everything that gets calls there is one of the deployment's own: then a rollback may write.
    pub fn knows(&self, live: &Routing) -> bool {
        *live == self.start || live.backends().all(|backend| *backend == self.from || *backend == self.to)
    }

    /// Whether the target is as this deployment left it: after its last confirmed step, or after the one that a lease says
    /// was being taken. Of several routes, each may be on either side of a step that is being taken.
    pub fn recognizes(&self, deployment: &Deployment, live: &Live) -> bool {
        let Live::Routes { production, test } = live else { return false };
        let confirmed = match &deployment.progress.at {
            Some(position) => self.routing_at(position.step),
            None => self.start.clone(),
        };
        // A leftover split is ended before the new task set is made in its place.
        let service = self.target.service();
        let ended = service.filter(|_| deployment.progress.at.is_none()).map(|_| self.home());
        // Until then it may be divided in any way: a step may have been left at some of the places only.
        let left = |routing: &Routing| {
            service.is_some_and(|service| service.leftover.is_some())
                && deployment.progress.created.is_none()
                && self.knows(routing)
        };
        let intended = deployment.lease.as_ref().and_then(|lease| lease.step).map(|step| self.routing_at(step));
        let expected = |routing: &Routing| {
            *routing == confirmed
                || intended.as_ref() == Some(routing)
                || ended.as_ref() == Some(routing)
                || left(routing)
        };
        let on_one = |routing: &Routing| routing.additional.is_none() && self.knows(routing);
        let places = service.map_or(1, |service| service.routes.len().max(1));
        production.len() >= places && production.iter().all(expected) && test.iter().all(on_one)
    }
}

#[cfg(test)]
mod tests;
