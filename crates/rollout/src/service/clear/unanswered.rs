//! What was sent and not answered, and may still be carried out.

use jiff::{SignedDuration, Timestamp};

use crate::deployment::{Deployment, Lease};
use crate::ids::TaskSetId;
use crate::seconds::Seconds;
use crate::service::live::{LiveService, TaskSet};

/// How long after its lease a write may still arrive. A function that took a lease lives 15 s of its 20 s, and gives a call of
/// AWS up after 10 s; a call that was sent and given up may wait in front of a load balancer that is slow or throttles. Until
/// then the new task set stays, and its listeners are looked at.
pub const LATEST: Seconds = Seconds(40);

/// How long a write of the deployment, or of an older one, may still arrive at a task set that is to be removed.
pub(super) fn writes(deployment: &Deployment, now: Timestamp) -> Seconds {
    let own = deployment.lease.as_ref().map(|lease| lease.until + SignedDuration::from(LATEST));
    let older = deployment.progress.older.as_ref().map(|older| older.until);
    own.max(older).map_or(Seconds::ZERO, |until| Seconds::between(now, until))
}

/// How often the task sets are looked at while a removal may still be carried out.
pub(super) const LANDING: Seconds = Seconds(10);

/// How long a removal that was not answered may still be carried out, of a task set that is there.
pub(super) fn removals(deployment: &Deployment, live: &LiveService, now: Timestamp) -> Seconds {
    let stays = |id: &TaskSetId| live.get(id).is_some_and(TaskSet::stays);
    let asked = deployment.progress.removing.iter().filter(|(id, _)| stays(id)).map(|(_, asked)| *asked).max();
    let latest = Seconds(Lease::LENGTH.0 + LATEST.0);
    asked.map_or(Seconds::ZERO, |asked| Seconds::between(now, asked + SignedDuration::from(latest)))
}
