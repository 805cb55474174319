//! Test traffic: what of it is a deployment's own, what is somebody's change, and what goes back.

use super::*;
use crate::target::Target;

/// One place of production, at home, and one of test traffic that came from elsewhere.
fn tested(now: Routing, home: Routing) -> Live {
    Live::Routes { production: vec![on_green(0)], test: vec![Tested { now, home }] }
}

fn at_home(now: Routing) -> Live {
    tested(now, home())
}

/// Its test traffic is being sent to the new task set.
fn sending(mut deployment: Deployment) -> Deployment {
    deployment.progress.created = Some(NOW);
    deployment.events.begin(LifecycleEvent::AllowTestTraffic, NOW);
    deployment
}

fn begun() -> Deployment {
    running(None, Some(None))
}

fn with_leftover() -> Plan {
    let mut plan = plan();
    if let Target::EcsService(service) = &mut plan.target {
        service.leftover = Some(crate::ids::TaskSetId::parse("ecs-svc/9").unwrap());
    }
    plan
}

/// Which ways to divide test traffic are a deployment's own.
fn own(plan: &Plan, deployment: &Deployment, began: &Routing) -> String {
    let places = [
        ("where it began", began.clone()),
        ("blue", on_green(0)),
        ("green", on_green(100)),
        ("a split", on_green(30)),
        ("another group", Routing::all_on(group("other"))),
    ];
    let is_own = |place: &Routing| plan.recognizes(deployment, &tested(place.clone(), began.clone()));
    let own: Vec<&str> = places.iter().filter(|(_, place)| is_own(place)).map(|(name, _)| *name).collect();
    own.join(", ")
}

#[test]
fn test_traffic_is_known_where_the_deployment_left_it_and_nowhere_else() {
    let until = Timestamp::from_second(60).unwrap();
    let mut older = begun();
    older.progress.older = Some(crate::service::older::Older { routings: vec![home()], until });
    let mut shared = sent(begun());
    shared.lease = Some(Lease { step: None, until: NOW, shared: true });
    let mut told = Vec::new();
    for (of, began) in [("blue", home()), ("green", on_green(100)), ("both", on_green(50))] {
        for (when, deployment) in [
            ("before", begun()),
            ("before, while an older write is on its way", older.clone()),
            ("while it is sent", sending(begun())),
            ("after", sent(begun())),
            ("after, while a write is on its way", shared.clone()),
        ] {
            told.push(format!("of {of}, {when}: {}", own(&plan(), &deployment, &began)));
        }
    }
    expect_test::expect![[r#"
        of blue, before: where it began, blue
        of blue, before, while an older write is on its way: where it began, blue, green
        of blue, while it is sent: where it began, blue, green
        of blue, after: green
        of blue, after, while a write is on its way: green
        of green, before: where it began, green
        of green, before, while an older write is on its way: where it began, green
        of green, while it is sent: where it began, green
        of green, after: where it began, green
        of green, after, while a write is on its way: where it began, green
        of both, before: where it began
        of both, before, while an older write is on its way: where it began, green
        of both, while it is sent: where it began, green
        of both, after: green
        of both, after, while a write is on its way: green"#]]
    .assert_eq(&told.join("\n"));
}

#[test]
fn what_was_left_behind_may_be_divided_in_any_way_until_it_is_ended_and_may_go_home_late() {
    let plan = with_leftover();
    let mut deployment = begun();
    assert_eq!(own(&plan, &deployment, &home()), "where it began, blue, green, a split");
    deployment.progress.leftover_ended = true;
    assert_eq!(own(&plan, &deployment, &home()), "where it began, blue");
    let mut shared = sent(deployment);
    assert_eq!(own(&plan, &shared, &home()), "green");
    shared.lease = Some(Lease { step: None, until: NOW, shared: true });
    shared.progress.at = Some(Position { step: 0, since: NOW, continued: false });
    let test = [home(), on_green(100)].map(|now| Tested { now, home: home() }).to_vec();
    let late = Live::Routes { production: vec![on_green(10)], test };
    assert!(plan.recognizes(&shared, &late), "a write of its own that was never answered");
    assert_eq!(plan.overtaken(&shared, &late), Some(Overtaken { to: on_green(10), places: 0, of_test: 1 }));
    let left = settle(&plan, &stopping(Rollback::Restore, None, None), &at_home(on_green(100)), NOW);
    assert_eq!(left, Settle::Write(home()));
}

#[test]
fn a_place_that_forwards_to_the_pair_no_more_is_a_change() {
    let mut plan = plan();
    if let Target::EcsService(service) = &mut plan.target {
        service.test_routes = ["3", "rule/1"].map(|id| crate::ids::RouteId::parse(id).unwrap()).to_vec();
    }
    let places = |count| live(&[home()], &vec![on_green(100); count]);
    assert!(plan.recognizes(&sent(begun()), &places(2)));
    assert_eq!(plan.changed(&sent(begun()), &places(1)), [Which::Test]);
    assert_eq!(plan.changed(&sent(begun()), &Live::Gone { test: Vec::new() }), [Which::Production, Which::Test]);
}

#[test]
fn test_traffic_that_was_sent_is_put_back_whether_rollback_is_on_or_off() {
    for rollback in [Rollback::Restore, Rollback::Leave] {
        for deployment in [sent(stopping(rollback, None, None)), sending(stopping(rollback, None, None))] {
            check(&deployment, &at_home(on_green(100)), Settle::Write(home()));
        }
    }
}

#[test]
fn test_traffic_goes_back_to_where_it_began_and_is_untouched_there() {
    for began in [on_green(100), on_green(50), home()] {
        for rollback in [Rollback::Restore, Rollback::Leave] {
            let untouched = tested(began.clone(), began.clone());
            check(&stopping(rollback, None, None), &untouched, Settle::Done(Traffic::Untouched));
            let expected =
                if began == on_green(100) { Settle::Done(Traffic::Untouched) } else { Settle::Write(home()) };
            check(&sent(stopping(rollback, None, None)), &tested(on_green(100), began.clone()), expected);
        }
    }
}

#[test]
fn on_drift_alone_a_change_of_test_traffic_is_left_and_for_any_other_reason_it_is_taken_back_and_told() {
    let ended = |mut deployment: Deployment, code| {
        deployment.progress.created = Some(NOW);
        deployment.lease = None;
        deployment.apply(Change::Interrupt(Ending::new(code, "why"), Rollback::Restore), NOW).unwrap();
        deployment
    };
    for (before, now) in [(begun(), on_green(100)), (begun(), on_green(30)), (sent(begun()), on_green(30))] {
        let found = at_home(now.clone());
        let drift = ended(before.clone(), ErrorCode::Drift);
        check(&drift, &found, Settle::Done(Traffic::Untouched));
        assert_eq!(plan().overruled_test(&drift, &found), None);
        let alarm = ended(before, ErrorCode::AlarmActive);
        check(&alarm, &found, Settle::Write(home()));
        assert_eq!(plan().overruled_test(&alarm, &found), Some(&now));
    }
    let own = at_home(on_green(100));
    let drift = ended(sent(begun()), ErrorCode::Drift);
    check(&drift, &own, Settle::Write(home()));
    assert_eq!(plan().overruled_test(&drift, &own), None);
    check(&stopping(Rollback::Restore, None, None), &own, Settle::Done(Traffic::Untouched));
}
