//! What is planned for a service that may be deployed to.

use crate::ids::RouteId;
use crate::request::Request;
use crate::service::Service;
use expect_test::expect;
use proptest::prelude::{prop_assert, proptest};

use super::*;
use crate::plan::Plan;
use crate::planner::{notes, plan};
use crate::service::CapacityProvider;
use crate::testing::service::definition;

fn planned(change: impl FnOnce(&mut Request, &mut Facts)) -> (Plan, Facts) {
    let (mut request, mut facts) = (a_service_request(), service_facts());
    change(&mut request, &mut facts);
    (plan(&request, &facts).unwrap(), facts)
}

fn on(provider: &str) -> Capacity {
    Capacity::Providers(vec![CapacityProvider { provider: provider.to_owned(), base: 1, weight: 3 }])
}

fn service_of(plan: &Plan) -> &Service {
    plan.target.service().unwrap()
}

#[test]
fn blue_is_the_target_group_of_the_primary_task_set_whichever_way_the_pair_is_written() {
    let (here, _) = planned(|_, _| {});
    let (turned, _) = planned(|_, facts| {
        found(facts).groups.reverse();
        found(facts).place.as_mut().unwrap().target_groups.reverse();
    });
    assert_eq!(here, turned);
    assert_eq!((here.shift().from.clone(), here.shift().to.clone()), (blue().into(), green().into()));

    let (swapped, _) = planned(|_, facts| {
        live(facts).task_sets[0].target_group = Some(green());
        routes(facts)[0].forwards = vec![(blue(), 0), (green(), 100)];
        test_routes(facts)[0].forwards = vec![(green(), 1)];
    });
    assert_eq!((swapped.shift().from.clone(), swapped.shift().to.clone()), (green().into(), blue().into()));
    assert_eq!(service_of(&swapped).pair(), (&green(), &blue()));
}

#[test]
fn every_place_where_the_listener_forwards_to_the_pair_is_moved_and_no_other() {
    let (plan, _) = planned(|_, facts| {
        routes(facts).push(a_route("rule/1", &[(blue(), 1)]));
        routes(facts).push(a_route("rule/2", &[(group("other"), 1)]));
    });
    let routes: Vec<&str> = service_of(&plan).routes.iter().map(|route| route.as_str()).collect();
    assert_eq!(routes, ["2", "rule/1"]);
}

#[test]
fn where_test_traffic_began_is_kept_for_the_way_back_in_the_percents_that_are_written() {
    let (plan, facts) = planned(|_, facts| {
        test_routes(facts).push(a_route("rule/1", &[(green(), 1)]));
        test_routes(facts).push(a_route("rule/2", &[(blue(), 2), (green(), 1)]));
        test_routes(facts).push(a_route("rule/3", &[(blue(), 999), (green(), 1)]));
        test_routes(facts).push(a_route("rule/4", &[(group("other"), 1)]));
    });
    let began = |route: &str| service_of(&plan).test_home(&RouteId::parse(route).unwrap()).to_string();
    assert_eq!(
        ["3", "rule/1", "rule/2", "rule/3"].map(began),
        [
            "target group web-1",
            "target group web-2",
            "target group web-1 with 33 % on target group web-2",
            "target group web-1 with 1 % on target group web-2"
        ]
    );
    assert!(notes(&plan, &facts).iter().any(|note| note.contains("begins on target group web-2")));
    let kept: Plan = serde_json::from_value(serde_json::to_value(&plan).unwrap()).unwrap();
    assert_eq!(kept, plan);
    let (plan, _) = planned(|_, facts| {
        test_routes(facts)[0].forwards = vec![(green(), 1)];
        facts.leftover = Some(crate::testing::service::on_green(6));
        live(facts).task_sets.push(a_task_set(7, Role::Active, green()));
    });
    assert!(service_of(&plan).test_began.is_empty(), "that may be the deployment's before, and goes home");
    let (plan, _) = planned(|_, facts| {
        test_routes(facts)[0].forwards = vec![(green(), 1)];
        facts.leftover = Some(crate::testing::service::on_green(6));
    });
    assert_eq!(service_of(&plan).test_began.len(), 1, "nothing was left behind, and it goes back to where it began");
    assert_eq!(service_of(&plan).test_routes.len(), 1);
}

#[test]
fn what_the_appspec_leaves_out_is_as_the_primary_task_set_has_it() {
    let (plan, _) = planned(|_, _| {});
    let (spec, primary) = (&service_of(&plan).green, a_task_set(1, Role::Primary, blue()));
    assert_eq!((&spec.network, &spec.capacity), (&primary.network, &primary.capacity));
    assert_eq!((&spec.platform_version, spec.task_definition.short()), (&primary.platform_version, "web:7"));
    assert_eq!(service_of(&plan).blue_definition, definition("web:6"));

    let providers = on("machines");
    let (plan, _) = planned(|request, _| wanted(request).capacity = Some(providers.clone()));
    let spec = &service_of(&plan).green;
    assert_eq!(spec.capacity, Some(providers));
    assert_eq!(spec.platform_version, None, "that of Fargate need not fit elsewhere");

    let (plan, _) = planned(|_, facts| {
        found(facts).definition.as_mut().unwrap().awsvpc = false;
        found(facts).groups.iter_mut().flatten().for_each(|group| group.kind = "instance".to_owned());
    });
    assert_eq!(service_of(&plan).green.network, None, "tasks in the network of their host");
}

#[test]
fn only_tasks_on_fargate_keep_their_platform_version() {
    for (capacity, expected) in [
        (Some(Capacity::LaunchType("FARGATE".to_owned())), Some("1.4.0")),
        (Some(Capacity::LaunchType("EC2".to_owned())), None),
        (Some(Capacity::LaunchType("EXTERNAL".to_owned())), None),
        (Some(on("FARGATE_SPOT")), Some("1.4.0")),
        (Some(on("machines")), None),
        (None, None),
    ] {
        let (plan, _) = planned(|_, facts| live(facts).task_sets[0].capacity.clone_from(&capacity));
        assert_eq!(service_of(&plan).green.platform_version.as_deref(), expected, "{capacity:?}");
    }
}

#[test]
fn a_split_that_was_left_behind_is_where_the_next_deployment_starts() {
    let (plan, facts) = planned(|_, facts| {
        split(facts, 70, 30);
        test_routes(facts)[0].forwards = vec![(blue(), 0), (green(), 100)];
        live(facts).task_sets.push(a_task_set(7, Role::Active, green()));
        facts.leftover = Some(on_green(30));
    });
    assert_eq!(plan.shift().start, on_green(30));
    assert_eq!(service_of(&plan).leftover, Some(a_task_set(7, Role::Active, green()).id));
    expect![[r#"
        the deployment before left the task set ecs-svc/7 beside ecs-svc/1: all of the traffic goes to that one before ecs-svc/7 is removed and the new task set is made in its place
        while both task sets run, the service has 4 tasks instead of 2: the cluster must have room for them"#]].assert_eq(&notes(&plan, &facts).join("\n"));
}

#[test]
fn what_somebody_finished_by_hand_is_what_the_next_deployment_goes_back_to() {
    let finished = |facts: &mut Facts, weights: (u32, u32)| {
        split(facts, weights.0, weights.1);
        live(facts).task_sets.push(a_task_set(7, Role::Active, green()));
        facts.leftover = Some(on_green(100));
    };
    let (plan, facts) = planned(|_, facts| finished(facts, (0, 100)));
    let service = service_of(&plan);
    assert_eq!((service.blue.as_str(), &service.blue_group, &service.green_group), ("ecs-svc/7", &green(), &blue()));
    assert_eq!(
        (plan.shift().start.clone(), service.leftover.as_ref().map(|set| set.as_str())),
        (plan.home(), Some("ecs-svc/1"))
    );
    let said = notes(&plan, &facts);
    expect!["all the traffic was moved to the task set ecs-svc/7 without making it the primary one: it becomes that, and ecs-svc/1 is removed before the new task set is made in its place"]
        .assert_eq(&said[0]);
    let (plan, _) = planned(|_, facts| finished(facts, (1, 99)));
    assert_eq!(service_of(&plan).blue.as_str(), "ecs-svc/1", "a split goes home");
}

#[test]
fn a_split_that_somebody_ended_since_it_was_left_behind_is_no_start() {
    let (plan, _) = planned(|_, facts| facts.leftover = Some(on_green(30)));
    assert_eq!((plan.shift().start.clone(), &service_of(&plan).leftover), (plan.home(), &None));
}

#[test]
fn a_split_that_was_left_at_one_of_two_places_is_where_the_next_deployment_starts() {
    let (plan, _) = planned(|_, facts| {
        routes(facts).push(a_route("rule/1", &[(blue(), 70), (green(), 30)]));
        facts.leftover = Some(on_green(30));
    });
    assert_eq!(plan.shift().start, on_green(30));
}

#[test]
fn room_for_twice_the_tasks_is_worth_a_note() {
    let (plan, facts) = planned(|_, _| {});
    expect!["while both task sets run, the service has 4 tasks instead of 2: the cluster must have room for them"]
        .assert_eq(&notes(&plan, &facts).join("\n"));
    let (plan, facts) = planned(|_, facts| live(facts).desired = 0);
    expect!["the service wants no tasks: neither task set has any, nobody answers its calls, and nothing is found out about the new version until it wants some"]
        .assert_eq(&notes(&plan, &facts).join("\n"));
}

proptest! {
    #[test]
    fn where_no_plan_can_be_made_something_says_why(missing in proptest::collection::vec(0usize..14, 0..5)) {
        let (request, mut facts) = (a_service_request(), service_facts());
        for what in missing {
            match (what, &mut *found(&mut facts)) {
                (0, found) => found.place = None,
                (1, found) => found.service = ServiceFound::NoService,
                (2, found) => found.definition = None,
                (3, found) => found.groups[0] = None,
                (4, found) => found.groups[1] = None,
                (5, found) => found.groups[1] = found.groups[0].clone(),
                (6, found) => found.production = None,
                (7, found) => found.test = None,
                (what, ServiceFacts { service: ServiceFound::Live(live), production, .. }) => match what {
                    8 => live.task_sets.clear(),
                    9 => live.active = false,
                    10 => live.controller = "ECS".to_owned(),
                    11 => live.task_sets.iter_mut().for_each(|set| set.target_group = None),
                    12 => live.task_sets.iter_mut().for_each(|set| set.target_group = Some(group("other"))),
                    _ => production.iter_mut().for_each(|listener| listener.routes.clear()),
                },
                _ => {}
            }
        }
        if let Err(refusals) = plan(&request, &facts) {
            prop_assert!(!refusals.is_empty());
        }
    }
}
