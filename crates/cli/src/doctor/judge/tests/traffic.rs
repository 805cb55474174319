//! What is live on targets, and what deployments left there.

use expect_test::expect;

use super::{alias, check, service, set};
use crate::doctor::facts::{Beside, Look, Next, Open, SetSeen, TargetSeen, Traffic, Warmed};
use crate::view::{LeftWarm, Outcome, Pair, Side};

#[test]
fn what_somebody_else_has_changed_is_told_as_status_tells_it() {
    check(
        |facts| facts.targets = vec![alias(Traffic::Whole("3".to_owned()))],
        expect![[r#"
            warning traffic: storefront:live: all of its calls go to version 3, and not to version 2, which the last deployment that succeeded brought (d-1)
              deploy version 2 if it should be that; the next deployment starts from what is there"#]],
    );
    let open = Open { id: "d-7".to_owned(), execution: None, changed: Some("it is on version 3".to_owned()) };
    check(
        |facts| facts.open = vec![open],
        expect![[r#"
        warning deployments: the target of d-7 was changed by somebody else: it is on version 3
          nothing: it ends with DRIFT when it looks next, as tideshift status d-7 says"#]],
    );
    check(|facts| facts.targets[0].good = None, expect![[r#""#]]);
}

#[test]
fn traffic_that_no_deployment_keeps() {
    let split = || Traffic::Split("1".to_owned(), "2".to_owned(), 12.5);
    check(
        |facts| facts.targets = vec![alias(split())],
        expect![[r#"
            broken traffic: storefront:live: 12.5 % of its calls go to version 2, the rest to 1, and no deployment is at it
              deploy one of the two, which ends a split that a deployment left; one that somebody else made is refused, and ended by pointing the alias by hand"#]],
    );
    check(|facts| facts.targets = vec![service(Traffic::TaskSets(1))], expect![[r#""#]]);
    check(
        |facts| facts.targets = vec![service(Traffic::TaskSets(2))],
        expect![[r#"
            warning traffic: shop/web: the service has 2 task sets, and no deployment is at it
              see with tideshift status shop/web what they are, and with tideshift plan whether the next deployment can begin. Delete by hand only one that has no calls"#]],
    );
    let by = |next| service(Traffic::Divided(vec![("web:1".to_owned(), 80), ("web:2".to_owned(), 20)], next));
    let divided = || by(Next::TakesOver);
    check(
        |facts| facts.targets = vec![by(Next::IsRefused)],
        expect![[r#"
        broken traffic: shop/web: its calls go 80 % to web:1 and 20 % to web:2, and no deployment is at it
          set the weights of its listeners by hand: no deployment of this stack left them so, and the next one is refused"#]],
    );
    check(
        |facts| facts.targets = vec![divided()],
        expect![[r#"
        broken traffic: shop/web: its calls go 80 % to web:1 and 20 % to web:2, and no deployment is at it
          deploy one of the two, which ends that; or set the weights of its listeners by hand"#]],
    );
    let at_work = |mut seen: TargetSeen| {
        seen.outcome = None;
        vec![seen]
    };
    check(|facts| facts.targets = at_work(alias(split())), expect![[r#""#]]);
    check(|facts| facts.targets = at_work(divided()), expect![[r#""#]]);
    check(
        |facts| {
            let mut seen = alias(split());
            seen.outcome = Some(Outcome::Unresolved);
            facts.targets = vec![seen];
        },
        expect![[r#"
            broken traffic: storefront:live: the newest deployment, d-1, is Unresolved
              tideshift status d-1 says what stands in the way; then run tideshift repair d-1"#]],
    );
}

#[test]
fn task_sets_that_nobody_needs() {
    let set = |number: u32, group: &str, production, test| SetSeen {
        id: format!("ecs-svc/{number}"),
        runs: format!("web:{number}"),
        group: group.to_owned(),
        is_primary: number == 2,
        production,
        test,
    };
    let beside = |production: [u8; 2], test: [u8; 2], next| {
        let sets = vec![set(1, "web-blue", production[0], test[0]), set(2, "web-green", production[1], test[1])];
        vec![service(Traffic::Beside(Beside { sets, test_listener: Some("arn:…:listener/test".to_owned()), next }))]
    };
    check(
        |facts| facts.targets = beside([0, 100], [100, 0], Next::TakesOver),
        expect![[r#"
        warning traffic: shop/web: no deployment is at it, and the task set ecs-svc/1, which runs web:1, gets 100 % of the test traffic, from the listener arn:…:listener/test
          the next deployment takes all calls from it and removes it: deploy when you like"#]],
    );
    check(
        |facts| facts.targets = beside([0, 100], [100, 0], Next::IsRefused),
        expect![[r#"
        warning traffic: shop/web: no deployment is at it, and the task set ecs-svc/1, which runs web:1, gets 100 % of the test traffic, from the listener arn:…:listener/test
          the next deployment is refused while it is there: point the test listener to web-green, or nobody answers its calls until the next deployment; then run aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/1 --force"#]],
    );
    check(
        |facts| facts.targets = beside([0, 100], [0, 100], Next::IsRefused),
        expect![[r#"
        warning traffic: shop/web: no deployment is at it, and the task set ecs-svc/1, which runs web:1, gets no calls
          the next deployment is refused while it is there: run aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/1 --force"#]],
    );
    check(
        |facts| facts.targets = beside([100, 0], [50, 50], Next::IsRefused),
        expect![[r#"
        warning traffic: shop/web: no deployment is at it, and the task set ecs-svc/2, which runs web:2, gets 50 % of the test traffic, from the listener arn:…:listener/test
          the next deployment is refused while it is there: point the test listener to web-blue, or nobody answers its calls until the next deployment; then run aws ecs update-service-primary-task-set --cluster shop --service web --primary-task-set ecs-svc/1, and then aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/2 --force"#]],
    );
    let pair = |mut seen: Vec<TargetSeen>| {
        let [blue, green] =
            ["web-green", "web-new"].map(|group| Side { task_set: None, target_group: group.to_owned() });
        seen[0].pair = Some(Pair { blue, green });
        seen
    };
    check(
        |facts| facts.targets = pair(beside([0, 100], [0, 100], Next::IsRefused)),
        expect![[r#"
        warning traffic: shop/web: no deployment is at it, and the task set ecs-svc/1, which runs web:1, gets no calls
          no deployment touches it: if nobody needs it, run aws ecs delete-task-set --cluster shop --service web --task-set ecs-svc/1 --force"#]],
    );
    let at_work = |mut seen: Vec<TargetSeen>| {
        seen[0].outcome = None;
        seen
    };
    check(|facts| facts.targets = at_work(beside([0, 100], [100, 0], Next::IsRefused)), expect![[r#""#]]);
}

#[test]
fn targets_that_lost_their_tag() {
    let untagged = |mut seen: TargetSeen| {
        if let Look::Seen(Some(live)) = &mut seen.live {
            live.tagged = Some(false);
        }
        vec![seen]
    };
    let whole = || alias(Traffic::Whole("2".to_owned()));
    check(
        |facts| facts.targets = untagged(whole()),
        expect![[r#"
        warning traffic: storefront:live: it has lost the tag tideshift=enabled, and the next deployment is refused
          run aws lambda tag-resource --resource arn:aws:lambda:eu-west-1:111122223333:function:storefront --tags tideshift=enabled"#]],
    );
    check(
        |facts| facts.targets = untagged(service(Traffic::TaskSets(1))),
        expect![[r#"
        warning traffic: shop/web: it has lost the tag tideshift=enabled, and the next deployment is refused
          run aws ecs tag-resource --resource-arn arn:aws:ecs:eu-west-1:111122223333:service/shop/web --tags key=tideshift,value=enabled"#]],
    );
    check(
        |facts| {
            facts.targets = untagged(whole());
            set(facts, "ShiftableFunctions", "*");
        },
        expect![[r#""#]],
    );
    check(|facts| facts.targets = vec![TargetSeen { live: Look::Seen(None), ..whole() }], expect![[r#""#]]);
}

#[test]
fn what_a_deployment_gave_a_version_and_did_not_take_back() {
    let warmed = |found| {
        let given = LeftWarm {
            function: "storefront".to_owned(),
            version: "2".to_owned(),
            concurrency: 5,
            why: None,
            take_back: "aws lambda delete-provisioned-concurrency-config".to_owned(),
        };
        vec![Warmed { deployment: "d-1".to_owned(), given, found }]
    };
    check(
        |facts| facts.warmed = warmed(Look::Seen(Some(5))),
        expect![[r#"
            warning warm: storefront:2 has 5 provisioned concurrent executions, which cost money: d-1 asked for as many (Warm), and is over
              unless they are yours, run aws lambda delete-provisioned-concurrency-config"#]],
    );
    for none in [None, Some(6)] {
        check(|facts| facts.warmed = warmed(Look::Seen(none)), expect![""]);
    }
}
