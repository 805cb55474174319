//! After the end: a load balancer may carry out a write of a deployment that is over. Listeners have no revision that would
//! refuse it, so whoever ended with a write on its way is looked at for a while longer.

use jiff::Timestamp;

use super::Service;
use super::clear::{Found, Places, astray, has_production_calls, is_of_a_step, is_without_calls, late};
use super::live::TaskSet;
use super::watch::{Ailment, ailment};
use crate::deployment::{Deployment, Phase};
use crate::ending::Traffic;
use crate::ids::DeploymentId;
use crate::plan::Plan;
use crate::routing::Routing;
use crate::seconds::Seconds;
use crate::settle::Fence;

/// How long after its end a deployment is looked at that may have a write on its way.
pub const WATCHED: Seconds = Seconds(3_600);

/// What a look after the end says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Aftermath {
    /// Nothing has come: look again.
    Quiet,
    /// Nothing can come any more that would be this deployment's to undo.
    Over,
    /// A write has come, and this is what is said of it: the deployment brings its traffic to where it was once more.
    Arrived(String),
    /// A write has come after another deployment had won: that one brings the traffic to where it was. `None` where no
    /// deployment of ours made the task set that is the primary one.
    ArrivedAt(Option<DeploymentId>, String),
}

/// Whether a write may still come once a deployment is over whose traffic is settled: its lease was never given back, and
/// nothing but the lease fenced it.
///
/// So may a removal of a task set that was not answered, of one that has got its tasks back since.
pub fn may_come(plan: &Plan, deployment: &Deployment) -> bool {
    let is_writing = deployment.lease.is_some() && settled(plan, deployment).is_some();
    plan.target.fence() == Fence::Lease && (is_writing || !deployment.progress.removing.is_empty())
}

/// Where a deployment that is over, or about to be, left the traffic.
enum Settled<'a> {
    /// Where it was before.
    Home,
    /// On the new task set.
    Green,
    /// Divided so, as a user asked for.
    Left(&'a Routing),
}

fn settled<'a>(plan: &Plan, deployment: &'a Deployment) -> Option<Settled<'a>> {
    match &deployment.phase {
        Phase::Settled { traffic, .. } | Phase::Ended { traffic, .. } => match traffic {
            Traffic::Untouched | Traffic::Restored(_) => Some(Settled::Home),
            Traffic::Left(routing) if *routing == plan.home() => Some(Settled::Home),
            Traffic::Left(routing) => Some(Settled::Left(routing)),
            // What is there is somebody else's.
            Traffic::Foreign(_) => None,
        },
        Phase::Committing | Phase::Succeeded => Some(Settled::Green),
        Phase::Created | Phase::Running | Phase::Stopping { .. } | Phase::Unresolved { .. } => None,
    }
}

/// Judges a deployment that is over by what its service and its listeners are now, and by the `leftover` that is written beside
/// the lock of the target. The caller holds that lock, or takes it and looks again before anything is done: until then nobody
/// knows of a leftover.
///
/// What a later deployment was told to leave behind looks as a late write may, and is not ours to move. As long as the task set
/// that this deployment ended on is the primary one, no other has won since. Once one has, a place that is as a write of this one
/// would have made it is told of only where it sends calls to a target group without a task set: nobody wants that.
pub fn look(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    (found, leftover): (Found<'_>, Option<&Routing>),
    now: Timestamp,
) -> Aftermath {
    let is_over = |completed| Seconds::between(completed, now) >= WATCHED;
    if deployment.completed.is_none_or(is_over) {
        return Aftermath::Over;
    }
    if let Some(emptied) = emptied(plan, service, deployment, found) {
        return emptied;
    }
    let Some(settled) = settled(plan, deployment) else {
        return if deployment.progress.removing.is_empty() { Aftermath::Over } else { Aftermath::Quiet };
    };
    let is_ours = |leftover: &Routing| matches!(settled, Settled::Left(left) if left == leftover);
    if leftover.is_some_and(|leftover| !is_ours(leftover)) {
        return Aftermath::Over;
    }
    let made = found.live.made_by(deployment.id.as_str());
    let primary = found.live.primary();
    let holds = match settled {
        Settled::Home => primary.is_some_and(|primary| primary.id == service.blue),
        Settled::Green => primary.is_some_and(|primary| Some(&primary.id) == made.map(|made| &made.id)),
        Settled::Left(_) => leftover.is_some(),
    };
    if !holds {
        return after_another(plan, service, deployment, found, primary);
    }
    // One that stayed because somebody sends it calls was known, and is told.
    let is_made = matches!(settled, Settled::Home) && made.is_some_and(TaskSet::stays);
    if is_made && is_without_calls(service, found, &service.green_group) {
        return Aftermath::Arrived(
            "the task set that this deployment asked ECS for was made after its end; it is removed".to_owned(),
        );
    }
    let late = late(plan, service, deployment, found);
    let Some(at) = shown(&late) else { return Aftermath::Quiet };
    let what = format!("a write of this deployment was carried out after its end, {at}");
    Aftermath::Arrived(match settled {
        Settled::Home => format!("{what}; the traffic is put back once more"),
        Settled::Green => format!("{what}; the traffic is sent to the new task set once more"),
        Settled::Left(_) => format!("{what}; what is left there is written down anew"),
    })
}

/// A removal that came after the end, of a task set that has calls. The one that the traffic went back to gets its tasks back; of
/// any other a person is told.
fn emptied(plan: &Plan, service: &Service, deployment: &Deployment, found: Found<'_>) -> Option<Aftermath> {
    let has_calls =
        |set: &TaskSet| set.target_group.as_ref().is_some_and(|group| has_production_calls(service, found, group));
    let sets = deployment.progress.removing.keys().filter_map(|id| found.live.get(id));
    let is_empty = |set: &&TaskSet| ailment(found.live, Some(set), None) == Some(Ailment::ScaledToZero);
    let set = sets.filter(is_empty).find(|set| has_calls(set))?;
    let what = format!(
        "a removal that the deployment {} asked ECS for was carried out after its end: the task set {}, which has calls, has no \
         tasks",
        deployment.id, set.id
    );
    Some(match settled(plan, deployment) {
        Some(Settled::Home) if set.id == service.blue => Aftermath::Arrived(format!("{what}; it gets them back")),
        _ => Aftermath::ArrivedAt(None, what),
    })
}

fn after_another(
    plan: &Plan,
    service: &Service,
    deployment: &Deployment,
    found: Found<'_>,
    primary: Option<&TaskSet>,
) -> Aftermath {
    let Some(at) = shown(&astray(service, found, |routing| is_of_a_step(plan, deployment, routing))) else {
        return Aftermath::Quiet;
    };
    let won = primary.and_then(|primary| DeploymentId::parse(primary.external_id.as_deref()?).ok());
    let what = format!(
        "a write of the deployment {} was carried out after another one had won, {at}: it sends calls to a target group without \
         a task set",
        deployment.id
    );
    Aftermath::ArrivedAt(won, what)
}

/// `at 2 places of the listener …`; `None` where there are none.
fn shown(places: &Places) -> Option<String> {
    let (listener, _) = places.first()?;
    let count: usize = places.iter().map(|(_, routes)| routes.len()).sum();
    Some(format!("at {count} {} of the listener {listener}", if count == 1 { "place" } else { "places" }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Change, Lease};
    use crate::ending::{Ending, ErrorCode, Rollback};
    use crate::ids::TargetGroupArn;
    use crate::service::live::{Health, Listener, LiveService, Role, TaskSet};
    use crate::testing::service::{a_route, a_service_deployment, a_task_set, blue, green, group, listener, on_green};
    use crate::testing::{a_plan, a_service_plan};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn lease(step: Option<usize>) -> Option<Lease> {
        Some(Lease { step, until: at(20), shared: false })
    }

    fn ended(traffic: Traffic, lease: Option<Lease>) -> Deployment {
        let mut deployment = settled(traffic, lease);
        deployment.apply(Change::Finish, at(60)).unwrap();
        deployment
    }

    fn settled(traffic: Traffic, lease: Option<Lease>) -> Deployment {
        let mut deployment = a_service_deployment();
        deployment.lease = lease;
        let why = Ending::new(ErrorCode::ManualStop, "stopped");
        deployment.apply(Change::Interrupt(why, Rollback::Restore), at(5)).unwrap();
        deployment.apply(Change::Settle(traffic), at(50)).unwrap();
        deployment
    }

    fn home() -> Traffic {
        Traffic::Restored(blue().into())
    }

    fn seen(deployment: &Deployment, primary: &str, forwards: &[(TargetGroupArn, u32)], second: i64) -> Aftermath {
        seen_beside(None, deployment, primary, forwards, second)
    }

    fn seen_beside(
        leftover: Option<&Routing>,
        deployment: &Deployment,
        primary: &str,
        forwards: &[(TargetGroupArn, u32)],
        second: i64,
    ) -> Aftermath {
        let plan = a_service_plan("ECSLinear10PercentEvery1Minutes");
        let number = primary.parse().unwrap();
        let live = LiveService {
            controller: "EXTERNAL".to_owned(),
            active: true,
            desired: 2,
            task_sets: vec![a_task_set(number, Role::Primary, blue())],
            said: Vec::new(),
        };
        let production = Listener { arn: listener("2"), routes: vec![a_route("rule", forwards)] };
        let found = Found { live: &live, production: Some(&production), test: None, health: Health::default() };
        look(&plan, plan.target.service().unwrap(), deployment, (found, leftover), at(second))
    }

    #[test]
    fn a_write_may_come_after_the_end_only_where_a_lease_was_never_given_back_and_nothing_else_fenced_it() {
        let services = a_service_plan("ECSLinear10PercentEvery1Minutes");
        let may = |plan: &Plan, lease, traffic| may_come(plan, &settled(traffic, lease));
        assert!(may(&services, lease(Some(1)), home()));
        assert!(may(&services, lease(None), Traffic::Untouched), "test traffic has places too");
        assert!(!may(&services, None, home()));
        assert!(!may(&services, lease(Some(1)), Traffic::Foreign(None)), "what is there is somebody else's");
        assert!(!may(&a_plan("Canary10Percent5Minutes"), lease(Some(1)), home()), "an alias has its revision");
    }

    #[test]
    fn a_place_as_a_late_write_makes_it_is_put_back_also_long_after_the_end() {
        let deployment = ended(home(), lease(Some(1)));
        let split = [(blue(), 80), (green(), 20)];
        for second in [61, 300, 3_600] {
            let Aftermath::Arrived(said) = seen(&deployment, "1", &split, second) else { panic!("at {second}") };
            assert!(said.contains("1 place of the listener arn:aws:elasticloadbalancing"), "{said}");
        }
        assert_eq!(seen(&deployment, "1", &[(blue(), 100), (green(), 0)], 300), Aftermath::Quiet);
        assert_eq!(seen(&deployment, "1", &[(blue(), 50), (green(), 50)], 300), Aftermath::Quiet, "somebody else's");
        assert_eq!(seen(&deployment, "1", &[(group("other"), 1)], 300), Aftermath::Quiet, "somebody else's");
    }

    #[test]
    fn a_task_set_that_is_made_after_the_end_is_removed_unless_somebody_sends_it_calls() {
        let plan = a_service_plan("ECSLinear10PercentEvery1Minutes");
        let service = plan.target.service().unwrap();
        let deployment = ended(Traffic::Untouched, lease(None));
        let late = TaskSet { external_id: Some(deployment.id.to_string()), ..a_task_set(2, Role::Active, green()) };
        let judged = |set: TaskSet, forwards: &[(TargetGroupArn, u32)]| {
            let task_sets = vec![a_task_set(1, Role::Primary, blue()), set];
            let live = LiveService {
                controller: "EXTERNAL".to_owned(),
                active: true,
                desired: 2,
                task_sets,
                said: Vec::new(),
            };
            let routes = vec![a_route("rule", forwards)];
            let production = Listener { arn: listener("2"), routes };
            let found = Found { live: &live, production: Some(&production), test: None, health: Health::default() };
            look(&plan, service, &deployment, (found, None), at(300))
        };
        let home = [(blue(), 100), (green(), 0)];
        let Aftermath::Arrived(said) = judged(late.clone(), &home) else { panic!("it is not seen") };
        assert_eq!(said, "the task set that this deployment asked ECS for was made after its end; it is removed");
        assert_eq!(judged(late.clone(), &[(blue(), 50), (green(), 50)]), Aftermath::Quiet, "somebody needs it");
        assert_eq!(judged(TaskSet { role: Role::Draining, ..late }, &home), Aftermath::Quiet, "it goes already");
        assert_eq!(judged(a_task_set(3, Role::Active, green()), &home), Aftermath::Quiet, "somebody else's");
    }

    fn judged(
        deployment: &Deployment,
        task_sets: Vec<TaskSet>,
        forwards: &[(TargetGroupArn, u32)],
        leftover: Option<&Routing>,
    ) -> Aftermath {
        let plan = a_service_plan("ECSLinear10PercentEvery1Minutes");
        let live =
            LiveService { controller: "EXTERNAL".to_owned(), active: true, desired: 2, task_sets, said: Vec::new() };
        let production = Listener { arn: listener("2"), routes: vec![a_route("rule", forwards)] };
        let found = Found { live: &live, production: Some(&production), test: None, health: Health::default() };
        look(&plan, plan.target.service().unwrap(), deployment, (found, leftover), at(300))
    }

    fn won(by: &str) -> TaskSet {
        TaskSet { external_id: Some(by.to_owned()), ..a_task_set(2, Role::Primary, green()) }
    }

    #[test]
    fn a_write_of_a_deployment_that_succeeded_is_told_and_sent_to_the_new_task_set() {
        let mut deployment = a_service_deployment();
        deployment.lease = lease(Some(1));
        deployment.apply(Change::Commit, at(5)).unwrap();
        assert!(may_come(&a_service_plan("ECSAllAtOnce"), &deployment));
        deployment.apply(Change::Finish, at(60)).unwrap();
        let seen = |forwards: &[_]| judged(&deployment, vec![won(deployment.id.as_str())], forwards, None);
        let Aftermath::Arrived(said) = seen(&[(blue(), 80), (green(), 20)]) else { panic!("it is not seen") };
        assert!(said.ends_with("the traffic is sent to the new task set once more"), "{said}");
        assert_eq!(seen(&[(blue(), 0), (green(), 100)]), Aftermath::Quiet);
        assert_eq!(seen(&[(blue(), 50), (green(), 50)]), Aftermath::Quiet, "somebody else's");
    }

    #[test]
    fn a_write_after_another_deployment_has_won_is_told_where_it_sends_calls_to_nothing() {
        let deployment = ended(home(), lease(Some(1)));
        let split = [(blue(), 80), (green(), 20)];
        let seen = |sets: Vec<TaskSet>, forwards: &[_]| judged(&deployment, sets, forwards, None);
        let Aftermath::ArrivedAt(by, said) = seen(vec![won("d-2")], &split) else { panic!("it is not seen") };
        assert_eq!(by.map(|by| by.to_string()).as_deref(), Some("d-2"));
        assert!(said.contains("after another one had won, at 1 place of the listener"), "{said}");
        let unknown = seen(vec![TaskSet { external_id: None, ..won("") }], &split);
        assert!(matches!(unknown, Aftermath::ArrivedAt(None, _)), "a person is told");
        let old = || a_task_set(1, Role::Active, blue());
        assert_eq!(seen(vec![won("d-2"), old()], &split), Aftermath::Quiet, "every call is answered");
        assert_eq!(seen(vec![won("d-2")], &[(blue(), 50), (green(), 50)]), Aftermath::Quiet, "somebody else's");
    }

    #[test]
    fn a_removal_that_is_carried_out_after_the_end_is_undone_where_the_traffic_went_home() {
        let mut deployment = ended(home(), None);
        assert!(!may_come(&a_service_plan("ECSAllAtOnce"), &deployment));
        let old = || a_task_set(1, Role::Primary, blue());
        let empty = || TaskSet { scale: 0, running: 0, ..old() };
        deployment.progress.removing.insert(old().id, at(30));
        assert!(may_come(&a_service_plan("ECSAllAtOnce"), &deployment));
        let on_blue = [(blue(), 100), (green(), 0)];
        assert_eq!(judged(&deployment, vec![old()], &on_blue, None), Aftermath::Quiet);
        let seen = judged(&deployment, vec![empty()], &on_blue, None);
        assert!(matches!(seen, Aftermath::Arrived(said) if said.ends_with("has no tasks; it gets them back")));
        assert_eq!(
            judged(&deployment, vec![empty()], &[(group("other"), 1)], None),
            Aftermath::Quiet,
            "it has no calls"
        );
        // Of one that ended with somebody else's change a person is told.
        let mut foreign = ended(Traffic::Foreign(Some(on_green(50))), None);
        foreign.progress.removing.insert(old().id, at(30));
        let split = [(blue(), 50), (green(), 50)];
        assert_eq!(judged(&foreign, vec![old(), won("d-9")], &split, None), Aftermath::Quiet);
        let seen = judged(&foreign, vec![empty(), won("d-9")], &split, None);
        assert!(matches!(seen, Aftermath::ArrivedAt(None, _)));
    }

    #[test]
    fn what_a_user_asked_to_leave_is_written_down_anew_where_a_late_write_moved_it() {
        let left = on_green(10);
        let deployment = ended(Traffic::Left(left.clone()), lease(Some(1)));
        assert!(may_come(&a_service_plan("ECSAllAtOnce"), &deployment));
        let sets = || {
            vec![a_task_set(1, Role::Primary, blue()), TaskSet { role: Role::Active, ..won(deployment.id.as_str()) }]
        };
        let seen = |forwards: &[_], leftover| judged(&deployment, sets(), forwards, leftover);
        let moved = [(blue(), 80), (green(), 20)];
        assert!(matches!(seen(&moved, Some(&left)), Aftermath::Arrived(said) if said.ends_with("written down anew")));
        assert_eq!(seen(&[(blue(), 90), (green(), 10)], Some(&left)), Aftermath::Quiet);
        assert_eq!(seen(&moved, None), Aftermath::Quiet, "a later deployment ended it, and every call is answered");
        let alone = vec![won("d-9")];
        let seen = judged(&deployment, alone, &moved, None);
        assert!(matches!(seen, Aftermath::ArrivedAt(Some(by), _) if by.as_str() == "d-9"), "and calls go to nothing");
        let mut moved = deployment.clone();
        moved.apply(Change::Disturb("late".to_owned()), at(300)).unwrap();
        moved.apply(Change::Repair, at(301)).unwrap();
        assert!(matches!(&moved.phase, Phase::Stopping { rollback: Rollback::Leave, .. }));
    }

    #[test]
    fn nobody_looks_for_ever_or_undoes_what_a_later_deployment_did() {
        let deployment = ended(home(), lease(Some(1)));
        let split = [(blue(), 80), (green(), 20)];
        assert_eq!(seen(&deployment, "1", &split, 3_660), Aftermath::Over);
        assert_eq!(seen(&deployment, "9", &[(blue(), 100)], 300), Aftermath::Quiet, "another deployment has won since");
        let foreign = ended(Traffic::Foreign(None), lease(Some(1)));
        assert_eq!(seen(&foreign, "1", &split, 300), Aftermath::Over);
    }

    #[test]
    fn what_is_written_beside_the_lock_as_left_behind_is_not_moved_whatever_it_looks_like() {
        let split = [(blue(), 80), (green(), 20)];
        for traffic in [home(), Traffic::Untouched] {
            let deployment = ended(traffic, lease(Some(1)));
            for left in [on_green(20), on_green(50), Routing::all_on(green())] {
                assert_eq!(seen_beside(Some(&left), &deployment, "1", &split, 300), Aftermath::Over, "{left}");
            }
            assert!(matches!(seen_beside(None, &deployment, "1", &split, 300), Aftermath::Arrived(_)));
        }
    }

    #[test]
    fn a_deployment_that_is_disturbed_after_its_end_is_unresolved_until_it_is_put_back_once_more() {
        let mut deployment = ended(home(), lease(Some(1)));
        deployment.apply(Change::Disturb("late".to_owned()), at(300)).unwrap();
        assert!(matches!(&deployment.phase, Phase::Unresolved { cannot, .. } if cannot == "late"));
        deployment.apply(Change::Repair, at(301)).unwrap();
        assert!(matches!(&deployment.phase, Phase::Stopping { rollback: Rollback::Restore, .. }));
        let mut left = ended(Traffic::Foreign(None), None);
        assert!(left.apply(Change::Disturb("late".to_owned()), at(300)).is_err());
    }
}
