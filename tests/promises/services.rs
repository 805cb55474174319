//! Deployments to ECS that go well.

use codedeploy::view::Outcome;
use harness::deployment::Subject as _;
use harness::ours::Told;
use harness::shop::Shop;
use harness::{OrStop, story};
use serde_json::{Value, json};

/// The events a hook may run at.
const HOOKS: [&str; 5] =
    ["BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"];

#[test]
fn a_canary_of_a_service_moves_every_route_makes_green_primary_and_removes_blue() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).by("Canary10Percent3Seconds").start().await;
        deployment.until_weight(10).await;
        assert_eq!(shop.traffic().await, "blue:90 green:10", "the default action and the rule alike");
        assert_eq!(shop.listener(&shop.sample.test_listener).await, "green", "test traffic went first");
        assert_eq!(shop.revisions().await, ["1", "2"]);
        let sets = shop.task_sets().await;
        let green = sets.iter().find(|set| set["externalId"] == deployment.id).or_stop("its own task set");
        assert_eq!(green["scale"], json!({"value": 100.0, "unit": "PERCENT"}));
        let view = deployment.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Succeeded), "{view:#?}");
        assert_eq!(shop.traffic().await, "green");
        assert_eq!(shop.revisions().await, ["2"], "blue is gone");
        assert!(view.steps().iter().all(|event| event.ends_with("Succeeded")), "{view:#?}");
        assert_eq!(view.steps().len(), 8, "all eight events of ECS");
        assert_eq!(deployment.execution_status().await, "SUCCEEDED");
    });
}

#[test]
fn everything_at_once_is_the_default_for_services_too() {
    story(async {
        let shop = Shop::new().await;
        let deployment = shop.to(2).start().await;
        let view = deployment.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Succeeded), "{view:#?}");
        let strategy = view.plan.and_then(|plan| plan.strategy);
        assert_eq!(strategy.as_deref(), Some("CodeDeployDefault.ECSAllAtOnce"));
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("green", vec!["2".to_owned()]));
    });
}

#[test]
fn a_network_load_balancer_moves_by_weights_too() {
    story(async {
        let shop = Shop::on_network().await;
        assert_eq!(shop.answers(10).await, ["1"; 10]);
        let deployment = shop.to(2).by("Linear50PercentEvery1Second").start().await;
        assert_eq!(deployment.outcome().await.0, "Succeeded");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("green", vec!["2".to_owned()]));
        assert_eq!(shop.listener(&shop.sample.test_listener).await, "green");
        assert_eq!(shop.answers(10).await, ["2"; 10]);
        assert_eq!(
            shop.writes().await,
            [
                "prod by install: blue:100 green:0",
                "test by test-traffic: blue:0 green:100",
                "prod by shift: blue:50 green:50",
                "prod by shift: blue:0 green:100",
            ]
        );
    });
}

#[test]
fn a_test_listener_that_begins_on_the_other_target_group_is_brought_back_there() {
    story(async {
        let shop = Shop::new().await;
        let test = &shop.sample.test_listener;
        shop.point(test, &[("1.Type", "forward"), ("1.TargetGroupArn", &shop.sample.green)]).await;
        let hook = shop.hook("no", "return {'status': 'Failed'}").await;
        let refused = shop.to(2).hook("AfterAllowTestTraffic", hook).start().await;
        let view = refused.ended().await;
        assert_eq!(view.code(), "HOOK_EXECUTION_FAILURE", "{view:#?}");
        assert_eq!(shop.listener(test).await, "green", "where it began");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("blue", vec!["1".to_owned()]));
        let view = shop.to(2).start().await.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Succeeded), "{view:#?}");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("green", vec!["2".to_owned()]));
        assert_eq!(shop.listener(test).await, "green");
    });
}

#[test]
fn the_roles_swap_by_what_is_live() {
    story(async {
        let shop = Shop::new().await;
        assert_eq!(shop.to(2).start().await.outcome().await.0, "Succeeded");
        assert_eq!(shop.traffic().await, "green");
        assert_eq!(shop.to(1).by("Linear50PercentEvery1Second").start().await.outcome().await.0, "Succeeded");
        assert_eq!((shop.traffic().await.as_str(), shop.revisions().await), ("blue", vec!["1".to_owned()]));
        assert_eq!(shop.listener(&shop.sample.test_listener).await, "blue", "the test listener follows");
    });
}

#[test]
fn hooks_run_at_all_five_events_and_are_told_of_task_definitions() {
    story(async {
        let shop = Shop::new().await;
        let body = "assert 'TaskToken' not in event; print(json.dumps(event))\nreturn {'status': 'Succeeded'} \
                    if event['TargetTaskDefinition'].endswith(':2') else {'status': 'Failed'}";
        let hook = shop.hook("fine", body).await;
        let mut deploy = shop.to(2);
        for event in HOOKS {
            deploy = deploy.hook(event, hook.clone());
        }
        let deployment = deploy.start().await;
        let view = deployment.ended().await;
        assert_eq!(view.outcome, Some(Outcome::Succeeded), "{view:#?}");
        let mut entered = deployment.entered().await;
        entered.retain(|state| HOOKS.contains(&state.as_str()));
        assert_eq!(entered, HOOKS, "each once, in order");
    });
}

#[test]
fn traffic_divides_as_the_weights_say() {
    story(async {
        let shop = Shop::new().await;
        let pause = json!([{"Weight": 50, "UntilContinued": {"Timeout": "10m", "OnTimeout": "Stop"}}]);
        let deployment = shop.to(2).strategy(pause).start().await;
        deployment.until("its pause", Told::is_ready).await;
        let answers = shop.answers(300).await;
        // Half of 300, give or take 0.15.
        let green = answers.iter().filter(|revision| *revision == "2").count();
        assert!((105..=195).contains(&green), "{green} of 300");
        assert!(answers.iter().all(|revision| ["1", "2"].contains(&revision.as_str())), "{answers:?}");
        deployment.stop(None).await;
        deployment.rolled_back("MANUAL_STOP").await;
    });
}

/// What a place does, without what a deployment may change of it: the weights.
fn without_weights(mut place: Value) -> Value {
    fn clear(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.remove("Weight");
                members.values_mut().for_each(clear);
            }
            Value::Array(all) => all.iter_mut().for_each(clear),
            _ => {}
        }
    }
    clear(&mut place);
    place
}

#[test]
fn stickiness_conditions_and_other_actions_of_what_is_written_stay() {
    story(async {
        let shop = Shop::new().await;
        let sample = &shop.sample;
        let pair = [
            ("TargetGroups.member.1.TargetGroupArn", sample.blue.as_str()),
            ("TargetGroups.member.1.Weight", "1"),
            ("TargetGroups.member.2.TargetGroupArn", sample.green.as_str()),
            ("TargetGroups.member.2.Weight", "0"),
            ("TargetGroupStickinessConfig.Enabled", "true"),
            ("TargetGroupStickinessConfig.DurationSeconds", "300"),
        ];
        let forward = |number: &'static str| {
            let named = pair.map(|(name, value)| (format!("{number}.ForwardConfig.{name}"), value));
            named.into_iter().chain([(format!("{number}.Type"), "forward"), (format!("{number}.Order"), number)])
        };
        let login = [
            ("Issuer", "https://login.example.com"),
            ("AuthorizationEndpoint", "https://login.example.com/authorize"),
            ("TokenEndpoint", "https://login.example.com/token"),
            ("UserInfoEndpoint", "https://login.example.com/me"),
            ("ClientId", "shop"),
            ("ClientSecret", "not to be shown"),
            ("Scope", "openid email"),
        ];
        let login = login.map(|(name, value)| (format!("1.AuthenticateOidcConfig.{name}"), value)).into_iter();
        let login = login.chain([("1.Type".to_owned(), "authenticate-oidc"), ("1.Order".to_owned(), "1")]);
        let places = [
            (&sample.api_rule, login.chain(forward("2")).collect::<Vec<_>>()),
            (&sample.production_listener, forward("1").collect()),
        ];
        let mut before = Vec::new();
        for (place, actions) in &places {
            let actions: Vec<_> = actions.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            shop.point(place, &actions).await;
            before.push(without_weights(shop.place(place).await));
        }
        let untouched = shop.place(&sample.static_rule).await;
        assert_eq!(shop.to(2).by("Canary10Percent1Second").start().await.outcome().await.0, "Succeeded");
        assert_eq!(shop.traffic().await, "green", "both were written");
        for ((place, _), before) in places.iter().zip(before) {
            assert_eq!(without_weights(shop.place(place).await), before);
        }
        assert_eq!(shop.place(&sample.static_rule).await, untouched, "a rule without the pair is not written");
    });
}
