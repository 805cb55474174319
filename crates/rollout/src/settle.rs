//! Bringing the traffic to where a deployment that ended leaves it, and telling our own writes from somebody else's.

use jiff::Timestamp;

use crate::deployment::{Deployment, Phase};
use crate::ending::{Rollback, Traffic};
use crate::hold::WaitKind;
use crate::plan::Plan;
use crate::platform::Fence;
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::service::preflight::Which;

mod live;
mod tested;

pub use live::{Live, Tested};
pub(crate) use tested::Sent;

/// How long a rollback waits between two looks while a write of ours may still arrive: what lands is undone within this.
pub const LOOK: Seconds = Seconds(1);

/// What a rollback does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settle {
    /// Send every place there that is [`Whose::Ours`]. Also where all of them are there already: the write is the fence.
    Write(Routing),
    /// A write may still be on its way: look again after this long.
    Wait(Seconds),
    /// Nothing is left to do.
    Done(Traffic),
}

/// What a write that arrived late has to be taken back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overtaken {
    /// How production traffic is divided by the last confirmed step.
    pub to: Routing,
    /// At how many places of it that is not so.
    pub places: usize,
    /// How many places of test traffic went home again.
    pub of_test: usize,
}

/// Whose doing it is how a place divides its calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The deployment's: it is put back.
    Ours,
    /// Somebody else's: it is left alone.
    Theirs,
}

/// Decides how the traffic of a deployment that is stopping is settled, by what the target says now.
///
/// Where a write is fenced by a revision, it must name the one that `live` was read at. A write of a shift that may be on its
/// way makes the rollback write in any case: that moves the revision, and the late one names an older one for ever. Whatever
/// fences, the traffic is put back at once, and only then is waited.
pub fn settle(plan: &Plan, deployment: &Deployment, live: &Live, now: Timestamp) -> Settle {
    if deployment.started.is_none() {
        // It never held the lock: whatever the target looks like is somebody else's doing.
        return Settle::Done(Traffic::Untouched);
    }
    let home = plan.home();
    // Test traffic that somebody else changed is theirs: production does not wait for it.
    let is_away = |test: &[Tested]| test.iter().any(|place| plan.returns(deployment, place));
    let (production, test) = match live {
        Live::Gone { test } if is_away(test) => return Settle::Write(home),
        Live::Gone { .. } => return Settle::Done(Traffic::Foreign(None)),
        Live::Routes { production, test } => (production, test),
    };
    let away = |whose| production.iter().find(|routing| **routing != home && plan.whose(deployment, routing) == whose);
    let (ours, theirs) = (away(Whose::Ours), away(Whose::Theirs));
    let test_is_away = is_away(test);
    let leave = leaves(deployment);
    let fence = plan.target.fence();
    // Test traffic is put back in any case: with production at home there is nothing to leave.
    let go_home = if leave { ours.is_none() && test_is_away } else { ours.is_some() || test_is_away };
    if go_home {
        return Settle::Write(home);
    }
    match (fence, &deployment.lease, theirs) {
        // A lease that was never given back: its write may not have arrived yet, even where the lease is over. What somebody
        // else wrote since has moved the revision as well.
        (Fence::Revision, Some(_), None) => return Settle::Write(ours.cloned().unwrap_or(home)),
        (Fence::Lease, Some(lease), _) if lease.left(now).0 > 0 => return Settle::Wait(LOOK),
        (Fence::Revision | Fence::Lease, _, _) => {}
    }
    Settle::Done(match (theirs, ours) {
        // What is ours is where it ends; the rest is not ours to move.
        (Some(foreign), _) => Traffic::Foreign(Some(foreign.clone())),
        (None, Some(away)) => Traffic::Left(away.clone()),
        // Also where only a split was ended that was there before: an earlier attempt did that, and its answer was lost.
        (None, None) if deployment.touched() || plan.shift().start != home => at_home(plan, deployment, HowHome::Found),
        (None, None) => Traffic::Untouched,
    })
}

/// Whether the traffic is to stay where it is.
fn leaves(deployment: &Deployment) -> bool {
    matches!(&deployment.phase, Phase::Stopping { rollback: Rollback::Leave, .. })
}

/// What became of the traffic where all of it is at home. Where it was to stay, and the first step was never confirmed, none had
/// moved, and nobody put it back.
fn at_home(plan: &Plan, deployment: &Deployment, home: HowHome) -> Traffic {
    if leaves(deployment) && deployment.progress.at.is_none() && plan.shift().start == plan.home() {
        return Traffic::Untouched;
    }
    // An alias has one place: where that is found at home and we had left it elsewhere, whoever changed it has set it back.
    let has_one_place = plan.target.fence() == Fence::Revision;
    let is_theirs = deployment.ends_by_drift() && has_one_place && !plan.left_so(deployment, &plan.home());
    match home {
        HowHome::Found if is_theirs => Traffic::Foreign(Some(plan.home())),
        HowHome::Found | HowHome::Written => Traffic::Restored(plan.shift().from.clone()),
    }
}

/// How traffic came to be at home.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum HowHome {
    /// It was there when it was looked at.
    Found,
    /// A write of the rollback sent it there.
    Written,
}

/// What follows a rollback's write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// A write of ours may still arrive after it: look again after this long.
    Wait(Seconds),
    /// What the target was looked at before the write does not say how this ends: look again.
    Look,
    /// Nothing that is late can change it any more.
    Done(Traffic),
}

/// Decides what follows the write to `to` that [`settle`] asked for, once it was accepted. `fence` is what keeps a late one away
/// from now on, as the write itself showed; `live` is what it was made on top of.
pub fn written(
    plan: &Plan,
    deployment: &Deployment,
    live: &Live,
    to: &Routing,
    fence: Fence,
    now: Timestamp,
) -> Written {
    let left = deployment.lease.as_ref().map_or(Seconds::ZERO, |lease| lease.left(now));
    let is_theirs = |routing: &Routing| *routing != plan.home() && plan.whose(deployment, routing) == Whose::Theirs;
    match (live, fence) {
        (_, Fence::Lease) if left.0 > 0 => Written::Wait(LOOK),
        (Live::Gone { .. }, _) => Written::Look,
        (Live::Routes { production, .. }, _) if production.iter().any(is_theirs) => Written::Look,
        (_, Fence::Lease | Fence::Revision) if *to == plan.home() => {
            let home = if live.is_at_home(&plan.home()) { HowHome::Found } else { HowHome::Written };
            Written::Done(at_home(plan, deployment, home))
        }
        (_, Fence::Lease | Fence::Revision) => Written::Done(Traffic::Left(to.clone())),
    }
}

impl Plan {
    /// Whether everything that gets calls there is one of the deployment's own.
    pub fn knows(&self, live: &Routing) -> bool {
        *live == self.shift().start
            || live.backends().all(|backend| *backend == self.shift().from || *backend == self.shift().to)
    }

    /// Whose doing it is that a place of a deployment that is stopping divides its calls so.
    ///
    /// A deployment that ends only because somebody else changed the target leaves their change alone, and one that has written
    /// nothing has nothing to put back: then a place is ours only as we left it. One that must stop for another reason puts
    /// back what gets calls because of it, also where somebody has moved it since between the same two.
    pub fn whose(&self, deployment: &Deployment, place: &Routing) -> Whose {
        let ours = if deployment.leaves_changes() { self.left_so(deployment, place) } else { self.knows(place) };
        if ours { Whose::Ours } else { Whose::Theirs }
    }

    /// What the next deployment of the target starts from instead of refusing it, where this one ends so: what was left on
    /// purpose, what somebody else made of our own two, or what was found left behind and not touched. Of a service also where
    /// all of the traffic is on one, since the other task set was left with it.
    pub fn leaves_behind(&self, traffic: &Traffic) -> Option<Routing> {
        let service = self.target.service();
        match traffic {
            Traffic::Left(routing) => Some(routing.clone()),
            Traffic::Foreign(Some(routing)) => {
                let is_open = service.is_some() || routing.is_split();
                (is_open && self.knows(routing)).then(|| routing.clone())
            }
            Traffic::Untouched => {
                let was_left =
                    self.shift().start != self.home() || service.is_some_and(|service| service.leftover.is_some());
                was_left.then(|| self.shift().start.clone())
            }
            Traffic::Restored(_) | Traffic::Foreign(None) => None,
        }
    }

    /// A change by somebody else that a rollback is about to take back, since the deployment itself must stop.
    pub fn overruled<'a>(&self, deployment: &Deployment, live: &'a Live) -> Option<&'a Routing> {
        let Live::Routes { production, .. } = live else { return None };
        let home = self.home();
        production.iter().find(|place| {
            **place != home && self.whose(deployment, place) == Whose::Ours && !self.left_so(deployment, place)
        })
    }

    /// Whether the target is as this deployment left it: after its last confirmed step, or after the one that a lease says
    /// was being taken. Of several routes, each may be on either side of a step that is being taken.
    pub fn recognizes(&self, deployment: &Deployment, live: &Live) -> bool {
        self.changed(deployment, live).is_empty()
    }

    /// The listeners of a service that are not as this deployment left them. An alias stands for that of production.
    pub fn changed(&self, deployment: &Deployment, live: &Live) -> Vec<Which> {
        let (production, test) = match live {
            Live::Gone { test } => (&[][..], test),
            Live::Routes { production, test } => (&production[..], test),
        };
        let places = self.target.service().map_or(1, |service| service.routes.len().max(1));
        let is_known = production.len() >= places && production.iter().all(|place| self.left_so(deployment, place));
        let is_test_known = self.recognizes_test(deployment, test);
        [(Which::Production, is_known), (Which::Test, is_test_known)]
            .into_iter()
            .filter_map(|(which, is_known)| (!is_known).then_some(which))
            .collect()
    }

    /// Whether a place of a service is as a write of an earlier step makes it, or of an older deployment, that was never answered, and
    /// may arrive any time.
    pub fn wrote_late(&self, deployment: &Deployment, place: &Routing) -> bool {
        // Of an older deployment, too, while steps are looked at and taken: there it is written over. One that sends calls home may as
        // well be somebody's who wants them there.
        let progress = &deployment.progress;
        let shifts = progress.at.is_some() && !progress.waits.contains_key(&WaitKind::Termination);
        let of_older = progress.older.as_ref().is_some_and(|older| older.routings.contains(place));
        if shifts && of_older && *place != self.home() {
            return true;
        }
        let Some(last) = deployment.lease.as_ref().filter(|lease| lease.shared).and_then(|lease| lease.step) else {
            return false;
        };
        // What was taken before the first step sends calls home.
        let earlier = (0..last).map(|step| self.routing_at(step)).chain([self.home()]);
        self.target.service().is_some() && earlier.into_iter().any(|routing| routing == *place)
    }

    /// Where the last confirmed step has to be brought back, since a write of an earlier one arrived after it.
    pub fn overtaken(&self, deployment: &Deployment, live: &Live) -> Option<Overtaken> {
        let (Live::Routes { production, test }, Some(position)) = (live, &deployment.progress.at) else { return None };
        let confirmed = self.routing_at(position.step);
        let is_late = |place: &&Routing| **place != confirmed && self.wrote_late(deployment, place);
        let places = production.iter().filter(is_late).count();
        let of_test = test.iter().filter(|place| self.sent_home_late(deployment, place)).count();
        (places + of_test > 0).then_some(Overtaken { to: confirmed, places, of_test })
    }

    /// Whether this deployment left a place of production traffic so.
    fn left_so(&self, deployment: &Deployment, place: &Routing) -> bool {
        let confirmed = match &deployment.progress.at {
            Some(position) => self.routing_at(position.step),
            None if deployment.progress.leftover_ended => self.home(),
            None => self.shift().start.clone(),
        };
        // A leftover split is ended before the new task set is made in its place.
        let service = self.target.service();
        let ended = service.filter(|_| deployment.progress.at.is_none()).map(|_| self.home());
        let intended = deployment.lease.as_ref().and_then(|lease| lease.step).map(|step| self.routing_at(step));
        *place == confirmed
            || intended.as_ref() == Some(place)
            || ended.as_ref() == Some(place)
            || self.is_leftover(deployment, place)
            || self.wrote_late(deployment, place)
    }

    /// Whether a place of a service is as a deployment before may have left it. Until that is ended, it may be divided in any way:
    /// a step may have been left at some of the places only.
    fn is_leftover(&self, deployment: &Deployment, place: &Routing) -> bool {
        self.target.service().is_some_and(|service| service.leftover.is_some())
            && deployment.progress.created.is_none()
            && !deployment.progress.leftover_ended
            && self.knows(place)
    }
}

#[cfg(test)]
mod tests;
