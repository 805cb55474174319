//! How long things of a service take at most, beside its installation (`install`).

use crate::seconds::Seconds;

/// How long the nodes of a load balancer may go on with the weights they had. Until then the task set that lost keeps its
/// tasks: a request sent to it once all of them are leaving is answered with 503.
pub const SPREAD: Seconds = Seconds(20);

/// How long tasks that are on their way are waited for: those of the old task set, when the traffic is to go back to it, and
/// those of a service that wanted none when the deployment began. Minutes on Fargate, and a load balancer's first looks.
pub const TASKS_COMING: Seconds = Seconds(600);

/// How long to wait before the next look at tasks that are on their way: half of the time gone by, so that [`TASKS_COMING`] is
/// [`crate::budget::PATIENT_LOOKS`] looks at most.
pub fn next_look(elapsed: Seconds) -> Seconds {
    let left = TASKS_COMING.0.saturating_sub(elapsed.0).max(1);
    Seconds((elapsed.0 / 2).clamp(3, 120).min(left))
}
