//! How the task set that lost goes: the old one after a success, the new one after a rollback.

use super::live::{Listener, LiveService, Role};
use super::{SPREAD, Service};
use crate::deployment::{Deployment, Phase};
use crate::ending::Traffic;
use crate::ids::TaskSetId;
use crate::seconds::Seconds;

/// What clearing up does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clear {
    /// The winner is not the primary task set yet.
    Promote(TaskSetId),
    /// Take its tasks away; connections drain meanwhile.
    ScaleToZero(TaskSetId),
    /// It has no tasks any more.
    Delete(TaskSetId),
    /// Find out whether it still gets calls: [`Calls::to_green`].
    AskListeners,
    /// It still gets calls, by somebody else's doing or because rollback is switched off, and stays.
    Keep(TaskSetId),
    /// Look again after this long.
    Wait(Seconds),
    /// Nothing is left to do.
    Done,
}

/// Whether a listener sends calls to green's target group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    /// Nobody has asked.
    Unknown,
    /// No place of either listener gives it any.
    None,
    /// A place of one of them does.
    Some,
}

impl Calls {
    /// What the listeners of a service say, those that exist.
    pub fn to_green<'a>(service: &Service, listeners: impl IntoIterator<Item = &'a Listener>) -> Self {
        let mut places = listeners.into_iter().flat_map(|listener| &listener.routes);
        if places.any(|place| place.sends_to(&service.green_group)) { Self::Some } else { Self::None }
    }
}

/// How often it is looked at, before it is deleted with the tasks it still has.
pub const LOOKS: u32 = 16;

/// How often it is looked for, before it counts as gone: what ECS answers may be behind what it did.
const SEARCHES: u32 = 4;

/// Decides how a deployment whose traffic is settled is cleared up; `looks` counts the ones before. `calls` only matters where
/// somebody else changed the target.
pub fn next(service: &Service, deployment: &Deployment, live: &LiveService, calls: Calls, looks: u32) -> Clear {
    // Where the new one was never made, what was left behind in its place has lost too.
    let leftover = service.leftover.as_ref().and_then(|leftover| live.get(leftover));
    let green = live.made_by(deployment.id.as_str());
    let blue = live.get(&service.blue);
    let (loser, winner) = match &deployment.phase {
        Phase::Committing | Phase::Succeeded => (blue, green),
        Phase::Settled { traffic: Traffic::Untouched | Traffic::Restored(_), .. } => (green.or(leftover), blue),
        // What was ours is home; where theirs goes, only the listeners know.
        Phase::Settled { traffic: Traffic::Foreign(_), .. } => match (green.or(leftover), calls) {
            (None, _) => return Clear::Done,
            (Some(loser), _) if !loser.stays() => return Clear::Done,
            (Some(_), Calls::Unknown) => return Clear::AskListeners,
            (Some(loser), Calls::Some) => return Clear::Keep(loser.id.clone()),
            (loser, Calls::None) => (loser, blue),
        },
        // What a user asked to leave stays.
        Phase::Settled { traffic: Traffic::Left(_), .. }
        | Phase::Created
        | Phase::Running
        | Phase::Stopping { .. }
        | Phase::Ended { .. }
        | Phase::Unresolved { .. } => return Clear::Done,
    };
    let is_back = matches!(&deployment.phase, Phase::Settled { .. });
    let Some(loser) = loser else {
        return match deployment.progress.created {
            Some(_) if is_back && looks < SEARCHES => Clear::Wait(wait(looks)),
            _ => Clear::Done,
        };
    };
    // Weights take a moment to reach every node of the load balancer. Green may have had test traffic only.
    let had_traffic = deployment.touched() || !is_back || service.leftover.is_some();
    match winner {
        Some(winner) if loser.role == Role::Primary && winner.role == Role::Active => Clear::Promote(winner.id.clone()),
        // The last task set with traffic is never taken away.
        None => Clear::Done,
        Some(winner) if !winner.stays() => Clear::Done,
        Some(_) if !loser.stays() => Clear::Done,
        Some(_) if had_traffic && looks == 0 => Clear::Wait(SPREAD),
        Some(_) if loser.scale > 0 && looks < LOOKS => Clear::ScaleToZero(loser.id.clone()),
        Some(_) if loser.running + loser.pending == 0 || looks >= LOOKS => Clear::Delete(loser.id.clone()),
        Some(_) => Clear::Wait(wait(looks)),
    }
}

/// How long to wait after an act, before the next look.
pub fn pause(act: &Clear, looks: u32) -> Seconds {
    match act {
        // The weights moved just before, and ECS may take a moment to show the new primary.
        Clear::Promote(_) => SPREAD,
        Clear::Wait(wait) => *wait,
        _ => wait(looks),
    }
}

/// How long a task set that drains is left alone before the next look: longer each time, up to half a minute, so that
/// connections have the usual five minutes to drain.
fn wait(looks: u32) -> Seconds {
    Seconds([1, 2, 5, 10, 20].get(looks as usize).copied().unwrap_or(30))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::Change;
    use crate::ending::{Ending, ErrorCode, Rollback};
    use crate::ids::TargetGroupArn;
    use crate::progress::Position;
    use crate::routing::Routing;
    use crate::service::Balancer;
    use crate::service::live::TaskSet;
    use crate::testing::a_service_plan;
    use crate::testing::service::{
        a_green_task_set, a_route, a_service_deployment, a_task_set, blue, green, group, listener, on_green,
    };

    const NOW: jiff::Timestamp = jiff::Timestamp::UNIX_EPOCH;

    fn committed() -> Deployment {
        let mut deployment = a_service_deployment();
        deployment.apply(Change::Commit, NOW).unwrap();
        deployment
    }

    fn settled(traffic: Traffic) -> Deployment {
        let mut deployment = a_service_deployment();
        let why = Ending::new(ErrorCode::AlarmActive, "an alarm");
        deployment.apply(Change::Interrupt(why, Rollback::Restore), NOW).unwrap();
        deployment.apply(Change::Settle(traffic), NOW).unwrap();
        deployment
    }

    fn restored() -> Deployment {
        settled(Traffic::Restored(blue().into()))
    }

    fn old(role: Role) -> TaskSet {
        a_task_set(1, role, blue())
    }

    fn new(role: Role) -> TaskSet {
        TaskSet { role, ..a_green_task_set() }
    }

    fn empty(set: TaskSet) -> TaskSet {
        TaskSet { scale: 0, desired: 0, running: 0, ..set }
    }

    fn decide(deployment: &Deployment, task_sets: &[TaskSet], looks: u32) -> Clear {
        decide_by(deployment, task_sets, Calls::Unknown, looks)
    }

    fn decide_by(deployment: &Deployment, task_sets: &[TaskSet], calls: Calls, looks: u32) -> Clear {
        let plan = a_service_plan("ECSAllAtOnce");
        let live =
            LiveService { controller: "EXTERNAL".to_owned(), active: true, desired: 2, task_sets: task_sets.to_vec() };
        next(plan.target.service().unwrap(), deployment, &live, calls, looks)
    }

    #[test]
    fn after_a_success_the_old_task_set_is_scaled_down_drained_and_deleted() {
        let (blue, green) = (old(Role::Active), new(Role::Primary));
        let weights_spread = Clear::Wait(SPREAD);
        assert_eq!(decide(&committed(), &[blue.clone(), green.clone()], 0), weights_spread);
        assert_eq!(decide(&committed(), &[blue.clone(), green.clone()], 1), Clear::ScaleToZero(blue.id.clone()));
        let draining = TaskSet { scale: 0, ..blue.clone() };
        assert_eq!(decide(&committed(), &[draining.clone(), green.clone()], 1), Clear::Wait(wait(1)));
        let last = TaskSet { running: 0, pending: 1, ..draining.clone() };
        assert_eq!(decide(&committed(), &[last, green.clone()], 2), Clear::Wait(wait(2)));
        assert_eq!(decide(&committed(), &[empty(blue.clone()), green.clone()], 3), Clear::Delete(blue.id.clone()));
        assert_eq!(
            decide(&committed(), &[draining, green.clone()], LOOKS),
            Clear::Delete(blue.id),
            "patience has an end"
        );
        assert_eq!(decide(&committed(), &[green], 4), Clear::Done);
    }

    #[test]
    fn a_task_set_that_cannot_be_scaled_down_is_deleted_in_the_end() {
        let (blue, green) = (old(Role::Active), new(Role::Primary));
        assert_eq!(decide(&committed(), &[blue.clone(), green], LOOKS), Clear::Delete(blue.id));
    }

    #[test]
    fn after_a_rollback_the_new_task_set_goes() {
        let (blue, green) = (old(Role::Primary), new(Role::Active));
        for deployment in [restored(), settled(Traffic::Untouched)] {
            let decide = |green: TaskSet| decide(&deployment, &[blue.clone(), green], 0);
            assert_eq!(decide(green.clone()), Clear::ScaleToZero(green.id.clone()));
            assert_eq!(decide(empty(green.clone())), Clear::Delete(green.id.clone()));
        }
        assert_eq!(decide(&restored(), &[blue], 0), Clear::Done, "none was made");
    }

    #[test]
    fn a_new_task_set_that_had_traffic_keeps_its_tasks_until_the_weights_are_everywhere() {
        let mut deployment = a_service_deployment();
        deployment.progress.at = Some(Position { step: 0, since: NOW, continued: false });
        deployment
            .apply(Change::Interrupt(Ending::new(ErrorCode::AlarmActive, "an alarm"), Rollback::Restore), NOW)
            .unwrap();
        deployment.apply(Change::Settle(Traffic::Restored(blue().into())), NOW).unwrap();
        let sets = [old(Role::Primary), new(Role::Active)];
        assert_eq!(decide(&deployment, &sets, 0), Clear::Wait(SPREAD));
        assert_eq!(decide(&deployment, &sets, 1), Clear::ScaleToZero(new(Role::Active).id));
    }

    #[test]
    fn a_new_task_set_that_is_not_shown_is_looked_for_since_it_may_be_too_new_for_that() {
        let mut made = settled(Traffic::Untouched);
        made.progress.created = Some(NOW);
        let looks: Vec<Clear> = (0..5).map(|looks| decide(&made, &[old(Role::Primary)], looks)).collect();
        let waits = [1, 2, 5, 10].map(|seconds| Clear::Wait(Seconds(seconds)));
        assert_eq!((&looks[..4], &looks[4]), (&waits[..], &Clear::Done));
    }

    #[test]
    fn a_new_task_set_that_is_primary_already_is_demoted_before_it_goes() {
        let (blue, green) = (old(Role::Active), new(Role::Primary));
        assert_eq!(decide(&restored(), &[blue.clone(), green], 0), Clear::Promote(blue.id));
    }

    #[test]
    fn an_old_task_set_that_is_still_primary_after_a_success_is_demoted_before_it_goes() {
        let (blue, green) = (old(Role::Primary), new(Role::Active));
        assert_eq!(decide(&committed(), &[blue, green.clone()], 0), Clear::Promote(green.id));
    }

    #[test]
    fn the_last_task_set_with_traffic_is_never_taken_away() {
        assert_eq!(decide(&committed(), &[old(Role::Primary)], 0), Clear::Done, "the new one is gone");
        assert_eq!(decide(&committed(), &[old(Role::Active), new(Role::Draining)], 0), Clear::Done);
        assert_eq!(decide(&restored(), &[new(Role::Primary)], 0), Clear::Done, "the old one is gone");
        assert_eq!(decide(&restored(), &[old(Role::Draining), new(Role::Primary)], 0), Clear::Done);
        assert_eq!(decide(&restored(), &[old(Role::Draining), new(Role::Active)], LOOKS), Clear::Done);
    }

    #[test]
    fn a_task_set_that_drains_already_needs_nothing_more() {
        assert_eq!(decide(&restored(), &[old(Role::Primary), new(Role::Draining)], 0), Clear::Done);
    }

    #[test]
    fn what_was_left_on_purpose_stays() {
        let sets = [old(Role::Primary), new(Role::Active)];
        assert_eq!(decide(&settled(Traffic::Left(on_green(30))), &sets, 0), Clear::Done);
        assert_eq!(decide(&a_service_deployment(), &sets, 0), Clear::Done, "nothing is settled yet");
    }

    #[test]
    fn after_somebody_elses_change_the_new_task_set_goes_unless_a_listener_still_sends_it_calls() {
        let (blue, green) = (old(Role::Primary), new(Role::Active));
        for traffic in [Traffic::Foreign(Some(Routing::all_on(group("other")))), Traffic::Foreign(None)] {
            let deployment = settled(traffic);
            let decide = |task_sets: &[TaskSet], calls| decide_by(&deployment, task_sets, calls, 0);
            let both = [blue.clone(), green.clone()];
            assert_eq!(decide(&both, Calls::Unknown), Clear::AskListeners);
            assert_eq!(decide(&both, Calls::Some), Clear::Keep(green.id.clone()));
            assert_eq!(decide(&both, Calls::None), Clear::ScaleToZero(green.id.clone()));
            assert_eq!(decide(&[blue.clone(), empty(green.clone())], Calls::None), Clear::Delete(green.id.clone()));
            let switched = [old(Role::Active), new(Role::Primary)];
            assert_eq!(decide(&switched, Calls::None), Clear::Promote(blue.id.clone()));
            assert_eq!(decide(std::slice::from_ref(&green), Calls::None), Clear::Done, "the old one is gone");
            for nothing in [vec![blue.clone()], vec![blue.clone(), new(Role::Draining)]] {
                assert_eq!(decide(&nothing, Calls::Unknown), Clear::Done, "nobody needs to ask");
            }
        }
    }

    #[test]
    fn any_weight_at_any_place_of_either_listener_is_a_call_to_green() {
        let plan = a_service_plan("ECSAllAtOnce");
        let calls = |places: &[&[(TargetGroupArn, u32)]]| {
            let of = |last: &str, forwards: &[(TargetGroupArn, u32)]| Listener {
                arn: listener(last),
                balancer: Balancer::Application,
                routes: vec![a_route(last, &[(blue(), 1)]), a_route("rule", forwards)],
            };
            let listeners: Vec<Listener> = places.iter().map(|forwards| of("2", forwards)).collect();
            Calls::to_green(plan.target.service().unwrap(), &listeners)
        };
        assert_eq!(calls(&[]), Calls::None, "both are gone");
        assert_eq!(calls(&[&[(blue(), 100), (green(), 0)], &[(group("other"), 1)]]), Calls::None);
        assert_eq!(calls(&[&[(group("other"), 99), (green(), 1)]]), Calls::Some, "beside somebody else's");
        assert_eq!(calls(&[&[(blue(), 1)], &[(green(), 1)]]), Calls::Some, "at the test listener");
        assert_eq!(calls(&[&[(green(), 0)]]), Calls::Some, "a group alone gets everything");
    }

    #[test]
    fn what_was_left_behind_before_goes_where_the_new_task_set_was_never_made() {
        let leftover = a_task_set(7, Role::Active, green());
        let mut plan = a_service_plan("ECSAllAtOnce");
        if let crate::plan::Target::EcsService(service) = &mut plan.target {
            service.leftover = Some(leftover.id.clone());
        }
        let task_sets = vec![old(Role::Primary), leftover.clone()];
        let live = LiveService { controller: "EXTERNAL".to_owned(), active: true, desired: 2, task_sets };
        let decide =
            |deployment: &Deployment| next(plan.target.service().unwrap(), deployment, &live, Calls::Unknown, 0);
        assert_eq!(decide(&restored()), Clear::Wait(SPREAD), "it may have had a part of the traffic");
        assert_eq!(decide(&settled(Traffic::Left(on_green(30)))), Clear::Done);
    }
}
