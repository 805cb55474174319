use super::*;
use crate::code::ErrorCode;
use crate::deployment::{Change, Lease};
use crate::ending::{Ending, Rollback};
use crate::ids::TargetGroupArn;
use crate::service::clear::Side;
use crate::service::live::{Health, Listener, LiveService};
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
    look(&plan, plan.target.service().unwrap(), deployment, found, leftover, at(second))
}

#[test]
fn a_write_may_come_after_the_end_only_where_one_was_never_answered_and_nothing_but_time_fences_it() {
    let services = a_service_plan("ECSLinear10PercentEvery1Minutes");
    let may = |plan: &Plan, lease, traffic| may_come(plan, &settled(traffic, lease));
    assert!(may(&services, lease(Some(1)), home()));
    assert!(may(&services, lease(None), Traffic::Untouched), "test traffic has places too");
    assert!(!may(&services, None, home()));
    assert!(may(&services, lease(Some(1)), Traffic::Foreign(None)), "also where somebody else had changed it");
    let mut sending = settled(home(), None);
    sending.progress.sending.insert(Side::Home);
    assert!(may_come(&services, &sending), "a rollback's");
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
        let live =
            LiveService { controller: "EXTERNAL".to_owned(), active: true, desired: 2, task_sets, said: Vec::new() };
        let routes = vec![a_route("rule", forwards)];
        let production = Listener { arn: listener("2"), routes };
        let found = Found { live: &live, production: Some(&production), test: None, health: Health::default() };
        look(&plan, service, &deployment, found, None, at(300))
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
    let live = LiveService { controller: "EXTERNAL".to_owned(), active: true, desired: 2, task_sets, said: Vec::new() };
    let production = Listener { arn: listener("2"), routes: vec![a_route("rule", forwards)] };
    let found = Found { live: &live, production: Some(&production), test: None, health: Health::default() };
    look(&plan, plan.target.service().unwrap(), deployment, found, leftover, at(300))
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
    assert_eq!(judged(&deployment, vec![empty()], &[(group("other"), 1)], None), Aftermath::Quiet, "it has no calls");
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
    let sets =
        || vec![a_task_set(1, Role::Primary, blue()), TaskSet { role: Role::Active, ..won(deployment.id.as_str()) }];
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
    assert_eq!(seen(&foreign, "1", &split, 3_660), Aftermath::Over);
}

#[test]
fn what_a_later_deployment_left_behind_on_purpose_is_not_moved_unless_calls_go_to_nothing() {
    let split = [(blue(), 80), (green(), 20)];
    let sets = || vec![a_task_set(1, Role::Primary, blue()), a_task_set(2, Role::Active, green())];
    for traffic in [home(), Traffic::Untouched] {
        let deployment = ended(traffic, lease(Some(1)));
        let seen = |sets: Vec<TaskSet>, left: &Routing| judged(&deployment, sets, &split, Some(left));
        assert_eq!(seen(sets(), &on_green(20)), Aftermath::Quiet, "as it was left");
        for left in [on_green(50), Routing::all_on(green())] {
            let Aftermath::ArrivedAt(None, said) = seen(sets(), &left) else { panic!("{left}") };
            assert!(said.contains(&format!("were left on {left} before")), "{said}");
            let gone = vec![a_task_set(1, Role::Primary, blue())];
            let empty = TaskSet { running: 0, ..a_task_set(2, Role::Active, green()) };
            assert!(matches!(seen(gone, &left), Aftermath::Arrived(_)), "{left}");
            assert!(matches!(seen(vec![a_task_set(1, Role::Primary, blue()), empty], &left), Aftermath::Arrived(_)));
        }
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

/// A deployment that went home with a write of its rollback that was never answered.
fn went_home() -> Deployment {
    let mut deployment = ended(home(), None);
    deployment.progress.sending.insert(Side::Home);
    deployment
}

#[test]
fn a_write_of_a_rollback_after_another_deployment_has_won_is_told_where_it_sends_calls_to_nothing() {
    let on_blue = [(blue(), 100), (green(), 0)];
    let seen = |deployment: &Deployment, sets: Vec<TaskSet>| judged(deployment, sets, &on_blue, None);
    let Aftermath::ArrivedAt(by, said) = seen(&went_home(), vec![won("d-2")]) else { panic!("it is not seen") };
    assert_eq!(by.map(|by| by.to_string()).as_deref(), Some("d-2"));
    assert!(said.contains("after another one had won, at 1 place of the listener"), "{said}");
    assert_eq!(seen(&went_home(), vec![won("d-2"), a_task_set(1, Role::Active, blue())]), Aftermath::Quiet);
    assert_eq!(seen(&ended(home(), None), vec![won("d-2")]), Aftermath::Quiet, "all of its writes were answered");
}

#[test]
fn a_task_set_that_is_made_after_another_deployment_has_won_goes_where_that_ones_takes_its_calls_over() {
    let on_green = [(blue(), 0), (green(), 100)];
    let late = |deployment: &Deployment, number: u32, group: TargetGroupArn| TaskSet {
        external_id: Some(deployment.id.to_string()),
        ..a_task_set(number, Role::Active, group)
    };
    let deployment = ended(Traffic::Untouched, lease(None));
    let seen = |sets: Vec<TaskSet>| judged(&deployment, sets, &on_green, None);
    let Aftermath::MadeAt(by, stray, said) = seen(vec![won("d-2"), late(&deployment, 7, green())]) else {
        panic!("it is not seen")
    };
    assert_eq!((by.unwrap().as_str(), stray.as_str()), ("d-2", "ecs-svc/7"));
    assert!(said.starts_with("the task set ecs-svc/7, which the deployment d-SERVICE had asked ECS for"), "{said}");
    assert!(matches!(seen(vec![won("d-2"), late(&deployment, 7, blue())]), Aftermath::MadeAt(..)), "it has no calls");
    let alone = TaskSet { target_group: Some(blue()), ..won("d-2") };
    assert_eq!(seen(vec![alone, late(&deployment, 7, green())]), Aftermath::Quiet, "nothing else answers its calls");
    let going = TaskSet { role: Role::Draining, ..late(&deployment, 7, green()) };
    assert_eq!(seen(vec![won("d-2"), going]), Aftermath::Quiet, "it goes already");
    // One that was made before the end was known, and somebody has it.
    let mut foreign = ended(Traffic::Foreign(None), lease(None));
    let sets = |foreign: &Deployment| vec![won("d-2"), late(foreign, 7, green())];
    assert!(matches!(judged(&foreign, sets(&foreign), &on_green, None), Aftermath::MadeAt(..)));
    foreign.progress.created = Some(at(3));
    assert_eq!(judged(&foreign, sets(&foreign), &on_green, None), Aftermath::Quiet);
}

#[test]
fn a_write_where_somebody_else_had_changed_the_traffic_is_told_and_left_to_them() {
    let split = [(blue(), 80), (green(), 20)];
    let foreign = |left: Routing| ended(Traffic::Foreign(Some(left)), lease(Some(1)));
    let sets = || vec![a_task_set(1, Role::Primary, blue()), a_task_set(2, Role::Active, green())];
    let left = foreign(on_green(50));
    let seen = |leftover: Option<&Routing>| judged(&left, sets(), &split, leftover);
    for leftover in [None, Some(&on_green(50))] {
        let Aftermath::ArrivedAt(None, said) = seen(leftover) else { panic!("{leftover:?}") };
        assert!(said.starts_with("calls are divided at 1 place of the listener"), "{said}");
    }
    assert_eq!(seen(Some(&on_green(20))), Aftermath::Quiet, "a later deployment was told to leave it so");
    assert_eq!(judged(&left, sets(), &[(blue(), 50), (green(), 50)], None), Aftermath::Quiet, "as they had it");
    assert_eq!(judged(&left, sets(), &[(blue(), 55), (green(), 45)], None), Aftermath::Quiet, "theirs again");
    assert_eq!(judged(&left, vec![won("d-9"), a_task_set(1, Role::Active, blue())], &split, None), Aftermath::Quiet);
    let Aftermath::ArrivedAt(by, said) = judged(&left, vec![won("d-9")], &split, None) else {
        panic!("it is not seen")
    };
    assert!(by.is_some() && said.ends_with("to a target group without a task set"), "{said}");
}
