//! What the planner makes of a request and a world.

use expect_test::expect;
use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::*;
use crate::alarms::{AlarmState, Readings};
use crate::appspec::Hook;
use crate::event::LifecycleEvent;
use crate::facts::Holder;
use crate::hold::{OnTimeout, Wait};
use crate::ids::{AlarmName, DeploymentId, HookFunction};
use crate::platform::Platform;
use crate::request::RollbackRules;
use crate::seconds::Seconds;
use crate::testing::service::a_service_request;
use crate::testing::{a_request, alias, facts, service_facts, v, versions, wanted};

fn live(facts: &mut Facts) -> &mut LiveAlias {
    match alias(facts) {
        AliasFacts::Live(live) => live,
        other => panic!("{other:?}"),
    }
}

fn split(percent: u8) -> Routing {
    Routing::shifted(v(1), v(2), Weight::clamped(percent))
}

fn weights(plan: &Plan) -> Vec<u8> {
    plan.shift().steps.iter().map(|step| step.weight.percent()).collect()
}

fn strategy(request: &mut Request, name: &str) {
    request.strategy = Some(NamedStrategy::named(name, Platform::Lambda).unwrap());
}

#[test]
fn the_same_request_and_facts_give_the_same_plan() {
    assert_eq!(plan(&a_request(), &facts()), plan(&a_request(), &facts()));
}

#[test]
fn after_a_success_the_plan_is_empty_whatever_else_is_wrong() {
    let mut facts = facts();
    live(&mut facts).routing = Routing::all_on(v(2));
    facts.alarms = Readings::Unreadable("throttled".to_owned());
    versions(&mut facts).clear();
    let mut request = a_request();
    wanted(&mut request).current = Some(v(1));
    request.alarms.names.insert(AlarmName::parse("errors").unwrap());
    let plan = plan(&request, &facts).unwrap();
    assert!(plan.is_empty());
    expect!["storefront:live already sends every call to version 2: there is nothing to do"]
        .assert_eq(&notes(&plan, &facts).join("\n"));
}

#[test]
fn what_is_said_nearer_to_the_deployment_wins_and_the_plan_says_what_does_not() {
    let (group, appspec, own) =
        ("Linear10PercentEvery1Minute", "Linear50PercentEvery1Minute", "Canary10Percent5Minutes");
    let named = |name: &str| Some(NamedStrategy::named(name, Platform::Lambda).unwrap());
    let overruled = |origin, strategy: &str| Overruled { origin, strategy: strategy.to_owned() };
    let table = [
        ([None, None, None], Origin::Default, "CodeDeployDefault.LambdaAllAtOnce", vec![]),
        ([None, None, named(group)], Origin::Group, group, vec![]),
        ([None, named(appspec), named(group)], Origin::AppSpec, appspec, vec![overruled(Origin::Group, group)]),
        (
            [named(own), named(appspec), named(group)],
            Origin::Deployment,
            own,
            vec![overruled(Origin::AppSpec, appspec), overruled(Origin::Group, group)],
        ),
        ([named(own), None, named(group)], Origin::Deployment, own, vec![overruled(Origin::Group, group)]),
        ([named(own), named(own), None], Origin::Deployment, own, vec![]),
    ];
    for ([own, appspec, group], origin, strategy, overruled) in table {
        let mut request = a_request();
        (request.strategy, request.appspec.strategy, request.group_strategy) = (own, appspec, group);
        let found = plan(&request, &facts()).unwrap();
        assert_eq!(
            (&found.shift().strategy),
            &Chosen { name: strategy.to_owned(), origin: Some(origin), overruled: overruled.clone() }
        );
        let notes = notes(&found, &facts());
        assert_eq!(notes.len(), overruled.len(), "{notes:?}");
        assert!(notes.iter().zip(&overruled).all(|(note, other)| note.contains(&other.strategy)), "{notes:?}");
    }
}

#[test]
fn a_strategy_that_is_not_gone_by_is_worth_a_note() {
    let mut request = a_request();
    request.group_strategy = Some(NamedStrategy::named("Canary10Percent5Minutes", Platform::Lambda).unwrap());
    request.appspec.strategy = Some(NamedStrategy::named("AllAtOnce", Platform::Lambda).unwrap());
    let found = plan(&request, &facts()).unwrap();
    expect!["the strategy is AllAtOnce, which the AppSpec names; Canary10Percent5Minutes, which the deployment group names, is not used"].assert_eq(&notes(&found, &facts()).join("\n"));
}

#[test]
fn a_leftover_split_is_taken_up_where_it_was_left() {
    let (mut request, mut facts) = (a_request(), facts());
    strategy(&mut request, "Linear20PercentEvery1Minute");
    live(&mut facts).routing = split(40);
    facts.leftover = Some(split(40));
    let found = plan(&request, &facts).unwrap();
    assert_eq!(
        (found.shift().from.clone(), found.shift().start.clone(), weights(&found)),
        (v(1).into(), split(40), vec![40, 60, 80, 100])
    );
    expect!["the alias was left split (version 1 with 40 % on version 2): the deployment starts from there, and a rollback sends every call to version 1"].assert_eq(&notes(&found, &facts).join("\n"));
}

#[test]
fn a_leftover_split_with_a_third_version_says_what_becomes_of_that() {
    let (mut request, mut facts) = (a_request(), facts());
    strategy(&mut request, "Linear20PercentEvery1Minute");
    let left = Routing::shifted(v(1), v(3), Weight::try_from(50u8).unwrap());
    live(&mut facts).routing = left.clone();
    facts.leftover = Some(left);
    let found = plan(&request, &facts).unwrap();
    expect!["the alias was left split (version 1 with 50 % on version 3): with the first step version 3 has no calls any more, and a rollback sends every call to version 1"].assert_eq(&notes(&found, &facts).join("\n"));
}

#[test]
fn a_leftover_split_is_watched_as_long_as_the_step_that_came_as_far() {
    let left = |name: &str, reached| {
        let (mut request, mut facts) = (a_request(), facts());
        strategy(&mut request, name);
        live(&mut facts).routing = split(reached);
        facts.leftover = Some(split(reached));
        let steps = plan(&request, &facts).unwrap().shift().steps.clone();
        steps.iter().map(|step| (step.weight.percent(), step.hold_seconds().0)).collect::<Vec<_>>()
    };
    assert_eq!(left("Canary10Percent5Minutes", 5), [(10, 300), (100, 0)]);
    assert_eq!(left("Canary10Percent5Minutes", 10), [(10, 300), (100, 0)]);
    assert_eq!(left("Canary10Percent5Minutes", 15), [(15, 300), (100, 0)]);
    assert_eq!(left("Linear50PercentEvery1Minute", 70), [(70, 60), (100, 0)]);
    assert_eq!(left("AllAtOnce", 70), [(100, 0)]);
}

#[test]
fn a_split_under_a_deployment_that_runs_is_told_once_by_the_deployments_name() {
    let (request, mut facts) = (a_request(), facts());
    live(&mut facts).routing = split(40);
    facts.holder = Some(Holder::Running(DeploymentId::parse("d-7").unwrap()));
    let (found, refusals) = preview(&request, &facts);
    assert_eq!(notes(&found.unwrap(), &facts), Vec::<String>::new());
    let refusals: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    expect!["another deployment of storefront:live is running, d-7: wait for it, or stop it with: tideshift stop d-7"]
        .assert_eq(&refusals.join("\n"));
}

#[test]
fn a_leftover_split_with_a_third_version_begins_at_the_first_step() {
    let (mut request, mut facts) = (a_request(), facts());
    strategy(&mut request, "Linear50PercentEvery1Minute");
    let third = Routing::shifted(v(1), v(3), Weight::clamped(40));
    live(&mut facts).routing = third.clone();
    facts.leftover = Some(third);
    assert_eq!(weights(&plan(&request, &facts).unwrap()), [50, 100]);
}

#[test]
fn a_leftover_split_is_ended_at_once_by_a_deployment_to_its_primary_version() {
    let (mut request, mut facts) = (a_request(), facts());
    strategy(&mut request, "Linear20PercentEvery1Minute");
    wanted(&mut request).target = v(1);
    live(&mut facts).routing = split(40);
    facts.leftover = Some(split(40));
    let found = plan(&request, &facts).unwrap();
    assert_eq!((weights(&found), found.routing_at(0)), (vec![100], Routing::all_on(v(1))));
}

#[test]
fn provisioned_concurrency_is_worth_a_note_and_no_reason_to_refuse() {
    let mut facts = facts();
    live(&mut facts).provisioned = Some(7);
    let found = plan(&a_request(), &facts).unwrap();
    expect!["storefront:live has 7 provisioned concurrent executions: while traffic shifts, Lambda divides them between both versions by weight, and when the alias moves to version 2 it allocates them anew, so some calls may start cold"].assert_eq(&notes(&found, &facts).join("\n"));
}

#[test]
fn rollback_that_is_switched_off_is_worth_a_note() {
    let mut request = a_request();
    request.rollback = RollbackRules::never();
    let found = plan(&request, &facts()).unwrap();
    expect!["rollback is switched off: a stop or failure leaves the traffic where it is"]
        .assert_eq(&notes(&found, &facts()).join("\n"));
}

#[test]
fn listeners_that_keep_their_clients_are_worth_a_note() {
    let mut facts = service_facts();
    if let TargetFacts::Service(found) = &mut facts.target {
        found.production.as_mut().unwrap().routes[0].sticky = Some(Seconds(300));
        found.test.as_mut().unwrap().routes[0].sticky = Some(Seconds::HOUR);
    }
    let found = plan(&a_service_request(), &facts).unwrap();
    expect!["a listener keeps its clients on their target group for 1h, whatever the weights say by then: they stay with the new task set after a rollback, and with the old one after a success, until it is removed"].assert_eq(notes(&found, &facts).last().unwrap());
}

#[test]
fn a_long_rollout_is_polled_less_often_and_says_so() {
    let (mut request, mut facts) = (a_request(), facts());
    strategy(&mut request, "Linear10PercentEvery960Minutes");
    request.alarms.names.insert(AlarmName::parse("errors").unwrap());
    facts.alarms = Readings::Read([(AlarmName::parse("errors").unwrap(), AlarmState::Ok.into())].into());
    let found = plan(&request, &facts).unwrap();
    assert!(found.poll > facts.poll);
    assert!(notes(&found, &facts)[0].starts_with("the alarms are polled every "));
    request.alarms.names.clear();
    assert_eq!(notes(&plan(&request, &facts).unwrap(), &facts), [""; 0], "nothing is polled without alarms");
}

#[test]
fn a_plan_survives_being_kept() {
    let mut request = a_request();
    strategy(&mut request, "Canary10Percent5Minutes");
    request.alarms.names.insert(AlarmName::parse("errors").unwrap());
    let mut facts = facts();
    facts.alarms = Readings::Read([(AlarmName::parse("errors").unwrap(), AlarmState::Ok.into())].into());
    let kept = plan(&request, &facts).unwrap();
    let text = serde_json::to_string(&kept).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), kept);
}

#[test]
fn a_plan_of_a_service_survives_being_kept() {
    let mut request = a_service_request();
    request.strategy = Some(NamedStrategy::named("ECSCanary10Percent5Minutes", Platform::Ecs).unwrap());
    request.waits.ready = Some(Wait { timeout: Seconds(600), on_timeout: OnTimeout::Stop });
    request.waits.termination = Seconds(300);
    for event in LifecycleEvent::ECS.iter().filter(|event| event.is_hook()) {
        request.appspec.hooks.insert(*event, Hook::new(HookFunction::parse("check").unwrap()));
    }
    let kept = plan(&request, &service_facts()).unwrap();
    let text = serde_json::to_string(&kept).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), kept);
    assert!(kept.holds().count() == 4 && kept.total().seconds() == Seconds(1_200), "the waits count, too");
}

#[test]
fn a_service_is_deployed_all_at_once_where_nobody_says_how() {
    let plan = plan(&a_service_request(), &service_facts()).unwrap();
    assert_eq!((plan.shift().strategy.name.as_str(), weights(&plan)), ("CodeDeployDefault.ECSAllAtOnce", vec![100]));
    let back = plan.reversed();
    assert_eq!(
        (back.shift().from.clone(), back.shift().to.clone()),
        (plan.shift().to.clone(), plan.shift().from.clone())
    );
    assert_eq!((back.shift().strategy.name.as_str(), weights(&back)), ("CodeDeployDefault.ECSAllAtOnce", vec![100]));
}

proptest! {
    #[test]
    fn a_plan_climbs_from_where_the_alias_is_to_one_hundred(steps in crate::testing::steps(), reached in 0u8..100) {
        let (mut request, mut facts) = (a_request(), facts());
        let strategy = NamedStrategy { name: "Steps".to_owned(), strategy: Strategy::Steps(steps) };
        request.strategy = Some(strategy);
        live(&mut facts).routing = split(reached);
        facts.leftover = Some(split(reached));
        let weights = weights(&plan(&request, &facts).unwrap());
        prop_assert!(weights.iter().all(|weight| *weight >= reached));
        prop_assert!(weights.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert_eq!(weights.last(), Some(&100));
    }
}
